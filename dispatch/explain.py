"""Why this worker, why not the next two, and what stopped everybody else."""

from collections.abc import Iterable, Mapping, Sequence

from dispatch.formulation import Formulation
from dispatch.gates import Gate
from dispatch.kernel.insertions import Insertions
from dispatch.limits import Limits
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


def plan_gates(
    formulation: Formulation, tasks: Sequence[int], found: Insertions, stopped: Stopped, *, all_of: bool
) -> Stopped:
    """Adds what stops those who have no place. `all_of`: every gate of everybody, which it takes to say what would help
    where nobody has a place; else of those whom no gate stops already, and briefly."""
    limits = Limits(formulation)
    more = {visit_id: dict(gates) for visit_id, gates in stopped.items()}
    for row, task in enumerate(tasks):
        gates = more[formulation.tasks[task].id]
        for w, worker in enumerate(formulation.day.workers):
            known = gates.get(worker.id, ())
            if found.possible[row, w] or (known and not all_of):
                continue
            if all_of:
                gates[worker.id] = _in_order({*known, *limits.stopping(task, w)})
            else:
                gates[worker.id] = limits.briefly(task, w, found.work[w])
    if not len(found.rises) and len(tasks) > 1:
        _add_out_of_step(formulation, more)
    return {visit_id: {name: gates for name, gates in by.items() if gates} for visit_id, by in more.items()}


def _in_order(gates: Iterable[Gate]) -> tuple[Gate, ...]:
    return tuple(gate for gate in Gate if gate in gates)


def _add_out_of_step(formulation: Formulation, stopped: dict[str, dict[str, tuple[Gate, ...]]]) -> None:
    """Each visit of a pair has somebody, but no two of them at the right moments."""
    free = [{worker.id for worker in formulation.day.workers} - by.keys() for by in stopped.values()]
    if all(free) and len(set.union(*free)) > 1:
        for by, able in zip(stopped.values(), free, strict=True):
            by.update(dict.fromkeys(able, (Gate.IN_STEP,)))
