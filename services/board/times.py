"""Times that are kept for whoever confirms an order, and when else somebody can come: as dispatch says."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.accounts.model import Scope
from services.assignment.answers import HoldAsked, SlotsAsked, SlotsTold
from services.assignment.client import DispatcherAway, DispatcherClient
from services.board.views import NEAREST, spans_of
from services.business_day import ZONE, business_day
from services.catalogue import booking
from services.db.pool import Database
from services.elders.vault import Vault
from services.errors import DomainError
from services.orders import placing
from services.orders.draft import Facts, Wish, drafted, meal_of
from services.orders.model import Order
from services.orders.placing import EVERYWHERE
from services.orders.states import OrderMove
from services.orders.store import OrderStore
from services.orders.telling import shown
from services.orders.welfare import giving_way

FOLLOWING_DAYS = 7
"""So many days are looked at after one on which nobody has time."""

TRIES, AGAIN_SECONDS = 5, 0.3
"""To have a time kept for which room has just been made."""


class FreeTimes:
    def __init__(self, db: Database, vault: Vault, now: Callable[[], datetime], dispatcher: DispatcherClient) -> None:
        self._db, self._vault, self._now, self._dispatcher = db, vault, now, dispatcher

    async def for_new(self, order_id: UUID, wish: Wish, scope: Scope) -> Sequence[datetime] | None:
        """Keeps the time for an order that is about to be placed. Returns when else somebody can come, where nobody
        can then; None: it is kept, or it cannot be told now, and the order is taken and waits where it must."""
        return await self._keep(order_id, 0, wish, scope)

    async def for_moved(
        self, order_id: UUID, wished_from: datetime, wished_until: datetime | None, scope: Scope
    ) -> Sequence[datetime] | None:
        """The same for one that is about to be moved."""
        async with self._db.reading() as tx:
            order = await OrderStore(tx).get(order_id, scope)
        try:
            if order is None or not order.after(OrderMove.RESCHEDULE):
                return None
        except DomainError:
            return None  # as below
        wish = replace(placing.wished_again(order), wished_from=wished_from, wished_until=wished_until)
        return await self._keep(order_id, order.version, wish, EVERYWHERE)

    async def _keep(self, order_id: UUID, version: int, wish: Wish, scope: Scope) -> Sequence[datetime] | None:
        if meal_of(wish.service_code):
            return None
        wish = replace(wish, self_pay_fen=None)  # who pays is asked where it is placed
        moment = self._now()
        try:
            facts = await self.facts_for(wish, scope)
            order = drafted(order_id, wish, facts, moment, placed_by=None)
        except DomainError:
            return None  # what is in the way of the order is said where it is placed
        if order.place is None:
            return None
        asked = HoldAsked(order=shown(replace(order, version=version)))
        try:
            if await self._dispatcher.hold(asked) or await self._held_with_room(order, asked):
                return None
        except DispatcherAway:
            return None
        return await self.nearest(order, wish, facts, business_day(wish.wished_from))

    async def _held_with_room(self, order: Order, asked: HoldAsked) -> bool:
        """A welfare visit that can be on another day gives way; dispatch hears of it a moment later."""
        async with self._db.transaction() as tx:
            if not await giving_way.make_room(tx, order, self._now()):
                return False
        for _ in range(TRIES):
            await asyncio.sleep(AGAIN_SECONDS)
            if await self._dispatcher.hold(asked):
                return True
        return False

    async def facts_for(self, wish: Wish, scope: Scope) -> Facts:
        """:raises NotFound:"""
        async with self._db.transaction(pipelined=True) as tx:
            return await placing.facts_for(tx, self._vault, wish, scope)

    async def told(self, order: Order, wished_at: datetime, windows: Sequence[booking.Window], count: int) -> SlotsTold:
        """:raises DispatcherAway:"""
        async with self._db.reading() as tx:
            others = await giving_way.could(tx, order, self._now())
        asked = SlotsAsked(
            order=shown(order), wished_at=wished_at, within=spans_of(windows), count=count, may_give_way=tuple(others)
        )
        return await self._dispatcher.slots(asked)

    async def nearest(self, order: Order, wish: Wish, facts: Facts, first: date) -> list[datetime]:
        """The two nearest times from this day on at which somebody can come: those of a later day only where the days
        before have none left. Fewer, where dispatch is slow."""
        found = list[datetime]()
        try:
            async with asyncio.timeout(self._dispatcher.looking_seconds):
                async for some in self._by_day(order, wish, facts, first):
                    found += some
                    if len(found) >= NEAREST:
                        break
        except (TimeoutError, DispatcherAway):
            pass
        return found[:NEAREST]

    async def _by_day(self, order: Order, wish: Wish, facts: Facts, first: date) -> AsyncIterator[list[datetime]]:
        moment = self._now()
        for day in (first + timedelta(days=days) for days in range(FOLLOWING_DAYS + 1)):
            windows = booking.windows(facts.services, day, moment)
            if not windows:
                continue
            then = replace(wish, wished_from=windows[0].begin, wished_until=None, price_fen=None)
            try:
                there = drafted(order.id, then, facts, moment, placed_by=None)
            except DomainError:
                continue  # on that day it is not for her, or not sold
            wished_at = datetime.combine(day, wish.wished_from.astimezone(ZONE).timetz())
            told = await self.told(there, wished_at, windows, NEAREST)
            yield [slot.starts_at for slot in told.slots]
