"""Which operators have a console open. Kept in the database, because the worker that ends claims is another process."""

import asyncio
from uuid import UUID

import structlog

from services.alarms.store_leases import HEARTBEAT_SECONDS, LeaseStore
from services.db.pool import Database, DatabaseUnreachable

log = structlog.get_logger("presence")


class Presence:
    """The consoles of this app process; one statement tells of all of them."""

    def __init__(self, db: Database, *, every_seconds: float = HEARTBEAT_SECONDS) -> None:
        self._db = db
        self._every = every_seconds
        self._consoles: dict[UUID, UUID] = {}

    async def come(self, console_id: UUID, account_id: UUID) -> None:
        self._consoles[console_id] = account_id
        await self._tell({console_id: account_id})

    async def go(self, console_id: UUID) -> None:
        """Marks it as seen until now: the claims of its operator last `GONE` longer, so that a page can be reloaded."""
        account_id = self._consoles.pop(console_id, None)
        if account_id is not None:
            await self._tell({console_id: account_id})

    async def active(self, account_id: UUID) -> None:
        """The operator does something at the console: every lease of theirs starts again."""
        try:
            async with self._db.transaction() as tx:
                await LeaseStore(tx).renew_all(account_id)
        except DatabaseUnreachable:
            log.warning("leases_not_renewed")

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._every)
            if self._consoles:
                await self._tell(dict(self._consoles))

    async def _tell(self, consoles: dict[UUID, UUID]) -> None:
        try:
            async with self._db.transaction() as tx:
                await LeaseStore(tx).see(consoles)
        except DatabaseUnreachable:
            log.warning("presence_not_told", consoles=len(consoles))
