"""Counts follow the facts within moments."""

import asyncio

import structlog

from services.db.pool import Database, DatabaseUnreachable
from services.metrics.handlers import count_due

LOOK_EVERY_SECONDS = 20.0
"""Of a large county a day is counted anew in some hundredths of a second."""
MOST_AT_ONCE = 200
"""Days of counties in one transaction."""

log = structlog.get_logger("counts")


class CountTimer:
    """Several workers may run one each: what one is counting is skipped by the others."""

    def __init__(self, db: Database, *, every_seconds: float = LOOK_EVERY_SECONDS) -> None:
        self._db = db
        self._every = every_seconds

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                while await self.look() == MOST_AT_ONCE:
                    pass
            except DatabaseUnreachable:
                log.warning("counts_wait")
            await asyncio.sleep(self._every)

    async def look(self) -> int:
        """Counts what is due; returns how many days of counties that was."""
        async with self._db.transaction() as tx:
            return await count_due(tx, at_most=MOST_AT_ONCE)
