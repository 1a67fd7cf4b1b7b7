"""Tells every app process when an account changes or a session ends, so that open connections can react. The database
notifies them."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from psycopg import OperationalError

from backbone.postgres.notify import listening
from services.db.pool import Database, DatabaseUnreachable

CHANNEL = "account_changed"
AGAIN_SECONDS = 0.2

log = structlog.get_logger("accounts")


class AccountChanges:
    """While the connection was down, notifications may have been missed: then everybody checks."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: defaultdict[UUID, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def of(self, account_id: UUID) -> Iterator[asyncio.Event]:
        """Set from now on whenever the account may have changed; whoever waits for it clears it."""
        event = asyncio.Event()
        self._waiting[account_id].add(event)
        try:
            yield event
        finally:
            self._waiting[account_id].discard(event)
            if not self._waiting[account_id]:
                del self._waiting[account_id]

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async with (
                    await self._db.connect_alone() as connection,
                    listening(connection, CHANNEL, self._hear) as broken,
                ):
                    for account_id in self._waiting:
                        self._tell(account_id)
                    await broken
            except (DatabaseUnreachable, OperationalError) as error:
                log.warning("account_changes_unheard", error=type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)

    def _hear(self, payload: bytes) -> None:
        account_id = UUID(payload.decode())
        if account_id in self._waiting:
            self._tell(account_id)

    def _tell(self, account_id: UUID) -> None:
        for event in self._waiting[account_id]:
            event.set()
