"""One open page: its newest notices at once, then each as it is told, and how many are unread.

The database rings for the account; what is new is read from the table, so a ring that was missed loses nothing.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from services.accounts.changes import AccountChanges
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.rules import NotSignedIn
from services.db.doorbells import Doorbells
from services.db.pool import Database, DatabaseUnreachable
from services.notify.handlers import read_page
from services.notify.model import Notice
from services.notify.views import NoticeView

CHANNEL = "notices"
NEWEST = 20
"""What a page that was just opened is told."""
LOOK_SECONDS = 30.0
"""How often it is looked without a ring: sessions also expire. The frame then sent shows the page that it is live."""
LOOK_AGAIN_SECONDS = 0.5
"""Where the database did not answer."""
SEND_SECONDS = 10.0
"""Who does not take a frame for so long connects again and reads anew."""

NOT_SIGNED_IN = 4401
TOO_SLOW = 4408


class Ended(Exception):
    """The connection is to be closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Ground:
    """What every page of this process uses."""

    db: Database
    guard: Guard
    changes: AccountChanges
    rings: Doorbells


class OpenPage:
    def __init__(self, socket: WebSocket, caller: Caller, ground: Ground) -> None:
        self._socket = socket
        self._caller = caller
        self._on = ground
        self._sent: dict[UUID, datetime | None] = {}
        """Of the newest notices those that this page has, and when they were read."""

    async def serve(self) -> None:
        """:raises Ended: :raises WebSocketDisconnect:"""
        works = [asyncio.create_task(self._tell()), asyncio.create_task(self._until_gone())]
        try:
            done, _ = await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
            for work in done:
                work.result()
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)

    async def _until_gone(self) -> None:
        """A page says nothing here; what it does say is passed over."""
        while (await self._socket.receive())["type"] != "websocket.disconnect":
            pass
        raise WebSocketDisconnect

    async def _tell(self) -> None:
        with self._on.rings.of(self._caller.id) as rung, self._on.changes.of(self._caller.id, rung):
            while True:
                rung.clear()
                wait = LOOK_SECONDS if await self._look() else LOOK_AGAIN_SECONDS
                with suppress(TimeoutError):
                    await asyncio.wait_for(rung.wait(), wait)

    async def _look(self) -> bool:
        """False: the database did not answer. :raises Ended:"""
        try:
            caller = await self._on.guard.caller(self._socket, self._caller.permission)
            async with self._on.db.transaction() as tx:
                page = await read_page(tx, caller, after=None, limit=NEWEST)
        except NotSignedIn:
            raise Ended(NOT_SIGNED_IN, "the session is over") from None
        except DatabaseUnreachable:
            return False
        news = [notice for notice in page.notices if self._sent.get(notice.id, notice) != notice.read_at]
        self._sent = {notice.id: notice.read_at for notice in page.notices}
        await self._send(news, page.unread)
        return True

    async def _send(self, news: list[Notice], unread: int) -> None:
        frame = {"op": "notices", "unread": unread, "items": [NoticeView.of(notice) for notice in news]}
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._socket.send_text(msgspec.json.encode(frame).decode())
        except TimeoutError:
            raise Ended(TOO_SLOW, "too slow: connect again") from None
