"""Meals of a kitchen that are carried together: fetched once, and nobody else's once they are in a box."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.order import OrderView, PlaceOnOrder, VisitView
from tests.unit.assignment_scene import Desk, a_desk, a_worker, an_order, at, known_as, place

pytestmark = pytest.mark.usefixtures("compiled_search")


def a_lunch(
    name: str, hour: float = 11.5, *, kitchen: str = "kitchen", east_km: float = 0.0, **changes: Any
) -> OrderView:
    return an_order(
        name,
        hour,
        **{
            "duration_min": 5,
            "wished_until": at(12.5),
            "kitchen_id": known_as(kitchen),
            "kitchen_place": place(3.0),
            "place": place(1.0, east_km),
            "skills": (),
            "certificates": (),
        }
        | changes,
    )


def way_min(visit: VisitView) -> float:
    assert visit.starts_at is not None
    assert visit.sets_out_at is not None
    return (visit.starts_at - visit.sets_out_at).total_seconds() / 60.0


async def set_out(desk: Desk, order: str) -> None:
    visit = desk.visit(order)
    desk.now = visit.sets_out_at or desk.now
    await desk.say(order, state="on_the_way", told_starts_at=visit.starts_at)


def in_sequence(desk: Desk, *orders: str) -> list[str]:
    return sorted(orders, key=lambda one: desk.visit(one).starts_at or at(24.0))


async def test_a_meal_is_at_the_door_when_it_is_wished_by_way_of_the_kitchen() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(a_lunch("lunch", wished_until=at(12.0)))
    visit = desk.visit("lunch")
    assert at(11.5) <= visit.starts_at <= at(12.0)
    assert (visit.ends_at - visit.starts_at).total_seconds() == 300
    assert visit.picks_up
    assert way_min(visit) > 20.0


async def test_meals_of_one_kitchen_and_half_hour_are_fetched_together() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(*(a_lunch(name, east_km=0.2 * n) for n, name in enumerate("abcd")))
    first, *others = in_sequence(desk, *"abcd")
    assert desk.visit(first).picks_up
    assert not any(desk.visit(one).picks_up for one in others)
    assert all(way_min(desk.visit(one)) < 5.0 for one in others)
    assert desk.visit(others[-1]).ends_at <= at(12.5)


@pytest.mark.parametrize("other", [{"kitchen": "another"}, {"hour": 12.0}])
async def test_meals_of_another_kitchen_or_half_hour_are_fetched_by_themselves(other: dict[str, Any]) -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(a_lunch("a"), a_lunch("b", **other))
    assert desk.visit("a").picks_up
    assert desk.visit("b").picks_up


async def test_an_ordinary_visit_between_two_meals_means_two_ways_to_the_kitchen() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(a_lunch("a", 11.5, wished_until=at(11.5)), an_order("bath", 11.7, wished_until=at(11.7)))
    await desk.place(a_lunch("b", 11.5, wished_until=at(13.5)))
    sequence = in_sequence(desk, "a", "b", "bath")
    assert desk.visit("b").picks_up is (sequence.index("b") != sequence.index("a") + 1)


async def test_who_is_next_fetches_when_the_first_of_a_run_is_called_off() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(a_lunch("a"), a_lunch("b", east_km=0.2))
    first, second = in_sequence(desk, "a", "b")
    assert not desk.visit(second).picks_up
    await desk.say(first, state="cancelled", worker=None, sets_out_at=None, starts_at=None, ends_at=None)
    assert desk.visit(second).picks_up
    assert way_min(desk.visit(second)) > 10.0


async def test_a_meal_ordered_after_the_run_has_set_out_is_fetched_by_itself() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(a_lunch("a"), a_lunch("b", east_km=0.2))
    first, second = in_sequence(desk, "a", "b")
    await set_out(desk, first)
    await desk.place(a_lunch("late", east_km=0.1))
    assert desk.visit("late").picks_up
    assert not desk.visit(second).picks_up


async def test_a_meal_that_is_in_a_box_goes_to_nobody_else() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(a_lunch("a"), a_lunch("b", east_km=0.2))
    first, second = in_sequence(desk, "a", "b")
    desk.staff.append(a_worker("two", 1.0))
    await desk.accept(second)
    await set_out(desk, first)
    await desk.later(minutes=70)  # who has set out is not seen any more: somebody else would be in time
    assert desk.who(second) == "one"


async def test_of_a_run_that_has_not_set_out_somebody_else_may_take_a_meal() -> None:
    desk = a_desk(a_worker("one"), a_worker("two", 1.0))
    await desk.place(a_lunch("a"), a_lunch("b", east_km=0.2))
    who = desk.who("b")
    await desk.accept("b")
    await desk.decline("b")
    assert desk.who("b") not in (None, who)
    assert desk.visit("b").picks_up


async def test_a_reading_knows_which_meals_are_in_a_box() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(a_lunch("a"), a_lunch("b", east_km=0.2))
    first, second = in_sequence(desk, "a", "b")
    await set_out(desk, first)
    known, proposals = desk.visit(second), len(desk.proposals)
    desk.planner.forget(list(desk.planner.days))
    desk.now += timedelta(seconds=30)
    await desk.place(an_order("bath", 15.0))
    assert desk.visit(second) == known
    assert len(desk.proposals) == proposals + 1


async def test_a_kitchen_without_a_position_is_no_detour() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(a_lunch("lunch", kitchen_place=None))
    assert not desk.visit("lunch").picks_up
    assert way_min(desk.visit("lunch")) < 10.0


async def test_meals_where_the_kitchen_stands_are_carried_without_a_way() -> None:
    desk = a_desk(a_worker("one"))
    next_door: PlaceOnOrder = place(3.0)
    await desk.place(a_lunch("a", place=next_door), a_lunch("b", place=next_door))
    _, second = in_sequence(desk, "a", "b")
    assert way_min(desk.visit(second)) == 0.0
