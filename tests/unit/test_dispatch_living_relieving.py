"""Whoever is late is relieved, where that is worth telling people anew."""

from dataclasses import replace

import pytest
from dispatch_days import a_day, a_worker, an_order, place
from hypothesis import given
from hypothesis import strategies as st
from test_dispatch_living_mending import planned_days

from bench.online.plan_check import broken_gates
from dispatch.events import visit_late, visit_started, visits_promised, visits_told
from dispatch.living.day import LivingDay
from dispatch.living.relieving import late_visits, relieve
from dispatch.model import Day, Interval, Plan, Route, Stop, StopState
from dispatch.policy import Policy
from dispatch.travel import GreatCircleTravel
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(), GreatCircleTravel()


def overrunning(until_min: float, *told: str) -> LivingDay:
    """w1 was to be with the second elder at ten, and is still with the first; w2 is free and not far.

    :param told: visits that people know of"""
    first = an_order("first", window=Interval(540.0, 540.0), latest_start_min=600.0)
    second = an_order("second", window=Interval(600.0, 600.0), latest_start_min=660.0)
    day = a_day(
        first, second, workers=(a_worker("w1"), a_worker("w2", start=place("w2/start", 2.0, 2.0))), now_min=570.0
    )
    stops = (
        Stop(visit_id="first/1", start_min=540.0, end_min=570.0),
        Stop(visit_id="second/1", start_min=600.0, end_min=630.0),
    )
    day = replace(day, plan=Plan(routes=(Route(worker_id="w1", stops=stops), Route(worker_id="w2"))))
    living = LivingDay(visit_started(visits_told(day, {"first/1", *told}), "first/1"), POLICY, TRAVEL)
    living.become(visit_late(living.day, "first/1", until_min))
    return living


@pytest.mark.parametrize(("until_min", "told"), [(640.0, ()), (619.0, ("second/1",))])
def test_a_late_visit_goes_to_somebody_who_can_be_there_in_time(until_min: float, told: tuple[str, ...]) -> None:
    living = overrunning(until_min, *told)
    assert late_visits(living, "w1") == ("second/1",)
    relief = relieve(living, "w1")
    assert relief is not None
    assert relief.workers == {"w1", "w2"}
    worker_id, stop = relief.plan.placed()["second/1"]
    assert worker_id == "w2"
    assert stop.start_min <= 610.0


def test_a_few_minutes_late_is_nobody_elses_business() -> None:
    assert relieve(overrunning(605.0), "w1") is None


def test_what_was_promised_with_somebody_stays_with_them() -> None:
    living = overrunning(619.0, "second/1")
    living.become(visits_promised(living.day, {"second/1"}))
    assert relieve(living, "w1") is None


@examples(15)
@given(planned_days(), st.data())
def test_relief_breaks_no_gate_and_moves_of_what_people_were_told_only_what_is_late(
    day: Day, data: st.DataObject
) -> None:
    routes = [route for route in day.plan.routes if len(route.stops) > 1]
    if not routes:
        return
    route = data.draw(st.sampled_from(routes))
    first = route.stops[0]
    day = visit_started(replace(day, now_min=max(day.now_min, first.start_min)), first.visit_id)
    living = LivingDay(day, POLICY, TRAVEL)
    living.become(visit_late(day, first.visit_id, first.end_min + data.draw(st.floats(15.0, 90.0))))
    before, late = living.day, set(late_visits(living, route.worker_id))
    relief = relieve(living, route.worker_id, iterations=200)
    assert living.day is before
    if relief is None:
        return
    was, now = before.plan.placed(), relief.plan.placed()
    assert now.keys() >= was.keys()
    assert {one for visit_id, (one, _) in was.items() if now[visit_id][0] != one} <= relief.workers
    for visit_id, (worker_id, stop) in was.items():
        if stop.state is not StopState.PLANNED and visit_id not in late:
            assert now[visit_id][0] == worker_id
    if broken_gates(before, POLICY, TRAVEL) == []:
        assert broken_gates(replace(before, plan=relief.plan), POLICY, TRAVEL) == []
