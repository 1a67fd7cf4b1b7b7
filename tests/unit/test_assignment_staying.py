"""Who is late and whom nobody can relieve: they come as soon as they can, and keep nobody waiting who is in time."""

from datetime import datetime
from itertools import pairwise

import pytest

from services.assignment.model import Span
from tests.unit.assignment_scene import a_desk, a_worker, an_order, at

pytestmark = pytest.mark.usefixtures("compiled_search")


def minute(moment: datetime | None) -> float:
    assert moment is not None
    return (moment - at(0.0)).total_seconds() / 60.0


async def test_of_two_that_nobody_has_begun_the_one_that_is_too_late_comes_after_the_other() -> None:
    desk = a_desk(a_worker("one"))
    desk.now = at(8.9)
    for name in ("a", "b"):
        await desk.place(an_order(name, 8.0, north_km=0.0, duration_min=20))
    await desk.later(minutes=20)
    first, second = sorted((desk.visit(name) for name in ("a", "b")), key=lambda visit: minute(visit.starts_at))
    assert minute(first.ends_at) <= minute(second.sets_out_at)
    assert minute(second.starts_at) > minute(at(9.5))


async def test_what_is_too_late_comes_where_there_is_room_and_the_next_one_keeps_its_time() -> None:
    desk = a_desk(a_worker("one"))
    desk.now = at(8.9)
    for name in ("a", "b"):
        await desk.place(an_order(name, 8.0, north_km=0.0, duration_min=20))
    await desk.place(an_order("next", 9.9, north_km=0.0, duration_min=60))
    kept = desk.visit("next")
    await desk.later(minutes=30)
    assert desk.visit("next") == kept
    spans = sorted((minute(v.sets_out_at), minute(v.ends_at)) for v in map(desk.visit, ("a", "b", "next")))
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    assert max(minute(desk.visit(name).sets_out_at) for name in ("a", "b")) >= minute(desk.now)


async def test_of_a_pair_that_is_too_late_both_come_together() -> None:
    desk = a_desk(a_worker("one"), a_worker("two"))
    desk.now = at(8.9)
    await desk.place(an_order("a", 8.0, north_km=0.0, duration_min=20))
    await desk.place(an_order("pair", 8.0, north_km=0.0, duration_min=30, visits=2))
    await desk.later(minutes=35)
    gap = minute(desk.visit("pair", 1).starts_at) - minute(desk.visit("pair", 0).starts_at)
    assert 0.0 <= gap <= 10.0


async def test_who_works_no_more_keeps_what_nobody_else_can_take_at_its_time() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(an_order("told", 10.0))
    await desk.accept("told")
    before = desk.visit("told")
    await desk.change_staff("one", hours=(Span(780.0, 1080.0),))
    assert desk.visit("told") == before


async def test_nobody_is_told_to_come_after_their_hours() -> None:
    desk = a_desk(a_worker("one", hours=(Span(480.0, 585.0),)))
    desk.now = at(8.9)
    for name in ("a", "b"):
        await desk.place(an_order(name, 8.0, north_km=0.0, duration_min=20))
    await desk.later(minutes=20)
    assert all(minute(desk.visit(name).ends_at) <= 585.0 for name in ("a", "b"))


async def test_nobody_is_shown_a_way_shorter_than_it_is() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(an_order("first", 9.0, north_km=0.0), an_order("far", 10.2, north_km=5.0))
    way = minute(desk.visit("far").starts_at) - minute(desk.visit("far").sets_out_at)
    for order in ("first", "far"):
        await desk.accept(order)
    await desk.say("first", state="in_service")
    await desk.change_staff("one", hours=(Span(480.0, 630.0),))  # nobody works when "far" is
    desk.now = at(10.1)
    await desk.later(minutes=1)
    (day,) = desk.planner.days.values()
    (route,) = day.living.timing.routes().values()
    first, far = route.stops
    assert far.start_min - first.end_min >= way - 0.1
