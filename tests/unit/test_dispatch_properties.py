"""Whatever the day: gates hold, frozen visits stay, reasons add up. `bench.online.plan_check` checks, not dispatch."""

from collections.abc import Container
from dataclasses import replace

import pytest
from dispatch_days import days
from hypothesis import given
from hypothesis import strategies as st

from bench.online.plan_check import broken_gates, cost_points
from dispatch.costs import total
from dispatch.events import (
    leave_taken,
    order_cancelled,
    visit_late,
    visit_started,
    visits_promised,
    visits_told,
    worker_sick,
)
from dispatch.improve import improve
from dispatch.insertion import insert
from dispatch.model import BEGUN, FROZEN, Day, Interval, Plan, StopState
from dispatch.policy import Policy
from dispatch.proposal import Proposal
from dispatch.repair import repair
from dispatch.travel import GreatCircleTravel
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(), GreatCircleTravel()
small = examples(25)


def planned(day: Day) -> Day:
    """Every order inserted that finds a place."""
    for order in day.orders:
        answer = insert(day, order, POLICY, TRAVEL)
        if isinstance(answer, Proposal):
            day = replace(day, plan=answer.plan)
    return day


@st.composite
def days_under_way(draw: st.DrawFn) -> Day:
    """Planned, some visits told, some promised, some begun, the clock at any moment."""
    day = planned(draw(days()))
    stops = [stop for _, stop in day.plan.stops()]
    for tell in (visits_told, visits_promised):
        day = tell(day, {stop.visit_id for stop in stops if draw(st.booleans())})
    if stops:
        day = replace(day, now_min=draw(st.sampled_from([stop.start_min for stop in stops])))
    for stop in stops:
        if stop.start_min <= day.now_min:
            day = visit_started(day, stop.visit_id)
    return day


def frozen(plan: Plan) -> set[tuple[str, str, float]]:
    return {(stop.visit_id, worker_id, stop.start_min) for worker_id, stop in plan.stops() if stop.state in FROZEN}


def same_frozen(before: Plan, after: Plan, released: Container[str] = ()) -> None:
    now = {visit_id: (worker_id, start_min) for visit_id, worker_id, start_min in frozen(after)}
    for visit_id, worker_id, start_min in frozen(before):
        if visit_id not in released:
            assert now[visit_id][0] == worker_id
            assert now[visit_id][1] == pytest.approx(start_min, abs=1e-6)


@small
@given(days())
def test_no_insertion_breaks_a_gate_and_its_terms_add_up_to_the_cost(day: Day) -> None:
    for order in day.orders:
        answer = insert(day, order, POLICY, TRAVEL)
        if not isinstance(answer, Proposal):
            assert answer.reason
            continue
        after = replace(day, plan=answer.plan)
        assert broken_gates(after, POLICY, TRAVEL) == []
        rise = cost_points(after, POLICY, TRAVEL) - cost_points(day, POLICY, TRAVEL) + POLICY.unplaced * order.priority
        assert answer.explanation.points == pytest.approx(rise, abs=1e-6)
        assert total(answer.explanation.terms) == answer.explanation.points
        for other in answer.explanation.next_best:
            assert other.points >= answer.explanation.points - 1e-6
        day = after


@small
@given(days())
def test_every_worker_is_chosen_or_next_or_dearer_or_stopped(day: Day) -> None:
    order = day.orders[0]
    answer = insert(day, order, POLICY, TRAVEL)
    if isinstance(answer, Proposal) and len(order.visits) == 1:
        explanation = answer.explanation
        told = {assignment.worker_id for assignment in answer.assignments} | set(explanation.dearer)
        told |= {worker_id for way in explanation.next_best for worker_id in way.worker_ids}
        stopped = set(explanation.stopped[order.visits[0].id])
        assert told | stopped == {worker.id for worker in day.workers}
        assert not told & stopped


@small
@given(days_under_way(), st.integers(0, 3))
def test_an_improvement_moves_nothing_frozen_breaks_no_gate_and_costs_less(day: Day, seed: int) -> None:
    better = improve(day, POLICY, TRAVEL, iterations=300, seed=seed)
    same_frozen(day.plan, better.plan)
    after = replace(day, plan=better.plan)
    assert set(broken_gates(after, POLICY, TRAVEL)) <= set(broken_gates(day, POLICY, TRAVEL))
    news = sum(better.terms[name].points for name in ("change_worker", "change_time") if name in better.terms)
    saved = cost_points(day, POLICY, TRAVEL) - cost_points(after, POLICY, TRAVEL)
    assert better.saved_points == pytest.approx(saved - news, abs=1e-5)
    assert not better.changes or better.saved_points >= POLICY.least_saving


@small
@given(days_under_way(), st.integers(0, 3))
def test_the_same_seed_gives_the_same_plan(day: Day, seed: int) -> None:
    once = improve(day, POLICY, TRAVEL, iterations=300, seed=seed)
    assert improve(day, POLICY, TRAVEL, iterations=300, seed=seed) == once


@small
@given(days_under_way())
def test_an_insertion_into_a_day_under_way_moves_nothing_frozen(day: Day) -> None:
    for order in day.waiting():
        answer = insert(day, order, POLICY, TRAVEL)
        if isinstance(answer, Proposal):
            same_frozen(day.plan, answer.plan)
            workers_before = {stop.visit_id: worker_id for worker_id, stop in day.plan.stops()}
            workers_after = {stop.visit_id: worker_id for worker_id, stop in answer.plan.stops()}
            assert workers_before.items() <= workers_after.items()


@st.composite
def days_after_an_event(draw: st.DrawFn) -> tuple[Day, Day]:
    day = draw(days_under_way())
    worker_id = draw(st.sampled_from([worker.id for worker in day.workers]))
    begun = [stop for _, stop in day.plan.stops() if stop.state is StopState.STARTED]
    happened = draw(st.sampled_from(("sick", "leave", "cancelled", "late")))
    if happened == "sick":
        return day, worker_sick(day, worker_id)
    if happened == "leave":
        return day, leave_taken(day, worker_id, Interval(day.now_min, day.now_min + 120.0))
    if happened == "late" and begun:
        stop = draw(st.sampled_from(begun))
        return day, visit_late(day, stop.visit_id, stop.end_min + 60.0)
    return day, order_cancelled(day, draw(st.sampled_from(day.orders)).id)


@small
@given(days_after_an_event())
def test_a_repair_leaves_no_gate_broken_and_what_has_begun_where_it_is(days_: tuple[Day, Day]) -> None:
    _, day = days_
    mended = repair(day, POLICY, TRAVEL, iterations=200)
    after = replace(day, plan=mended.plan)
    assert broken_gates(after, POLICY, TRAVEL) == []
    same_frozen(day.plan, after.plan, mended.released)
    begun = {visit_id for _, stop in day.plan.stops() for visit_id in [stop.visit_id] if stop.state in BEGUN}
    assert not begun & mended.released.keys()
    assert {order.id for order in after.waiting()} == {refusal.order_id for refusal in mended.unplaced}
