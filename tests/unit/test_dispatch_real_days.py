"""Breaks, visits a day, the last bus, priorities and groups, on days small enough to see through."""

from dataclasses import replace

import pytest
from dispatch_days import a_day, a_pair, a_worker, an_order, place

from bench.online.plan_check import broken_gates
from dispatch.evaluation import WorkerDay, evaluate
from dispatch.events import order_placed, visit_done, visit_started, visits_promised, visits_told
from dispatch.formulation import formulate
from dispatch.gates import Gate
from dispatch.improve import improve
from dispatch.insertion import insert
from dispatch.kernel.plans import evaluate as timetable
from dispatch.model import Break, Day, Group, Interval, Order, Visit, Worker
from dispatch.policy import Policy
from dispatch.proposal import Proposal, Refusal, RefusalReason
from dispatch.repair import repair
from dispatch.travel import GreatCircleTravel
from dispatch.what_if import what_if

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(), GreatCircleTravel()


def planned(day: Day, *orders: Order) -> Day:
    for order in orders:
        proposal = insert(day, order, POLICY, TRAVEL)
        assert isinstance(proposal, Proposal)
        day = replace(order_placed(day, order), plan=proposal.plan)
        assert broken_gates(day, POLICY, TRAVEL) == []
    return day


def start_of(day: Day, order_id: str) -> float:
    return day.plan.placed()[f"{order_id}/1"][1].start_min


def holder(day: Day, order_id: str) -> str:
    return day.plan.placed()[f"{order_id}/1"][0]


def day_of(day: Day, worker_id: str = "w1") -> WorkerDay:
    formulation = formulate(day, POLICY, TRAVEL, movable=frozenset())
    timed = timetable(formulation.problem, formulation.routes)
    assert timed is not None
    return evaluate(formulation, formulation.routes, timed.start).workers[worker_id]


def at(name: str, from_min: float, latest_min: float, minutes: float = 60.0, **changes: object) -> Order:
    visit = Visit(id=f"{name}/1", duration_min=minutes)
    return an_order(
        name, visits=(visit,), window=Interval(from_min, latest_min), latest_start_min=latest_min, **changes
    )


def resting(from_min: float, until_min: float, minutes: float = 30.0, *, paid: bool = False) -> Worker:
    rest = Break(duration_min=minutes, window=Interval(from_min, until_min), paid=paid)
    return a_worker("w1", start=place("o/home", 1.0, 1.0), breaks=(rest,))


HERE = place("o/home", 1.0, 1.0)


def test_a_break_that_opens_only_after_the_last_visit_is_taken_after_it() -> None:
    worker = replace(resting(1060.0, 1080.0), shifts=(Interval(480.0, 1080.0),), end=HERE)
    day = planned(a_day(workers=(worker,)), at("o1", 1020.0, 1020.0, place=HERE))
    assert start_of(day, "o1") == 1020.0
    assert day_of(day).breaks == ()


def test_a_break_lies_in_idle_time_where_it_fits_and_is_no_waiting() -> None:
    day = a_day(workers=(resting(690.0, 800.0),))
    day = planned(day, at("o1", 600.0, 600.0, place=HERE), at("o2", 720.0, 800.0, place=HERE))
    assert start_of(day, "o2") == 720.0
    assert day_of(day).breaks == (Interval(690.0, 720.0),)
    assert day_of(day).waiting_min == 30.0


def test_the_visit_after_which_a_break_would_begin_too_late_starts_after_the_break() -> None:
    day = a_day(workers=(resting(660.0, 690.0),))
    day = planned(day, at("o1", 600.0, 600.0, place=HERE), at("o2", 640.0, 800.0, place=HERE))
    assert start_of(day, "o2") == 690.0
    assert day_of(day).breaks == (Interval(660.0, 690.0),)


