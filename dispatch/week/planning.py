"""Many days are planned date by date, each as its neighbours leave it, several times round until nothing improves."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from dispatch.model import Order
from dispatch.policy import Policy
from dispatch.travel.port import Travel
from dispatch.week.model import Horizon
from dispatch.week.neighbours import day_of
from dispatch.week.parts import parts_of, rejoined
from dispatch.week.recurrence import dates_of, filled
from dispatch.week.search import Found, Guide, better_plan

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    moves_per_visit: int = 2_000
    """Of the search, each time a date is planned."""
    rounds: int = 4
    """At most."""
    most_visits: int = 400
    """Of one part: what is searched at once, and so how much memory it takes."""
    seed: int = 0


def plan_horizon(
    horizon: Horizon, policy: Policy, travel: Travel, effort: Effort = Effort(), say: Say = lambda line: None
) -> Horizon:
    """From what stands, told and frozen visits as in `improve`. The same for the same seed and effort."""
    horizon = filled(horizon)
    for turn in range(effort.rounds):
        saved = 0.0
        for at in range(len(horizon.agendas)):
            horizon, more = plan_date(horizon, at, policy, travel, effort, turn=turn)
            saved += more
        say(f"round {turn + 1}: {saved:,.0f} points saved" if turn else "round 1: every date has its plan")
        if turn and saved < policy.least_saving:
            break
    return horizon


def plan_date(
    horizon: Horizon, at: int, policy: Policy, travel: Travel, effort: Effort, *, turn: int
) -> tuple[Horizon, float]:
    """The horizon with this date planned better, and the points that saves; the other dates stay as they are."""
    day = day_of(horizon, at, policy, sharing=True)
    new = turn == 0 and not horizon.agendas[at].worked
    guide = _guide(horizon, policy) if turn == 0 else None
    found: list[tuple[set[str], Found]] = []
    for i, part in enumerate(parts_of(day, effort.most_visits, turn)):
        seed = effort.seed + 1_000 * at + 100_000 * turn + i
        better = better_plan(
            part, policy, travel, moves_per_visit=effort.moves_per_visit, seed=seed, new=new, guide=guide
        )
        if better.saved_points > 0.0:
            found.append(({worker.id for worker in part.workers}, better))
    if not found:
        return horizon, 0.0
    return with_plans(horizon, at, found), sum(better.saved_points for _, better in found)


def with_plans(horizon: Horizon, at: int, found: Iterable[tuple[set[str], Found]]) -> Horizon:
    """`found`: of these workers of the date, who have new routes."""
    agenda, found = horizon.agendas[at], list(found)
    worked = dict(agenda.worked)
    for worker_ids, better in found:
        worked = {worker_id: one for worker_id, one in worked.items() if worker_id not in worker_ids}
        worked |= better.worked
    plan = rejoined(agenda.plan, (better.plan for _, better in found))
    return horizon.with_agenda(at, replace(agenda, plan=plan, worked=worked))


def _guide(horizon: Horizon, policy: Policy) -> Guide:
    """While nobody is usual yet: whoever is at work on fewer of the series' dates will mean changes later."""
    dates = [agenda.date for agenda in horizon.agendas]
    away = np.array(
        [
            [not roster.shifts_on(date) or any(leave.date == date for leave in roster.leave) for date in dates]
            for roster in horizon.rosters
        ],
        dtype=np.float64,
    ).reshape(len(horizon.rosters), len(dates))
    series = {one.id: one for one in horizon.series}

    @cache
    def missing(coming: frozenset[datetime.date]) -> Mapping[str, float]:
        missed = away @ np.array([date in coming for date in dates], dtype=np.float64)
        more = policy.other_worker * (missed - missed.min(initial=np.inf))
        return {roster.worker.id: float(more[w]) for w, roster in enumerate(horizon.rosters) if more[w]}

    def points(order: Order) -> Mapping[str, float]:
        if order.usual_workers or order.series_id not in series:
            return {}
        return missing(dates_of(series[order.series_id], dates[0], dates[-1]))

    return points
