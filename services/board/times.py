"""When somebody can come, as dispatch says."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from services.accounts.model import Scope
from services.assignment.answers import SlotsAsked, SlotsTold
from services.assignment.client import DispatcherAway, DispatcherClient
from services.board.views import NEAREST, spans_of
from services.business_day import ZONE
from services.catalogue import booking
from services.db.pool import Database
from services.elders.vault import Vault
from services.errors import DomainError
from services.orders import placing
from services.orders.draft import Facts, Wish, drafted
from services.orders.model import Order
from services.orders.telling import shown
from services.orders.welfare import giving_way

T = TypeVar("T")
FOLLOWING_DAYS = 7
"""So many days are looked at after one on which nobody has time."""


class FreeTimes:
    def __init__(self, db: Database, vault: Vault, now: Callable[[], datetime], dispatcher: DispatcherClient) -> None:
        self._db, self._vault, self._now, self._dispatcher = db, vault, now, dispatcher

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
        return await self.first_found(self._by_day(order, wish, facts, first))

    async def first_found(self, some: AsyncIterator[Sequence[T]]) -> list[T]:
        """Two, or what is found while somebody waits to hear what can be had instead."""
        found = list[T]()
        try:
            async with asyncio.timeout(self._dispatcher.looking_seconds):
                async for more in some:
                    found += more
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
