"""What an event means for the cases there are. Pure, and blind to the order in which events arrive."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from contracts.alarm_case import OperatorOnCase
from contracts.alarm_kind import PRIORITY, AlarmKind, Note
from contracts.device_event import DeviceEvent, Location
from contracts.downlink import Receipt, ReceiptsDue, ReceiptStatus
from services.alarms.model import (
    HELD,
    RINGS,
    Actor,
    AlarmCase,
    AlarmMove,
    AlarmState,
    Bearer,
    Entry,
    Moved,
    Outcome,
)
from services.errors import DomainError, NotFound

LEASE = timedelta(seconds=60)
"""A claim without activity lasts this long."""

GONE = timedelta(seconds=10)
"""A claim outlives its operator's last console connection by this much."""

CANCEL_WINDOW = timedelta(minutes=15)
"""A device takes back a fall of its own within this; a later cancellation belongs to something else."""

RECEIPTS_A_MESSAGE = 100
"""Keeps a receipt message far below the 64 KiB a device must be able to read."""


class CaseNotFound(NotFound):
    code = "alarms.case_not_found"
    title = "There is no such case, or it is not yours to see"


class ClaimedByOther(DomainError):
    code = "alarms.claimed_by_other"
    status = 409
    title = "Another operator holds this case"


class NotClaimed(DomainError):
    code = "alarms.not_claimed"
    status = 409
    title = "Claim the case first"


class StaleVersion(DomainError):
    code = "alarms.stale_version"
    status = 412
    title = "The case has moved on since you read it"


class OpenElsewhere(DomainError):
    code = "alarms.open_elsewhere"
    status = 409
    title = "The same alarm has rung again and has an open case of its own"


class NoteNeeded(DomainError):
    code = "alarms.note_needed"
    status = 422
    title = "This outcome needs a note that says what was tried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """One event in one case: it is owed receipts."""

    case_id: UUID
    device_id: str
    event_id: str
    occurred_at: datetime
    device_time: datetime | None
    received_at: datetime
    owed: bool
    """False for garbled messages: their id is ours, the device knows none."""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FallSignal:
    """A fall, or the device taking one back."""

    device_id: str
    occurred_at: datetime
    device_time: datetime | None


@dataclass(slots=True)
class Outcomes:
    """What a batch of events has led to, in the order it is to be told."""

    moves: list[Moved] = field(default_factory=list)
    joined: list[Joined] = field(default_factory=list)


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


def apply(
    event: DeviceEvent, bearer: Bearer | None, cases: OpenCases, now: datetime, new_id: Callable[[], UUID]
) -> Outcomes:
    """One event, not seen before, becomes moves of cases; `cases` is kept up to date for the next one.

    :param now: the database's clock
    """
    done = Outcomes()
    for kind in alarms_of(event):
        key = join_key(kind, event.wire_type)
        found = cases.find(key, device_id=event.device_id, elder_id=bearer.elder.id if bearer else None)
        if found is None:
            case, move = _opened(event, kind, bearer, now, new_id()), AlarmMove.OPEN
        else:
            case, move = _pressed(found, event, bearer, now), AlarmMove.PRESS
        cases.put(case)
        done.moves.append(Moved(case=case, entry=_entry_of(event, case, move, now)))
        done.joined.append(_joined(event, kind, case, now))
    return done


def _opened(event: DeviceEvent, kind: AlarmKind, bearer: Bearer | None, now: datetime, new_id: UUID) -> AlarmCase:
    return AlarmCase(
        id=new_id,
        kind=kind,
        join_key=join_key(kind, event.wire_type),
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
    owed = kind != AlarmKind.GARBLED
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


def fall_cancelled_at(falls: Sequence[FallSignal], cancels: Sequence[FallSignal]) -> datetime | None:
    """When the last fall of every device of the case was taken back by that device; None while one of them stands."""
    taken_back: list[datetime] = []
    for device_id, of_device in groupby(sorted(falls, key=lambda f: f.device_id), key=lambda f: f.device_id):
        last = max(of_device, key=lambda fall: fall.occurred_at)
        matching = [c.occurred_at for c in cancels if c.device_id == device_id and takes_back(c, last)]
        if not matching:
            return None
        taken_back.append(max(matching))
    return max(taken_back, default=None)


def takes_back(cancel: FallSignal, fall: FallSignal) -> bool:
    """By the time we trust, or by the device's own clock: even a wrong one tells its two signals apart."""
    if timedelta(0) <= cancel.occurred_at - fall.occurred_at <= CANCEL_WINDOW:
        return True
    if cancel.device_time is None or fall.device_time is None:
        return False
    return timedelta(0) <= cancel.device_time - fall.device_time <= CANCEL_WINDOW


