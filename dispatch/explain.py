"""Why this worker, why not the next two, and what stopped everybody else."""

from collections.abc import Mapping, Sequence

from dispatch.formulation import Formulation
from dispatch.gates import Gate
from dispatch.kernel.insertions import Insertions
from dispatch.kernel.problem import Bools
from dispatch.legs import UNREACHABLE_MIN
from dispatch.model import Order
from dispatch.proposal import Alternative, Explanation, Stopped


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


def static_gates(formulation: Formulation, order: Order) -> Stopped:
    stopped: dict[str, dict[str, tuple[Gate, ...]]] = {}
    for index, visit in enumerate(order.visits):
        gates = {worker.id: formulation.gates.stopping(order, index, worker) for worker in formulation.day.workers}
        stopped[visit.id] = {worker_id: stopping for worker_id, stopping in gates.items() if stopping}
    return stopped


def plan_gates(formulation: Formulation, order: Order, possible: Bools, stopped: Stopped) -> Stopped:
    """Adds who may, but has no place: `possible` (visits of the order, workers)."""
    more = {visit_id: dict(gates) for visit_id, gates in stopped.items()}
    for index, visit in enumerate(order.visits):
        for w, worker in enumerate(formulation.day.workers):
            if not possible[index, w] and worker.id not in more[visit.id]:
                reachable = _reachable(formulation, w, formulation.task_index[visit.id])
                more[visit.id][worker.id] = (Gate.NO_ROOM if reachable else Gate.TRAVEL,)
    return more


def _reachable(formulation: Formulation, worker: int, task: int) -> bool:
    """From where the worker starts, or from anywhere on the route, is there a way to the visit?"""
    problem = formulation.problem
    here = int(problem.visits.location[task])
    before = [int(problem.workers.start_location[worker])]
    before += [int(problem.visits.location[visit]) for visit in formulation.routes[worker]]
    return any(formulation.travel_min(worker, location, here) < UNREACHABLE_MIN for location in before)
