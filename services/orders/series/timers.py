"""Every day each series is looked at: visits are made up to the horizon, what was refused is tried again."""

import asyncio

import structlog
from prometheus_client import Counter

from services.accounts.model import Scope
from services.db.pool import Database, DatabaseUnreachable
from services.errors import DomainError
from services.orders.series.making import arrange
from services.orders.series.store import SeriesStore

LOOK_EVERY_SECONDS = 20.0
BREATH_SECONDS = 0.05
"""Between one and the next: the alarms share the process."""
AGAIN_MINUTES = 30
"""A series whose visits cannot be made for a fault does not hold up the others."""
EVERYWHERE = Scope(("",))

LOOKS = Counter("yian_series_looks", "times a series was looked at", ["outcome"])

log = structlog.get_logger("series timer")


class SeriesTimer:
    """Several workers may run one each: a series that one has locked is skipped by the others."""

    def __init__(self, db: Database, *, every_seconds: float = LOOK_EVERY_SECONDS) -> None:
        self._db = db
        self._every = every_seconds

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause = self._every
            try:
                if await self.look():
                    pause = BREATH_SECONDS
            except DatabaseUnreachable:
                log.warning("series_wait")
            await asyncio.sleep(pause)

    async def look(self) -> bool:
        """At one series that is due. False: there is none."""
        async with self._db.transaction() as tx:
            store = SeriesStore(tx)
            due = await store.lock_due()
            if due is None:
                return False
            series = await store.get(due.id, EVERYWHERE)
            assert series is not None
            try:
                async with tx.transaction():
                    await arrange(tx, series, now=due.now)
                LOOKS.labels("made").inc()
            except DomainError as error:
                await store.look_later(due.id, AGAIN_MINUTES)
                LOOKS.labels("refused").inc()
                log.error("series_not_made", series_id=str(due.id), code=error.code)
        return True
