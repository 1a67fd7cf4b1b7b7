"""Writes down that a grant's last day is over. It holds no longer in any case: every request looks at the day."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from services.accounts.grants import handlers
from services.business_day import business_day
from services.db.pool import Database, DatabaseUnreachable

LOOK_EVERY_SECONDS = 60.0
AT_ONCE = 500

log = structlog.get_logger("grants")


class GrantTimer:
    """Several workers may run one each: a row that one has locked is skipped by the others."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                while await self.end_expired() == AT_ONCE:
                    pass
            except DatabaseUnreachable:
                log.warning("grants_wait")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def end_expired(self) -> int:
        async with self._db.transaction() as tx:
            return await handlers.end_expired(tx, business_day(self._now()), at_most=AT_ONCE)
