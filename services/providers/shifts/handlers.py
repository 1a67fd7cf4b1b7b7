"""What can happen to shifts and leave. The caller owns the transaction; the worker's row is locked first, so that one
editor at a time decides about a worker's hours."""

from datetime import date
from uuid import UUID

from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.business_day import business_day
from services.db.pool import Connection
from services.errors import NotFound
from services.providers import store_times, telling
from services.providers.shifts import rules
from services.providers.shifts.model import Leave, LeaveMove, LeaveState, OtherHours, Pattern
from services.providers.shifts.store import ShiftStore
from services.providers.workers.handlers import to_edit
from services.providers.workers.model import Worker


async def put_pattern(tx: Connection, worker_id: UUID, pattern: Pattern, *, by: Caller) -> None:
    """:raises NotFound: :raises BadShifts:"""
    worker = await to_edit(tx, worker_id, by.scope)
    rules.check_pattern(pattern)
    await ShiftStore(tx).put_pattern(worker_id, pattern)
    await telling.worker_changed(tx, worker, "hours", first_day=pattern.begins)


async def remove_pattern(tx: Connection, worker_id: UUID, begins: date, *, by: Caller) -> None:
    """Nothing happens if there is none. :raises NotFound: of the worker"""
    worker = await to_edit(tx, worker_id, by.scope)
    await ShiftStore(tx).remove_pattern(worker_id, begins)
    await telling.worker_changed(tx, worker, "hours", first_day=begins)


async def put_other_hours(tx: Connection, worker_id: UUID, hours: OtherHours, *, by: Caller) -> None:
    """:raises NotFound: :raises BadShifts:"""
    worker = await to_edit(tx, worker_id, by.scope)
    rules.check_shifts(hours.shifts, hours.day.isoformat())
    await ShiftStore(tx).put_other_hours(worker_id, hours)
    await telling.worker_changed(tx, worker, "hours", first_day=hours.day, last_day=hours.day)


async def remove_other_hours(tx: Connection, worker_id: UUID, day: date, *, by: Caller) -> None:
    """Nothing happens if there are none. :raises NotFound: of the worker"""
    worker = await to_edit(tx, worker_id, by.scope)
    await ShiftStore(tx).remove_other_hours(worker_id, day)
    await telling.worker_changed(tx, worker, "hours", first_day=day, last_day=day)


async def ask_leave(tx: Connection, leave: Leave, *, by: Caller) -> None:
    """:raises NotFound: :raises BadLeave:"""
    await to_edit(tx, leave.worker_id, by.scope)
    rules.check_leave(leave.from_at, leave.until_at)
    await ShiftStore(tx).add_leave(leave, asked_by=by.id)


async def move_leave(tx: Connection, leave_id: UUID, move: LeaveMove, *, reason: str, by: Caller) -> Leave:
    """Granted leave takes the worker in its time: visits that had them then lose them, and orders hear of it.

    :raises NotFound: :raises NotYoursToDecide: :raises IllegalMove:
    """
    store = ShiftStore(tx)
    seen = await store.leave(leave_id, by.scope)
    if seen is None:
        raise NotFound
    worker = await to_edit(tx, seen.worker_id, by.scope)
    leave = await store.leave(leave_id, by.scope, to_edit=True)
    assert leave is not None
    if move is not LeaveMove.WITHDRAW and not by.may(Permission.WORKERS_WRITE):
        raise rules.NotYoursToDecide
    after = leave.after(move, reason)
    await store.decide(after, by=by.id)
    if LeaveState.GRANTED in (leave.state, after.state):
        await _take_time(tx, worker, after)
    return after


async def _take_time(tx: Connection, worker: Worker, leave: Leave) -> None:
    granted = leave.state is LeaveState.GRANTED
    released = await store_times.release_visits(tx, worker.id, leave.from_at, leave.until_at) if granted else []
    await store_times.set_leave(tx, worker.id)
    first, last = business_day(leave.from_at), business_day(leave.until_at)
    await telling.worker_changed(tx, worker, "leave", first_day=first, last_day=last, released=released)
