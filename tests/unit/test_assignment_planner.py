"""What the planner of an area proposes when something happens, and what it leaves alone."""

from datetime import timedelta

import pytest

from contracts.order import OrderView, PersonOnOrder
from services.assignment.model import Held, Span
from tests.unit.assignment_scene import AREA, DAY, a_desk, a_worker, an_order, at, known_as, place

pytestmark = pytest.mark.usefixtures("compiled_search")


async def test_an_order_is_proposed_in_the_step_in_which_it_is_placed() -> None:
    desk = a_desk()
    await desk.place(an_order("bath"))
    (proposal,) = desk.proposals
    assert desk.who("bath") == "near"
    assert proposal.order_id == known_as("bath")
    assert proposal.why["terms"]["travel"]
    assert at(10.0) <= desk.visit("bath").starts_at <= at(10.5)


async def test_whoever_comes_sets_out_in_time_for_the_way() -> None:
    desk = a_desk(a_worker("one", 0.0))
    await desk.place(an_order("first", 10.0, north_km=3.0), an_order("second", 13.0, north_km=3.5))
    first, second = desk.visit("first"), desk.visit("second")
    assert 10.0 <= (first.starts_at - first.sets_out_at).total_seconds() / 60 <= 20.0
    assert 2.0 <= (second.starts_at - second.sets_out_at).total_seconds() / 60 <= 6.0


async def test_who_declines_is_not_asked_again() -> None:
    desk = a_desk()
    await desk.place(an_order("bath"))
    await desk.decline("bath")
    assert desk.who("bath") == "far"
    await desk.decline("bath")
    assert desk.who("bath") is None
    assert desk.not_found[-1].reason == "no_worker"
    assert desk.not_found[-1].stopped_by["refused"] == 2


async def test_of_somebody_sick_only_their_visits_move() -> None:
    desk = a_desk(a_worker("near", 0.5), a_worker("far", 12.0), a_worker("further", 14.0))
    await desk.place(an_order("a", 9.0), an_order("b", 13.0), an_order("c", 10.0, north_km=14.0))
    await desk.say("b", worker=desk.visit("a").worker)
    for order in "abc":
        await desk.accept(order)
    kept = desk.visit("c")
    assert (desk.who("a"), desk.who("b"), desk.who("c")) == ("near", "near", "further")
    before = len(desk.proposals)
    await desk.change_staff("near", hours=())
    assert {desk.who("a"), desk.who("b")} <= {"far", "further"}
    assert desk.visit("c") == kept
    moved = {one.order_id for proposal in desk.proposals[before:] for one in proposal.visits}
    assert moved <= {known_as("a"), known_as("b")}


async def test_what_leave_has_released_and_another_has_by_now_stays_with_them() -> None:
    """The orders slice and dispatch hear of leave at once, each in its own time."""
    desk = a_desk()
    await desk.place(an_order("bath"))
    await desk.accept("bath")
    desk.refuses.add(known_as("near"))
    nobody = {"worker": None, "sets_out_at": None, "starts_at": None, "ends_at": None}
    await desk.say("bath", state="waiting", **nobody)
    assert desk.who("bath") == "far"
    await desk.change_staff("near", hours=(), released=("bath",))
    assert desk.who("bath") == "far"
    desk.now = desk.visit("bath").starts_at - timedelta(minutes=30)
    await desk.hear(await desk.planner.telling_due())
    assert desk.told == [desk.visit("bath").id]


def in_another_county(worker: str, *, until: float, state: str = "planned") -> OrderView:
    there = an_order("there", 9.75, area="420203")
    visit = there.visits[0].model_copy(update={
        "state": state, "worker": PersonOnOrder(id=known_as(worker), name=""), "sets_out_at": at(9.5),
        "starts_at": at(9.75), "ends_at": at(until),
    })  # fmt: skip
    return there.model_copy(update={"visits": (visit,)})


async def test_who_is_taken_in_another_county_is_not_free_here() -> None:
    desk = a_desk()
    await desk.place(an_order("first", 14.0, north_km=6.0))
    await desk.hear(await desk.planner.order_elsewhere(in_another_county("near", until=12.0)))
    await desk.place(an_order("bath"))
    assert desk.who("bath") == "far"
    await desk.hear(await desk.planner.order_elsewhere(in_another_county("near", until=12.0, state="cancelled")))
    await desk.place(an_order("next"))
    assert desk.who("next") == "near"
    assert desk.refusals == 0


async def test_two_proposals_in_a_row_for_one_worker_hold_both() -> None:
    """The second moves what the first has placed, before the orders slice has said anything about it."""
    desk = a_desk(a_worker("one", 0.0))
    first, second = an_order("first", 10.0, north_km=5.0), an_order("second", 9.0, north_km=0.2)
    for view in (first, second):
        desk.orders[view.id] = view
    said = [*await desk.planner.orders_moved([first]), *await desk.planner.orders_moved([second])]
    await desk.hear(said)
    assert desk.refusals == 0
    assert desk.who("first") == desk.who("second") == "one"


