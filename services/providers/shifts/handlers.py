"""What can happen to shifts and leave. The caller owns the transaction; the worker's row is locked first, so that one
editor at a time decides about a worker's hours."""

from datetime import date
from uuid import UUID

from services.accounts.model import Caller, Permission
from services.db.pool import Connection
from services.errors import NotFound
from services.providers.shifts import rules
from services.providers.shifts.model import Leave, LeaveMove, OtherHours, Pattern
from services.providers.shifts.store import ShiftStore
from services.providers.workers.handlers import to_edit


async def put_pattern(tx: Connection, worker_id: UUID, pattern: Pattern, *, by: Caller) -> None:
    """:raises NotFound: :raises BadShifts:"""
    await to_edit(tx, worker_id, by.scope)
    rules.check_pattern(pattern)
    await ShiftStore(tx).put_pattern(worker_id, pattern)


async def remove_pattern(tx: Connection, worker_id: UUID, begins: date, *, by: Caller) -> None:
    """Nothing happens if there is none. :raises NotFound: of the worker"""
    await to_edit(tx, worker_id, by.scope)
    await ShiftStore(tx).remove_pattern(worker_id, begins)


async def put_other_hours(tx: Connection, worker_id: UUID, hours: OtherHours, *, by: Caller) -> None:
    """:raises NotFound: :raises BadShifts:"""
    await to_edit(tx, worker_id, by.scope)
    rules.check_shifts(hours.shifts, hours.day.isoformat())
    await ShiftStore(tx).put_other_hours(worker_id, hours)


async def remove_other_hours(tx: Connection, worker_id: UUID, day: date, *, by: Caller) -> None:
    """Nothing happens if there are none. :raises NotFound: of the worker"""
    await to_edit(tx, worker_id, by.scope)
    await ShiftStore(tx).remove_other_hours(worker_id, day)


async def ask_leave(tx: Connection, leave: Leave, *, by: Caller) -> None:
    """:raises NotFound: :raises BadLeave:"""
    await to_edit(tx, leave.worker_id, by.scope)
    rules.check_leave(leave.from_at, leave.until_at)
    await ShiftStore(tx).add_leave(leave, asked_by=by.id)


async def move_leave(tx: Connection, leave_id: UUID, move: LeaveMove, *, reason: str, by: Caller) -> Leave:
    """:raises NotFound: :raises NotYoursToDecide: :raises IllegalMove:"""
    store = ShiftStore(tx)
    leave = await store.leave(leave_id, by.scope, to_edit=True)
    if leave is None:
        raise NotFound
    if move is not LeaveMove.WITHDRAW and not by.may(Permission.WORKERS_WRITE):
        raise rules.NotYoursToDecide
    after = leave.after(move, reason)
    await store.decide(after, by=by.id)
    return after
