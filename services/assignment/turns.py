"""One thing at a time: a turn is taken for each event or question, in a thread of its own, so that the process goes on
answering its peers meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from prometheus_client import Histogram

T = TypeVar("T")

PATIENCE_SECONDS = 5.0
"""A city in which something happens without pause has late people all the same."""

TURN = Histogram(
    "yian_assignment_turn_seconds",
    "how long a turn took",
    ["what"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


class Turns:
    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="planner")
        self.caught_up = asyncio.Event()
        """Cleared while more has happened than was heard: what is planned upon that would be refused."""
        self.caught_up.set()

    @asynccontextmanager
    async def take(self, what: str, *, patiently: bool = False) -> AsyncIterator[None]:
        """:param patiently: who thinks of something by themselves, after all that is to be heard"""
        if patiently:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.caught_up.wait(), PATIENCE_SECONDS)
        async with self._lock:
            began = time.perf_counter()
            try:
                yield
            finally:
                TURN.labels(what).observe(time.perf_counter() - began)

    async def apart(self, work: Callable[[], T]) -> T:
        """In the thread of whoever has the turn."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
