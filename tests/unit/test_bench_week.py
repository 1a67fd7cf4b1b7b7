import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from dispatch_days import KITCHENS, a_worker, an_order, place
from dispatch_weeks import a_horizon, a_roster, a_series

from bench.week.check import broken_rules, changes_of, worked_on
from bench.week.made import made_horizon
from dispatch.model import Break, Interval, Order, Plan, Route, Stop, Visit
from dispatch.policy import Policy
from dispatch.travel import GreatCircleTravel
from dispatch.week.evaluation import counted
from dispatch.week.model import Horizon, Leave
from dispatch.week.planning import Effort, plan_horizon

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(), GreatCircleTravel()


def by_hand(week: Horizon, at: int, worker_id: str, visit_id: str, start_min: float, end_min: float) -> Horizon:
    stop = Stop(visit_id=visit_id, start_min=start_min, end_min=end_min)
    plan = Plan(routes=(*week.agendas[at].plan.routes, Route(worker_id=worker_id, stops=(stop,))))
    return week.with_agenda(at, replace(week.agendas[at], plan=plan))


def test_the_same_seed_makes_the_same_days() -> None:
    size = {"days": 3, "visits_a_day": 20, "workers": 7}
    assert made_horizon(seed=4, **size) == made_horizon(seed=4, **size)
    assert made_horizon(seed=4, **size) != made_horizon(seed=5, **size)


def test_the_checker_names_short_rest_hours_too_many_and_work_on_leave() -> None:
    week = made_horizon(seed=1, days=2, visits_a_day=20, workers=7)
    roster = replace(week.rosters[0], week_limit_min=200.0)
    week = replace(week, rosters=(roster, *week.rosters[1:]))
    monday, tuesday = (agenda.orders[0].visits[0].id for agenda in week.agendas)
    week = by_hand(week, 0, roster.worker.id, monday, 1200.0, 1320.0)
    week = by_hand(week, 1, roster.worker.id, tuesday, 420.0, 540.0)
    broken = broken_rules(week, POLICY, TRAVEL, gates=False)
    assert any("540.0 minutes of rest before date 2" in line for line in broken)
    assert any("in the week of 2026-11-23, not 200.0" in line for line in broken)
    away = replace(week, rosters=(replace(roster, leave=(_leave(week),)), *week.rosters[1:]))
    assert any("is on leave, but has" in line for line in broken_rules(away, POLICY, TRAVEL, gates=False))


def _leave(week: Horizon) -> Leave:
    return Leave(date=week.agendas[0].date)


def test_to_the_checker_too_the_way_leads_by_the_kitchen_and_counts_to_the_hours() -> None:
    week = planned_with(an_order("meal", place=replace(place("home"), pickup=KITCHENS[0])))
    direct = planned_with(an_order("meal", place=place("home")))
    fetched_min, direct_min = (worked_on(one.agendas[0], one, TRAVEL)["w1"].work_min for one in (week, direct))
    assert fetched_min > direct_min + KITCHENS[0].duration_min
    assert counted(week, POLICY, TRAVEL).agendas[0].worked["w1"].work_min == pytest.approx(fetched_min)


def test_paid_breaks_of_every_date_count_to_the_hours_of_the_week() -> None:
    rest = Break(duration_min=30.0, window=Interval(480.0, 1080.0), paid=True)
    tired = a_roster("w1", a_worker("w1", shifts=(), breaks=(rest,)), week_limit_min=150.0)
    visit = Visit(id="v", duration_min=60.0)
    week = a_horizon(
        a_series("s1", an_order("s1", place=tired.worker.start, visits=(visit,))), rosters=(tired,), days=2
    )
    served = sum(len(list(agenda.plan.stops())) for agenda in plan_horizon(week, POLICY, TRAVEL, Effort()).agendas)
    assert served == 1
    both = plan_horizon(replace(week, rosters=(replace(tired, week_limit_min=180.0),)), POLICY, TRAVEL, Effort())
    assert broken_rules(both, POLICY, TRAVEL) == []
    (line,) = broken_rules(replace(both, rosters=(tired,)), POLICY, TRAVEL)
    assert "180.0 minutes in the week of 2026-11-23, not 150.0" in line


def planned_with(order: Order) -> Horizon:
    week = a_horizon(rosters=(a_roster("w1"),), days=1, once=(order,))
    return by_hand(week, 0, "w1", order.visits[0].id, 600.0, 630.0)


def test_changes_are_counted_against_who_does_most_and_the_hour_most_keep() -> None:
    week = made_horizon(seed=1, days=5, visits_a_day=20, workers=7)
    daily = next(series for series in week.series if "SA" in series.rule and len(series.order.visits) == 1)
    for at, (worker_id, start_min) in enumerate([("w000", 600), ("w000", 650), ("w001", 610), ("w002", 900)]):
        visit_id = f"{daily.order.visits[0].id}@{week.agendas[at].date}"
        week = by_hand(week, at, worker_id, visit_id, start_min, start_min + 30.0)
    changes = changes_of(week, 30.0)
    assert (changes.visits, changes.other_worker, changes.faces, changes.other_hour) == (4, 2, 2, 1)


def test_the_bench_compares_days_together_with_days_alone_rolls_on_and_takes_leave(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.week", "--days", "3", "--visits", "30", "--workers", "35", "--moves", "100"]
    done = subprocess.run(
        [*command, "--rounds", "2", "--json", "--out", str(tmp_path)], capture_output=True, text=True, check=True
    )
    plans, next_day, leave = (json.loads(line)["rows"] for line in done.stdout.splitlines())
    assert [row["planned"] for row in plans] == ["together", "each alone", "at least"]
    assert plans[2]["other_worker"] <= plans[0]["other_worker"] <= plans[1]["other_worker"]
    assert [plans[0][f"{what}_broken"] for what in ("rest", "hours", "else")] == [0, 0, 0]
    assert (next_day[0]["changed_hands"], next_day[0]["moved_in_time"]) == (0, 0)
    assert {row["other_dates_changed"] for row in leave} == {0}
    assert (tmp_path / "3-together.json").exists()
