"""Devices and desks are looked at when their time is over."""

import asyncio

import structlog

from services.db.pool import Database, DatabaseUnreachable
from services.metrics import store_watching, watching

LOOK_EVERY_SECONDS = 20.0

log = structlog.get_logger("watching")


class WatchTimer:
    """Several workers may run one each: an hour, ten minutes and a day are looked at by one of them."""

    def __init__(self, db: Database, *, every_seconds: float = LOOK_EVERY_SECONDS) -> None:
        self._db = db
        self._every = every_seconds

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except DatabaseUnreachable:
                log.warning("watching_waits")
            await asyncio.sleep(self._every)

    async def look(self) -> None:
        async with self._db.transaction() as tx:
            await watching.look_at_desks(tx, await store_watching.clock(tx))
        async with self._db.transaction() as tx:
            if await watching.look_at_hour(tx, await store_watching.clock(tx)):
                log.info("devices_looked_at")
        async with self._db.transaction() as tx:
            now = await store_watching.clock(tx)
            due = await watching.days_due(tx, now)
        for look, day in due:
            async with self._db.transaction() as tx:
                facts = await watching.write_day(tx, look, day, now)
            log.info("device_day_written", look=look, day=day.isoformat(), facts=facts)
