"""Welfare visits plan themselves: looked at again and again, by the clock of the database."""

import asyncio

import structlog
from prometheus_client import Counter

from services.db import clock
from services.db.pool import Database, DatabaseUnreachable
from services.errors import DomainError
from services.orders.welfare import handlers

LOOK_EVERY_SECONDS = 20.0
BREATH_SECONDS = 0.05
"""Between one and the next: the alarms share the process."""
PLAN_EVERY_SECONDS = 120.0
"""Who comes to the register is planned within this time; a look at a city of 420,100 reads its elders once."""

PLANNED = Counter("yian_welfare_visits_planned", "elders for whom welfare visits were planned")

log = structlog.get_logger("welfare timer")


class WelfareTimer:
    """Several workers may run one each: one of them plans, and what one has locked is skipped by the others."""

    def __init__(self, db: Database, *, every_seconds: float = LOOK_EVERY_SECONDS) -> None:
        self._db = db
        self._every = every_seconds

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        follow_at = plan_at = 0.0
        while True:
            pause = self._every
            try:
                if loop.time() >= follow_at:
                    await self.follow()
                    follow_at = loop.time() + self._every
                if loop.time() >= plan_at:
                    await self.plan()
                    plan_at = loop.time() + PLAN_EVERY_SECONDS
                if await self.look():
                    pause = BREATH_SECONDS
            except DatabaseUnreachable:
                log.warning("welfare_visits_wait")
            except DomainError as error:
                log.error("welfare_visit_not_ordered", code=error.code)
            await asyncio.sleep(pause)

    async def plan(self) -> None:
        planned = True
        while planned:
            async with self._db.transaction() as tx:
                count = await handlers.plan_some(tx, await clock.now(tx))
            PLANNED.inc(count)
            planned = count > 0

    async def look(self) -> bool:
        """At one that is due. False: there is none."""
        async with self._db.transaction() as tx:
            return await handlers.look_at_one(tx, await clock.now(tx))

    async def follow(self) -> None:
        more = True
        while more:
            async with self._db.transaction() as tx:
                more = await handlers.follow(tx, await clock.now(tx)) > 0
