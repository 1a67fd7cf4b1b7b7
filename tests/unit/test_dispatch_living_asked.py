"""What a living day is asked beside insertions: an override, why her, free times within hours."""

from dataclasses import replace

import pytest
from dispatch_days import a_day, a_pair, a_worker, an_order, place

from dispatch.events import order_placed, visit_started, visits_told
from dispatch.gates import Gate
from dispatch.living.day import LivingDay
from dispatch.living.neighbourhood import island
from dispatch.living.overriding import what_if_here
from dispatch.model import Day, Interval, Order, Plan, Route, Stop, StopState
from dispatch.policy import Policy
from dispatch.proposal import Proposal, Refusal
from dispatch.travel import GreatCircleTravel
from dispatch.what_if import what_if
from dispatch.why import why, why_here

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(), GreatCircleTravel()


def with_orders(day: Day, *orders: Order) -> LivingDay:
    living = LivingDay(day, POLICY, TRAVEL)
    for order in orders:
        answer = living.insert(order)
        assert isinstance(answer, Proposal)
        living.become(replace(order_placed(living.day, order), plan=answer.plan))
    return living


def staffed(count: int = 6) -> Day:
    return a_day(workers=tuple(a_worker(f"w{n}", start=place(f"s{n}", 1.5 * n)) for n in range(count)))


def test_an_override_on_a_part_costs_what_it_costs_on_the_whole_day() -> None:
    orders = [an_order(f"o{n}", place=place(f"h{n}", float(n)), window=Interval(540.0 + 60 * n, 600.0 + 60 * n),
                       latest_start_min=720.0 + 60 * n) for n in range(5)]  # fmt: skip
    living = with_orders(staffed(), *orders)
    before = living.day
    for order in orders:
        for worker in living.day.workers:
            here = what_if_here(living, order.id, worker.id)
            whole = what_if(living.day, order.id, worker.id, POLICY, TRAVEL)
            assert here.gates == whole.gates
            assert here.points == pytest.approx(whole.points, abs=1e-6)
            assert {one.visit_id for one in here.changes} == {one.visit_id for one in whole.changes}
            assert here.plan is not None
            assert here.plan.placed().keys() == living.day.plan.placed().keys()
    assert living.day is before


def test_what_waits_can_be_given_to_somebody() -> None:
    living = with_orders(staffed())
    living.become(order_placed(living.day, an_order("o1")))
    found = what_if_here(living, "o1", "w5")
    assert found.plan is not None
    assert found.plan.placed()["o1/1"][0] == "w5"


def test_an_override_through_a_gate_names_it() -> None:
    day = a_day(workers=(a_worker("w1"), a_worker("w2", certificates=())))
    assert what_if_here(with_orders(day, an_order()), "o1", "w2").gates == (Gate.SKILL,)


def test_nobody_is_overridden_who_has_begun_and_nobody_by_whom_nobody_knows() -> None:
    living = with_orders(staffed(2), an_order())
    with pytest.raises(KeyError):
        what_if_here(living, "o1", "somebody")
    living.become(visit_started(living.day, "o1/1"))
    with pytest.raises(ValueError, match="begun"):
        what_if_here(living, "o1", "w1")


def test_why_her_is_the_same_of_a_living_day() -> None:
    living = with_orders(staffed(), an_order("o1"), a_pair("o2"))
    living.become(visits_told(living.day, ["o1/1"]))
    before = living.day
    for order_id in ("o1", "o2"):
        here, plain = why_here(living, order_id), why(living.day, order_id, POLICY, TRAVEL)
        assert isinstance(here.answer, Proposal)
        assert isinstance(plain.answer, Proposal)
        assert here.answer.assignments == plain.answer.assignments
        assert [way.worker_ids for way in here.answer.explanation.next_best] == [
            way.worker_ids for way in plain.answer.explanation.next_best
        ]
    assert living.day is before


def test_free_times_are_those_within_the_hours_asked_for() -> None:
    living = with_orders(staffed(2))
    hours = (Interval(540.0, 600.0), Interval(900.0, 930.0))
    found = living.slots(an_order("o9", window=Interval(590.0, 590.0)), count=20, within=hours)
    assert [slot.start_min for slot in found] == [585.0, 570.0, 555.0, 540.0, 900.0, 915.0]


def test_a_pair_of_which_one_waits_does_not_stop_the_day_from_being_kept_up() -> None:
    living = with_orders(staffed(3), a_pair("o1"))
    living.become(replace(living.day, plan=living.day.plan.without(frozenset({"o1/2"}))))
    assert not isinstance(
        living.insert(an_order("o2", window=Interval(900.0, 960.0), latest_start_min=1000.0)), Refusal
    )


def test_beside_a_route_that_cannot_be_kept_all_goes_on() -> None:
    """Two promises at one hour, made known at once: nobody can keep both, and what is tied to them has its times."""
    promised = [
        an_order(f"o{n}", window=Interval(600.0, 600.0), latest_start_min=600.0, place=place(f"h{n}", n * 9.0))
        for n in (1, 2)
    ]
    pair = a_pair("p", window=Interval(700.0, 760.0), latest_start_min=820.0, max_gap_min=10.0)
    living = LivingDay(staffed(2), POLICY, TRAVEL)
    stops = [
        Stop(visit_id=f"{order.id}/1", start_min=600.0, end_min=630.0, state=StopState.PROMISED, told_start_min=600.0)
        for order in promised
    ]
    first, second = (Stop(visit_id=visit.id, start_min=720.0, end_min=750.0) for visit in pair.visits)
    routes = (Route(worker_id="w0", stops=(*stops, first)), Route(worker_id="w1", stops=(second,)))
    living.become(replace(living.day, orders=(*promised, pair), plan=Plan(routes=routes)))
    assert living.timing.closed(0)
    island(living.timing, ["w1"])
    answer = living.insert(an_order("o3", window=Interval(900.0, 960.0), latest_start_min=1000.0))
    assert isinstance(answer, Proposal)
    assert answer.assignments[0].worker_id == "w1"