async def test_leave_is_kept_free() -> None:
    desk = a_desk(a_worker("near", 0.5, hours=(Span(480.0, 590.0), Span(720.0, 1080.0))), a_worker("far", 6.0))
    await desk.place(an_order("bath"))
    assert desk.who("bath") == "far"


async def test_who_is_late_is_relieved_of_what_they_cannot_do() -> None:
    desk = a_desk(a_worker("near", 0.5), a_worker("far", 3.2))
    await desk.place(an_order("first", 9.0), an_order("second", 12.0, north_km=3.0, worker_sex="female"))
    await desk.say("second", worker=desk.visit("first").worker)
    for order in ("first", "second"):
        await desk.accept(order)
    await desk.say("first", state="in_service")
    desk.now = at(13.3)  # should have ended at about ten
    await desk.later(minutes=1)
    assert desk.who("first") == "near"
    assert desk.who("second") == "far"


async def test_while_nobody_can_say_anything_silence_is_no_lateness() -> None:
    desk = a_desk(a_worker("near", 0.5), a_worker("far", 3.2))
    await desk.place(an_order("first", 9.0), an_order("second", 10.6, north_km=3.0, worker_sex="female"))
    await desk.say("second", worker=desk.visit("first").worker)
    for order in ("first", "second"):
        await desk.accept(order)
    await desk.say("first", state="in_service")
    desk.now = at(9.9)
    desk.pages_served, proposals = False, len(desk.proposals)
    await desk.later(minutes=1)
    desk.now = at(11.5)  # should have ended at about ten
    await desk.later(minutes=1)
    desk.pages_served = True
    await desk.later(minutes=1)
    assert (desk.who("second"), len(desk.proposals)) == ("near", proposals)
    await desk.later(minutes=15)  # who was offline has said it by now
    assert desk.who("second") == "far"


async def test_with_nobody_to_relieve_them_the_visit_stays_with_whom_it_is_late() -> None:
    desk = a_desk(a_worker("near", 0.5))
    await desk.place(an_order("first", 9.0), an_order("second", 10.5))
    for order in ("first", "second"):
        await desk.accept(order)
    await desk.say("first", state="in_service")
    desk.now = at(11.9)
    await desk.later(minutes=1)
    assert desk.who("second") == "near"


async def test_after_a_visit_in_another_county_nobody_sets_out_before_it_is_over() -> None:
    desk = a_desk(a_worker("one", 0.5))
    await desk.place(an_order("first", 14.0, north_km=6.0))
    await desk.hear(await desk.planner.order_elsewhere(in_another_county("one", until=10.0)))
    await desk.place(an_order("bath", 10.0, north_km=8.0))
    bath = desk.visit("bath")
    assert bath.sets_out_at >= at(10.0)
    assert bath.starts_at >= at(10.5), "from there it is a way too"


async def test_what_is_cancelled_makes_room_for_what_waits() -> None:
    desk = a_desk(a_worker("one", 0.0))
    await desk.place(an_order("first"), an_order("second", north_km=1.2))
    await desk.place(an_order("third", north_km=1.4))
    (waits,) = [name for name in ("first", "second", "third") if desk.who(name) is None]
    assert desk.not_found[-1].reason == "no_room"
    gone = "first" if waits != "first" else "second"
    await desk.say(gone, state="cancelled")
    assert desk.who(waits) == "one"


async def test_why_nobody_comes_is_said_once() -> None:
    desk = a_desk(a_worker("one", skills=()))
    await desk.place(an_order("bath"))
    await desk.hear(await desk.planner.try_waiting())
    await desk.say("bath", waits_because="no_worker")
    await desk.hear(await desk.planner.try_waiting())
    assert [one.reason for one in desk.not_found] == ["no_worker"]
    assert desk.not_found[0].stopped_by == {"skill": 1}


async def test_an_address_without_a_position_waits_with_that_reason() -> None:
    desk = a_desk()
    await desk.place(an_order("bath", place=None))
    assert [one.reason for one in desk.not_found] == ["no_position"]
    await desk.plan_on(desk.write(desk.orders[known_as("bath")], place=place()))
    assert desk.who("bath") == "near"


async def test_a_certificate_that_ends_before_the_day_does_not_count() -> None:
    desk = a_desk(a_worker("near", 0.5, certificates=(Held("health", DAY.replace(day=1), DAY.replace(day=2)),)))
    await desk.place(an_order("bath"))
    assert desk.not_found[0].stopped_by == {"skill": 1}


async def test_a_helper_goes_only_to_the_elders_they_are_paired_with() -> None:
    theirs = frozenset({known_as("elder of theirs")})
    desk = a_desk(a_worker("helper", 1.0, only_for=theirs), a_worker("far", 6.0))
    await desk.place(an_order("bath"), an_order("theirs", 15.0))
    assert (desk.who("bath"), desk.who("theirs")) == ("far", "helper")


