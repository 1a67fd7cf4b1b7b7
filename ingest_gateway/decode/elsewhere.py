"""Finds what may be an alarm on topics other than `up/event`. Receiving an alarm matters more than a rule; readings
stay readings."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contracts.device_event import DeviceEvent
from contracts.remarks import RemarkCode
from ingest_gateway.decode import lookout
from ingest_gateway.decode.event import Decoded, event_of, open_message, rest_of
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.packing import texts_of, unpacked
from ingest_gateway.decode.plain_text import without_unset
from ingest_gateway.decode.rejection import Rejection, Unreadable
from ingest_gateway.decode.signs import rings, signs_in, signs_of_texts
from ingest_gateway.decode.text import clean
from ingest_gateway.decode.words import flag_named, is_of_device, kind_named

_OTHERS = ("telemetry", "status")
"""Topics with a meaning of their own: on them only what looks like an event counts as one."""
_TOPIC_OF_ALARMS = re.compile(
    "event|alarm|alert|warn|call|sos|fall|help|panic|emergen|smoke|gas|leak|fire|求|倒|报警|告警", re.IGNORECASE
)
_MAKE = ("type", "name")
"""In a status: what the device is."""


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
        may_be = not is_known or _may_name_alarm(payload)
        rejected = (_pointing(error.rejection, topic, device_id),) if may_be else ()
        return Elsewhere(Decoded((), rejected, _lane(topic), may_be), is_all=False)
    names_one = any(map(rings, signs_of_texts(message.items)))  # `["SOS"]`
    for item in map(_without_make, message.items) if topic == "status" else message.items:
        noted = Noted(message.remarks)
        noted.add(RemarkCode.TOPIC_OTHER, f"up/{topic}")
        looks_like_one = _looks_like_event(item)
        names_alarm = _names_alarm(item) or (names_one and isinstance(item, str) and flag_named(item) is not None)
        if is_known and not looks_like_one and not names_alarm:
            is_all = False
            continue
        try:
            events.append(event_of(item, device_id, received_at, noted, None if is_known else topic))
        except Unreadable as error:
            is_all = False
            may_be = may_be or looks_like_one or names_alarm
            rejections.append(error.rejection)
    if message.rest:
        is_all, may_be = False, may_be or lookout.names_alarm(message.rest.encode(errors="replace"))
        rejections.append(rest_of(message))
    told = tuple(_pointing(rejection, topic, device_id) for rejection in rejections)
    return Elsewhere(Decoded(tuple(events), told, _lane(topic), may_be), is_all)


def _may_name_alarm(payload: bytes) -> bool:
    """Of what is no JSON: as it is, unpacked, and in whatever encoding it is text."""
    try:
        payload = unpacked(payload, Noted())
        texts = texts_of(payload, Noted())
    except Unreadable:
        texts = []
    says = [without_unset(text).encode(errors="replace") for text in texts]
    return lookout.is_frame_of_alarm(payload) or any(map(lookout.names_alarm, says))


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
    if "specversion" in item or not isinstance(named, str):
        return "specversion" in item
    return is_of_device(named) or (kind_named(named) is not None and any(True for _ in signs_in(item)))


def _without_make(item: Any) -> Any:
    if not isinstance(item, dict) or is_of_device(str(item.get("type"))):
        return item
    if "online" not in item and not any(item.get(key) in ("online", "offline") for key in ("status", "state")):
        return item
    return {key: value for key, value in item.items() if key not in _MAKE}


def _names_alarm(item: Any) -> bool:
    return any(map(rings, signs_in(item)))
