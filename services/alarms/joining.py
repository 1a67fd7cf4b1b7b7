"""How events become cases: each opens a case or joins one. Pure. The order in which events arrive does not matter."""

from datetime import datetime
from hashlib import blake2b
from math import inf
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from contracts.alarm_kind import PRIORITY, AlarmKind, Note
from contracts.device_event import DeviceEvent, Location, Remark
from contracts.remarks import ID_REUSED
from services.alarms import bounds
from services.alarms.identity import Hearing, News
from services.alarms.model import HELD, AlarmCase, AlarmMove, Bearer, Entry, Joined, Moved
from services.alarms.open_cases import OpenCases


def alarms_of(event: DeviceEvent) -> list[AlarmKind]:
    """Each alarm once, the most urgent first."""
    kinds = dict.fromkeys(kind for kind in event.kinds if isinstance(kind, AlarmKind))
    return sorted(kinds, key=lambda kind: PRIORITY[kind])


def notes_of(hearing: Hearing) -> list[Note]:
    kinds = dict.fromkeys(kind for kind in hearing.event.kinds if isinstance(kind, Note))
    return [kind for kind in kinds if kind not in hearing.kinds_before]


def join_key(kind: AlarmKind, event: DeviceEvent) -> str:
    """Two unknown types are two different alarms, and two devices that flood or measure wrongly two different
    faults."""
    if kind == AlarmKind.UNKNOWN:
        return f"{kind}:{event.wire_type}"
    return f"{kind}:{event.device_id}" if kind in (AlarmKind.FLOOD, AlarmKind.DEVICE_FAULT) else str(kind)


PAUSING = frozenset({AlarmKind.LOW_BATTERY, AlarmKind.TAMPER, AlarmKind.DEVICE_FAULT, AlarmKind.SILENT_ELDER})
"""They open no case while who wears the device is in hospital or away, or has died."""

_OWN_IDS = frozenset({AlarmKind.GARBLED, AlarmKind.FLOOD, AlarmKind.DEVICE_FAULT, AlarmKind.SILENT_ELDER})
"""The platform made the ids of their events: no device waits for a receipt."""

MANY_UNKNOWN = str(AlarmKind.UNKNOWN)
"""The key of the case that further unknown types of a person share."""


def case_id(hearing: Hearing, key: str) -> UUID:
    """Of the case that this event opens. A database that crashed makes the same case of the same record once more.

    A UUID of version 8 (RFC 9562, section 5.8): our own digest in it, for OpenSSL's of version 5 costs a press 0.1 ms.
    """
    event = hearing.event
    name = f"{event.device_id}/{event.event_id}/{hearing.happening}/{event.received_at.isoformat()}/{key}"
    digest = bytearray(blake2b(name.encode(), digest_size=16, person=b"yian case").digest())
    digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))


def apply(hearing: Hearing, bearer: Bearer | None, cases: OpenCases, now: datetime) -> list[Moved]:
    """What an event brings becomes moves of cases; `cases` is kept up to date for the next one.

    :param now: the database's clock
    :return: in the order they are to be told
    """
    moves: list[Moved] = []
    for kind in alarms_of(hearing.event):
        key, found = _place_of(kind, hearing.event, bearer, cases, now)
        if kind in hearing.kinds_before:
            moved = _grown(hearing, found, cases, now)
        elif found is not None:
            moved = _pressed(hearing, found, bearer, cases, now)
        elif kind in PAUSING and bearer is not None and bearer.not_there:
            continue
        else:
            case = _opened(hearing, kind, key, bearer, now)
            moved = _with_line(hearing, case, AlarmMove.OPEN, now)
        if moved is not None:
            cases.put(moved.case)
            moves.append(moved)
    return moves


def _place_of(
    kind: AlarmKind, event: DeviceEvent, bearer: Bearer | None, cases: OpenCases, now: datetime
) -> tuple[str, AlarmCase | None]:
    """The key of the case that this alarm belongs to, and the case where it is open."""
    elder_id = bearer.elder.id if bearer else None
    key = join_key(kind, event)
    found = cases.find(key, device_id=event.device_id, elder_id=elder_id)
    if found is None and kind == AlarmKind.UNKNOWN:
        theirs = cases.of(device_id=event.device_id, elder_id=elder_id)
        if bounds.has_many_unknown_types(theirs, now):
            return MANY_UNKNOWN, cases.find(MANY_UNKNOWN, device_id=event.device_id, elder_id=elder_id)
    return key, found


def _pressed(hearing: Hearing, case: AlarmCase, bearer: Bearer | None, cases: OpenCases, now: datetime) -> Moved | None:
    """None where it is only counted."""
    event = hearing.event
    told = _told_of(case, event)
    if bounds.is_only_counted(case, now) and (case.elder is not None or bearer is None):
        cases.count(_counted(told, event))
        return None
    pressed = _owned(told, bearer).after(AlarmMove.PRESS)
    pressed = replace(pressed, press_count=pressed.press_count + event.times, rang_at=now)
    moved = _with_line(hearing, pressed, AlarmMove.PRESS, now)
    return replace(moved, case=replace(pressed, counted=0, counted_from=None, counted_to=None))


def _with_line(hearing: Hearing, case: AlarmCase, move: AlarmMove, now: datetime) -> Moved:
    return Moved(case=case, entry=_entry_of(hearing, case, move, now), joined=_joined(hearing, case, now))


def _grown(hearing: Hearing, found: AlarmCase | None, cases: OpenCases, now: datetime) -> Moved | None:
    """The case that the event is in learns what has come since; None where it shows nothing of that, or is closed."""
    event = hearing.event
    if found is None or event.occurred_at < found.occurred_at:
        return None
    told = _informed(found, event)
    if told == found and not event.readings:
        return None
    if bounds.is_full(found):
        cases.count(told)
        return None
    case = told.after(AlarmMove.GROW)
    return Moved(case=case, entry=_entry_of(hearing, case, AlarmMove.GROW, now))


