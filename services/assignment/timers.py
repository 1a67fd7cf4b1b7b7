"""What happens because time has passed: people are told, who is late is relieved, what waits is tried again, and in
between better plans are searched."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from prometheus_client import Counter

from backbone.bus import BusUnavailable
from services.assignment import improving
from services.assignment.areas import Areas
from services.assignment.model import DayKey
from services.assignment.planned_day import PlannedDay
from services.assignment.planner import Planner
from services.business_day import business_day
from services.db.pool import DatabaseUnreachable

T = TypeVar("T")

TELL_SECONDS = 3.0
TICK_SECONDS = 30.0
TRY_SECONDS = 120.0
IMPROVE_SECONDS = 5.0
SEARCH_SECONDS = 0.5
BUSY_SECONDS = 0.1
"""Where a turn is waited for so long, people wait for answers: no better plan is searched then."""
SHARE, RESTS_SECONDS = 0.8, 30.0
"""A search that had less of a processor than this was in the way of others: then none is made for so long."""
ASKED_AGAIN_AFTER = timedelta(minutes=20)
"""Others, whether they come instead of somebody who is late."""
LOOKED_AT = 8
"""Neighbourhoods at a time, until there is one in which something has changed since it was searched in vain."""

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
        self._in_vain: dict[tuple[DayKey, str], improving.Attempt] = {}
        self._turns, self._rests_until = itertools.count(), 0.0
        self._asked: dict[tuple[DayKey, str], datetime] = {}
        """Who is late → when others were asked to come instead."""

    async def tell(self) -> None:
        async def due() -> None:
            if self._planner.turns.caught_up.is_set():
                await self._planner.settle()
            await self._planner.telling_due()
            await self._areas.say()

        await self._every(self._sleeps(TELL_SECONDS), due)

    async def tick(self) -> None:
        async def passed() -> None:
            await self._planner.tick()
            await self._areas.say()

        await self._every(self._sleeps(TICK_SECONDS), passed)

    async def relieve(self) -> None:
        await self._every(self._sleeps(TICK_SECONDS), self.relieve_once)

    async def relieve_once(self) -> None:
        """Whoever is late today, but not those of whom it was asked a moment ago."""
        now, today = self._now(), business_day(self._now())
        self._asked = {late: at for late, at in self._asked.items() if now - at < ASKED_AGAIN_AFTER}
        for day in [day for key, day in self._planner.days.items() if key.day == today]:
            for worker_id in await self._planner.take_turn("late", partial(improving.late_workers, day)):
                if (day.key, worker_id) not in self._asked and self._planner.days.get(day.key) is day:
                    self._asked[day.key, worker_id] = now
                    relief = partial(improving.relief, day, worker_id, self._now())
                    await self._planner.take_turn_to_say("relief", relief)
                    await self._areas.say()

    async def try_waiting(self) -> None:
        async def tried() -> None:
            await self._planner.try_waiting(after_some=self._areas.say)

        await self._every(self._sleeps(TRY_SECONDS), tried)

    async def improve(self) -> None:
        await self._every(IMPROVE_SECONDS, self.improve_once)

    async def improve_once(self, *, seconds: float = SEARCH_SECONDS) -> None:
        """Of today or tomorrow, one day after the other; where nothing has changed nothing is searched again."""
        if time.monotonic() < self._rests_until:
            return
        today = business_day(self._now())
        keys = sorted(key for key in self._planner.days if today <= key.day <= today + timedelta(days=1))
        self._in_vain = {tried: attempt for tried, attempt in self._in_vain.items() if tried[0] in keys}
        for turn in itertools.islice(self._turns, LOOKED_AT if keys else 0):
            day = self._planner.days.get(keys[turn % len(keys)])
            if day is not None and await self._improved(day, turn // len(keys), seconds):
                return

    async def _improved(self, day: PlannedDay, turn: int, seconds: float) -> bool:
        """Whether there was something to search, or others are at work."""
        asked = time.perf_counter()
        attempt = await self._planner.take_turn("improve", lambda: improving.begin(day, turn))
        if time.perf_counter() - asked > BUSY_SECONDS:
            return True
        if attempt is None or attempt.is_as(self._in_vain.get((day.key, attempt.of))):
            return False
        found, share = await asyncio.to_thread(_with_share, partial(improving.search, day, attempt, seconds))
        if share < SHARE:
            self._rests_until = time.monotonic() + RESTS_SECONDS
        IMPROVED.labels(str(bool(found.changes)).lower()).inc()
        if not found.changes:
            self._in_vain[day.key, attempt.of] = attempt
        elif self._planner.days.get(day.key) is day:
            await self._planner.take_turn_to_say("improve", lambda: improving.take(day, attempt, found, self._now()))
            await self._areas.say()
        return True

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except (BusUnavailable, DatabaseUnreachable) as error:
                log.warning("timer_waits", error=type(error).__name__)


def _with_share(work: Callable[[], T]) -> tuple[T, float]:
    """And how much of a processor this thread had meanwhile, 0 to 1."""
    begun, began = time.perf_counter(), time.thread_time()
    done = work()
    return done, (time.thread_time() - began) / max(time.perf_counter() - begun, 1e-9)
