"""Meals that somebody can bring, where nobody can bring the one that is ordered: of another kitchen, the other meal of
the day, or a day after it. As dispatch says."""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from services.board.times import FOLLOWING_DAYS, FreeTimes
from services.catalogue import booking
from services.catalogue.elder_menu import TakenOf, served_to
from services.catalogue.kitchens import SERVICE_OF, Kitchen, Meal
from services.catalogue.menus import Served
from services.db.pool import Database
from services.elders.model import Elder
from services.errors import DomainError
from services.orders.draft import Facts, Wish, drafted, meal_of
from services.orders.model import Order
from services.orders.not_carried import MealThen
from services.orders.placing import EVERYWHERE
from services.orders.store import OrderStore


class OtherMeals:
    def __init__(self, db: Database, now: Callable[[], datetime], taken_of: TakenOf, free: FreeTimes) -> None:
        self._db, self._now, self._taken_of, self._free = db, now, taken_of, free

    async def instead_of(self, order: Order, wish: Wish, facts: Facts) -> tuple[MealThen, list[MealThen]]:
        """What is ordered, and two others at most; fewer, where dispatch is slow."""
        meal = meal_of(order.service_code)
        assert meal is not None
        assert facts.catering is not None
        asked = _then(order.day, meal, facts.catering.kitchen)
        return asked, await self._free.first_found(self._others(asked, order, wish, facts.elder))

    async def _others(self, asked: MealThen, order: Order, wish: Wish, elder: Elder) -> AsyncIterator[list[MealThen]]:
        for day in (asked.day + timedelta(days=days) for days in range(FOLLOWING_DAYS + 1)):
            for dish in await self._to_be_had(day, asked, elder):
                if await self._is_carried(dish, day, order, wish):
                    yield [_then(day, dish.meal, dish.kitchen)]

    async def _to_be_had(self, day: date, asked: MealThen, elder: Elder) -> list[Served]:
        """Of each kitchen and meal a dish that this elder may have and has not ordered; the other meal on the same day
        only. Like what was asked for comes first."""
        async with self._db.transaction(pipelined=True) as tx:
            menu = await served_to(tx, elder, day, now=self._now(), taken_of=self._taken_of)
            store = OrderStore(tx)
            has = {meal for meal, code in SERVICE_OF.items() if await store.live_of(elder.id, code, day, day)}
        first = _first_of_each(dish for dish in menu if not dish.reasons and dish.meal not in has)
        some = [
            dish
            for dish in first
            if (dish.meal is asked.meal or day == asked.day) and _then(day, dish.meal, dish.kitchen) != asked
        ]
        return sorted(some, key=lambda dish: (dish.meal is not asked.meal, dish.kitchen.id != asked.kitchen_id))

    async def _is_carried(self, dish: Served, day: date, order: Order, wish: Wish) -> bool:
        """:raises DispatcherAway:"""
        then = replace(
            wish,
            provider_id=dish.kitchen.provider_id,
            service_code=SERVICE_OF[dish.meal],
            kitchen_id=dish.kitchen.id,
            dishes=((dish.dish.id, 1),),
            wished_until=None,
            price_fen=None,
        )
        facts, moment = await self._free.facts_for(then, EVERYWHERE), self._now()
        windows = booking.windows(facts.services, day, moment)
        if not windows:
            return False
        try:
            begin = windows[0].begin
            there = drafted(order.id, replace(then, wished_from=begin), facts, moment, placed_by=None)
        except DomainError:
            return False  # it is not for her, or not sold
        return bool((await self._free.told(there, begin, windows[:1], 1)).slots)


def _first_of_each(menu: Iterable[Served]) -> list[Served]:
    found = dict[tuple[object, Meal], Served]()
    for dish in menu:
        found.setdefault((dish.kitchen.id, dish.meal), dish)
    return list(found.values())


def _then(day: date, meal: Meal, kitchen: Kitchen) -> MealThen:
    return MealThen(day=day, meal=meal, kitchen_id=kitchen.id, kitchen=kitchen.name)
