"""One console: first a hello, then the queue as it is or the moves that were missed, then every move as it happens."""

import asyncio
import hmac
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec
from starlette.websockets import WebSocket

from services.accounts.changes import AccountChanges
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.seat import Seat
from services.accounts.standing import until_it_ends
from services.console.feed import DROPPED, Feed
from services.console.presence import Presence
from services.console.told import is_move
from services.db.pool import DatabaseUnreachable

HELLO_SECONDS = 10.0
LARGEST_MESSAGE = 4096
TOGETHER = 200
"""Frames in one message, where so many wait."""

BAD_HELLO = 4400
NOT_SIGNED_IN = 4401
FORGED = 4403
TOO_SLOW = 4408
TRY_AGAIN = 1013


class Hello(msgspec.Struct, tag_field="op", tag="hello"):
    csrf: str = ""
    epoch: str | None = None
    offset: int | None = None


class Ping(msgspec.Struct, tag_field="op", tag="ping"):
    t: float


class Active(msgspec.Struct, tag_field="op", tag="active"):
    pass


Said = Hello | Ping | Active
_said: msgspec.json.Decoder[Said] = msgspec.json.Decoder(Said)


class Ended(Exception):
    """The connection is to be closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Ground:
    """What every console of this process uses."""

    guard: Guard
    changes: AccountChanges
    feed: Feed
    presence: Presence


class Console:
    """One connection."""

    def __init__(self, socket: WebSocket, caller: Caller, ground: Ground) -> None:
        self._socket = socket
        self._caller = caller
        self._on = ground
        self._id: UUID = uuid4()

    async def serve(self) -> None:
        """:raises Ended: :raises WebSocketDisconnect:"""
        hello = await self._hello()
        seat = self._on.feed.join(self._caller.scope)
        start = self._start(hello, seat)
        try:
            await self._on.presence.come(self._id, self._caller.id)
            await self._stream(start, seat)
        finally:
            start.close()
            self._on.feed.leave(seat)
            await asyncio.shield(self._on.presence.go(self._id))

    async def _hello(self) -> Hello:
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                said = await self._hear()
        except TimeoutError:
            raise Ended(BAD_HELLO, "no hello") from None
        if not isinstance(said, Hello):
            raise Ended(BAD_HELLO, "the first message is a hello")
        if not hmac.compare_digest(said.csrf.encode(), self._on.guard.csrf_token(self._caller).encode()):
            raise Ended(FORGED, "the hello lacks this session's token")
        return said

    async def _hear(self) -> Said:
        text = await self._socket.receive_text()
        if len(text) > LARGEST_MESSAGE:
            raise Ended(BAD_HELLO, "too long")
        try:
            return _said.decode(text)
        except msgspec.DecodeError as error:
            raise Ended(BAD_HELLO, str(error)[:100]) from None

    def _start(self, hello: Hello, seat: Seat) -> Coroutine[None, None, None]:
        """Made in the same step in which the seat is taken, so the missed moves end where the seat begins."""
        missed = self._on.feed.missed(self._caller.scope, hello.epoch, hello.offset)
        return self._show(seat) if missed is None else self._resume(hello.offset, missed)

    async def _resume(self, offset: int | None, missed: list[str]) -> None:
        head = {"op": "resumed", "epoch": self._on.feed.epoch, "offset": offset}
        await self._socket.send_text(msgspec.json.encode(head).decode())
        await self._say(missed)

    async def _show(self, seat: Seat) -> None:
        """The queue as it is; the moves in the seat are in it.

        :raises DatabaseUnreachable:
        """
        image, since = await self._on.feed.image(self._caller.scope)
        seat.keep_only(lambda frame: not is_move(frame))
        account = self._caller.account
        me = {"id": account.id, "name": account.name, "role": account.role.value}
        head = {"op": "snapshot", "epoch": image.epoch, "offset": image.offset, "at": datetime.now(UTC), "me": me}
        if image.packed is None:
            begins = msgspec.json.encode(head)[:-1] + b',"cases":'
            await self._socket.send_text((begins + image.cases + b"}").decode())
        else:
            await self._socket.send_text(msgspec.json.encode(head | {"cases": [], "packed": True}).decode())
            await self._socket.send_bytes(image.packed)
        await self._say(since)

    async def _say(self, frames: list[str]) -> None:
        """Many at once are one message, a list: each message costs as much as a case does."""
        for at in range(0, len(frames), TOGETHER):
            some = frames[at : at + TOGETHER]
            await self._socket.send_text(some[0] if len(some) == 1 else f"[{','.join(some)}]")

    async def _stream(self, start: Coroutine[None, None, None], seat: Seat) -> None:
        works = [self._tell(start, seat), self._listen(seat), self._watch_session(), _watch_pace(seat)]
        tasks = [asyncio.create_task(work) for work in works]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell(self, start: Coroutine[None, None, None], seat: Seat) -> None:
        try:
            await start
        except DatabaseUnreachable:
            raise Ended(TRY_AGAIN, "the database does not answer") from None
        while True:
            frames = await seat.take_all()
            if frames is None:
                await self._begin_anew(seat)
            else:
                await self._say(frames)

    async def _begin_anew(self, seat: Seat) -> None:
        """Sends a snapshot as soon as the database gives one; until then only the messages about the state of the
        platform."""
        while True:
            if self._on.feed.database_answers:
                with suppress(DatabaseUnreachable):
                    return await self._show(seat)
            frame = await seat.take()
            if frame is not None and not is_move(frame):
                await self._socket.send_text(frame)

    async def _listen(self, seat: Seat) -> None:
        while True:
            said = await self._hear()
            if isinstance(said, Ping):
                seat.put(msgspec.json.encode({"op": "pong", "t": said.t}).decode())
            elif isinstance(said, Active):
                await self._on.presence.active(self._caller.id)

    async def _watch_session(self) -> None:
        reason = await until_it_ends(self._on.guard, self._on.changes, self._socket, self._caller)
        raise Ended(NOT_SIGNED_IN, reason)


async def _watch_pace(seat: Seat) -> None:
    await seat.too_slow.wait()
    DROPPED.inc()
    raise Ended(TOO_SLOW, "too slow: connect again and fetch anew")
