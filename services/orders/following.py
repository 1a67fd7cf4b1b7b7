"""One page that follows orders: the day as it is or the moves that were missed, then every move as it happens."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from services.accounts.changes import AccountChanges
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Role
from services.accounts.standing import until_it_ends, why_no_longer
from services.business_day import business_day
from services.db.pool import Database, DatabaseUnreachable
from services.orders import store_feed
from services.orders.feed import Follower, OrderFeed
from services.orders.views import seen_by

LOOK_AGAIN_SECONDS = 0.5
"""Where the database did not answer."""
BEAT_SECONDS = 15.0
"""A page that hears nothing for longer connects again."""

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
    feed: OrderFeed
    now: Callable[[], datetime]


class Following:
    def __init__(self, socket: WebSocket, caller: Caller, ground: Ground, day: date | None) -> None:
        self._socket = socket
        self._caller = caller
        self._on = ground
        self._day = day

    async def serve(self, epoch: str | None, offset: int | None) -> None:
        """:raises Ended: :raises WebSocketDisconnect:"""
        follower = self._on.feed.join(self._caller)
        missed = self._on.feed.missed(self._caller, epoch, offset)
        works = [self._tell(follower, missed), self._until_gone(), self._watch_session(), _watch_pace(follower)]
        tasks = [asyncio.create_task(work) for work in works]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._on.feed.leave(follower)

    async def _tell(self, follower: Follower, missed: list[str] | None) -> None:
        if missed is None:
            await self._show(follower)
        else:
            await self._send({"op": "resumed", "epoch": self._on.feed.epoch})
            follower.in_question = True
            await self._send_rows(follower, *missed)
        while True:
            try:
                async with asyncio.timeout(BEAT_SECONDS):
                    frame = await follower.seat.take()
            except TimeoutError:
                await self._send({"op": "beat"})
                continue
            if frame is None:
                await self._show(follower)
            else:
                await self._send_rows(follower, frame)

    async def _show(self, follower: Follower) -> None:
        """The orders as they are, as soon as the database says. They may be ahead of `offset`: clients skip versions
        they have."""
        epoch, offset = self._on.feed.epoch, self._on.feed.offset
        role, day = self._caller.account.role, self._day or business_day(self._on.now())
        while True:
            try:
                async with self._on.db.transaction() as tx:
                    orders = [] if role is Role.WORKER else await store_feed.of_day(tx, self._caller.scope, day)
                break
            except DatabaseUnreachable:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
        rows = ",".join(seen_by(order, role).model_dump_json(exclude_none=True) for order in orders)
        head = msgspec.json.encode({"op": "snapshot", "epoch": epoch, "offset": offset, "day": day}).decode()
        follower.in_question = True
        await self._send_rows(follower, f'{head[:-1]},"orders":[{rows}]}}')

    async def _send_rows(self, follower: Follower, *frames: str) -> None:
        """Once these are in hand, a family's grants are looked at if anything of the account has changed: it hears of
        nothing that moved after a grant was revoked. :raises Ended:"""
        while follower.role is Role.FAMILY and follower.in_question:
            follower.in_question = False  # before the look: what changes meanwhile is looked at again
            try:
                if reason := await why_no_longer(self._on.guard, self._socket, self._caller):
                    raise Ended(NOT_SIGNED_IN, reason)
            except DatabaseUnreachable:
                follower.in_question = True
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
        for frame in frames:
            await self._socket.send_text(frame)

    async def _send(self, said: dict[str, str]) -> None:
        await self._socket.send_text(msgspec.json.encode(said).decode())

    async def _until_gone(self) -> None:
        """A page says nothing here; what it does say is passed over."""
        while (await self._socket.receive())["type"] != "websocket.disconnect":
            pass
        raise WebSocketDisconnect

    async def _watch_session(self) -> None:
        """A grant that is revoked or a session that ends also ends what is open. :raises Ended:"""
        reason = await until_it_ends(self._on.guard, self._on.changes, self._socket, self._caller)
        raise Ended(NOT_SIGNED_IN, reason)


async def _watch_pace(follower: Follower) -> None:
    await follower.seat.too_slow.wait()
    raise Ended(TOO_SLOW, "too slow: connect again and fetch anew")