def test_a_tight_window_is_reached_by_leaving_earlier_and_resting_there() -> None:
    away = place("away", 9.0, 9.0)
    day = planned(a_day(workers=(resting(600.0, 690.0),)), at("o1", 500.0, 500.0, place=HERE))
    day = planned(day, at("o2", 700.0, 700.0, place=away))
    assert start_of(day, "o2") == 700.0
    (rest,) = day_of(day).breaks
    assert rest.from_min >= 600.0
    assert rest.to_min <= 700.0


def test_nobody_takes_a_break_outside_their_working_time() -> None:
    day = planned(a_day(workers=(resting(300.0, 400.0),)), at("o1", 480.0, 480.0, place=HERE))
    assert start_of(day, "o1") == 480.0


def test_a_break_that_would_have_no_time_left_is_the_reason_and_lifted_it_fits() -> None:
    day = planned(a_day(workers=(resting(660.0, 690.0),)), at("o1", 600.0, 600.0, place=HERE))
    order = at("o2", 660.0, 680.0, place=HERE)
    refusal = insert(day, order, POLICY, TRAVEL)
    assert isinstance(refusal, Refusal)
    assert refusal.stopped == {"o2/1": {"w1": (Gate.BREAK,)}}
    assert refusal.reason is RefusalReason.NO_ROOM
    assert what_if(order_placed(day, order), "o2", "w1", POLICY, TRAVEL).gates == (Gate.BREAK,)
    rested = replace(day, workers=(replace(day.workers[0], breaks=()),))
    assert isinstance(insert(rested, order, POLICY, TRAVEL), Proposal)


@pytest.mark.parametrize(("paid", "fits"), [(True, False), (False, True)])
def test_a_paid_break_counts_to_the_hours_of_the_day_and_an_unpaid_one_does_not(*, paid: bool, fits: bool) -> None:
    worker = replace(resting(700.0, 800.0, paid=paid), max_work_min=80.0, contract_work_min=40.0)
    answer = insert(a_day(workers=(worker,)), at("o1", 600.0, 600.0, place=HERE), POLICY, TRAVEL)
    assert isinstance(answer, Proposal) == fits
    if isinstance(answer, Proposal):
        assert answer.explanation.terms["overtime"].amount == 20.0
    else:
        assert answer.stopped["o1/1"]["w1"] == (Gate.DAY_HOURS,)


def test_who_stands_idle_in_the_window_is_taking_the_break_and_does_not_begin_it_anew() -> None:
    day = planned(a_day(workers=(resting(660.0, 900.0, 60.0),)), at("o1", 600.0, 600.0, place=HERE))
    day = planned(day, at("o2", 720.0, 720.0, place=HERE))
    day = visits_promised(visit_done(day, "o1/1"), ["o2/1"])
    for now_min in (660.0, 661.5, 700.0, 719.99, 720.0):
        later = replace(day, now_min=now_min)
        assert repair(later, POLICY, TRAVEL, iterations=10).released == {}


def test_nobody_gets_more_visits_than_a_day_may_have() -> None:
    day = a_day(workers=(a_worker("w1", max_visits=1), a_worker("w2", start=place("far", -9.0), max_visits=1)))
    day = planned(day, at("o1", 500.0, 800.0), at("o2", 500.0, 800.0))
    assert {holder(day, "o1"), holder(day, "o2")} == {"w1", "w2"}
    refusal = insert(day, at("o3", 500.0, 800.0), POLICY, TRAVEL)
    assert isinstance(refusal, Refusal)
    assert refusal.stopped["o3/1"] == {"w1": (Gate.DAY_VISITS,), "w2": (Gate.DAY_VISITS,)}


def test_a_limit_of_visits_counts_those_that_have_begun() -> None:
    day = planned(a_day(workers=(a_worker("w1", max_visits=2),)), at("o1", 500.0, 500.0), at("o2", 700.0, 900.0))
    day = replace(visit_done(day, "o1/1"), now_min=600.0)
    refusal = insert(day, at("o3", 700.0, 900.0), POLICY, TRAVEL)
    assert isinstance(refusal, Refusal)
    assert refusal.stopped["o3/1"] == {"w1": (Gate.DAY_VISITS,)}


