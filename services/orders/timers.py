"""What happens to orders because time has passed. Timers are rows with times of the database's clock, so they outlive
any process."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter

from services.db import clock
from services.db.pool import Connection, Database, DatabaseUnreachable
from services.orders import assigning, store_timers, store_times
from services.orders.assigning import EVERYWHERE
from services.orders.handlers import write
from services.orders.model import Entry
from services.orders.states import VISIT_MOVES, VisitMove
from services.orders.store import OrderStore

LOOK_EVERY_SECONDS = 1.0
ANSWER_WITHIN = timedelta(minutes=20)
"""After pages were away only what is urgent expires before so long: who was asked could not answer, would not be asked
again, and everybody comes back at once."""

EXPIRED = Counter("yian_offers_expired", "offers that a worker did not answer in time")
MISSED = Counter("yian_visits_missed", "visits to which nobody came, by the city's rule")

log = structlog.get_logger("order timers")


class OrderTimer:
    """Several workers may run one each: a row that one has locked is skipped by the others."""

    def __init__(
        self,
        db: Database,
        *,
        every_seconds: float = LOOK_EVERY_SECONDS,
        pages_are_served: Callable[[Connection], Awaitable[bool]] = store_timers.pages_are_served,
        answer_within: timedelta = ANSWER_WITHIN,
    ) -> None:
        self._db = db
        self._every = every_seconds
        self._pages_are_served, self._answer_within = pages_are_served, answer_within
        self._served_since: datetime | None = None
        """None: they were not, when it was looked the last time."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except DatabaseUnreachable:
                log.warning("order_timers_wait")
            await asyncio.sleep(self._every)

    async def look(self) -> None:
        """What is due now."""
        async with self._db.transaction() as tx:
            now = await clock.now(tx)
            if not await self._pages_are_served(tx):
                if self._served_since is not None:
                    log.warning("offers_wait_for_pages")
                self._served_since = None
            else:
                self._served_since = self._served_since or now
                just_back = now - self._served_since < self._answer_within
                EXPIRED.inc(await expire_offers(tx, now, urgent_only=just_back))
        async with self._db.transaction() as tx:
            MISSED.inc(await miss_visits(tx, now))


async def expire_offers(tx: Connection, now: datetime, *, urgent_only: bool) -> int:
    due = await store_timers.offers_expired(tx, now, urgent_only=urgent_only)
    await assigning.give_back(tx, due, VisitMove.EXPIRE, because="not_answered", now=now)
    return len(due)


async def miss_visits(tx: Connection, now: datetime) -> int:
    """Only where the city has a rule for it; elsewhere a person says that nobody came."""
    rule = await OrderStore(tx).rules()
    if rule.missed_after_min is None:
        return 0
    due = await store_timers.never_begun(tx, now, timedelta(minutes=rule.missed_after_min))
    await _miss(tx, due, now)
    return len(due)


async def _miss(tx: Connection, visit_ids: list[UUID], now: datetime) -> None:
    store = OrderStore(tx)
    orders = await store.lock(list((await store.of_visits(visit_ids, EVERYWHERE)).values()))
    for first in orders.values():
        order = first
        for visit in order.visits:
            if visit.id in visit_ids and (visit.state, VisitMove.MISS) in VISIT_MOVES:
                await store_times.release(tx, [visit.id])
                entry = Entry(move=VisitMove.MISS, at=now, visit_id=visit.id, reason="never_begun")
                order = await write(tx, order.having([visit.after(VisitMove.MISS, offer_expires_at=None)]), entry)
