"""Shifts: the grid of a week, and the patterns and other hours of a worker. Written by the provider."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.business_day import business_day, day_starts_at
from services.db.paging import cursor_of
from services.db.pool import Connection, Database
from services.errors import NotFound
from services.providers.routes import place_after
from services.providers.shifts import handlers
from services.providers.shifts.forms import FIRST_DAY, LAST_DAY, OtherHoursForm, PatternForm
from services.providers.shifts.model import Schedule
from services.providers.shifts.store import ShiftStore
from services.providers.shifts.views import GridDay, GridRow, ScheduleView, ShiftGrid, days_from
from services.providers.workers.model import WorkerState
from services.providers.workers.store import WorkerStore

DayInPath = Annotated[date, Path(ge=FIRST_DAY, le=LAST_DAY)]
DayInQuery = Annotated[date | None, Query(ge=FIRST_DAY, le=LAST_DAY)]
FAR = timedelta(days=800)
"""So far ahead a schedule is shown."""


def shift_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(tags=["shifts"])
    _reading(router, db, guard, now)
    _writing(router, db, guard, now)
    return router


async def schedules(tx: Connection, worker_ids: list[UUID], first: date, last: date) -> dict[UUID, Schedule]:
    """With the day before, whose night shift may reach into the first."""
    eve = first - timedelta(days=1)
    until = day_starts_at(last + timedelta(days=2))
    return await ShiftStore(tx).schedules(worker_ids, eve, last, day_starts_at(eve), until)


async def _told(db: Database, worker_id: UUID, caller: Caller, today: date) -> ScheduleView:
    async with db.transaction() as tx:
        worker = await WorkerStore(tx).get(worker_id, caller.scope)
        if worker is None:
            raise NotFound
        found = await schedules(tx, [worker_id], today, today + FAR)
    return ScheduleView.of(worker, found[worker_id])


def _reading(router: APIRouter, db: Database, guard: Guard, now: Callable[[], datetime]) -> None:
    @router.get("/shifts")
    async def get_shift_grid(
        *,
        first: DayInQuery = None,
        days: Annotated[int, Query(ge=1, le=31)] = 7,
        provider_id: UUID | None = None,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        caller: Caller = guard.allows(Permission.WORKERS_READ),
    ) -> ShiftGrid:
        """Active workers by name, with their hours of each day. Without `first`: from today."""
        after = place_after(cursor) if cursor else None
        shown = days_from(first or business_day(now()), days)
        async with db.transaction() as tx:
            found = await WorkerStore(tx).page(
                caller.scope, provider_id=provider_id, state=WorkerState.ACTIVE, after=after, limit=limit + 1
            )
            more, found = len(found) > limit, found[:limit]
            hours = await schedules(tx, [worker.id for worker in found], shown[0], shown[-1])
        rows = [GridRow.of(worker, hours[worker.id], shown) for worker in found]
        following = cursor_of(found[-1].name, str(found[-1].id)) if more else None
        return ShiftGrid([GridDay.of(day) for day in shown], rows, following)

    @router.get("/workers/{worker_id}/schedule")
    async def get_schedule(worker_id: UUID, caller: Caller = guard.allows(Permission.WORKERS_READ)) -> ScheduleView:
        """All patterns; other hours and leave that are not over."""
        return await _told(db, worker_id, caller, business_day(now()))


def _writing(router: APIRouter, db: Database, guard: Guard, now: Callable[[], datetime]) -> None:
    @router.put("/workers/{worker_id}/patterns/{begins}")
    async def put_pattern(
        worker_id: UUID,
        begins: DayInPath,
        body: PatternForm,
        caller: Caller = guard.allows(Permission.WORKERS_WRITE),
    ) -> ScheduleView:
        """In force from `begins` until the next pattern begins."""
        async with db.transaction(actor=caller.id) as tx:
            await handlers.put_pattern(tx, worker_id, body.pattern(begins), by=caller)
        return await _told(db, worker_id, caller, business_day(now()))

    @router.delete("/workers/{worker_id}/patterns/{begins}")
    async def remove_pattern(
        worker_id: UUID, begins: DayInPath, caller: Caller = guard.allows(Permission.WORKERS_WRITE)
    ) -> ScheduleView:
        """The one before it stays in force."""
        async with db.transaction(actor=caller.id) as tx:
            await handlers.remove_pattern(tx, worker_id, begins, by=caller)
        return await _told(db, worker_id, caller, business_day(now()))

    @router.put("/workers/{worker_id}/other-hours/{day}")
    async def put_other_hours(
        worker_id: UUID,
        day: DayInPath,
        body: OtherHoursForm,
        caller: Caller = guard.allows(Permission.WORKERS_WRITE),
    ) -> ScheduleView:
        """Instead of the pattern's on this date."""
        async with db.transaction(actor=caller.id) as tx:
            await handlers.put_other_hours(tx, worker_id, body.other_hours(day), by=caller)
        return await _told(db, worker_id, caller, business_day(now()))

    @router.delete("/workers/{worker_id}/other-hours/{day}")
    async def remove_other_hours(
        worker_id: UUID, day: DayInPath, caller: Caller = guard.allows(Permission.WORKERS_WRITE)
    ) -> ScheduleView:
        """The pattern holds on this date again."""
        async with db.transaction(actor=caller.id) as tx:
            await handlers.remove_other_hours(tx, worker_id, day, by=caller)
        return await _told(db, worker_id, caller, business_day(now()))
