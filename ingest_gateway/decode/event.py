"""A message of `up/event` → what the platform makes of it. Pure: any bytes, never an exception, bounded time.

Where the wire leaves a doubt, the alarm wins: a field that cannot be read is left out, the alarm stays.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.alarm_kind import PRIORITY, AlarmKind, Note, kind_of
from contracts.device_event import DeviceEvent, Reading
from contracts.downlink import RejectCode
from ingest_gateway.decode import clock, place, text

MAX_BYTES = 64 * 1024
MAX_EVENTS = 256
MAX_ID = 64
MAX_ECHOED_ID = 1_024
MAX_TYPE = 128
MAX_READINGS = 64
_OWN_FIELDS = ("location", "battery_pct", "readings", "alarms")


@dataclass(frozen=True, slots=True)
class Rejection:
    """One event, or a whole message, that could not be read."""

    id: str | None
    """As the device sent it, if it could be told."""
    code: RejectCode
    detail: str


@dataclass(frozen=True, slots=True)
class Decoded:
    events: tuple[DeviceEvent, ...]
    rejections: tuple[Rejection, ...]


class _Unreadable(Exception):
    def __init__(self, code: RejectCode, detail: str, event_id: str | None = None) -> None:
        super().__init__(detail)
        self.rejection = Rejection(event_id, code, detail)


def decode(payload: bytes, device_id: str, received_at: datetime) -> Decoded:
    """Every event that can be read, and a rejection for each that cannot."""
    try:
        items = _items(payload)
    except _Unreadable as error:
        return Decoded((), (error.rejection,))
    events: list[DeviceEvent] = []
    rejections: list[Rejection] = []
    for item in items:
        try:
            events.append(_event(item, device_id, received_at))
        except _Unreadable as error:
            rejections.append(error.rejection)
    return Decoded(tuple(events), tuple(rejections))


def garbled(payload: bytes, device_id: str, received_at: datetime, rejections: tuple[Rejection, ...]) -> DeviceEvent:
    """What opens the “garbled alarm” case: one for each message, the same id for the same bytes."""
    first = rejections[0]
    return DeviceEvent(
        device_id=device_id,
        event_id=hashlib.sha256(device_id.encode() + payload).hexdigest()[:32],
        kinds=(AlarmKind.GARBLED,),
        received_at=received_at,
        occurred_at=received_at,
        garbled_code=first.code,
        garbled_detail=first.detail,
    )


def _items(payload: bytes) -> list[Any]:
    if len(payload) > MAX_BYTES:
        raise _Unreadable("event.too_large", f"{len(payload)} bytes: send at most {MAX_BYTES} in a message")
    try:
        whole = text.parse(payload)
    except text.NotJson as error:
        raise _Unreadable("event.not_json", str(error)) from None
    items = whole if isinstance(whole, list) else [whole]
    if len(items) > MAX_EVENTS:
        raise _Unreadable("event.too_many", f"{len(items)} events: send at most {MAX_EVENTS} in an array")
    if not items:
        raise _Unreadable("event.bad_envelope", "the array is empty: send at least one CloudEvent")
    return items


def _event(item: Any, device_id: str, received_at: datetime) -> DeviceEvent:
    if not isinstance(item, dict):
        raise _Unreadable("event.bad_envelope", f"a CloudEvent is a JSON object, not {_kind_of_json(item)}")
    event_id, wire_type = _envelope(item)
    data = item.get("data")
    data = data if isinstance(data, dict) else {}
    when = clock.reading_of(item.get("time"), received_at)
    rest = {key: value for key, value in data.items() if key not in _OWN_FIELDS}
    return DeviceEvent(
        device_id=device_id,
        event_id=event_id,
        wire_type=wire_type,
        kinds=_kinds(wire_type, data.get("alarms")),
        device_time=when.device_time,
        received_at=received_at,
        occurred_at=when.occurred_at,
        time_suspect=when.suspect,
        location=place.location_of(data.get("location")),
        battery_pct=text.number(data.get("battery_pct"), low=0, high=100),
        readings=_readings(data.get("readings")),
        data=text.storable(rest),
    )


def _envelope(item: dict[str, Any]) -> tuple[str, str]:
    """(id, type) of a CloudEvent whose needed attributes are all there."""
    event_id = item.get("id")
    told = event_id if isinstance(event_id, str) and 0 < len(event_id) <= MAX_ECHOED_ID else None
    told = text.clean(told) if told else None

    def bad(detail: str) -> _Unreadable:
        return _Unreadable("event.bad_envelope", detail, told)

    if not isinstance(event_id, str) or not 1 <= len(event_id) <= MAX_ID:
        raise bad(f"id: a text of 1 to {MAX_ID} characters is needed, new for every happening")
    if not text.is_plain(event_id):
        raise bad("id: it holds characters that cannot be printed; use letters, digits and -")
    version = item.get("specversion")
    if not isinstance(version, str) or not version.startswith("1."):
        raise bad('specversion: the text "1.0" is needed')
    if not isinstance(item.get("source"), str) or not item["source"]:
        raise bad("source: a text is needed, such as /devices/ and the device id")
    wire_type = item.get("type")
    if not isinstance(wire_type, str) or not wire_type:
        raise bad("type: a text is needed, such as device.sos")
    wire_type = text.clean(wire_type[:MAX_TYPE])
    try:
        kind_of(wire_type)
    except ValueError:
        raise _Unreadable("event.unknown_type", "type: it must start with device.", told) from None
    return event_id, wire_type


def _kinds(wire_type: str, further: Any) -> tuple[AlarmKind | Note, ...]:
    """Every alarm of the moment once, the most urgent first; what is no alarm comes last."""
    kinds = {kind_of(wire_type)}
    for name in further if isinstance(further, list) else ():
        if isinstance(name, str) and name:
            # "sos" for "device.sos": a slip of the firmware, not a reason to drop an alarm.
            kinds.add(kind_of(name if name.startswith("device.") and name != "device." else f"device.{name}"))
    return tuple(sorted(kinds, key=_urgency))


_ORDER = {kind: (PRIORITY[kind], nth) for nth, kind in enumerate(AlarmKind)}


def _urgency(kind: AlarmKind | Note) -> tuple[int, int, str]:
    return (*_ORDER[kind], kind) if isinstance(kind, AlarmKind) else (9, 0, kind)


def _readings(sent: Any) -> tuple[Reading, ...]:
    readings: list[Reading] = []
    for item in sent[:MAX_READINGS] if isinstance(sent, list) else ():
        if isinstance(item, dict):
            name, value = text.short(item.get("n"), 64), text.number(item.get("v"))
            if name is not None and value is not None:
                readings.append(Reading(name=name, unit=text.short(item.get("u"), 32), value=value))
    return tuple(readings)


def _kind_of_json(value: Any) -> str:
    names = {list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