def test_the_last_service_ends_before_the_last_bus_leaves_and_the_way_home_may_end_after() -> None:
    worker = a_worker("w1", end=place("home", -8.0), last_departure_min=900.0)
    day = planned(a_day(workers=(worker,)), at("o1", 840.0, 900.0))
    assert start_of(day, "o1") == 840.0
    assert (day_of(day).ends_min or 0.0) > 900.0
    refusal = insert(a_day(workers=(worker,)), at("o2", 841.0, 900.0), POLICY, TRAVEL)
    assert isinstance(refusal, Refusal)
    assert refusal.stopped["o2/1"] == {"w1": (Gate.LAST_BUS,)}


def test_of_two_orders_with_room_for_one_the_weightier_is_served_and_waits_less() -> None:
    day = a_day(at("light", 600.0, 600.0), at("heavy", 600.0, 600.0, priority=3.0), workers=(a_worker("w1"),))
    better = improve(day, POLICY, TRAVEL, iterations=500)
    assert set(better.plan.placed()) == {"heavy/1"}
    soon = [
        replace(at(name, 600.0, 600.0, priority=weight), latest_start_min=900.0)
        for name, weight in (("a", 1.0), ("b", 4.0))
    ]
    both = improve(a_day(*soon, workers=(a_worker("w1"),)), POLICY, TRAVEL, iterations=500)
    assert start_of(replace(day, plan=both.plan), "b") < start_of(replace(day, plan=both.plan), "a")


def test_orders_that_must_share_a_worker_do_and_move_together() -> None:
    near, far = a_worker("near", start=place("n", 1.0, 1.0)), a_worker("far", start=place("f", -6.0, -6.0))
    group = Group(order_ids=frozenset({"o1", "o2", "o3"}), same_worker=True)
    orders = [at(f"o{n}", 500.0 + 100.0 * n, 560.0 + 100.0 * n) for n in (1, 2, 3)]
    day = planned(replace(a_day(workers=(far,)), groups=(group,)), *orders)
    day = replace(day, workers=(far, near))
    better = improve(day, POLICY, TRAVEL, iterations=3000)
    assert {worker_id for worker_id, _ in better.plan.stops()} == {"near"}


def test_an_order_follows_those_it_must_share_a_worker_with_and_says_who_is_stopped_by_that() -> None:
    group = Group(order_ids=frozenset({"o1", "o2"}), same_worker=True)
    day = planned(replace(a_day(workers=(a_worker("w1"), a_worker("w2"))), groups=(group,)), at("o1", 600.0, 600.0))
    other = "w2" if holder(day, "o1") == "w1" else "w1"
    proposal = insert(day, at("o2", 800.0, 800.0), POLICY, TRAVEL)
    assert isinstance(proposal, Proposal)
    assert proposal.assignments[0].worker_id == holder(day, "o1")
    assert proposal.explanation.stopped["o2/1"] == {other: (Gate.GROUP,)}


def test_an_order_that_would_have_to_share_two_workers_is_refused_and_disturbs_nothing_else() -> None:
    """What it must be with was planned before anybody knew of it."""
    groups = tuple(Group(order_ids=frozenset({one, "o3"}), same_worker=True) for one in ("o1", "o2"))
    first, second = at("o1", 600.0, 600.0), at("o2", 600.0, 600.0)
    day = planned(replace(a_day(workers=(a_worker("w1"), a_worker("w2"))), groups=groups), first, second)
    refusal = insert(day, at("o3", 800.0, 900.0), POLICY, TRAVEL)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is RefusalReason.NO_WORKER
    assert refusal.stopped["o3/1"] == {"w1": (Gate.GROUP,), "w2": (Gate.GROUP,)}
    day = order_placed(order_placed(day, at("o3", 800.0, 900.0)), at("o4", 800.0, 900.0))
    assert set(improve(day, POLICY, TRAVEL, iterations=200).plan.placed()) == {"o1/1", "o2/1", "o4/1"}


