"""Several days on horizons small enough to see through."""

import datetime
from dataclasses import replace

import pytest
from dispatch_days import DATE, a_pair, a_worker, an_order
from dispatch_weeks import DAY, SHIFT, a_horizon, a_roster, a_series, far

from bench.week.check import broken_rules, changes_of
from dispatch.events import visits_told
from dispatch.gates import Gate
from dispatch.insertion import insert
from dispatch.model import Group, Interval, Visit
from dispatch.policy import Policy
from dispatch.proposal import Refusal
from dispatch.repair import Release
from dispatch.travel import GreatCircleTravel
from dispatch.week.mending import mend_leave
from dispatch.week.model import Horizon, Leave, Past, Weekday
from dispatch.week.neighbours import day_of
from dispatch.week.parts import part_of, parts_of, rejoined
from dispatch.week.planning import Effort, plan_horizon
from dispatch.week.recurrence import dates_of, filled, wrong_in
from dispatch.week.rolling import roll_on
from dispatch.week.why import why
from dispatch.week.words import RELEASED, said_mended, said_why
from dispatch.words.en import EN

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(), GreatCircleTravel()
EFFORT = Effort(moves_per_visit=300)
TUESDAY = DATE + DAY
EARLY, LATE = (Interval(420.0, 780.0),), (Interval(840.0, 1320.0),)


def planned(*series: object, **changes: object) -> Horizon:
    return plan_horizon(a_horizon(*series, **changes), POLICY, TRAVEL, EFFORT)  # type: ignore[arg-type]


def who(week: Horizon) -> list[str | None]:
    """Of a week with one series: who comes, date by date."""
    by_date = [[worker_id for worker_id, _ in agenda.plan.stops()] for agenda in week.agendas]
    return [workers[0] if workers else None for workers in by_date]


def test_a_series_comes_on_the_dates_of_its_rule_but_for_exceptions() -> None:
    series = a_series(rule="FREQ=WEEKLY;BYDAY=MO,TH", except_dates=frozenset({DATE + 3 * DAY}))
    assert dates_of(series, DATE, DATE + 9 * DAY) == {DATE, DATE + 7 * DAY}
    week = a_horizon(series, days=10)
    assert [agenda.date for agenda in week.agendas if agenda.orders] == [DATE, DATE + 7 * DAY]
    assert week.agendas[0].orders[0].visits[0].id == f"s1/1@{DATE}"
    assert filled(week) == week


@pytest.mark.parametrize(("rule", "says"), [("BYDAY=MO", "FREQ="), ("FREQ=SECONDLY", "FREQ="), ("FREQ=DAILY;X=1", "X")])
def test_a_rule_that_is_none_is_refused_with_the_reason(rule: str, says: str) -> None:
    assert says in wrong_in(rule, DATE)


def test_the_same_worker_comes_every_day_even_if_another_would_be_a_little_nearer() -> None:
    near, usual = a_roster(worker=a_worker("near", shifts=())), a_roster(worker=far("usual", 2.0))
    past = (Past(worker_ids=("usual",), start_min=630.0),) * 4
    week = planned(a_series(past=past), rosters=(near, usual))
    assert who(week) == ["usual"] * 3
    assert who(planned(a_series(past=past), rosters=(near, a_roster(worker=far("usual", 30.0))))) == ["near"] * 3


def test_a_new_series_begins_with_somebody_who_is_at_work_on_all_its_dates() -> None:
    part_time = a_roster("w1", shifts={Weekday.MO: SHIFT})
    assert who(planned(a_series(), rosters=(part_time, a_roster(worker=far("w2", 1.0))))) == ["w2"] * 3


def test_visits_keep_their_hour_and_leave_it_only_where_nobody_has_room_at_it() -> None:
    away = (Leave(date=TUESDAY, during=Interval(600.0, 680.0)),)
    series = a_series(order=an_order("s1", window=Interval(600.0, 700.0), latest_start_min=900.0))
    week = planned(series, rosters=(a_roster("w1", leave=away),))
    starts = [next(week.agendas[at].plan.stops())[1].start_min for at in range(3)]
    assert starts == [600.0, 680.0, 600.0]
    assert changes_of(week, POLICY.usual_tolerance_min).other_hour == 1


