"""Every full hour it is measured whom somebody on duty could reach."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from services.db.pool import Database, DatabaseUnreachable
from services.metrics.reach import handlers
from services.metrics.reach.handlers import Reading
from services.metrics.reach.model import Hour, Km, Village

LOOK_EVERY_SECONDS = 20.0
FOUNDED_LOOKS = 3
"""Half a city's elders would be the figure of that hour for good."""
log = structlog.get_logger("reach")


class ReachTimer:
    """Several workers may run one each: what another has measured is left. An hour in which none ran stays unmeasured:
    who was on duty then, nobody can say for sure afterwards."""

    def __init__(
        self, db: Database, now: Callable[[], datetime], km: Callable[[], Km], *,
        every_seconds: float = LOOK_EVERY_SECONDS,
    ) -> None:  # fmt: skip
        """:param km: tells how far somebody comes; asked for when it is first needed"""
        self._db, self._now, self._km = db, now, km
        self._every = every_seconds
        self._done: Hour | None = None

    async def run(self) -> None:
        """Until cancelled. A city that begins together with its processes is founded before the first look."""
        await asyncio.sleep(FOUNDED_LOOKS * self._every)
        while True:
            try:
                await self.look()
            except DatabaseUnreachable:
                log.warning("reach_waits")
            await asyncio.sleep(self._every)

    async def look(self) -> int:
        """Measures the hour that has begun, once; returns how many facts that were."""
        hour, begun = Hour.of(self._now()), time.monotonic()
        if hour == self._done:
            return 0
        async with self._db.transaction() as tx:
            reading = await handlers.read(tx, hour)
        kept = 0
        if reading is not None:
            km = self._km()
            # Elsewhere: moves of alarms and orders go out meanwhile.
            villages = await asyncio.to_thread(_measured, reading, km)
            if not villages:
                return 0  # a city that is being founded: nobody lives there yet, and the hour is not over
            async with self._db.transaction() as tx:
                kept = await handlers.keep(tx, reading.duty, villages, km, now=self._now())
            seconds = round(time.monotonic() - begun, 2)
            log.info("reach_measured", villages=len(villages), on_duty=len(reading.duty.on_duty), seconds=seconds)
        self._done = hour
        return kept


def _measured(reading: Reading, km: Km) -> list[Village]:
    # numpy is loaded with the first hour: a worker that was killed is back sooner.
    from services.metrics.reach.reaching import Homes, measured

    return measured(Homes.unpacked(reading.homes), reading.duty, km)