def test_orders_that_must_not_share_a_worker_do_not() -> None:
    group = Group(order_ids=frozenset({"o1", "o2"}), same_worker=False)
    near, far = a_worker("near", start=place("n", 1.0, 1.0)), a_worker("far", start=place("f", -6.0, -6.0))
    day = replace(a_day(workers=(near, far)), groups=(group,))
    day = planned(day, at("o1", 600.0, 600.0, place=HERE), at("o2", 800.0, 900.0, place=HERE))
    assert holder(day, "o1") != holder(day, "o2")
    better = improve(day, POLICY, TRAVEL, iterations=1000)
    assert broken_gates(replace(day, plan=better.plan), POLICY, TRAVEL) == []
    third = replace(group, order_ids=frozenset({"o1", "o2", "o3"}))
    refusal = insert(replace(day, groups=(third,)), at("o3", 1000.0, 1000.0), POLICY, TRAVEL)
    assert isinstance(refusal, Refusal)
    assert set(refusal.stopped["o3/1"].values()) == {(Gate.GROUP,)}


def test_a_group_that_is_named_later_parts_only_what_it_must() -> None:
    day = planned(a_day(workers=(a_worker("w1"), a_worker("w2"))), at("o1", 600.0, 600.0), at("o2", 800.0, 900.0))
    day = visits_told(replace(day, plan=improve(day, POLICY, TRAVEL, iterations=10).plan), ["o1/1"])
    both = planned(a_day(workers=(a_worker("w1"),)), at("o1", 600.0, 600.0), at("o2", 800.0, 900.0))
    both = visits_told(replace(both, workers=(a_worker("w1"), a_worker("w2"))), ["o1/1"])
    parted = replace(both, groups=(Group(order_ids=frozenset({"o1", "o2"}), same_worker=False),))
    mended = repair(parted, POLICY, TRAVEL, iterations=200)
    assert set(mended.released) == {"o2/1"}
    assert {visit_id: holds[0] for visit_id, holds in mended.plan.placed().items()} == {"o1/1": "w1", "o2/1": "w2"}


def test_two_who_are_free_but_never_at_the_right_moments_are_out_of_step() -> None:
    busy = [a_worker("w1", leave=(Interval(480.0, 660.0),)), a_worker("w2", leave=(Interval(640.0, 1080.0),))]
    refusal = insert(a_day(workers=tuple(busy)), a_pair("o1"), POLICY, TRAVEL)
    assert isinstance(refusal, Refusal)
    assert refusal.stopped == {visit_id: dict.fromkeys(("w1", "w2"), (Gate.IN_STEP,)) for visit_id in ("o1/1", "o1/2")}


def test_a_pair_is_refused_only_if_no_two_places_go_together() -> None:
    """The best place of the first alone is not the one that goes with the second."""
    early, late = (
        a_worker("early", shifts=(Interval(480.0, 700.0),)),
        a_worker("late", shifts=(Interval(650.0, 1080.0),)),
    )
    pair = a_pair("p", window=Interval(500.0, 900.0), latest_start_min=900.0)
    assert isinstance(insert(a_day(workers=(early, late)), pair, POLICY, TRAVEL), Proposal)


def test_who_cannot_be_there_in_time_is_told_so_and_not_that_there_is_no_room() -> None:
    worker = a_worker("w1", start=place("far", 20.0))
    refusal = insert(a_day(workers=(worker,), now_min=700.0), an_order(), POLICY, TRAVEL)
    assert isinstance(refusal, Refusal)
    assert refusal.stopped == {"o1/1": {"w1": (Gate.REACH,)}}
    assert refusal.reason is RefusalReason.NO_WORKER


def test_a_visit_on_the_way_is_not_asked_for_a_break_any_more() -> None:
    day = planned(a_day(workers=(resting(480.0, 620.0),)), at("o1", 600.0, 600.0, place=HERE))
    day = replace(visit_started(day, "o1/1"), now_min=610.0)
    assert repair(day, POLICY, TRAVEL, iterations=10).released == {}
