"""The type of an event, and other fields that name an alarm → the kinds of alarm, the most urgent first."""

from collections.abc import Iterable
from typing import Any

from contracts.alarm_kind import PRIORITY, AlarmKind, Note, kind_of
from contracts.remarks import RemarkCode
from ingest_gateway.decode.fields import Fields
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.rejection import Unreadable
from ingest_gateway.decode.sign_keys import ALARMS_KEYS, TYPE_KEYS
from ingest_gateway.decode.signs import Kind, Sign, rings, signs_in, signs_listed
from ingest_gateway.decode.text import clean
from ingest_gateway.decode.words import MAX_NAME, is_of_device, is_time_of_day, kinds_named

_TYPE_BEFORE = "type "
"""Types that the same key held before (`documents.each_key_once`)."""
_QUIET = (Note.COMMAND_RESULT, Note.TEST)


def type_of(fields: Fields, topic: str | None, noted: Noted) -> tuple[str, tuple[Kind, ...]]:
    """(the type, its kinds: several for `sos, fall`). :param topic: below `up/`, where it is not `event`.

    The type is told as the wire writes it, so that a repeat in another spelling is the same; an unknown one as sent.

    :raises Unreadable:
    """
    sent = fields.all.get("type")
    if isinstance(sent, str) and (right := _right_kind(sent)) is not None:
        return sent, (right,)
    if isinstance(sent, list) and sent and all(isinstance(name, str) for name in sent):
        noted.add(RemarkCode.TYPE_RESPELLED, sent)
        sent = ",".join(sent)
    if not isinstance(sent, str) or not sent.strip():
        return _type_elsewhere(fields, topic, noted)
    name = clean(sent[:MAX_NAME])
    known = kinds_named(name)
    if not known and not is_of_device(name):
        return _type_elsewhere(fields, topic, noted)
    if known or not name.startswith("device.") or name == "device.":
        noted.add(RemarkCode.TYPE_RESPELLED, name)
    return (_wire_type(known, name), known) if known else (name, (AlarmKind.UNKNOWN,))


def _right_kind(name: str) -> Kind | None:
    """Of a type that is written as the wire says."""
    try:
        kind = kind_of(name)
    except ValueError:
        return None
    return kind if kind is not AlarmKind.UNKNOWN else None


def _wire_type(kinds: tuple[Kind, ...], name: str) -> str:
    return f"device.{kinds[0]}" if len(kinds) == 1 else name


def _type_elsewhere(fields: Fields, topic: str | None, noted: Noted) -> tuple[str, tuple[Kind, ...]]:
    """`{"type": "alarm", "alarmType": "SOS"}`, also within `data`; or told by the topic. :raises Unreadable:"""
    data = fields.all.get("data")
    for holder in (fields, Fields(data, noted)) if isinstance(data, dict) else (fields,):
        for key in TYPE_KEYS:
            there = holder.key_of(key)
            sent = holder.all[there] if there is not None else None
            if there is not None and isinstance(sent, str) and (known := kinds_named(sent)):
                holder.renamed += (there,)
                noted.add(RemarkCode.FIELD_RENAMED, there)
                return _wire_type(known, clean(sent[:MAX_NAME])), known
    if topic is not None and (known := kinds_named(topic.rpartition("/")[2])):
        noted.add(RemarkCode.TYPE_FROM_TOPIC, topic)
        return _wire_type(known, clean(topic[:MAX_NAME])), known
    if isinstance(fields.all.get("type"), str) and fields.all["type"]:
        raise Unreadable("event.unknown_type", "type: it must start with device.")
    raise Unreadable("event.bad_envelope", "type: a text is needed, such as device.sos")


def kinds_of(first: tuple[Kind, ...], data: Fields, beside: dict[str, Any], noted: Noted) -> tuple[Kind, ...]:
    """Every alarm of this moment once, the most urgent first; other types come last.

    :param first: what the type says
    :param beside: the fields of the event that are none of the wire's
    """
    further = data.get("alarms", ALARMS_KEYS)
    measured = data.all.get("readings")
    if measured and any(map(rings, first)):
        measured = None  # of an alarm they are not searched: it rings in any case
    if further is None and data.are_right and not beside and not measured:
        return first if len(first) == 1 else _sorted(first)
    signs: set[Sign] = {*first, *_further(further, noted)}
    quiet = all(kind in _QUIET for kind in first)
    if quiet:  # what it tries or answers is no alarm; another type is
        searched = [{key: told for key, told in beside.items() if key == _TYPE_BEFORE}]
    else:
        taken = data.key_of("alarms", ALARMS_KEYS)
        of_data = {key: value for key, value in data.all.items() if key not in ("location", "readings", taken)}
        searched = [of_data, beside, {"readings": measured} if measured else {}]
    for fields in searched:
        found = _further_kinds(fields, signs) if fields else None
        if found:
            noted.add(RemarkCode.ALARMS_RESPELLED, fields)
            signs |= found
    if None in signs and not quiet and not any(rings(sign) for sign in signs - {None}):
        signs.add(AlarmKind.UNKNOWN)
    return _sorted(sign for sign in signs if sign is not None)


def _further(sent: Any, noted: Noted) -> Iterable[Sign]:
    if sent is None or sent == []:
        return
    seen: set[str] = set()
    for item in sent if isinstance(sent, list) else [sent]:
        if isinstance(item, str):
            if item in seen or not item.strip() or is_time_of_day(item):
                continue
            seen.add(item)
            if sent is not item and (kind := _right_kind(item)) is not None:
                yield kind
                continue
        elif item is None:
            continue
        found = list(signs_listed(item))
        if sent is item or not isinstance(item, str) or found != [AlarmKind.UNKNOWN] or not item.startswith("device."):
            noted.add(RemarkCode.ALARMS_UNREADABLE if None in found else RemarkCode.ALARMS_RESPELLED, item)
        yield from found


def _further_kinds(fields: dict[str, Any], known: set[Sign]) -> set[Sign]:
    """`"fall": true` or `"alarmType": "fall"` in the data of an SOS. Who takes a fall back is not fallen by it."""
    found: set[Sign] = {kind for kind in signs_in(fields) if rings(kind) and kind not in (None, AlarmKind.UNKNOWN)}
    if Note.FALL_CANCELLED in known:
        found.discard(AlarmKind.FALL)
    if AlarmKind.SOS in found | known:
        found.discard(AlarmKind.HELP_REQUEST)  # the same, in milder words
    return found - known


_ORDER = {kind: (PRIORITY[kind], nth) for nth, kind in enumerate(AlarmKind)}


def _sorted(kinds: Iterable[Kind]) -> tuple[Kind, ...]:
    return tuple(sorted(kinds, key=_urgency))


def _urgency(kind: Kind) -> tuple[int, int, str]:
    return (*_ORDER[kind], kind) if isinstance(kind, AlarmKind) else (9, 0, kind)
