"""Cases over HTTP: the queue, the closed ones, one case with its timeline."""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from contracts.alarm_case import CaseView
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.alarms import routes_moves
from services.alarms.model import HELD, AlarmCase, AlarmState, Entry
from services.alarms.store_queue import QueueStore, Wanted, position
from services.db.pool import Database
from services.errors import DomainError

Limit = Annotated[int, Query(ge=1, le=500)]
DeviceId = Annotated[str, Query(pattern="^[A-Za-z0-9_-]{1,64}$")]
Region = Annotated[str, Query(pattern=r"^\d{2,12}$")]

NOT_CLOSED = tuple(state for state in AlarmState if state != AlarmState.CLOSED)
STATES: dict[str, tuple[AlarmState, ...]] = {
    "active": NOT_CLOSED,
    "held": tuple(state for state in AlarmState if state in HELD),
    "all": tuple(AlarmState),
    **{state.value: (state,) for state in AlarmState},
}
StateFilter = Literal["active", "held", "all", "open", "claimed", "calling", "responding", "closed"]


class BadCursor(DomainError):
    code = "alarms.bad_cursor"
    status = 422
    title = "The cursor is not one this list has given out"


class CasePage(BaseModel):
    items: list[CaseView]
    next_cursor: str | None


class ActorView(BaseModel):
    id: UUID
    name: str
    role: str


class EntryView(BaseModel):
    seq: int = Field(description="the version of the case that the move led to")
    move: str
    state: str
    at: datetime = Field(description="when it counts: the device's event or the operator's deed")
    device_at: datetime | None = Field(description="the device's clock, as it said")
    received_at: datetime | None = Field(description="the gateway's clock")
    recorded_at: datetime = Field(description="the database's clock")
    actor: ActorView | None = Field(description="none: the platform or the device")
    detail: dict[str, Any] = Field(
        description="what the move brought; of a device's event its id, type, place, battery, readings, and `remarks`:"
        " what was read tolerantly or could not be read, each with its stable `code` and the raw value as `sent`"
    )

    @classmethod
    def of(cls, entry: Entry) -> "EntryView":
        actor = entry.actor
        return cls(
            seq=entry.seq,
            move=entry.move.value,
            state=entry.state.value,
            at=entry.received_at or entry.recorded_at,
            device_at=entry.device_at,
            received_at=entry.received_at,
            recorded_at=entry.recorded_at,
            actor=ActorView(id=actor.id, name=actor.name, role=actor.role) if actor else None,
            detail=entry.detail,
        )


class CaseDetail(CaseView):
    timeline: list[EntryView]
    response_plan: dict[str, Any] = Field(description="as it was when the case opened")


class Counts(BaseModel):
    open: dict[int, int] = Field(description="priority → cases nobody holds")
    held: dict[int, int] = Field(description="priority → cases somebody holds")


def routes(db: Database, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/alarms", tags=["alarms"])
    router.include_router(_reading(db, guard))
    router.include_router(routes_moves.routes(db, guard))
    return router


def _reading(db: Database, guard: Guard) -> APIRouter:
    router = APIRouter()

    @router.get("/cases")
    async def list_cases(
        *,
        state: StateFilter = "active",
        worklist: bool = False,
        elder_id: UUID | None = None,
        device_id: DeviceId | None = None,
        region: Region | None = None,
        cursor: str | None = None,
        limit: Limit = 100,
        caller: Caller = guard.allows(Permission.CASES_READ),
    ) -> CasePage:
        """In the order of the queue: unclaimed cases first, then by urgency, then those that rang again, then the
        oldest."""
        wanted = Wanted(states=STATES[state], worklist=worklist, elder_id=elder_id, device_id=device_id, region=region)
        after = _read_cursor(cursor, (bool, int, bool, datetime, UUID))
        async with db.transaction() as tx:
            cases = await QueueStore(tx, caller.scope).queue(wanted, after=after, limit=limit)
        return _page(cases, limit, position)

    @router.get("/history")
    async def list_closed_cases(
        *,
        elder_id: UUID | None = None,
        device_id: DeviceId | None = None,
        region: Region | None = None,
        cursor: str | None = None,
        limit: Limit = 50,
        caller: Caller = guard.allows(Permission.CASES_READ),
    ) -> CasePage:
        """Closed cases, technical ones too, the latest first."""
        wanted = Wanted(
            states=(AlarmState.CLOSED,), worklist=None, elder_id=elder_id, device_id=device_id, region=region
        )
        after = _read_cursor(cursor, (datetime, UUID))
        async with db.transaction() as tx:
            cases = await QueueStore(tx, caller.scope).newest(wanted, after=after, limit=limit)
        return _page(cases, limit, lambda case: (case.opened_at, case.id))

    @router.get("/counts")
    async def count_cases(caller: Caller = guard.allows(Permission.CASES_READ)) -> Counts:
        async with db.transaction() as tx:
            counted = await QueueStore(tx, caller.scope).counts()
        counts = Counts(open=dict.fromkeys(range(1, 6), 0), held=dict.fromkeys(range(1, 6), 0))
        for (priority, state), n in counted.items():
            (counts.open if state == AlarmState.OPEN else counts.held)[priority] += n
        return counts

    @router.get("/cases/{case_id}")
    async def read_case(
        case_id: UUID, response: Response, caller: Caller = guard.allows(Permission.CASES_READ)
    ) -> CaseDetail:
        async with db.transaction() as tx:
            store = QueueStore(tx, caller.scope)
            case = await store.find(case_id)
            timeline = [EntryView.of(entry) for entry in await store.timeline(case_id)]
        response.headers["ETag"] = f'"{case.version}"'
        return CaseDetail.model_construct(**dict(case.view()), timeline=timeline, response_plan=case.response_plan)

    return router


def _page(cases: Sequence[AlarmCase], limit: int, place: Callable[[AlarmCase], Sequence[Any]]) -> CasePage:
    more = len(cases) == limit
    return CasePage.model_construct(
        items=[case.view() for case in cases], next_cursor=_write_cursor(place(cases[-1])) if more else None
    )


def _write_cursor(place: Sequence[Any]) -> str:
    plain = [part if isinstance(part, bool | int) else str(part) for part in place]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None, parts: Sequence[type]) -> list[Any] | None:
    """:raises BadCursor:"""
    if not cursor:
        return None
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [_PARTS[part](value) for part, value in zip(parts, plain, strict=True)]
    except (ValueError, TypeError, AttributeError):
        raise BadCursor from None


def _whole(value: Any) -> int:
    if type(value) is not int or not -1 < value < 1000:
        raise ValueError(value)
    return value


_PARTS: dict[type, Callable[[Any], Any]] = {
    bool: bool,
    int: _whole,
    datetime: lambda text: datetime.fromisoformat(text).astimezone(UTC),
    UUID: UUID,
}
