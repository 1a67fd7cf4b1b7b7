"""What a message of the bus comes to as facts: a row for a move of a case or of who is owed a welfare visit, one for
each visit of an order that moved. Pure. Read tolerantly, and only what is kept: of a whole order that is a third."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct

from contracts.alarm_kind import AlarmKind

PHONE_MOVES = {
    "set_out": "sets_out_at", "begin": "starts_at", "end": "ends_at", "interrupt": "ends_at", "not_met": "ends_at",
}  # fmt: skip
"""The moves that a worker makes at the door, and where the visit says when that was."""


class CaseFact(NamedTuple):
    """The columns of `case_facts`, in their order, from `event_id` on."""

    event_id: str
    case_id: UUID
    version: int
    move: str
    state: str
    happened_at: datetime
    received_at: datetime
    occurred_at: datetime
    opened_at: datetime
    claimed_at: datetime | None
    closed_at: datetime | None
    kind: str
    worklist: bool
    region_code: str | None
    elder_id: UUID | None
    device_id: str
    operator_id: UUID | None
    presses: int
    outcome: str | None


class VisitFact(NamedTuple):
    """The columns of `visit_facts`, in their order, from `event_id` on."""

    event_id: str
    visit_id: UUID
    order_id: UUID
    version: int
    move: str
    own: bool
    state: str
    happened_at: datetime
    received_at: datetime
    placed_at: datetime
    day: date
    due_at: datetime
    region_code: str
    elder_id: UUID
    provider_id: UUID
    service_code: str
    worker_id: UUID | None
    usual: bool | None
    waits_because: str | None


class DueFact(NamedTuple):
    """The columns of `due_facts`, in their order, from `event_id` on."""

    event_id: str
    register_id: UUID
    elder_id: UUID
    due_from: date
    version: int
    state: str
    happened_at: datetime
    received_at: datetime
    month: date
    region_code: str
    weekly: bool
    visited_on: date | None
    order_id: UUID | None
    code: str | None


class _Who(Struct, frozen=True):
    id: UUID


class _Case(Struct, frozen=True):
    id: UUID
    version: int
    kind: AlarmKind
    worklist: bool
    state: str
    device_id: str
    opened_at: datetime
    occurred_at: datetime
    received_at: datetime
    time_suspect: bool
    press_count: int
    elder: _Who | None = None
    region_code: str | None = None
    claimed_by: _Who | None = None
    first_claimed_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str | None = None


class _CaseMoved(Struct, frozen=True):
    """Of `contracts.alarm_case.CaseMoved`."""

    move: str
    at: datetime
    case: _Case


class _Visit(Struct, frozen=True):
    id: UUID
    state: str
    position: int = 0
    worker: _Who | None = None
    sets_out_at: datetime | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    waits_because: str | None = None


class _Order(Struct, frozen=True):
    id: UUID
    version: int
    region_code: str
    elder: _Who
    provider: _Who
    service_code: str
    day: date
    wished_until: datetime
    placed_at: datetime
    visits: tuple[_Visit, ...]
    second_after_min: int = 0
    usual_worker_ids: tuple[UUID, ...] = ()


class _OrderMoved(Struct, frozen=True):
    """Of `contracts.order.OrderMoved`."""

    move: str
    at: datetime
    order: _Order
    visit_id: UUID | None = None


class _DueMoved(Struct, frozen=True):
    """Of `contracts.welfare.WelfareDueMoved`."""

    elder_id: UUID
    region_code: str
    month: date
    due_from: date
    weekly: bool
    version: int
    state: str
    at: datetime
    visited_on: date | None = None
    order_id: UUID | None = None
    code: str | None = None


_read_case = msgspec.json.Decoder(_CaseMoved).decode
_read_order = msgspec.json.Decoder(_OrderMoved).decode
_read_due = msgspec.json.Decoder(_DueMoved).decode
_REGISTER = UUID("7d5b6f0e-6c0b-5f35-9c52-5a8f6a0f7c11")
"""The space of names of elders on the register, by month."""


def case_fact(event_id: str, value: bytes) -> CaseFact:
    """:raises msgspec.DecodeError: what is needed is missing or of the wrong kind"""
    moved = _read_case(value)
    case = moved.case
    occurred_at = case.received_at if case.time_suspect else case.occurred_at
    opens = moved.move == "open"
    return CaseFact(
        event_id=event_id,
        case_id=case.id,
        version=case.version,
        move=moved.move,
        state=case.state,
        happened_at=occurred_at if opens else moved.at,
        received_at=case.received_at if opens else moved.at,
        occurred_at=occurred_at,
        opened_at=case.opened_at,
        claimed_at=case.first_claimed_at,
        closed_at=case.closed_at,
        kind=case.kind.value,
        worklist=case.worklist,
        region_code=case.region_code,
        elder_id=case.elder.id if case.elder else None,
        device_id=case.device_id,
        operator_id=case.claimed_by.id if case.claimed_by else None,
        presses=case.press_count,
        outcome=case.outcome,
    )


def visit_facts(event_id: str, value: bytes) -> Iterator[VisitFact]:
    """One for each visit. :raises msgspec.DecodeError: what is needed is missing or of the wrong kind"""
    moved = _read_order(value)
    order = moved.order
    for visit in order.visits:
        own = moved.visit_id == visit.id
        worker_id = visit.worker.id if visit.worker else None
        yield VisitFact(
            event_id=event_id,
            visit_id=visit.id,
            order_id=order.id,
            version=order.version,
            move=moved.move,
            own=own,
            state=visit.state,
            happened_at=_done_at(moved, visit) if own else moved.at,
            received_at=moved.at,
            placed_at=order.placed_at,
            day=order.day,
            due_at=order.wished_until + timedelta(minutes=visit.position * order.second_after_min),
            region_code=order.region_code,
            elder_id=order.elder.id,
            provider_id=order.provider.id,
            service_code=order.service_code,
            worker_id=worker_id,
            usual=worker_id in order.usual_worker_ids if worker_id and order.usual_worker_ids else None,
            waits_because=visit.waits_because,
        )


def due_fact(event_id: str, value: bytes) -> DueFact:
    """:raises msgspec.DecodeError: what is needed is missing or of the wrong kind"""
    moved = _read_due(value)
    return DueFact(
        event_id=event_id,
        register_id=uuid5(_REGISTER, f"{moved.elder_id}:{moved.month}"),
        elder_id=moved.elder_id,
        due_from=moved.due_from,
        version=moved.version,
        state=moved.state,
        happened_at=moved.at,
        received_at=moved.at,
        month=moved.month,
        region_code=moved.region_code,
        weekly=moved.weekly,
        visited_on=moved.visited_on,
        order_id=moved.order_id,
        code=moved.code,
    )


def _done_at(moved: _OrderMoved, visit: _Visit) -> datetime:
    """A phone without network says it later; then the visit has the time at which it was done. Never after it was
    heard."""
    told = getattr(visit, PHONE_MOVES[moved.move]) if moved.move in PHONE_MOVES else None
    return min(told, moved.at) if told else moved.at
