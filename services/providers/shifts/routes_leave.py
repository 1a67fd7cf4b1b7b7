"""Leave: asked for by a worker or their provider, decided by the provider."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.db.pool import Connection, Database
from services.errors import NotFound
from services.providers.shifts import handlers
from services.providers.shifts.forms import LeaveForm, LeaveMoveForm
from services.providers.shifts.model import Leave, LeaveState
from services.providers.shifts.store import ShiftStore
from services.providers.shifts.views import LeaveView
from services.providers.workers.store import WorkerStore


async def _told(tx: Connection, leave: Leave, caller: Caller) -> LeaveView:
    worker = await WorkerStore(tx).get(leave.worker_id, caller.scope)
    if worker is None:
        raise NotFound
    return LeaveView.of(leave, worker.name)


def leave_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(tags=["shifts"])

    @router.get("/leave")
    async def list_leave(
        state: LeaveState | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        caller: Caller = guard.allows(Permission.WORKERS_READ),
    ) -> list[LeaveView]:
        """That is not over, the first to begin first."""
        async with db.transaction() as tx:
            found = await ShiftStore(tx).leave_since(caller.scope, now(), state=state, limit=limit)
        return [LeaveView.of(leave, name) for leave, name in found]

    @router.post("/workers/{worker_id}/leave", status_code=201)
    async def ask_leave(
        worker_id: UUID, body: LeaveForm, caller: Caller = guard.allows(Permission.LEAVE_ASK)
    ) -> LeaveView:
        """Whole days or hours. It counts once the provider has granted it."""
        async with db.transaction(actor=caller.id) as tx:
            leave = body.leave(worker_id)
            await handlers.ask_leave(tx, leave, by=caller)
            return await _told(tx, leave, caller)

    @router.post("/leave/{leave_id}/moves")
    async def move_leave(
        leave_id: UUID, body: LeaveMoveForm, caller: Caller = guard.allows(Permission.LEAVE_ASK)
    ) -> LeaveView:
        """Grant, refuse (the provider), withdraw. 409 names the `state` from which the `move` is not possible."""
        async with db.transaction(actor=caller.id) as tx:
            leave = await handlers.move_leave(tx, leave_id, body.move, reason=body.reason, by=caller)
            return await _told(tx, leave, caller)

    return router
