"""The planner on the bus.

Of `yian.order` each process of the group reads the areas that the bus gives it; that alone decides who plans what. What
is said of staff, what was refused, and orders of other areas that take the same people are read by all of them from now
on: whoever begins an area reads it from the database anyway, and a process that has missed something has its days read
again.
"""

import asyncio
import time
from functools import lru_cache

import structlog
from pydantic import ValidationError

from backbone import dead_letters
from backbone.bus import Bus, BusUnavailable, Delivered, Subscription
from backbone.consume import Consumer, Pace
from contracts.assignment import AssignmentRefused
from contracts.order import OrderMoved
from contracts.staff import StaffChanged
from contracts.topics import ASSIGNMENT, ORDER, STAFF
from services.assignment.areas import Areas
from services.assignment.planner import Planner
from services.db.pool import DatabaseUnreachable

GROUP = "dispatcher"
AT_ONCE = 20
"""Orders of a batch: what is proposed for them is published together."""
SETTLE_SECONDS = 2.0
"""Where more and more is to be heard, what follows of it is planned all the same."""
NO_MORE_SECONDS = 0.5
"""After a full batch without another one, all has been heard."""
AGAIN_SECONDS = 0.5
HEAR_SECONDS = 0.05
"""From one look to the next, for what everybody hears: what comes soon after is heard together."""

log = structlog.get_logger("assignment consumers")


class OrderConsumer:
    def __init__(self, bus: Bus, planner: Planner) -> None:
        self._bus, self._planner = bus, planner
        self._settled_at = 0.0
        self.areas: Areas
        self._loop = Consumer(
            bus,
            [ORDER],
            group=GROUP,
            handle=self.handle,
            set_aside=dead_letters.set_aside(bus),
            max_records=AT_ONCE,
            transient=(DatabaseUnreachable,),
        )

    def loop(self) -> Consumer:
        return self._loop

    def holds(self, area: str) -> bool:
        return self._loop.holds(ORDER, area)

    async def handle(self, records: list[Delivered]) -> None:
        heard, caught_up = set[str](), self._planner.turns.caught_up
        caught_up.clear()
        try:
            views = [
                _moved(record.value).order for record in records if record.headers.get("ce_type") == OrderMoved.TYPE
            ]
            heard |= {view.area for view in views}
            for area in sorted(heard):
                await self.areas.take(area)
            await self._planner.orders_moved(views, more=True)
            if len(records) < AT_ONCE or time.monotonic() - self._settled_at > SETTLE_SECONDS:
                await self._planner.settle()
                self._settled_at = time.monotonic()
            await self.areas.say()
        except BaseException:
            for area in heard:  # what was planned in memory has not been said
                self.areas.forget(area)
            raise
        finally:
            if len(records) < AT_ONCE:
                caught_up.set()
            else:  # and if there is no more, `AssignmentTimers.tell` plans what follows
                asyncio.get_running_loop().call_later(NO_MORE_SECONDS, caught_up.set)


class Listener:
    """To what everybody hears."""

    def __init__(self, bus: Bus, planner: Planner, areas: Areas) -> None:
        self._bus, self._planner, self._areas = bus, planner, areas
        self.ready = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                subscription = await self._bus.subscribe([STAFF, ASSIGNMENT, ORDER], group=None)
            except BusUnavailable as error:
                self.ready = False
                log.warning("listener_waits", error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            self._areas.forget_all()  # until now something may have been missed
            try:
                await self._listen(subscription)
            finally:
                await subscription.close()

    async def _listen(self, subscription: Subscription) -> None:
        pace = Pace(HEAR_SECONDS)
        while True:
            try:
                await pace.kept()
                records = await subscription.fetch()
                pace.begin()
                for record in records:
                    await self._hear(record)
                self.ready = True
            except (BusUnavailable, DatabaseUnreachable) as error:
                self.ready = False
                self._areas.forget_all()
                log.warning("listener_waits", error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _hear(self, record: Delivered) -> None:
        event = _read(record)
        if isinstance(event, StaffChanged):
            await self._planner.staff_changed(event)
        elif isinstance(event, OrderMoved):
            await self._planner.order_elsewhere(event.order)
        elif event is not None:
            await self._planner.refused(event)
        await self._areas.say()


@lru_cache(maxsize=200)
def _moved(value: bytes) -> OrderMoved:
    """Each is heard twice here: by who plans its area, and as one of all orders."""
    return OrderMoved.read(value)


def _read(record: Delivered) -> StaffChanged | AssignmentRefused | OrderMoved | None:
    """None: another release's, or nobody's; readings of the database say the same."""
    kind = record.headers.get("ce_type", "")
    try:
        if kind == OrderMoved.TYPE:
            return _moved(record.value)
        reader = {one.TYPE: one for one in (StaffChanged, AssignmentRefused)}.get(kind)
        return reader.read(record.value) if reader else None
    except ValidationError:
        log.warning("not_read", kind=kind)
        return None
