"""Times that are kept for whoever confirms an order; where nobody can come, what else can be had."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.accounts.model import Scope
from services.assignment.answers import HoldAsked
from services.assignment.client import DispatcherAway, DispatcherClient
from services.board.other_meals import OtherMeals
from services.board.times import FreeTimes
from services.business_day import business_day
from services.db.pool import Database
from services.errors import DomainError
from services.orders import placing
from services.orders.draft import Facts, Wish, drafted
from services.orders.model import Order
from services.orders.not_carried import NotCarried
from services.orders.placing import EVERYWHERE
from services.orders.refusals import NotTaken, SlotTaken
from services.orders.states import OrderMove
from services.orders.store import OrderStore
from services.orders.telling import shown
from services.orders.welfare import giving_way

TRIES, AGAIN_SECONDS = 5, 0.3
"""To have a time kept for which room has just been made."""


class KeptTimes:
    def __init__(
        self,
        db: Database,
        now: Callable[[], datetime],
        dispatcher: DispatcherClient,
        *,
        free: FreeTimes,
        meals: OtherMeals,
    ) -> None:
        self._db, self._now, self._dispatcher, self._free, self._meals = db, now, dispatcher, free, meals

    async def for_new(self, order_id: UUID, wish: Wish, scope: Scope) -> NotTaken | None:
        """Keeps the time for an order that is about to be placed. Returns what is said where nobody can come then;
        None: it is kept, or it cannot be told now, and the order is taken and waits where it must."""
        return await self._keep(order_id, 0, wish, scope)

    async def for_moved(
        self, order_id: UUID, wished_from: datetime, wished_until: datetime | None, scope: Scope
    ) -> NotTaken | None:
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

    async def _keep(self, order_id: UUID, version: int, wish: Wish, scope: Scope) -> NotTaken | None:
        wish = replace(wish, self_pay_fen=None)  # who pays is asked where it is placed
        moment = self._now()
        try:
            facts = await self._free.facts_for(wish, scope)
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
        return await self._nobody(order, wish, facts)

    async def _nobody(self, order: Order, wish: Wish, facts: Facts) -> NotTaken:
        if facts.catering is not None:
            return NotCarried(*await self._meals.instead_of(order, wish, facts))
        return SlotTaken(
            order.wished_from, await self._free.nearest(order, wish, facts, business_day(wish.wished_from))
        )

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
