"""Writes to one topic: whatever came in while the last transaction was under way goes together into the next."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from backbone.bus import BusUnavailable, Record
from backbone.postgres import log
from backbone.postgres.session import Connection, PostgresSession

BATCH_RECORDS = 1_000

Pending = tuple[Sequence[Record], "asyncio.Future[None]"]


class PostgresAppender:
    def __init__(self, dsn: str, topic: str) -> None:
        self._topic = topic
        self._session = PostgresSession(dsn, name=f"append {topic}")
        self._pending: deque[Pending] = deque()
        self._task: asyncio.Task[None] | None = None

    async def append(self, records: Sequence[Record]) -> None:
        """:raises BusUnavailable: when the transaction did not commit, or nobody can tell."""
        done = asyncio.get_running_loop().create_future()
        self._pending.append((records, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write(), name=f"bus append {self._topic}")
        await done

    async def _write(self) -> None:
        while self._pending:
            taken = self._take()
            # A publisher that was cancelled while it waited is not written for.
            records = [record for group, done in taken if not done.done() for record in group]
            try:
                if records:
                    await self._session.run(partial(self._kept, records=records))
            except BaseException as error:
                if not isinstance(error, BusUnavailable):
                    self._settle(taken, BusUnavailable("the bus was closed"))
                    raise
                self._settle(taken, error)
            else:
                self._settle(taken, None)

    async def _kept(self, connection: Connection, records: Sequence[Record]) -> None:
        await log.append(connection, self._topic, records)
        await log.settle(connection)

    def _take(self) -> list[Pending]:
        taken: list[Pending] = []
        n = 0
        while self._pending and n < BATCH_RECORDS:
            taken.append(self._pending.popleft())
            n += len(taken[-1][0])
        return taken

    def _settle(self, taken: list[Pending], error: BusUnavailable | None) -> None:
        for _, done in taken:
            if done.done():
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

    async def close(self) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
            with suppress(asyncio.CancelledError, BusUnavailable):
                await self._task
        await self._session.close()