def test_nobody_works_early_after_a_late_evening() -> None:
    order = an_order("late", window=Interval(1200.0, 1210.0), latest_start_min=1210.0)
    morning = an_order("s1", window=Interval(430.0, 440.0), latest_start_min=440.0)
    only = a_roster("w1", shifts={Weekday.MO: LATE, Weekday.TU: EARLY, Weekday.WE: EARLY})
    week = planned(a_series(order=morning, begins=TUESDAY), rosters=(only,), once=(order,))
    assert broken_rules(week, POLICY, TRAVEL) == []
    assert [sum(1 for _ in agenda.plan.stops()) for agenda in week.agendas] == [1, 0, 1]
    tuesday = day_of(week, 1, POLICY)
    refusal = insert(tuesday, tuesday.orders[0], POLICY, TRAVEL)
    assert isinstance(refusal, Refusal)
    assert refusal.stopped == {f"s1/1@{TUESDAY}": {"w1": (Gate.REST,)}}
    rested = insert(day_of(replace(week, agendas=week.agendas[1:]), 0, POLICY), tuesday.orders[0], POLICY, TRAVEL)
    assert not isinstance(rested, Refusal)


def test_the_hours_of_a_week_are_shared_out_and_a_new_week_begins_on_monday() -> None:
    long = an_order("s1", visits=(Visit(id="s1/1", duration_min=60.0),))
    limited = a_roster("w1", week_limit_min=150.0, worked_min={DATE - DAY: 1000.0})
    week = planned(a_series(order=long), rosters=(limited,), days=8)
    days = [at for at, worker in enumerate(who(week)) if worker]
    assert len([at for at in days if at < 7]) == 2
    assert 7 in days
    waiting = next(at for at in range(7) if at not in days)
    day = day_of(week, waiting, POLICY)
    refusal = insert(day, day.orders[0], POLICY, TRAVEL)
    assert isinstance(refusal, Refusal)
    assert set(refusal.stopped[day.orders[0].visits[0].id].values()) == {(Gate.WEEK_HOURS,)}


def test_leave_next_tuesday_changes_tuesday_alone_and_says_what() -> None:
    week = planned(
        a_series("s1"), a_series("s2", an_order("s2", window=Interval(800.0, 860.0), latest_start_min=900.0))
    )
    usual = who(week)[1]
    assert usual is not None
    mended = mend_leave(week, usual, Leave(date=TUESDAY), POLICY, TRAVEL)
    assert mended.horizon.agendas[0] is week.agendas[0]
    assert mended.horizon.agendas[2] is week.agendas[2]
    assert f"s1/1@{TUESDAY}" in mended.released or f"s2/1@{TUESDAY}" in mended.released
    assert set(mended.released.values()) == {Release.GATE}
    assert all(worker_id != usual for worker_id, _ in mended.horizon.agendas[1].plan.stops())
    told = said_mended(mended, TUESDAY)
    assert len(told) == len(mended.changes)
    assert all(line.startswith("Tue 2026-11-24: ") and f"instead of {usual}" in line for line in told)


def test_a_visit_by_two_goes_whole_when_one_of_them_is_on_leave() -> None:
    week = planned(a_series(order=a_pair("s1")), rosters=tuple(a_roster(f"w{n}") for n in range(3)))
    first, second = (worker_id for worker_id, _ in week.agendas[1].plan.stops())
    mended = mend_leave(week, first, Leave(date=TUESDAY), POLICY, TRAVEL)
    assert set(mended.released.values()) == {Release.GATE, Release.PARTNER}
    assert {worker_id for worker_id, _ in mended.horizon.agendas[1].plan.stops()} >= {second}
    assert mended.unplaced == ()
    assert broken_rules(mended.horizon, POLICY, TRAVEL) == []


def test_leave_of_a_date_still_to_come_is_kept_until_the_horizon_reaches_it() -> None:
    week = planned(a_series())
    usual = who(week)[0]
    assert usual is not None
    mended = mend_leave(week, usual, Leave(date=DATE + 3 * DAY), POLICY, TRAVEL)
    assert mended.changes == ()
    assert who(mended.horizon) == [usual] * 3
    rolled = roll_on(mended.horizon, POLICY, TRAVEL, EFFORT)
    assert rolled.agendas[:2] == week.agendas[1:]
    assert who(rolled)[2] not in (usual, None)


def test_a_day_that_is_past_leaves_its_end_its_hours_and_who_came() -> None:
    week = planned(a_series(), rosters=(a_roster("w1"),))
    rolled = roll_on(week, POLICY, TRAVEL, EFFORT, orders=(an_order("new"),))
    worked, roster = week.agendas[0].worked["w1"], rolled.rosters[0]
    assert roster.worker.last_shift_ended_min == worked.ends_min - 1440.0
    assert roster.worked_min == {DATE: worked.work_min}
    assert rolled.series[0].past == (Past(worker_ids=("w1",), start_min=worked.begins_min),)
    assert set(rolled.agendas[-1].plan.placed()) == {f"s1/1@{DATE + 3 * DAY}", "new/1"}
    next_month = rolled
    for _ in range(9):
        next_month = roll_on(next_month, POLICY, TRAVEL, EFFORT)
    first = next_month.agendas[0].date
    assert first == datetime.date(2026, 12, 3)
    assert set(next_month.rosters[0].worked_min) == {datetime.date(2026, 11, 30) + n * DAY for n in range(3)}