def _opened(hearing: Hearing, kind: AlarmKind, key: str, bearer: Bearer | None, now: datetime) -> AlarmCase:
    event = hearing.event
    return AlarmCase(
        id=case_id(hearing, key),
        kind=kind,
        join_key=key,
        device_id=event.device_id,
        wire_type=None if key == MANY_UNKNOWN else event.wire_type,
        elder=bearer.elder if bearer else None,
        region_code=bearer.region_code if bearer else None,
        response_plan=bearer.response_plan if bearer else {},
        opened_at=now,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        rang_at=now,
        time_suspect=event.time_suspect,
        press_count=event.times,
        location=event.location,
        located_at=event.occurred_at if event.location else None,
        battery_pct=event.battery_pct,
        battery_at=event.occurred_at if event.battery_pct is not None else None,
    )


def _counted(case: AlarmCase, event: DeviceEvent) -> AlarmCase:
    return replace(
        case,
        press_count=case.press_count + event.times,
        counted=case.counted + event.times,
        counted_from=min(case.counted_from or event.occurred_at, event.occurred_at),
        counted_to=max(case.counted_to or event.occurred_at, event.occurred_at),
    )


def _told_of(case: AlarmCase, event: DeviceEvent) -> AlarmCase:
    """Updates the case as if its events had come in the order in which they happened, with the newest place and
    battery."""
    told = _informed(case, event)
    if (event.occurred_at, event.device_id, event.time_suspect) < (case.occurred_at, case.device_id, case.time_suspect):
        told = replace(
            told,
            occurred_at=event.occurred_at,
            device_id=event.device_id,
            time_suspect=event.time_suspect,
            wire_type=None if case.join_key == MANY_UNKNOWN else event.wire_type,
        )
    return replace(told, received_at=event.received_at) if event.received_at < case.received_at else told


def _informed(case: AlarmCase, event: DeviceEvent) -> AlarmCase:
    """The newest place and battery."""
    told = case
    if event.location and _newer_place(event.occurred_at, event.location, case):
        told = replace(told, location=event.location, located_at=event.occurred_at)
    if event.battery_pct is not None and (
        case.battery_at is None
        or (event.occurred_at, -event.battery_pct) > (case.battery_at, -(case.battery_pct or 0.0))
    ):
        told = replace(told, battery_pct=event.battery_pct, battery_at=event.occurred_at)
    return told


def _owned(case: AlarmCase, bearer: Bearer | None) -> AlarmCase:
    """A case of a device that was bound to nobody learns who wears it now."""
    if case.elder is not None or bearer is None:
        return case
    return replace(case, elder=bearer.elder, region_code=bearer.region_code, response_plan=bearer.response_plan)


def _newer_place(at: datetime, place: Location, case: AlarmCase) -> bool:
    if case.location is None or case.located_at is None:
        return True
    return (at, *_quality(place)) > (case.located_at, *_quality(case.location))


_FIXES = ("none", None, "cell", "wifi", "gps")


def _quality(place: Location) -> tuple[int, float, float, float]:
    """Of two places for one moment, from one event that has grown or from two, the better fix is kept."""
    accuracy_m = inf if place.accuracy_m is None else place.accuracy_m
    return _FIXES.index(place.fix), -accuracy_m, place.lat, place.lon


def _joined(hearing: Hearing, case: AlarmCase, now: datetime) -> Joined:
    event = hearing.event
    owed = event.times == 1 and case.kind not in _OWN_IDS
    return Joined(
        case_id=case.id,
        device_id=event.device_id,
        event_id=event.event_id,
        happening=hearing.happening,
        occurred_at=event.occurred_at,
        device_time=event.device_time,
        received_at=event.received_at,
        owed=owed,
        answered_at=now if owed and case.state in HELD else None,
    )


def _entry_of(hearing: Hearing, case: AlarmCase, move: AlarmMove, now: datetime) -> Entry:
    """:param case: with what was counted before this line"""
    event = hearing.event
    remarks = event.remarks
    if hearing.news is News.REUSED:
        remarks += (Remark(code=ID_REUSED, sent=event.event_id),)
    told: dict[str, Any] = {
        "device_id": event.device_id,
        "event_id": event.event_id,
        "wire_type": event.wire_type,
        "time_suspect": event.time_suspect or None,
        "location": event.location.model_dump(exclude_none=True) if event.location else None,
        "battery_pct": event.battery_pct,
        "readings": [reading.model_dump(exclude_none=True) for reading in event.readings] or None,
        "garbled_code": event.garbled_code,
        "garbled_detail": event.garbled_detail,
        "flood": event.data if AlarmKind.FLOOD in event.kinds else None,
        "fault": event.data if AlarmKind.DEVICE_FAULT in event.kinds else None,
        "silence": event.data if AlarmKind.SILENT_ELDER in event.kinds else None,
        "remarks": [remark.model_dump(exclude_none=True) for remark in remarks] or None,
        "times": event.times if event.times > 1 else None,
        "counted": _counted_before(case) if case.counted else None,
    }
    return Entry(
        seq=case.version,
        move=move,
        state=case.state,
        recorded_at=now,
        received_at=event.received_at,
        device_at=event.device_time,
        detail={name: value for name, value in told.items() if value is not None},
    )


def _counted_before(case: AlarmCase) -> dict[str, Any]:
    return {"times": case.counted, "from": _iso(case.counted_from), "to": _iso(case.counted_to)}


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
