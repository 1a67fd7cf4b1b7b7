"""Stores events beyond a device's pace: collects them for a moment, stores few records, and only then acknowledges
them."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from contracts.device_event import DeviceEvent
from ingest_gateway.durable import DurableBus
from ingest_gateway.flood.glance import Glance
from ingest_gateway.flood.pace import Pace
from ingest_gateway.flood.piles import piled
from ingest_gateway.records import event_record

GATHER_SECONDS = 0.25
GATHER_MESSAGES = 100
GATHER_BYTES = 2 * 1024 * 1024
FULL_MESSAGES = 300
"""While the bus is slow: the share of a lane's unacknowledged messages that may be used here. The rest is for other
devices."""

_T = TypeVar("_T")
log = structlog.get_logger("counting")


@dataclass(frozen=True, slots=True)
class Waiting(Generic[_T]):
    """A message of which all or some events are counted."""

    events: tuple[DeviceEvent | Glance, ...]
    size: int
    due: _T
    """The door's own: whom to answer, what to acknowledge."""


class Counting(Generic[_T]):
    """One record at a time. The one before is durable when the next is made, so a repeat of it is recognised."""

    def __init__(
        self,
        bus: DurableBus,
        pace: Pace,
        answer: Callable[[Sequence[_T]], None],
        let_go: Callable[[Sequence[_T]], None],
        *,
        gather_seconds: float = GATHER_SECONDS,
    ) -> None:
        """:param answer: called for what is durable
        :param let_go: called for what could not be stored because of a fault of ours
        """
        self._bus, self._pace, self._answer, self._let_go = bus, pace, answer, let_go
        self._gather_seconds = gather_seconds
        self._waiting: list[Waiting[_T]] = []
        self._bytes = 0
        self._full = asyncio.Event()
        self._ending = False
        self._running = False
        self.under_way: set[asyncio.Task[None]] = set()

    @property
    def is_full(self) -> bool:
        return len(self._waiting) >= FULL_MESSAGES

    def add(self, waiting: Waiting[_T]) -> None:
        self._waiting.append(waiting)
        self._bytes += waiting.size
        if len(self._waiting) >= GATHER_MESSAGES or self._bytes >= GATHER_BYTES:
            self._full.set()
        if not self._running:
            self._running = True
            task = asyncio.create_task(self._run())
            self.under_way.add(task)
            task.add_done_callback(self.under_way.discard)

    def close(self) -> None:
        """Stops collecting and sends everything to the bus now."""
        self._ending = True
        self._full.set()

    async def _run(self) -> None:
        while self._waiting:
            if not self._ending:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._gather_seconds):
                        await self._full.wait()
                self._full.clear()
            gathered, self._waiting, self._bytes = self._waiting, [], 0
            await self._keep(gathered)
        self._running = False

    async def _keep(self, gathered: Sequence[Waiting[_T]]) -> None:
        due = [waiting.due for waiting in gathered]
        events = [event for waiting in gathered for event in waiting.events]
        try:
            records = [event_record(event) for event in piled(events, self._pace)]
            if records:
                await self._bus.keep(records)
        except Exception:
            log.exception("flood_not_kept", messages=len(due))
            self._let_go(due)
        else:
            for event in events:
                self._pace.of(event.device_id).keep(event)
            self._answer(due)