async def test_of_two_workers_neither_comes_alone() -> None:
    desk = a_desk(a_worker("near", 0.5), a_worker("far", 6.0))
    await desk.place(an_order("lift", visits=2, second_after_min=0))
    assert {desk.who("lift", 0), desk.who("lift", 1)} == {"near", "far"}
    gap = desk.visit("lift", 1).starts_at - desk.visit("lift", 0).starts_at
    assert 0 <= gap.total_seconds() <= 600
    assert len(desk.proposals) == 1


async def test_the_other_of_two_is_found_anew_when_one_declines() -> None:
    desk = a_desk(a_worker("a", 0.5), a_worker("b", 0.6), a_worker("c", 6.0))
    await desk.place(an_order("lift", visits=2))
    await desk.decline("lift", 1)
    assert desk.who("lift", 1) == "c"
    assert desk.who("lift", 0) in ("a", "b")


async def test_a_locked_visit_is_never_moved() -> None:
    desk = a_desk()
    await desk.place(an_order("bath"))
    await desk.say("bath", locked=True)
    await desk.place(*(an_order(f"more {n}", 10.0, north_km=1.0 + n / 10) for n in range(3)))
    assert desk.who("bath") == "near"
    assert all(known_as("bath") not in {one.order_id for one in proposal.visits} for proposal in desk.proposals[1:])


async def test_after_a_restart_all_that_waits_is_tried() -> None:
    desk = a_desk()
    waiting: list[OrderView] = [an_order("one"), an_order("two", 14.0)]
    desk.orders = {view.id: view for view in waiting}
    for key in await desk.planner.open_days(AREA):
        await desk.hear(await desk.planner.open(key))
    assert desk.who("one") is not None
    assert desk.who("two") is not None


async def test_after_a_long_absence_the_first_are_proposed_before_the_last_is_looked_at() -> None:
    desk = a_desk(*(a_worker(f"w{n}", n / 2) for n in range(12)))
    views = [an_order(f"o{n}", 8.0 + n % 9, north_km=n % 7) for n in range(50)]
    desk.orders = {view.id: view for view in views}
    (key,) = await desk.planner.open_days(AREA)
    assert len(await desk.planner.open(key)) == 20
    steps = list[int]()

    async def said() -> None:
        steps.append(len(desk.planner.take_unsaid()))

    desk.planner.take_unsaid()
    await desk.planner.try_waiting([key], after_some=said)
    assert steps == [20, 10]


async def test_what_is_confirmed_costs_no_second_proposal() -> None:
    desk = a_desk()
    await desk.place(an_order("bath"))
    await desk.accept("bath")
    await desk.later(minutes=5)
    assert len(desk.proposals) == 1


async def test_an_order_moved_to_another_day_leaves_its_place() -> None:
    desk = a_desk(a_worker("one"))
    await desk.place(an_order("bath"))
    waits = desk.moved("bath", state="waiting", worker=None, sets_out_at=None, starts_at=None, ends_at=None)
    tomorrow = DAY.replace(day=4)
    length = at(24.0) - at(0.0)
    await desk.plan_on(
        desk.write(
            waits, day=tomorrow, wished_from=waits.wished_from + length, wished_until=waits.wished_until + length
        )
    )
    await desk.place(an_order("same time"))
    assert desk.visit("bath").starts_at >= at(34.0)
    assert desk.visit("same time").starts_at <= at(10.5)


async def test_whom_the_elder_knows_comes_though_somebody_else_is_as_near() -> None:
    desk = a_desk(a_worker("a", 1.0), a_worker("b", 1.0), a_worker("c", 1.0))
    await desk.place(an_order("first", 15.0, north_km=1.0))
    for name in ("c", "b", "a"):
        order = an_order(f"of {name}", 10.0)
        desk.friends = {order.elder.id: {known_as(name): 1.0}}
        await desk.place(order)
        assert desk.who(f"of {name}") == name


async def test_of_a_recurring_order_whoever_usually_comes_comes_again() -> None:
    desk = a_desk(a_worker("a", 1.0), a_worker("b", 1.0), a_worker("c", 1.0))
    await desk.place(an_order("first", 15.0, north_km=1.0))
    for name in ("c", "b", "a"):
        await desk.place(an_order(f"of {name}", 10.0, usual_worker_ids=(known_as(name),)))
        assert desk.who(f"of {name}") == name


async def test_what_is_to_be_said_is_kept_until_it_is_taken() -> None:
    desk = a_desk()
    await desk.place(an_order("bath"))
    assert [one.visits[0].visit_id for one in desk.planner.take_unsaid()] == [desk.visit("bath").id]
    assert desk.planner.take_unsaid() == []
