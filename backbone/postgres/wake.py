"""Wakes readers of a topic by LISTEN/NOTIFY; while the listening connection is lost, they poll."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress

import psycopg

from backbone.postgres import log
from backbone.postgres.notify import listening
from backbone.postgres.session import connect

RETRY_SECONDS = 1.0

Ring = Callable[[str], None]
"""Is told the topic of which there may be something new."""


class PostgresWake:
    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._waiting: defaultdict[str, set[Ring]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    def add(self, topics: list[str], ring: Ring) -> None:
        is_new = not self._waiting.keys() >= set(topics)
        for topic in topics:
            self._waiting[topic].add(ring)
        if is_new:
            self._task = asyncio.create_task(self._listen_instead(self._task), name="bus wake")

    def remove(self, ring: Ring) -> None:
        for waiting in self._waiting.values():
            waiting.discard(ring)

    async def _listen_instead(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            before.cancel()
            await asyncio.wait({before})
        await self._listen()

    async def _listen(self) -> None:
        while True:
            with suppress(psycopg.Error, OSError):
                async with (
                    await connect(self._dsn, name="wake") as connection,
                    listening(connection, {log.channel(topic): self._hear for topic in self._waiting}) as broken,
                ):
                    # Wakes everybody: nobody listened until now, so notifications may have been missed.
                    for topic in list(self._waiting):
                        self._ring(topic)
                    await broken
            await asyncio.sleep(RETRY_SECONDS)

    def _hear(self, payload: bytes) -> None:
        self._ring(payload.decode())

    def _ring(self, topic: str) -> None:
        for ring in self._waiting.get(topic, ()):
            ring(topic)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
