"""A meal whose dishes have a limit is not carried behind a long trip."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.order import OrderView
from services.assignment import holding
from tests.unit.assignment_scene import KEY, Desk, a_desk, a_worker, an_order, at
from tests.unit.test_assignment_meal_runs import a_lunch, in_sequence

pytestmark = pytest.mark.usefixtures("compiled_search")


AT_HALF_PAST: dict[str, Any] = {"wished_until": at(11.5), "east_km": 4.0, "duration_min": 15}
"""Nothing that is wished in the same half hour is brought before it."""


def a_fresh_lunch(name: str, fresh_min: int | None, **changes: Any) -> OrderView:
    return a_lunch(name, **{"fresh_min": fresh_min} | changes)


def behind_min(desk: Desk, name: str, first: str) -> float:
    """From when the first of a run was at its door until this one was."""
    return (desk.visit(name).starts_at - desk.visit(first).starts_at) / timedelta(minutes=1)


async def test_a_dish_with_a_short_limit_is_not_carried_behind_a_long_trip() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(a_lunch("far", **AT_HALF_PAST), a_fresh_lunch("fresh", 20))
    assert behind_min(desk, "fresh", "far") > 20.0
    assert desk.visit("fresh").picks_up


@pytest.mark.parametrize("fresh_min", [None, 120])
async def test_without_a_limit_or_with_a_generous_one_it_is_carried_along(fresh_min: int | None) -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(a_lunch("far", **AT_HALF_PAST), a_fresh_lunch("near", fresh_min))
    assert not desk.visit("near").picks_up


async def test_who_has_nothing_far_before_it_carries_a_short_limit_along_too() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(a_lunch("next door", wished_until=at(11.5), east_km=0.1), a_fresh_lunch("fresh", 30))
    assert not desk.visit("fresh").picks_up


async def test_what_comes_later_is_not_put_before_a_meal_that_would_wait_too_long_for_it() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(a_lunch("first"), a_fresh_lunch("fresh", 20, east_km=0.3))
    assert desk.visit("fresh").picks_up or behind_min(desk, "fresh", "first") <= 20.0
    await desk.place(*(a_lunch(f"later {n}", duration_min=10, east_km=0.1 * n) for n in range(4)))
    names = in_sequence(desk, "first", "fresh", *(f"later {n}" for n in range(4)))
    fetched = [name for name in names[: names.index("fresh") + 1] if desk.visit(name).picks_up][-1]
    assert fetched == "fresh" or behind_min(desk, "fresh", fetched) <= 20.0


async def test_a_time_is_kept_for_a_meal_with_a_limit_only_as_it_can_be_carried() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(a_lunch("far", **AT_HALF_PAST))
    wish = a_fresh_lunch("fresh", 20).model_copy(update={"version": 0})
    kept = await desk.planner.ask(
        "hold", KEY, lambda day: holding.hold(day, wish, now=desk.now, until=desk.now + holding.HELD_FOR)
    )
    assert kept
    (day,) = desk.planner.days.values()
    (held,) = day.views[wish.id].visits
    assert held.starts_at is not None
    assert held.picks_up
    assert at(11.5) <= held.starts_at <= at(12.5)


async def test_a_reading_knows_which_meals_are_fetched_by_themselves() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(a_lunch("far", **AT_HALF_PAST), a_fresh_lunch("fresh", 20))
    known, proposals = desk.visit("fresh"), len(desk.proposals)
    desk.planner.forget(list(desk.planner.days))
    await desk.place(an_order("bath", 15.0))
    assert desk.visit("fresh") == known
    assert len(desk.proposals) == proposals + 1
