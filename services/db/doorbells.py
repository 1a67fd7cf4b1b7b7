"""Wakes whoever holds a connection open for somebody, when the database notifies of them on a channel."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from psycopg import OperationalError

from backbone.postgres.notify import listening
from services.db.pool import Database, DatabaseUnreachable

AGAIN_SECONDS = 0.2

log = structlog.get_logger("doorbells")


class Doorbells:
    """While the connection was down, notifications may have been missed: then everybody is woken."""

    def __init__(self, db: Database, channel: str) -> None:
        """:param channel: its payloads are the ids of those concerned"""
        self._db = db
        self._channel = channel
        self._waiting: defaultdict[UUID, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def of(self, whose: UUID, event: asyncio.Event | None = None) -> Iterator[asyncio.Event]:
        """Set from now on whenever something of theirs may have changed; whoever waits for it clears it.

        :param event: one that also waits for something else
        """
        event = event or asyncio.Event()
        self._waiting[whose].add(event)
        try:
            yield event
        finally:
            self._waiting[whose].discard(event)
            if not self._waiting[whose]:
                del self._waiting[whose]

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async with (
                    await self._db.connect_alone() as connection,
                    listening(connection, {self._channel: self._hear}) as broken,
                ):
                    for whose in self._waiting:
                        self._tell(whose)
                    await broken
            except (DatabaseUnreachable, OperationalError) as error:
                log.warning("unheard", channel=self._channel, error=type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)

    def _hear(self, payload: bytes) -> None:
        whose = UUID(payload.decode())
        if whose in self._waiting:
            self._tell(whose)

    def _tell(self, whose: UUID) -> None:
        for event in self._waiting[whose]:
            event.set()
