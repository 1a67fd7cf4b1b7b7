"""Why this worker, why not the next two, and what stopped everybody else."""

from collections.abc import Mapping, Sequence

import numpy as np

from dispatch.formulation import Formulation
from dispatch.gates import Gate
from dispatch.kernel.insertions import Insertions
from dispatch.kernel.problem import Bools
from dispatch.legs import UNREACHABLE_MIN
from dispatch.limits import limits_stopping
from dispatch.proposal import Alternative, Explanation, Stopped
from dispatch.tasks import stopping


def explain(
    formulation: Formulation,
    chosen: Alternative,
    next_best: Sequence[Alternative],
    found: Insertions,
    stopped: Stopped,
) -> Explanation:
    told_of = {*chosen.worker_ids, *(worker_id for way in next_best for worker_id in way.worker_ids)}
    return Explanation(
        terms=chosen.terms,
        next_best=tuple(next_best),
        dearer={
            worker_id: points for worker_id, points in _cheapest(formulation, found).items() if worker_id not in told_of
        },
        stopped=stopped,
        travel_source=formulation.travel_source,
        travel_fallback=formulation.travel_fallback,
    )


def _cheapest(formulation: Formulation, found: Insertions) -> Mapping[str, float]:
    """Worker id → points of the cheapest way that has them."""
    points: dict[str, float] = {}
    for workers, rise in zip(found.workers, found.rises, strict=True):
        for worker in workers:
            points.setdefault(formulation.day.workers[worker].id, float(rise))
    return points


def static_gates(formulation: Formulation, tasks: Sequence[int]) -> Stopped:
    return {
        task.id: stopping(task, formulation.day, formulation.gates) for task in (formulation.tasks[i] for i in tasks)
    }


def plan_gates(formulation: Formulation, tasks: Sequence[int], possible: Bools, stopped: Stopped) -> Stopped:
    """Adds who may, but has no place: `possible` (tasks, workers)."""
    more = {visit_id: dict(gates) for visit_id, gates in stopped.items()}
    forbidden = [[worker.id in more[formulation.tasks[i].id] for worker in formulation.day.workers] for i in tasks]
    stuck = ~possible & ~np.array(forbidden, dtype=np.bool_)
    limited = limits_stopping(formulation, tasks, stuck)
    for row, w in np.argwhere(stuck):
        task = tasks[row]
        why = limited.get((int(row), int(w))) or (Gate.NO_ROOM if _reachable(formulation, w, task) else Gate.TRAVEL,)
        more[formulation.tasks[task].id][formulation.day.workers[w].id] = why
    return more


def _reachable(formulation: Formulation, worker: int, task: int) -> bool:
    """From where the worker starts, or from anywhere on the route, is there a way to the visit?"""
    problem = formulation.problem
    here = int(problem.visits.location[task])
    before = [int(problem.workers.start_location[worker])]
    before += [int(problem.visits.location[visit]) for visit in formulation.routes[worker]]
    return any(formulation.travel_min(worker, location, here) < UNREACHABLE_MIN for location in before)
