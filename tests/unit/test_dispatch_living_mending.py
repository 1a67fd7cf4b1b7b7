"""Mending and improving a living day: what repair and improve promise, with few routes touched."""

from dataclasses import replace

import pytest
from dispatch_days import days
from hypothesis import given
from hypothesis import strategies as st

from bench.online.plan_check import broken_gates, cost_points
from dispatch.events import leave_taken, visits_promised, visits_told, worker_sick
from dispatch.living.day import LivingDay
from dispatch.living.mending import OTHERS_TOLD_ANEW, mend
from dispatch.living.neighbourhood import improve_near, neighbourhoods
from dispatch.model import Day, Interval, StopState
from dispatch.policy import Policy
from dispatch.travel import GreatCircleTravel
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(), GreatCircleTravel()
small = examples(12)


def planned(day: Day) -> Day:
    living = LivingDay(day, POLICY, TRAVEL)
    for order in day.orders:
        answer = living.proposal(order)
        if answer is not None:
            living.become(replace(living.day, plan=answer.plan))
    return living.day


@st.composite
def planned_days(draw: st.DrawFn) -> Day:
    """Some visits told, some promised."""
    day = draw(days(most_orders=10, most_workers=6))
    day = planned(day)
    stops = [stop.visit_id for _, stop in day.plan.stops()]
    day = visits_told(day, {visit_id for visit_id in stops if draw(st.booleans())})
    return visits_promised(day, {visit_id for visit_id in stops if draw(st.integers(0, 4)) == 0})


@small
@given(planned_days(), st.data())
def test_what_a_sick_worker_leaves_finds_somebody_or_a_reason_and_few_others_hear_of_it(
    day: Day, data: st.DataObject
) -> None:
    living, sick = LivingDay(day, POLICY, TRAVEL), data.draw(st.sampled_from([worker.id for worker in day.workers]))
    leave = Interval(day.now_min, day.now_min + 300.0)
    after = data.draw(st.sampled_from((worker_sick(day, sick), leave_taken(day, sick, leave))))
    mended = mend(living, living.become(after), iterations=300)
    assert living.day is after
    whole = replace(after, plan=mended.plan)
    assert broken_gates(whole, POLICY, TRAVEL) == []
    assert {order.id for order in whole.waiting()} >= {refusal.order_id for refusal in mended.unplaced}
    waiting = {visit.id for order in whole.waiting() for visit in order.visits}
    refused = {visit.id for refusal in mended.unplaced for visit in whole.order(refusal.order_id).visits}
    assert mended.released.keys() & waiting <= refused
    before, now = after.plan.placed(), mended.plan.placed()
    kept = before.keys() - mended.released.keys()
    moved = [id_ for id_ in kept if id_ not in now or now[id_][0] != before[id_][0]]
    assert sum(before[id_][1].state is StopState.TOLD for id_ in moved) <= OTHERS_TOLD_ANEW
    assert not [id_ for id_ in moved if before[id_][1].state is StopState.PROMISED]
    assert {change.visit_id for change in mended.changes} >= mended.released.keys() & now.keys()


@small
@given(planned_days(), st.integers(1, 5), st.integers(0, 3))
def test_neighbourhoods_searched_side_by_side_break_no_gate_and_save_what_they_say(
    day: Day, workers: int, seed: int
) -> None:
    living = LivingDay(day, POLICY, TRAVEL)
    near = neighbourhoods(living.timing, living.timing.ids, workers)
    assert sorted(worker_id for ids in near for worker_id in ids) == sorted(living.timing.ids)
    better = improve_near(living.timing, living.timing.ids, POLICY, TRAVEL, iterations=300, seed=seed, workers=workers)
    after = replace(day, plan=better.plan)
    assert broken_gates(after, POLICY, TRAVEL) == []
    news = sum(better.terms[name].points for name in ("change_worker", "change_time") if name in better.terms)
    saved = cost_points(day, POLICY, TRAVEL) - cost_points(after, POLICY, TRAVEL)
    assert better.saved_points == pytest.approx(saved - news, abs=1e-5)
    assert not better.changes or better.saved_points >= POLICY.least_saving
