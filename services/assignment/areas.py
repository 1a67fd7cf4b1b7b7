"""The areas that this process plans: those whose partition the bus has given it. Everything that is said goes out here.

What is proposed is planned with at once, in memory. If it could not be published, nobody has heard it: the area's days
are forgotten and read again.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog
from prometheus_client import Gauge

from backbone.bus import Bus, BusUnavailable, Record
from contracts.envelope import headers
from contracts.topics import ASSIGNMENT
from services.assignment import store
from services.assignment.planner import Event, Planner
from services.db.pool import Database, DatabaseUnreachable

LOOK_SECONDS = 0.5
KNOWN_SECONDS = 60.0
AREAS = Gauge("yian_assignment_areas", "areas that this process plans")

log = structlog.get_logger("areas")


class Areas:
    def __init__(
        self, db: Database, bus: Bus, planner: Planner, *, holds: Callable[[str], bool], base_url: str
    ) -> None:
        """:param holds: whether the bus gives this process the records of an area"""
        self._db, self._bus, self._planner = db, bus, planner
        self._holds, self._base_url = holds, base_url
        self._known: list[str] = []
        self._known_at = -KNOWN_SECONDS
        self._turn, self._saying = asyncio.Lock(), asyncio.Lock()
        self._claims: dict[str, int] = {}
        """Area → epoch of the last claim, until it is given up: also where the area is forgotten, or where it is not
        known whether the claim was written. The database may name this process there."""
        self.mine: set[str] = set()
        """What is planned here now."""
        self.ready = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
                self.ready = True
            except (DatabaseUnreachable, BusUnavailable) as error:
                self.ready = False
                log.warning("areas_wait", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._known_at >= KNOWN_SECONDS:
            async with self._db.transaction() as tx:
                self._known = await store.areas(tx)
            self._known_at = now
        for area in {*self._known, *self._claims}:
            if not self._holds(area):
                await self._give_up(area)
            elif area not in self.mine:
                await self.take(area)

    async def take(self, area: str) -> None:
        """Nothing happens where this process plans it already. What waits there is tried day by day; who hears of an
        order of it need not wait for that."""
        if area in self.mine:
            return
        async with self._turn:
            if area in self.mine:
                return
            async with self._db.transaction() as tx:
                epoch = self._claims[area] = await store.claim(tx, area, self._base_url)
            self.mine.add(area)
            AREAS.set(len(self.mine))
            log.info("plans", area=area, epoch=epoch)
            try:
                for key in await self._planner.open_days(area):
                    await self._planner.open(key)
                    await self.say()
                    await self._planner.try_waiting([key], after_some=self.say)
            except BaseException:
                self.forget(area)
                raise

    async def _give_up(self, *areas: str) -> None:
        """:raises DatabaseUnreachable: they are still to be given up"""
        for area in areas:
            self.forget(area)
        claims = {area: epoch for area in areas if (epoch := self._claims.get(area)) is not None}
        if not claims:
            return
        async with self._db.transaction() as tx:
            for area, epoch in claims.items():
                await store.release(tx, area, epoch, self._base_url)
        for area, epoch in claims.items():
            log.info("plans_no_more", area=area)
            if self._claims.get(area) == epoch:  # not claimed again meanwhile
                del self._claims[area]

    def forget(self, area: str) -> None:
        """It is begun again, from a new reading, if it is still this process's."""
        self.mine.discard(area)
        self._planner.forget(self._planner.of_area(area))
        AREAS.set(len(self.mine))

    def forget_all(self) -> None:
        """Something may have been missed: also of a day that is being read just now."""
        self._planner.missed += 1
        for area in list(self.mine):
            self.forget(area)

    async def say(self) -> None:
        """What the planner has to say, in the order in which it was planned: one thing was planned upon the other.

        :raises BusUnavailable: nothing is assumed of what was to be said
        """
        async with self._saying:
            events = self._planner.take_unsaid()
            try:
                if events:
                    await self._bus.publish([_record(event) for event in events])
            except BaseException:
                for area in {event.area for event in events}:
                    self.forget(area)
                raise

    async def close(self) -> None:
        """Others may take them at once."""
        with suppress(DatabaseUnreachable):
            await self._give_up(*self._claims)


def _record(event: Event) -> Record:
    return Record(
        ASSIGNMENT.name, event.value(), key=event.area, headers=headers(event.TYPE, event.SOURCE, at=event.at)
    )
