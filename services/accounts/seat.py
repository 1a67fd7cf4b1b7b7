"""The place in a feed of one who follows it live: what waits to be sent to them, up to a limit."""

import asyncio
from collections import deque
from collections.abc import Callable

from services.accounts.model import Scope

FRAMES = 2000
BYTES = 8 * 1024 * 1024


class Seat:
    def __init__(self, scope: Scope, *, frames: int = FRAMES, size: int = BYTES) -> None:
        self.scope = scope
        self._limit = frames
        self._limit_bytes = size
        self._waiting: deque[str | None] = deque()
        self._bytes = 0
        self._news = asyncio.Event()
        self.too_slow = asyncio.Event()
        """Set when more is waiting than allowed; the connection is then closed, and the client fetches a new snapshot.
        """

    def put(self, frame: str) -> None:
        if self.too_slow.is_set():
            return
        self._waiting.append(frame)
        self._bytes += len(frame)
        if len(self._waiting) > self._limit or self._bytes > self._limit_bytes:
            self.too_slow.set()
            self._waiting.clear()
        self._news.set()

    def begin_anew(self) -> None:
        """What waits belongs to an epoch that has ended."""
        if not self.too_slow.is_set():
            self._waiting.clear()
            self._bytes = 0
            self._waiting.append(None)
            self._news.set()

    def keep_only(self, wanted: Callable[[str], bool]) -> None:
        """All that waits and is not wanted was told in another way; so was what was to be told anew."""
        self._waiting = deque(frame for frame in self._waiting if frame is not None and wanted(frame))
        self._bytes = sum(len(frame or "") for frame in self._waiting)

    async def take_all(self) -> list[str] | None:
        """Everything that waits, as soon as there is something; None: a snapshot is to be sent before what follows."""
        first = await self.take()
        if first is None:
            return None
        frames = [first]
        while self._waiting and self._waiting[0] is not None:
            frames.append(self._waiting[0])
            self._bytes -= len(self._waiting.popleft() or "")
        return frames

    async def take(self) -> str | None:
        """The next frame, as soon as there is one; None: a snapshot is to be sent before what follows."""
        while not self._waiting:
            self._news.clear()
            await self._news.wait()
        frame = self._waiting.popleft()
        self._bytes -= len(frame or "")
        return frame
