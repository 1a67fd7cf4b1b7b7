"""A better plan for one part of a day, by the search that plans every day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from dispatch.evaluation import Evaluation, evaluate
from dispatch.formulation import Formulation, formulate
from dispatch.kernel.plans import evaluate as timetable
from dispatch.kernel.problem import Floats, Routes
from dispatch.kernel.search import solve
from dispatch.model import Day, Order, Plan
from dispatch.policy import Policy
from dispatch.travel.port import Travel
from dispatch.week.model import Worked

Guide = Callable[[Order], Mapping[str, float]]
"""Points that steer the search and are not counted: worker id → points, for an order of which nothing stands yet."""
SECOND_LOOK = 0.5
"""Of the moves of the first search, for those that pay for another worker or have no place."""
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
    may take any hour at its price, if that is cheaper. `new`: the part's plan is where the search begins, not one that
    stands, so whatever is found is better."""
    moves = moves_per_visit * sum(len(order.visits) for order in part.orders)
    held = formulate(part, policy, travel, any_hour=frozenset())
    before = None if new else _standing(held)
    first = _searched(held, guide, moves, seed)
    best = _cheaper(held, before, first)
    day = part if best is None else replace(part, plan=held.plan(best.routes, best.start_min))
    bound = _kept_from_usual(day)
    if bound:
        free = formulate(part, policy, travel, any_hour=bound)
        again = _searched(free, guide, int(moves * SECOND_LOOK), seed + 1, None if best is None else best.routes)
        best = _cheaper(free, best or before, again) or best
    return Found(plan=part.plan, worked={}, saved_points=0.0) if best is None else _found(held, best, before)


def _standing(formulation: Formulation) -> Evaluation | None:
    """None = a hard rule is broken, so any plan is better."""
    timed = timetable(formulation.problem, formulation.routes)
    return None if timed is None else evaluate(formulation, formulation.routes, timed.start)


def _searched(
    formulation: Formulation, guide: Guide | None, moves: int, seed: int, start_from: Routes | None = None
) -> tuple[Routes, Floats]:
    problem = formulation.problem if start_from is None else replace(formulation.problem, routes=start_from)
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
        worker_id: Worked(day.begins_min, day.ends_min, day.work_min)
        for worker_id, day in evaluation.workers.items()
        if day.begins_min is not None and day.ends_min is not None
    }
