"""The type of an event, and other fields that name an alarm → the kinds of alarm, the most urgent first."""

import re
from collections.abc import Iterable
from typing import Any

from contracts.alarm_kind import PRIORITY, AlarmKind, Note, kind_of
from contracts.remarks import RemarkCode
from ingest_gateway.decode.fields import Fields
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.rejection import Unreadable
from ingest_gateway.decode.text import clean, folded, number
from ingest_gateway.decode.words import FLAGS, MAX_NAME, is_of_device, kind_named

MAX_FURTHER = 256
TYPE_KEYS = ("eventtype", "alarmtype", "alerttype", "event", "alarm", "alert", "eventname", "method", "cmd", "action")
"""Where vendors put the type; what stands there must name an alarm by itself."""
_FALSE = frozenset(("", "0", "false", "no", "off", "none", "null", "normal", "ok", "clear", "cleared", "n", "inactive"))
_SEVERAL = re.compile(r"[,;|]")
_NAME_KEYS = ("type", "name", "alarm", "kind", "event", "n")
_ALARMS_KEYS = ("alarm", "alarmlist", "alarmtypes", "furtheralarms")
_QUIET = (Note.COMMAND_RESULT, Note.TEST)

Kind = AlarmKind | Note


def type_of(fields: Fields, topic: str | None, noted: Noted) -> tuple[str, Kind]:
    """(the type as sent, its kind). :param topic: below `up/`, where it is not `event`. :raises Unreadable:"""
    sent = fields.all.get("type")
    if isinstance(sent, list) and len(sent) == 1:
        noted.add(RemarkCode.TYPE_RESPELLED, sent)
        sent = sent[0]
    if not isinstance(sent, str) or not sent.strip():
        return _type_elsewhere(fields, topic, noted)
    name = clean(sent[:MAX_NAME])
    try:
        kind = kind_of(name)
    except ValueError:
        kind = None
    if kind is not None and kind is not AlarmKind.UNKNOWN:
        return name, kind
    known = kind_named(name)
    if known is None and not is_of_device(name):
        return _type_elsewhere(fields, topic, noted)
    if known is not None or not name.startswith("device."):
        noted.add(RemarkCode.TYPE_RESPELLED, name)
    return name, known or AlarmKind.UNKNOWN


def _type_elsewhere(fields: Fields, topic: str | None, noted: Noted) -> tuple[str, Kind]:
    """`{"type": "alarm", "alarmType": "SOS"}`, also within `data`; or told by the topic. :raises Unreadable:"""
    data = fields.all.get("data")
    for holder in (fields, Fields(data, noted)) if isinstance(data, dict) else (fields,):
        for key in TYPE_KEYS:
            there = holder.key_of(key)
            sent = holder.all[there] if there is not None else None
            if there is not None and isinstance(sent, str) and (kind := kind_named(sent)) is not None:
                holder.renamed += (there,)
                noted.add(RemarkCode.FIELD_RENAMED, there)
                return clean(sent[:MAX_NAME]), kind
    if topic is not None and (kind := kind_named(topic.rpartition("/")[2])) is not None:
        noted.add(RemarkCode.TYPE_FROM_TOPIC, topic)
        return clean(topic[:MAX_NAME]), kind
    if isinstance(fields.all.get("type"), str) and fields.all["type"]:
        raise Unreadable("event.unknown_type", "type: it must start with device.")
    raise Unreadable("event.bad_envelope", "type: a text is needed, such as device.sos")


def kinds_of(first: Kind, data: Fields, noted: Noted) -> tuple[Kind, ...]:
    """Every alarm of this moment once, the most urgent first; other types come last."""
    further = data.get("alarms", _ALARMS_KEYS)
    if further is None and data.are_right:
        return (first,)
    kinds = {first, *_further(further, noted)}
    if first not in _QUIET and not data.are_right:
        kinds.update(_flagged(first, data, noted))
    return tuple(sorted(kinds, key=_urgency)) if len(kinds) > 1 else (first,)


def _further(sent: Any, noted: Noted) -> Iterable[Kind]:
    if sent is None or sent == []:
        return
    if isinstance(sent, str):
        noted.add(RemarkCode.ALARMS_RESPELLED, sent)
        sent = _SEVERAL.split(sent, MAX_FURTHER)
    elif isinstance(sent, dict):
        noted.add(RemarkCode.ALARMS_RESPELLED, sent)
        sent = [sent] if _name_in(sent) else [key for key, value in sent.items() if is_true(value)]
    elif not isinstance(sent, list):
        noted.add(RemarkCode.ALARMS_UNREADABLE, sent)
        return
    for item in sent[:MAX_FURTHER]:
        kind = _further_kind(item, noted)
        if kind is not None:
            yield kind
    if len(sent) > MAX_FURTHER:
        noted.add(RemarkCode.ALARMS_UNREADABLE, f"{len(sent)} names: the first {MAX_FURTHER} were read")


def _further_kind(item: Any, noted: Noted) -> Kind | None:
    name = item if isinstance(item, str) else _name_in(item) if isinstance(item, dict) else None
    if name is None:
        if item is not None:
            noted.add(RemarkCode.ALARMS_UNREADABLE, item)
        return None
    if not name.strip():
        return None
    try:
        kind = kind_of(name) if name is item else AlarmKind.UNKNOWN
    except ValueError:
        kind = AlarmKind.UNKNOWN
    if kind is not AlarmKind.UNKNOWN:
        return kind
    known = kind_named(name)
    if known is not None or name is not item or not name.startswith("device."):
        noted.add(RemarkCode.ALARMS_RESPELLED, item)
    return known or AlarmKind.UNKNOWN


def _name_in(item: dict[str, Any]) -> str | None:
    return next((item[key] for key in _NAME_KEYS if isinstance(item.get(key), str) and item[key].strip()), None)


def _flagged(first: Kind, data: Fields, noted: Noted) -> Iterable[Kind]:
    """`"fall": true` in the data of an SOS."""
    for key, value in data.all.items():
        if len(key) <= 64 and folded(key) in FLAGS and is_true(value):
            kind = kind_named(key)
            if kind is not None and kind is not first and first is not Note.FALL_CANCELLED:
                noted.add(RemarkCode.ALARMS_RESPELLED, {key: value})
                yield kind


def is_true(value: Any) -> bool:
    """Of a flag, as firmware writes it: true, 1, "on", "SOS"."""
    if isinstance(value, str):
        return value[:16].strip().lower() not in _FALSE
    return value is True or bool(number(value))


_ORDER = {kind: (PRIORITY[kind], nth) for nth, kind in enumerate(AlarmKind)}


def _urgency(kind: Kind) -> tuple[int, int, str]:
    return (*_ORDER[kind], kind) if isinstance(kind, AlarmKind) else (9, 0, kind)
