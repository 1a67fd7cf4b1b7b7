"""Whom an elder never wants at the door again."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.db.pool import Database
from services.orders.refusing import handlers
from services.orders.refusing.store import RefusedWorker


def refusing_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/elders", tags=["orders"])

    @router.get("/{elder_id}/refused-workers")
    async def list_refused_workers(
        elder_id: UUID, caller: Caller = guard.allows(Permission.ORDERS_MOVE)
    ) -> list[RefusedWorker]:
        async with db.transaction() as tx:
            return await handlers.listed(tx, elder_id, by=caller)

    @router.put("/{elder_id}/refused-workers/{worker_id}", status_code=204)
    async def refuse_worker(
        elder_id: UUID, worker_id: UUID, caller: Caller = guard.allows(Permission.ORDERS_MOVE)
    ) -> None:
        """Never sent to her again; what they still had with her is given to somebody else. A family names somebody who
        has come."""
        async with db.transaction(actor=caller.id) as tx:
            await handlers.refuse(tx, elder_id, worker_id, by=caller, now=now())

    @router.delete("/{elder_id}/refused-workers/{worker_id}", status_code=204)
    async def allow_worker(
        elder_id: UUID, worker_id: UUID, caller: Caller = guard.allows(Permission.ORDERS_MOVE)
    ) -> None:
        """They may be asked again."""
        async with db.transaction(actor=caller.id) as tx:
            await handlers.allow(tx, elder_id, worker_id, by=caller)

    return router
