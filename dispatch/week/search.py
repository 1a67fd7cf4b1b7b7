"""A better plan for one part of a day, by the search that plans every day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from dispatch.evaluation import Evaluation, evaluate
from dispatch.formulation import Formulation, formulate
from dispatch.kernel.plans import evaluate as timetable
from dispatch.kernel.problem import Floats, Problem, Routes
from dispatch.kernel.search import solve
from dispatch.model import Day, Order, Plan, StopState
from dispatch.policy import Policy
from dispatch.travel.port import Travel
from dispatch.week.model import Worked

Guide = Callable[[Order], Mapping[str, float]]
"""Points that steer the search and are not counted: worker id → points, for an order of which nothing stands yet."""
LATER_LOOK = 0.5
"""Of the moves of the first search, for each that follows."""
LEAST_SAVING = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    plan: Plan
    worked: Mapping[str, Worked]
    saved_points: float
    """0 = the plan is the old one."""


def better_plan(
    part: Day,
    policy: Policy,
    travel: Travel,
    *,
    moves_per_visit: int,
    seed: int,
    new: bool = False,
    guide: Guide | None = None,
) -> Found:
    """First with every series at its usual hour. What then has no place there, or pays for somebody else than usual,
    may take any hour at its price. If something still waits, the others may make room by starting late. A search counts
    only if it makes the part cheaper. `new`: the part's plan is where the search begins, not one that stands, so
    whatever is found is better."""
    moves = moves_per_visit * sum(len(order.visits) for order in part.orders)
    held = formulate(part, policy, travel, any_hour=frozenset())
    before = None if new else _standing(held)
    best = _cheaper(held, before, _searched(held, held.problem, guide, moves, seed))
    bound = _kept_from_usual(_with(part, held, best))
    if bound:
        free = formulate(part, policy, travel, any_hour=bound)
        for look, problem in enumerate((free.problem, _may_be_late(free)), start=1):
            if look == 1 or _with(part, free, best).waiting():
                start_from = replace(problem, routes=free.routes if best is None else best.routes)
                again = _searched(free, start_from, guide, int(moves * LATER_LOOK), seed + look)
                best = _cheaper(free, best or before, again) or best
    return Found(plan=part.plan, worked={}, saved_points=0.0) if best is None else _found(held, best, before)


def _with(part: Day, formulation: Formulation, best: Evaluation | None) -> Day:
    return part if best is None else replace(part, plan=formulation.plan(best.routes, best.start_min))


def _may_be_late(formulation: Formulation) -> Problem:
    """Visits that are held at their usual hour may start after it; the search is told that each such minute is late,
    for it knows no price of another hour."""
    visits = formulation.problem.visits
    due, latest = visits.due.copy(), visits.latest.copy()
    for i, task in enumerate(formulation.tasks):
        usual_min = task.order.usual_start_min
        held = task.stop is None or task.stop.state is StopState.PLANNED
        if usual_min is not None and held and not task.index and task.partner_begun_by is None:
            due[i] = min(due[i], usual_min + formulation.policy.usual_tolerance_min)
            latest[i] = max(latest[i], task.order.latest_start_min)
    return replace(formulation.problem, visits=replace(visits, due=due, latest=latest))


def _standing(formulation: Formulation) -> Evaluation | None:
    """None = a hard rule is broken, so any plan is better."""
    timed = timetable(formulation.problem, formulation.routes)
    return None if timed is None else evaluate(formulation, formulation.routes, timed.start)


def _searched(
    formulation: Formulation, problem: Problem, guide: Guide | None, moves: int, seed: int
) -> tuple[Routes, Floats]:
    if guide is not None:
        problem = replace(problem, assignment_cost=problem.assignment_cost + _guided(formulation, guide))
    found = solve(problem, iterations=moves, seed=seed)
    return found.routes, found.start


def _guided(formulation: Formulation, guide: Guide) -> Floats:
    points = np.zeros(formulation.problem.assignment_cost.shape)
    for i, task in enumerate(formulation.tasks):
        for worker_id, more in guide(task.order).items():
            if worker_id in formulation.worker_index:
                points[i, formulation.worker_index[worker_id]] = more
    return points


def _cheaper(formulation: Formulation, before: Evaluation | None, found: tuple[Routes, Floats]) -> Evaluation | None:
    """What was found, if it is better than what stands and keeps everything that is frozen."""
    after = evaluate(formulation, *found)
    placed = {visit for route in after.routes for visit in route}
    if any((task.begun or task.promised) and i not in placed for i, task in enumerate(formulation.tasks)):
        return None
    return after if before is None or after.points < before.points - LEAST_SAVING else None


def _kept_from_usual(day: Day) -> frozenset[str]:
    """Orders of a series that wait, or that somebody else than usual has."""
    placed = day.plan.placed()
    return frozenset(
        order.id
        for order in day.orders
        if order.usual_start_min is not None
        and any(visit.id not in placed or placed[visit.id][0] not in order.usual_workers for visit in order.visits)
    )


def _found(formulation: Formulation, best: Evaluation, before: Evaluation | None) -> Found:
    return Found(
        plan=formulation.plan(best.routes, best.start_min),
        worked=worked_of(best),
        saved_points=np.inf if before is None else before.points - best.points,
    )


def worked_of(evaluation: Evaluation) -> dict[str, Worked]:
    return {
        worker_id: Worked(day.begins_min, day.ends_min, day.work_min + day.paid_min)
        for worker_id, day in evaluation.workers.items()
        if day.begins_min is not None and day.ends_min is not None
    }
