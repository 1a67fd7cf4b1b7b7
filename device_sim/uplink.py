"""Readings on their way up: kept until the broker has acknowledged them."""

import asyncio
from collections import deque

from device_sim.link import Link, LinkLost
from device_sim.packets import NO_MATCHING_SUBSCRIBERS

MAX_IN_FLIGHT = 20
MAX_WAITING = 20_000
PAUSE_S = 2.0
"""How long to wait where the broker says that nobody listens, or that it is full."""
FULL = 0x97


class TelemetryBuffer:
    """Packs of one device, sent in order, each again on the next link unless acknowledged.

    Holds MAX_WAITING packs; the oldest goes first when it is full, as in a real device.
    """

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._waiting: deque[bytes] = deque()
        self._in_flight: set[asyncio.Future[int]] = set()
        self._link: Link | None = None
        self._empty = asyncio.Event()
        self._empty.set()
        self._resuming: asyncio.TimerHandle | None = None
        self.sent = 0
        self.acknowledged = 0
        self.refused = 0
        self.overwritten = 0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._in_flight)

    def put(self, pack: bytes) -> None:
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.popleft()
            self.overwritten += 1
        self._waiting.append(pack)
        self._empty.clear()
        self._pump()

    async def drained(self) -> None:
        """Until every pack is acknowledged or refused."""
        await self._empty.wait()

    def attach(self, link: Link | None) -> None:
        """None while there is no link."""
        self._link = link
        self._pump()

    def _pump(self) -> None:
        link = self._link
        if link is None or self._resuming is not None:
            return
        while self._waiting and len(self._in_flight) < MAX_IN_FLIGHT and not link.lost.done():
            pack = self._waiting.popleft()
            answer = link.publish(self._topic, pack)
            self._in_flight.add(answer)
            self.sent += 1
            answer.add_done_callback(lambda done, pack=pack: self._answered(done, pack))  # type: ignore[misc]

    def _answered(self, answer: asyncio.Future[int], pack: bytes) -> None:
        self._in_flight.discard(answer)
        if answer.cancelled() or isinstance(answer.exception(), LinkLost):
            self._waiting.appendleft(pack)
        elif answer.result() in {NO_MATCHING_SUBSCRIBERS, FULL}:
            self._waiting.appendleft(pack)
            self._pause()
        elif answer.result() >= 0x80:
            self.refused += 1
        else:
            self.acknowledged += 1
        if not self._waiting and not self._in_flight:
            self._empty.set()
        else:
            self._pump()

    def _pause(self) -> None:
        if self._resuming is None:
            self._resuming = asyncio.get_running_loop().call_later(PAUSE_S, self._resume)

    def _resume(self) -> None:
        self._resuming = None
        self._pump()
