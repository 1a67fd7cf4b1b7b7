"""Whatever the days: rest, hours and leave hold over all of them. `bench.week.check` checks, not dispatch."""

from dataclasses import replace

import pytest
from dispatch_weeks import horizons
from hypothesis import given
from hypothesis import strategies as st

from bench.week.check import broken_rules, changes_of, worked_on
from dispatch.costs import total
from dispatch.events import visits_told
from dispatch.model import StopState
from dispatch.policy import Policy
from dispatch.proposal import changes_between
from dispatch.travel import GreatCircleTravel
from dispatch.week.evaluation import counted, terms_of
from dispatch.week.habits import Occurrences
from dispatch.week.mending import mend_leave
from dispatch.week.model import Horizon, Leave
from dispatch.week.neighbours import day_of
from dispatch.week.planning import Effort, plan_horizon
from dispatch.week.rolling import roll_on
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(), GreatCircleTravel()
QUICK = Effort(moves_per_visit=60, rounds=2)
IN_PARTS = Effort(moves_per_visit=60, rounds=2, most_visits=2)
small = examples(12)


def planned(horizon: Horizon, effort: Effort = QUICK) -> Horizon:
    return plan_horizon(horizon, POLICY, TRAVEL, effort)


@st.composite
def weeks_under_way(draw: st.DrawFn) -> Horizon:
    """Planned, some visits told."""
    horizon = planned(draw(horizons()))
    for at, agenda in enumerate(horizon.agendas):
        told = {stop.visit_id for _, stop in agenda.plan.stops() if draw(st.booleans())}
        plan = visits_told(day_of(horizon, at, POLICY), told).plan
        horizon = horizon.with_agenda(at, replace(agenda, plan=plan))
    return horizon


@small
@given(horizons(), st.sampled_from((QUICK, IN_PARTS)))
def test_no_plan_of_several_days_breaks_rest_hours_leave_or_a_gate(horizon: Horizon, effort: Effort) -> None:
    week = planned(horizon, effort)
    assert broken_rules(week, POLICY, TRAVEL) == []
    assert planned(horizon, effort) == week
    for agenda, again in zip(week.agendas, counted(week, POLICY, TRAVEL).agendas, strict=True):
        expected = worked_on(agenda, week, TRAVEL)
        assert agenda.worked.keys() == again.worked.keys() == expected.keys()
        for worker_id, one in expected.items():
            for worked in (agenda.worked[worker_id], again.worked[worker_id]):
                assert worked.work_min == pytest.approx(one.work_min)
                assert (worked.begins_min, worked.ends_min) == pytest.approx((one.begins_min, one.ends_min))


@small
@given(weeks_under_way())
def test_planning_again_moves_nobody_told_for_nothing_and_never_costs_more(week: Horizon) -> None:
    after = planned(week)
    assert broken_rules(after, POLICY, TRAVEL) == []
    news = sum(
        POLICY.change_worker
        for old, new in zip(week.agendas, after.agendas, strict=True)
        for change in changes_between(old.plan, new.plan)
        if change.state is StopState.TOLD and change.from_worker_id != change.to_worker_id
    )
    assert total(terms_of(after, POLICY, TRAVEL)) + news <= total(terms_of(week, POLICY, TRAVEL)) + 1e-6


@small
@given(weeks_under_way())
def test_a_week_that_rolls_on_is_the_old_one_on_the_days_that_remain(week: Horizon) -> None:
    rolled = roll_on(week, POLICY, TRAVEL, QUICK)
    assert all(new is old for new, old in zip(rolled.agendas, week.agendas[1:], strict=False))
    assert len(rolled.agendas) == len(week.agendas)
    assert broken_rules(rolled, POLICY, TRAVEL) == []
    assert rolled.agendas[-1].worked.keys() == worked_on(rolled.agendas[-1], rolled, TRAVEL).keys()
    assert roll_on(week, POLICY, TRAVEL, QUICK) == rolled


@small
@given(weeks_under_way(), st.data())
def test_leave_changes_only_its_own_date_and_names_every_change(week: Horizon, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(week.agendas) - 1))
    worker_id = data.draw(st.sampled_from([roster.worker.id for roster in week.rosters]))
    mended = mend_leave(week, worker_id, Leave(date=week.agendas[at].date), POLICY, TRAVEL)
    after = mended.horizon
    assert broken_rules(after, POLICY, TRAVEL) == []
    assert all(after.agendas[i] is week.agendas[i] for i in range(len(week.agendas)) if i != at)
    before, now = week.agendas[at].plan, after.agendas[at].plan
    assert mended.changes == changes_between(before, now)
    assert {holder for holder, _ in now.stops()} <= {roster.worker.id for roster in week.rosters} - {worker_id}
    gone = {order.id for order in day_of(after, at, POLICY).waiting()} - {
        order.id for order in day_of(week, at, POLICY).waiting()
    }
    assert gone <= {refusal.order_id for refusal in mended.unplaced}
    touched = {change.visit_id for change in mended.changes}
    for visit_id, placed in before.placed().items():
        if visit_id not in touched:
            assert now.placed()[visit_id] == placed


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 12)), max_size=10), st.sampled_from("abcd"))
def test_what_one_more_visit_changes_is_known_from_the_others(others: list[tuple[str, int]], worker_id: str) -> None:
    seen = Occurrences()
    for who, hour in others:
        seen.add([who], 60.0 * hour / 4)
    usual, usual_min = seen.usual_workers(), seen.usual_start_min(30.0)
    workers, hours = seen.other_workers(), seen.other_hours(30.0)
    start_min = 60.0 * (len(others) % 5)
    seen.add([worker_id], start_min)
    assert seen.other_workers() == workers + (bool(usual) and worker_id not in usual)
    near = usual_min is None or abs(start_min - usual_min) <= 30.0
    assert seen.other_hours(30.0) - hours in ((0,) if near else (0, 1))


@small
@given(horizons())
def test_changes_are_counted_alike_by_whoever_counts(horizon: Horizon) -> None:
    week = planned(replace(horizon, series=tuple(replace(series, past=()) for series in horizon.series)))
    terms, found = terms_of(week, POLICY, TRAVEL), changes_of(week, POLICY.usual_tolerance_min)
    assert (terms["other_worker"].amount, terms["other_hour"].amount) == (found.other_worker, found.other_hour)
