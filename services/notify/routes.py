"""Everybody's own notices: list, mark as read, and live."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field, model_validator
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from services.accounts.changes import AccountChanges
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.db.doorbells import Doorbells
from services.db.paging import BadCursor, cursor_of, place_in
from services.db.pool import Database
from services.notify import handlers
from services.notify.feed import Ended, Ground, OpenPage
from services.notify.views import NoticePage, NoticeView, Unread


class ReadForm(BaseModel):
    ids: list[UUID] = Field(default_factory=list, max_length=500)
    until: AwareDatetime | None = Field(default=None, description="all that were told until then")

    @model_validator(mode="after")
    def _names_some(self) -> "ReadForm":
        if not self.ids and self.until is None:
            raise ValueError("name the notices by ids, or a time until which all are read")
        return self


def place_after(cursor: str) -> tuple[datetime, UUID]:
    """:raises BadCursor:"""
    told_at, notice_id = place_in(cursor, 2)
    try:
        at = datetime.fromisoformat(told_at)
        if at.tzinfo is None:
            raise BadCursor
        return at, UUID(notice_id)
    except ValueError:
        raise BadCursor from None


def notice_routes(db: Database, guard: Guard, changes: AccountChanges, rings: Doorbells) -> APIRouter:
    router = APIRouter(prefix="/notices", tags=["notices"])
    ground = Ground(db, guard, changes, rings)

    @router.get("")
    async def list_notices(
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        caller: Caller = guard.allows(Permission.NOTICES_OWN),
    ) -> NoticePage:
        """The caller's own, the last told first, and how many of all are unread."""
        after = place_after(cursor) if cursor else None
        async with db.transaction() as tx:
            page = await handlers.read_page(tx, caller, after=after, limit=limit + 1)
        more, found = len(page.notices) > limit, page.notices[:limit]
        rows = [NoticeView.of(notice) for notice in found]
        next_cursor = cursor_of(found[-1].told_at.isoformat(), str(found[-1].id)) if more else None
        return NoticePage(rows, next_cursor, page.unread)

    @router.post("/read")
    async def read_notices(body: ReadForm, caller: Caller = guard.allows(Permission.NOTICES_OWN)) -> Unread:
        """Marks these, or all that were told until a time, as read; the other pages of the account hear of it. Ids that
        are not the caller's change nothing."""
        async with db.transaction(actor=caller.id) as tx:
            return Unread(await handlers.mark_read(tx, caller, ids=body.ids, until=body.until))

    @router.websocket("/feed")
    async def notice_feed(socket: WebSocket, caller: Caller = guard.allows(Permission.NOTICES_OWN)) -> None:
        await socket.accept()
        ending = Ended(1000, "")
        try:
            await OpenPage(socket, caller, ground).serve()
        except Ended as ended:
            ending = ended
        except WebSocketDisconnect:
            return
        if socket.application_state is WebSocketState.CONNECTED:
            with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
                await socket.close(ending.code, ending.reason)

    return router
