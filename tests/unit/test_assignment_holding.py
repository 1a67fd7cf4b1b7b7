"""A time is kept for who confirms it, until their order is heard of."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.order import OrderView
from dispatch.living.slots import OTHERS_LATER_MIN
from services.assignment import holding, questions
from services.assignment.answers import Hours, SlotsAsked
from services.assignment.model import Span
from services.assignment.planned_day import PlannedDay
from tests.unit.assignment_scene import AREA, DAY, KEY, Desk, a_desk, a_worker, an_order, at, known_as

pytestmark = pytest.mark.usefixtures("compiled_search")

ALL_DAY = (Hours(begin=at(8.0), end=at(18.0)),)


def drafted(name: str, hour: float = 10.0, **changes: Any) -> OrderView:
    """As the app asks of an order that is not placed yet: its visits have other names than they will have."""
    view = an_order(name, hour, **{"version": 0} | changes)
    visits = tuple(one.model_copy(update={"id": known_as(f"draft {one.id}")}) for one in view.visits)
    return view.model_copy(update={"visits": visits})


async def hold(desk: Desk, view: OrderView) -> bool:
    now, until = desk.now, desk.now + holding.HELD_FOR
    return await desk.planner.ask("hold", KEY, lambda day: holding.hold(day, view, now=now, until=until))


async def free(desk: Desk, hour: float) -> list[float]:
    asked = SlotsAsked(order=an_order("somebody"), wished_at=at(hour), within=ALL_DAY, count=1)
    told = await desk.planner.ask("slots", KEY, lambda day: questions.slots(day, asked))
    return [(slot.starts_at - at(0.0)) / timedelta(hours=1) for slot in told.slots]


def planned(desk: Desk) -> set[UUID]:
    """Orders on the board of the day."""
    (day,) = desk.planner.days.values()
    told = questions.plan([day], AREA, DAY)
    return {visit.order_id for row in told.workers for visit in row.visits}


async def test_of_two_who_confirm_the_last_free_time_one_has_it() -> None:
    desk = a_desk(a_worker("one"))
    assert await hold(desk, drafted("first"))
    assert not await hold(desk, drafted("second"))
    await desk.place(an_order("first"))
    assert desk.who("first") == "one"
    assert not await hold(desk, drafted("third"))


async def test_while_there_are_more_workers_than_who_asks_all_have_the_time() -> None:
    desk = a_desk()
    assert [await hold(desk, drafted(name)) for name in ("first", "second", "third")] == [True, True, False]


async def test_a_time_that_is_kept_is_not_offered_and_not_given_to_an_order_that_asked_for_nothing() -> None:
    desk = a_desk(a_worker("one"))
    assert await hold(desk, drafted("first"))
    assert await free(desk, 10.0) != [10.0]
    await desk.place(an_order("by itself"))
    later = desk.visit("by itself").starts_at
    assert later is None or later >= at(11.0)
    await desk.place(an_order("first"))
    assert desk.visit("first").starts_at == at(10.0)


async def test_what_is_kept_is_neither_proposed_nor_on_the_board() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(an_order("before", 9.0))
    assert await hold(desk, drafted("first", 11.0, north_km=4.0))
    await desk.place(an_order("between", 10.0, north_km=3.0, duration_min=40))
    assert desk.who("between") == "one"
    assert desk.refusals == 0
    assert planned(desk) == {known_as("before"), known_as("between")}
    await desk.place(an_order("first", 11.0, north_km=4.0))
    assert desk.who("first") == "one"


async def test_what_never_becomes_an_order_is_free_again_after_a_while() -> None:
    desk = a_desk(a_worker("one"))
    assert await hold(desk, drafted("never"))
    desk.now += holding.HELD_FOR - timedelta(seconds=1)
    assert not await hold(desk, drafted("first"))
    await desk.later(seconds=1)
    assert await free(desk, 10.0) == [10.0]
    assert await hold(desk, drafted("second"))


async def test_one_elder_keeps_one_time_of_a_service_only() -> None:
    desk = a_desk(a_worker("one"))
    elder = an_order("first").elder
    assert await hold(desk, drafted("first"))
    assert await hold(desk, drafted("first again", 14.0, elder=elder))
    assert await free(desk, 10.0) == [10.0]
    assert await free(desk, 14.0) != [14.0]


async def test_a_day_that_is_read_again_keeps_the_time() -> None:
    desk = a_desk(a_worker("one"))
    assert await hold(desk, drafted("first"))
    await desk.planner._read_anew(KEY)
    assert not await hold(desk, drafted("second"))
    await desk.place(an_order("first"))
    assert desk.who("first") == "one"


async def test_late_is_not_free() -> None:
    desk = a_desk(a_worker("one", hours=(Span(11 * 60.0, 1080.0),)))
    assert not await hold(desk, drafted("first", 10.0))
    assert await hold(desk, drafted("first", 11.0))


async def test_many_who_confirm_one_after_the_other_do_not_make_somebody_later_and_later() -> None:
    desk, due = a_desk(a_worker("one")), at(10.5)
    await desk.place(an_order("promised"))
    for number in range(8):
        if await hold(desk, drafted(f"short {number}", duration_min=8)):
            await desk.place(an_order(f"short {number}", duration_min=8))
    starts_at = desk.visit("promised").starts_at
    assert starts_at is not None
    assert starts_at - due <= timedelta(minutes=OTHERS_LATER_MIN)


async def test_an_order_that_is_moved_may_take_its_own_time_and_has_the_old_one_until_then() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(an_order("moved", 10.0))
    version = desk.orders[known_as("moved")].version
    assert await hold(desk, drafted("moved", 10.5, version=version))
    assert not await hold(desk, drafted("second", 10.75))
    desk.now += holding.HELD_FOR
    assert not await hold(desk, drafted("second", 9.75)), "it was not moved after all"
    assert await hold(desk, drafted("moved", 14.0, version=version))
    waiting = an_order("moved", 14.0).visits
    await desk.plan_on(
        desk.write(desk.orders[known_as("moved")], wished_from=at(14.0), wished_until=at(14.5), visits=waiting)
    )
    assert desk.who("moved") == "one"
    assert desk.visit("moved").starts_at == at(14.0)
    assert await hold(desk, drafted("second", 10.0))


async def test_two_workers_are_kept_together() -> None:
    desk = a_desk()
    assert await hold(desk, drafted("lift", visits=2))
    assert not await hold(desk, drafted("second"))
    await desk.place(an_order("lift", visits=2))
    assert {desk.who("lift", 0), desk.who("lift", 1)} == {"near", "far"}


async def test_nothing_is_kept_for_an_address_without_a_position() -> None:
    desk = a_desk(a_worker("one"))
    assert await hold(desk, drafted("first", place=None))
    assert await hold(desk, drafted("second"))


async def test_a_hold_leaves_nothing_behind() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(an_order("before", 9.0))

    def day() -> PlannedDay:
        return desk.planner.days[KEY]

    orders, routes = day().living.day.orders, day().living.timing.routes()
    views, spots = dict(day().views), dict(day().belief.spots)
    assert await hold(desk, drafted("never"))
    assert not await hold(desk, drafted("neither"))
    desk.now += holding.HELD_FOR
    await desk.planner.tick()
    assert (day().living.day.orders, day().living.timing.routes()) == (orders, routes)
    assert (dict(day().views), dict(day().belief.spots)) == (views, spots)