def test_somebody_told_of_a_visit_is_not_given_up_for_a_small_saving() -> None:
    near, told = a_roster(worker=a_worker("near", shifts=())), a_roster(worker=far("told", 2.0))
    week = planned(a_series(), rosters=(told,))
    told_plan = visits_told(day_of(week, 1, POLICY), [f"s1/1@{TUESDAY}"]).plan
    week = week.with_agenda(1, replace(week.agendas[1], plan=told_plan))
    after = plan_horizon(replace(week, rosters=(near, told)), POLICY, TRAVEL, EFFORT)
    assert who(after)[1] == "told"


def test_a_day_in_parts_is_the_day_and_a_visit_by_two_across_a_border_stays() -> None:
    rosters = tuple(a_roster(worker=far(f"w{n:02d}", float(n))) for n in range(30))
    series = [a_series(f"s{n}", a_pair(f"s{n}", window=Interval(500.0, 900.0))) for n in range(12)]
    day = day_of(planned(*series, rosters=rosters, days=1), 0, POLICY)
    parts = parts_of(day, 4, turn=1)
    assert len(parts) > 1
    workers = [worker.id for part in parts for worker in part.workers]
    assert sorted(workers) == sorted(worker.id for worker in day.workers)
    assert rejoined(day.plan, [part.plan for part in parts]).placed() == day.plan.placed()
    one, two = (day.plan.placed()[visit.id] for visit in day.orders[0].visits)
    alone = part_of(day, {two[0]})
    half = next(order for order in alone.orders if order.id == day.orders[0].id)
    assert [visit.id for visit in half.visits] == [day.orders[0].visits[1].id]
    assert one[0] not in {worker.id for worker in alone.workers}


def test_why_says_who_usually_comes_what_stops_them_and_what_others_cost() -> None:
    week = planned(a_series(past=(Past(worker_ids=("w1",), start_min=610.0),) * 3))
    mended = mend_leave(week, "w1", Leave(date=TUESDAY), POLICY, TRAVEL)
    reasons = why(mended.horizon, 1, f"s1@{TUESDAY}", POLICY, TRAVEL)
    assert reasons.usual_workers == {"w1": 5}
    assert reasons.usual_stopped == {"w1": (Gate.HOURS,)}
    assert reasons.terms["other_worker"].points == POLICY.other_worker
    said = said_why(reasons)
    assert "w2 at 10:00" in said[0]
    assert "Other visits of the series, past and planned: 5; most by w1 (5), usually at 10:05." in said
    assert "w1 is not at work then." in said
    on_monday = why(mended.horizon, 0, f"s1@{DATE}", POLICY, TRAVEL)
    assert on_monday.usual_stopped == {}
    assert on_monday.instead[0].worker_ids == ("w2",)
    assert on_monday.instead[0].terms["other_worker"].points == POLICY.other_worker


def test_every_gate_and_every_release_has_its_words() -> None:
    assert EN.stops.keys() == set(Gate)
    assert RELEASED.keys() == set(Release)


def test_no_other_order_is_given_up_for_one_that_leave_has_released() -> None:
    tight = {"window": Interval(600.0, 605.0), "latest_start_min": 610.0}
    series = [a_series(f"s{n}", an_order(f"s{n}", **tight)) for n in range(2)]
    week = planned(*series)
    gone = next(worker_id for worker_id, _ in week.agendas[1].plan.stops())
    mended = mend_leave(week, gone, Leave(date=TUESDAY), POLICY, TRAVEL)
    assert len(mended.unplaced) == 1
    assert [change.visit_id for change in mended.changes] == list(mended.released)
    assert [change.to_worker_id for change in mended.changes] == [None]


def test_orders_that_must_share_a_worker_share_one_on_each_date_and_in_each_part() -> None:
    rosters = tuple(a_roster(worker=far(f"w{n:02d}", float(n))) for n in range(30))
    series = [a_series(f"s{n}", an_order(f"s{n}", window=Interval(500.0, 900.0))) for n in range(6)]
    ends = (replace(series[0].order.place, lon=115.0), replace(series[0].order.place, lon=115.15))
    apart = [replace(one, order=replace(one.order, place=end)) for one, end in zip(series[:2], ends, strict=True)]
    group = Group(order_ids=frozenset({"s0", "s1"}), same_worker=True)
    week = replace(a_horizon(*apart, *series[2:], rosters=rosters, days=2), groups=(group,))
    planned_week = plan_horizon(week, POLICY, TRAVEL, Effort(moves_per_visit=300, most_visits=2))
    for agenda in planned_week.agendas:
        placed = agenda.plan.placed()
        assert placed[f"s0/1@{agenda.date}"][0] == placed[f"s1/1@{agenda.date}"][0]
