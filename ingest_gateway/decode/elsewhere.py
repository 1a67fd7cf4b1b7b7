"""Finds what may be an alarm on topics other than `up/event`. Receiving an alarm matters more than a rule; readings
stay readings."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contracts.alarm_kind import AlarmKind
from contracts.device_event import DeviceEvent
from contracts.remarks import RemarkCode
from ingest_gateway.decode import lookout
from ingest_gateway.decode.event import Decoded, event_of, open_message, rest_of
from ingest_gateway.decode.kinds import TYPE_KEYS, is_true
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.rejection import Rejection, Unreadable
from ingest_gateway.decode.text import clean, folded
from ingest_gateway.decode.words import FLAGS, is_of_device, kind_named

_OTHERS = ("telemetry", "status")
"""Topics with a meaning of their own: on them only what looks like an event counts as one."""
_TOPIC_OF_ALARMS = re.compile(
    "event|alarm|alert|warn|call|sos|fall|help|panic|emergen|smoke|gas|leak|fire|求|倒|报警|告警", re.IGNORECASE
)
_ALARM_KEYS = FLAGS | {"alarm", "alarms", "alarmtype", "alarmcode", "alarmname", "alarmstatus", "alert", "alerts"}
_ALARM_VALUES = frozenset(("alarm", "alarming", "alert", "报警", "告警"))
_TYPE_KEYS = frozenset(("type", *TYPE_KEYS))
_TECHNICAL = (AlarmKind.LOW_BATTERY, AlarmKind.TAMPER)
_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Elsewhere:
    decoded: Decoded
    is_all: bool
    """The whole message is events: it need not be read as telemetry or status as well."""


def decode_elsewhere(topic: str, payload: bytes, device_id: str, received_at: datetime) -> Elsewhere:
    """:param topic: below `up/`: telemetry, status, or one that the wire does not know."""
    is_known = topic in _OTHERS
    events: list[DeviceEvent] = []
    rejections: list[Rejection] = []
    is_all, may_be = True, not is_known and names_alarms(topic)
    try:
        message = open_message(payload)
    except Unreadable as error:
        # Unreadable bytes may be anything. On a topic of readings they count as a reading unless they name an alarm.
        may_be = not is_known or lookout.names_alarm(payload)
        rejected = (_pointing(error.rejection, topic, device_id),) if may_be else ()
        return Elsewhere(Decoded((), rejected, _lane(topic), may_be), is_all=False)
    for item in message.items:
        noted = Noted(message.remarks)
        noted.add(RemarkCode.TOPIC_OTHER, f"up/{topic}")
        looks_like_one = _looks_like_event(item)
        if is_known and not looks_like_one and not _names_alarm(item):
            is_all = False
            continue
        try:
            events.append(event_of(item, device_id, received_at, noted, None if is_known else topic))
        except Unreadable as error:
            is_all = False
            may_be = may_be or looks_like_one or _names_alarm(item)
            rejections.append(error.rejection)
    if message.rest:
        is_all, may_be = False, may_be or lookout.names_alarm(message.rest.encode(errors="replace"))
        rejections.append(rest_of(message))
    told = tuple(_pointing(rejection, topic, device_id) for rejection in rejections)
    return Elsewhere(Decoded(tuple(events), told, _lane(topic), may_be), is_all)


def names_alarms(topic: str) -> bool:
    """Whether a topic below `up/` sounds like alarms."""
    return _TOPIC_OF_ALARMS.search(topic) is not None


def _lane(topic: str) -> str:
    return topic if topic in _OTHERS else clean(f"up/{topic[:64]}")


def _pointing(rejection: Rejection, topic: str, device_id: str) -> Rejection:
    up = f"yian/v1/{device_id}/up"
    mend = f"events belong on {up}/event, readings on {up}/telemetry, the status on {up}/status"
    return replace(rejection, detail=f"sent on up/{clean(topic[:64])}: {mend}; {rejection.detail}")


def _looks_like_event(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    named = item.get("type")
    return "specversion" in item or (isinstance(named, str) and (is_of_device(named) or kind_named(named) is not None))


def _names_alarm(value: Any, depth: int = _DEPTH) -> bool:
    """As a type or a value, as a key with a true value, or as a SenML record of such a name and value."""
    if isinstance(value, list):
        return depth > 0 and any(_names_alarm(item, depth - 1) for item in value)
    if not isinstance(value, dict):
        return False
    name = value.get("n")
    if isinstance(name, str) and folded(name.rstrip("/:").replace(":", "/").rpartition("/")[2]) in _ALARM_KEYS:
        return any(_is_set(value.get(key)) for key in ("v", "vb", "vs"))
    return any(_entry_names_alarm(key, item, depth) for key, item in value.items())


def _entry_names_alarm(key: str, value: Any, depth: int) -> bool:
    name = folded(key)
    if name in _ALARM_KEYS and _is_set(value):
        return True
    if not isinstance(value, str):
        return depth > 0 and _names_alarm(value, depth - 1)
    if folded(value) in _ALARM_VALUES:
        return True
    if name in _TYPE_KEYS:
        kind = kind_named(value)
        return isinstance(kind, AlarmKind) and kind not in _TECHNICAL
    return False


def _is_set(value: Any) -> bool:
    if isinstance(value, dict):
        return _is_set(value.get("value"))
    return bool(value) if isinstance(value, list) else is_true(value)
