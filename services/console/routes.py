"""The console's WebSocket, and the details shown beside a case."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from services.accounts.changes import AccountChanges
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.console import context
from services.console.connection import Console, Ended, Ground
from services.console.feed import Feed
from services.console.presence import Presence
from services.db.pool import Database
from services.elders.vault import Vault
from services.response.views import CaseEscalation

CLOSE_SECONDS = 5.0
"""A console that reads slowly has this long to receive the reason why it is closed."""


def feed_routes(guard: Guard, changes: AccountChanges, feed: Feed, presence: Presence) -> APIRouter:
    router = APIRouter(prefix="/console")
    ground = Ground(guard, changes, feed, presence)

    @router.websocket("/feed")
    async def console_feed(socket: WebSocket, caller: Caller = guard.allows(Permission.CONSOLE_FEED)) -> None:
        await socket.accept()
        ending = Ended(1000, "")
        try:
            await Console(socket, caller, ground).serve()
        except Ended as ended:
            ending = ended
        except WebSocketDisconnect:
            return
        if socket.application_state is WebSocketState.CONNECTED:
            with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await socket.close(ending.code, ending.reason)

    return router


def context_routes(db: Database, guard: Guard, vault: Vault, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/alarms", tags=["alarms"])

    @router.get("/cases/{case_id}/context")
    async def read_case_context(case_id: UUID, caller: Caller = guard.allows(Permission.CASES_READ)) -> context.Context:
        """The contacts' numbers are there for the one who holds the case; that they were shown is audited."""
        async with db.transaction(actor=caller.id) as tx:
            return await context.of_case(tx, vault, case_id, caller=caller, now=now())

    @router.get("/cases/{case_id}/escalation")
    async def read_case_escalation(
        case_id: UUID, caller: Caller = guard.allows(Permission.CASES_MOVE)
    ) -> CaseEscalation:
        """The run of its escalation plan: what was done, who was told, and what comes next."""
        async with db.transaction() as tx:
            return await context.escalation_of(tx, case_id, caller=caller)

    return router
