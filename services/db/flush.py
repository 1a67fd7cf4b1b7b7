"""Waits until commits are on disk that were announced before they were (`Pipeline(flushes=False)`).

Allowed only if a crash loses nothing by it: the bus must deliver the same again until this has confirmed. See
docs/decisions/0012.
"""

import asyncio

from backbone.postgres.log import SETTLE
from services.db.pipeline import Pipeline, Statement
from services.db.pool import Database

LINGER_SECONDS = 0.005
"""A delay, so that the consoles, notified by the same commit, go first, and commits of a flood share one flush."""
_FLUSH = Statement("flush", SETTLE)


class Flush:
    """One flush at a time; whoever asks meanwhile shares the next one."""

    def __init__(self, db: Database) -> None:
        self._pipeline = Pipeline(db)
        self._under_way: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    def start(self) -> "asyncio.Future[None]":
        """Done when everything committed until now is on disk; fails with DatabaseUnreachable."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._under_way), name="flush")
        return self._next

    async def _after(self, before: "asyncio.Task[None] | None") -> None:
        if before is not None:
            await asyncio.wait({before})
        await asyncio.sleep(LINGER_SECONDS)
        self._under_way, self._next = self._next, None
        async with self._pipeline.transaction() as turns:
            turns.tell(_FLUSH)
