"""How events become cases: each opens one or joins its own. Pure, and blind to the order in which events arrive."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from contracts.alarm_kind import PRIORITY, AlarmKind, Note
from contracts.device_event import DeviceEvent, Location
from services.alarms.model import HELD, AlarmCase, AlarmMove, Bearer, Entry, Joined, Moved


class OpenCases:
    """The cases a batch of events may join, found by elder or, for a device bound to nobody, by device."""

    def __init__(self, cases: Iterable[AlarmCase]) -> None:
        self._by_id: dict[UUID, AlarmCase] = {}
        self._of_elder: dict[tuple[UUID, str], UUID] = {}
        self._of_device: dict[tuple[str, str], UUID] = {}
        for case in cases:
            self.put(case)

    def __iter__(self) -> Iterator[AlarmCase]:
        return iter(self._by_id.values())

    def put(self, case: AlarmCase) -> None:
        self._by_id[case.id] = case
        if case.elder is not None:
            self._of_elder[case.elder.id, case.join_key] = case.id
        self._of_device[case.device_id, case.join_key] = case.id

    def find(self, key: str, *, device_id: str, elder_id: UUID | None) -> AlarmCase | None:
        """A device that changed hands while its case was open does not carry the case over to the next elder."""
        if elder_id is not None and (found := self._of_elder.get((elder_id, key))) is not None:
            return self._by_id[found]
        found = self._of_device.get((device_id, key))
        case = self._by_id[found] if found is not None else None
        another = case is not None and case.elder is not None and elder_id not in (None, case.elder.id)
        return None if another else case


def alarms_of(event: DeviceEvent) -> list[AlarmKind]:
    """Each alarm once, the most urgent first."""
    kinds = dict.fromkeys(kind for kind in event.kinds if isinstance(kind, AlarmKind))
    return sorted(kinds, key=lambda kind: PRIORITY[kind])


def notes_of(event: DeviceEvent) -> list[Note]:
    return list(dict.fromkeys(kind for kind in event.kinds if isinstance(kind, Note)))


def join_key(kind: AlarmKind, wire_type: str | None) -> str:
    """Two unknown types are two different alarms; everything garbled from one device is one."""
    return f"{kind}:{wire_type}" if kind == AlarmKind.UNKNOWN else str(kind)


def case_id(event: DeviceEvent, key: str) -> UUID:
    """Of the case that this event opens. A database that crashed makes the same case of the same record once more.

    A UUID of version 8 (RFC 9562, section 5.8): our own digest in it, for OpenSSL's of version 5 costs a press 0.1 ms.
    """
    name = f"{event.device_id}/{event.event_id}/{event.received_at.isoformat()}/{key}"
    digest = bytearray(blake2b(name.encode(), digest_size=16, person=b"yian case").digest())
    digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))


def apply(event: DeviceEvent, bearer: Bearer | None, cases: OpenCases, now: datetime) -> list[Moved]:
    """One event, not seen before, becomes moves of cases; `cases` is kept up to date for the next one.

    :param now: the database's clock
    :return: in the order they are to be told
    """
    moves: list[Moved] = []
    for kind in alarms_of(event):
        key = join_key(kind, event.wire_type)
        found = cases.find(key, device_id=event.device_id, elder_id=bearer.elder.id if bearer else None)
        if found is None:
            case, move = _opened(event, kind, bearer, now), AlarmMove.OPEN
        else:
            case, move = _pressed(found, event, bearer, now), AlarmMove.PRESS
        cases.put(case)
        moves.append(Moved(case=case, entry=_entry_of(event, case, move, now), joined=_joined(event, kind, case, now)))
    return moves


def _opened(event: DeviceEvent, kind: AlarmKind, bearer: Bearer | None, now: datetime) -> AlarmCase:
    key = join_key(kind, event.wire_type)
    return AlarmCase(
        id=case_id(event, key),
        kind=kind,
        join_key=key,
        device_id=event.device_id,
        wire_type=event.wire_type,
        elder=bearer.elder if bearer else None,
        region_code=bearer.region_code if bearer else None,
        response_plan=bearer.response_plan if bearer else {},
        opened_at=now,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        rang_at=now,
        time_suspect=event.time_suspect,
        location=event.location,
        located_at=event.occurred_at if event.location else None,
        battery_pct=event.battery_pct,
        battery_at=event.occurred_at if event.battery_pct is not None else None,
    )


def _pressed(case: AlarmCase, event: DeviceEvent, bearer: Bearer | None, now: datetime) -> AlarmCase:
    """The case is told as if its events had come in the order they happened, newest place and charge included."""
    pressed = replace(case.after(AlarmMove.PRESS), press_count=case.press_count + 1, rang_at=now)
    if (event.occurred_at, event.device_id, event.time_suspect) < (case.occurred_at, case.device_id, case.time_suspect):
        pressed = replace(
            pressed,
            occurred_at=event.occurred_at,
            device_id=event.device_id,
            time_suspect=event.time_suspect,
            wire_type=event.wire_type,
        )
    if event.received_at < case.received_at:
        pressed = replace(pressed, received_at=event.received_at)
    if event.location and _newer_place(event.occurred_at, event.location, case):
        pressed = replace(pressed, location=event.location, located_at=event.occurred_at)
    if event.battery_pct is not None and (
        case.battery_at is None
        or (event.occurred_at, -event.battery_pct) > (case.battery_at, -(case.battery_pct or 0.0))
    ):
        pressed = replace(pressed, battery_pct=event.battery_pct, battery_at=event.occurred_at)
    if case.elder is None and bearer is not None:
        pressed = replace(
            pressed, elder=bearer.elder, region_code=bearer.region_code, response_plan=bearer.response_plan
        )
    return pressed


def _newer_place(at: datetime, place: Location, case: AlarmCase) -> bool:
    if case.location is None or case.located_at is None:
        return True
    return (at, place.lat, place.lon) > (case.located_at, case.location.lat, case.location.lon)


def _joined(event: DeviceEvent, kind: AlarmKind, case: AlarmCase, now: datetime) -> Joined:
    owed = kind not in (AlarmKind.GARBLED, AlarmKind.FLOOD)  # no event that the device itself has sent
    return Joined(
        case_id=case.id,
        device_id=event.device_id,
        event_id=event.event_id,
        occurred_at=event.occurred_at,
        device_time=event.device_time,
        received_at=event.received_at,
        owed=owed,
        answered_at=now if owed and case.state in HELD else None,
    )


def _entry_of(event: DeviceEvent, case: AlarmCase, move: AlarmMove, now: datetime) -> Entry:
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
        "remarks": [remark.model_dump(exclude_none=True) for remark in event.remarks] or None,
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
