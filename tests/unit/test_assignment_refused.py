"""What dispatch does with a proposal that was refused: upon what it is made again, and when."""

import pytest

from tests.unit.assignment_scene import a_desk, a_worker, an_order, at, known_as

pytestmark = pytest.mark.usefixtures("compiled_search")


async def test_of_a_worker_found_taken_it_is_read_again_when_they_are_free() -> None:
    desk = a_desk()
    await desk.place(an_order("first", 14.0, north_km=6.0))
    desk.refuses.add(known_as("near"))  # after the day was read
    await desk.place(an_order("bath"))
    assert (desk.refusals, desk.reads) == (1, 2)
    assert desk.who("bath") == "far"


async def test_what_is_refused_twice_with_the_same_worker_is_planned_without_them() -> None:
    desk = a_desk()
    desk.seen_taken = False
    await desk.place(an_order("first", 14.0, north_km=6.0))
    desk.refuses.add(known_as("near"))
    await desk.place(an_order("bath"))
    assert desk.refusals == 2
    assert desk.who("bath") == "far"


async def test_a_version_that_is_too_old_is_proposed_again_upon_the_new_one() -> None:
    desk = a_desk()
    await desk.place(an_order("first", 14.0))
    view = an_order("bath")
    desk.orders[view.id] = view.model_copy(update={"version": 2})
    await desk.hear(await desk.planner.orders_moved([view]))
    assert desk.who("bath") is None
    assert desk.refusals == 1
    await desk.plan_on(desk.write(view.model_copy(update={"version": 2}), wished_from=at(11.0), wished_until=at(12.0)))
    assert desk.visit("bath").starts_at >= at(11.0)


async def test_an_order_is_placed_as_soon_as_the_change_is_heard_that_it_failed_by() -> None:
    desk = a_desk(a_worker("one", 0.0))
    await desk.place(an_order("first", 10.0, wished_until=at(14.0)))
    changed = desk.write(desk.orders[known_as("first")])  # of which dispatch has not heard yet
    await desk.place(an_order("second", 10.0))
    assert (desk.refusals, desk.who("second")) == (1, None)
    await desk.plan_on(changed)
    assert (desk.refusals, desk.reads) == (1, 1)
    assert desk.who("second") == desk.who("first") == "one"


async def test_where_the_change_has_been_heard_already_it_is_placed_at_once() -> None:
    desk = a_desk(a_worker("one", 0.0))
    await desk.place(an_order("first", 10.0, wished_until=at(14.0)))
    second = an_order("second", 10.0)
    desk.orders[second.id] = second
    said = await desk.planner.orders_moved([second])
    await desk.plan_on(desk.write(desk.orders[known_as("first")]))
    await desk.hear(said)
    assert desk.refusals == 1
    assert desk.who("second") == desk.who("first") == "one"


async def test_what_is_refused_again_and_again_for_no_reason_that_is_heard_waits_for_the_timers() -> None:
    """As when two visits of one proposal are in each other's way: then nobody is named who could be left out."""
    desk = a_desk(*(a_worker(name) for name in ("one", "two", "three", "four", "five", "six")))
    desk.seen_taken = False
    await desk.place(an_order("first", 14.0))
    desk.refuses |= {worker.id for worker in desk.staff}
    desk.forgets_who = True
    await desk.place(an_order("bath"))
    assert desk.refusals <= 6
    before = desk.refusals
    await desk.hear(await desk.planner.try_waiting())
    assert before < desk.refusals <= before + 2
