"""What happens because time has passed: people are told, who is late is relieved, what waits is tried again, and in
between better plans are searched."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter

from backbone.bus import BusUnavailable
from services.assignment import improving
from services.assignment.areas import Areas
from services.assignment.planner import Planner
from services.business_day import business_day
from services.db.pool import DatabaseUnreachable

TELL_SECONDS = 3.0
TICK_SECONDS = 30.0
TRY_SECONDS = 120.0
IMPROVE_SECONDS = 5.0
SEARCH_SECONDS = 0.5

IMPROVED = Counter("yian_assignment_improved", "searches for a better plan, by whether one was found", ["found"])

log = structlog.get_logger("assignment timers")


class AssignmentTimers:
    def __init__(
        self,
        planner: Planner,
        areas: Areas,
        now: Callable[[], datetime],
        *,
        every: Callable[[float], float] = lambda seconds: seconds,
    ) -> None:
        """:param every: seconds of `now` to seconds to sleep"""
        self._planner, self._areas, self._now, self._sleeps = planner, areas, now, every

    async def tell(self) -> None:
        async def due() -> None:
            await self._planner.telling_due()
            await self._areas.say()

        await self._every(self._sleeps(TELL_SECONDS), due)

    async def tick(self) -> None:
        async def passed() -> None:
            await self._planner.tick()
            await self._areas.say()

        await self._every(self._sleeps(TICK_SECONDS), passed)

    async def try_waiting(self) -> None:
        async def tried() -> None:
            await self._planner.try_waiting(after_some=self._areas.say)

        await self._every(self._sleeps(TRY_SECONDS), tried)

    async def improve(self) -> None:
        turns = itertools.count()

        async def improved() -> None:
            await self.improve_once(next(turns))

        await self._every(IMPROVE_SECONDS, improved)

    async def improve_once(self, turn: int, *, seconds: float = SEARCH_SECONDS) -> None:
        """Of today or tomorrow, one day after the other."""
        today = business_day(self._now())
        keys = sorted(key for key in self._planner.days if today <= key.day <= today + timedelta(days=1))
        if not keys:
            return
        day = self._planner.days[keys[turn % len(keys)]]
        attempt = await self._planner.take_turn("improve", lambda: improving.begin(day, turn // len(keys)))
        if attempt is None:
            return
        found = await asyncio.to_thread(improving.search, day, attempt, seconds)
        IMPROVED.labels(str(bool(found.changes)).lower()).inc()
        if found.changes and self._planner.days.get(day.key) is day:
            await self._planner.take_turn_to_say("improve", lambda: improving.take(day, attempt, found, self._now()))
            await self._areas.say()

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except (BusUnavailable, DatabaseUnreachable) as error:
                log.warning("timer_waits", error=type(error).__name__)