def told_of_cancel(case: AlarmCase, at: datetime | None, now: datetime) -> Moved | None:
    """Annotates: a fall that was taken back stays in the queue until a person has looked."""
    if case.fall_cancelled_at == at:
        return None
    moved = replace(case.after(AlarmMove.CANCEL_REPORTED), fall_cancelled_at=at)
    detail = {"fall_cancelled_at": at.isoformat() if at else None}
    entry = Entry(
        seq=moved.version,
        move=AlarmMove.CANCEL_REPORTED,
        state=moved.state,
        recorded_at=now,
        device_at=at,
        detail=detail,
    )
    return Moved(case=moved, entry=entry)


def rings(move: AlarmMove) -> bool:
    return move in RINGS


OF_THE_HOLDER = frozenset({AlarmMove.CALL, AlarmMove.CALL_DONE, AlarmMove.RESPOND, AlarmMove.RELEASE, AlarmMove.CLOSE})
OF_A_SUPERVISOR_TOO = frozenset({AlarmMove.RELEASE})


def check_hand(case: AlarmCase, move: AlarmMove, actor: Actor) -> None:
    """Whether this person may make this move of this case now; whether the state allows it is `after`'s to say.

    :raises ClaimedByOther: someone else holds it, and is named
    :raises NotClaimed: nobody holds it
    """
    holder = case.claimed_by
    if move == AlarmMove.CLAIM or move in OF_THE_HOLDER:
        if holder is not None and holder.id != actor.id:
            if move in OF_A_SUPERVISOR_TOO and actor.role == "supervisor":
                return
            raise ClaimedByOther(
                f"{holder.name} holds this case", claimed_by={"id": str(holder.id), "name": holder.name}
            )
        if holder is None and move in OF_THE_HOLDER and case.state == AlarmState.OPEN:
            raise NotClaimed()


def moved(case: AlarmCase, move: AlarmMove, *, by: Actor, now: datetime, outcome: Outcome | None = None) -> AlarmCase:
    """The case after an operator's move; any move of the one who holds it renews the lease.

    :raises IllegalMove:
    """
    after = case.after(move)
    if move == AlarmMove.CLAIM:
        holder, first = OperatorOnCase(id=by.id, name=by.name), case.first_claimed_at or now
        after = replace(after, claimed_by=holder, claimed_at=now, first_claimed_at=first)
    elif move == AlarmMove.CLOSE:
        after = replace(after, closed_at=now, outcome=outcome)
    elif move == AlarmMove.REOPEN:
        after = replace(after, closed_at=None, outcome=None, rang_at=now)
    return replace(after, lease_until=now + LEASE) if after.held_by(by.id) else after


def needs_note(outcome: Outcome) -> bool:
    return outcome == Outcome.UNREACHABLE


def receipts(
    owed: Iterable[tuple[str, str]], status: ReceiptStatus, *, case_id: UUID, at: datetime
) -> list[ReceiptsDue]:
    """:param owed: (device_id, event_id) pairs"""
    due: list[ReceiptsDue] = []
    for device_id, pairs in groupby(sorted(set(owed)), key=lambda pair: pair[0]):
        entries = [Receipt(id=event_id, status=status, at=at, case_id=str(case_id)) for _, event_id in pairs]
        for start in range(0, len(entries), RECEIPTS_A_MESSAGE):
            due.append(ReceiptsDue(device_id=device_id, receipts=tuple(entries[start : start + RECEIPTS_A_MESSAGE])))
    return due


def queue_order(case: AlarmCase) -> tuple[bool, int, bool, datetime, UUID]:
    """Sorts the queue: what nobody holds first, the most urgent, what rang again, the oldest."""
    return (case.state != AlarmState.OPEN, case.priority, case.rang_at <= case.opened_at, case.opened_at, case.id)


FEW_DEVICES = 10


def is_broker_wide(*, online: int, silent: int, nobody_heard: bool) -> bool:
    """Half of the devices falling silent together, or all of them at once, is one thing broken: not theirs."""
    return silent >= FEW_DEVICES and (nobody_heard or 2 * silent >= online)
