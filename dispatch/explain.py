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


def gates_in_brief(formulation: Formulation, tasks: Sequence[int], found: Insertions) -> Stopped:
    """Of those who have no place where somebody has one: the gates that hold whatever is planned, or if none does, what
    of the plan stops them."""
    limits, stopped = Limits(formulation), _static_gates(formulation, tasks)
    for row, task in enumerate(tasks):
        gates = stopped[formulation.tasks[task].id]
        for w, worker in enumerate(formulation.day.workers):
            if not found.possible[row, w] and worker.id not in gates:
                gates[worker.id] = limits.briefly(task, w, found.work[w])
    return stopped


def gates_in_full(
    formulation: Formulation, tasks: Sequence[int], found: Insertions | None, workers: Iterable[int] | None = None
) -> Stopped:
    """Of these workers (None = all) who have no place: every gate that it would take to lift. It says what would help
    where nobody has a place. Where the plan cannot be kept (None) only the gates that hold whatever is planned."""
    limits, stopped = Limits(formulation), _static_gates(formulation, tasks)
    looked_at = range(len(formulation.day.workers)) if workers is None else list(workers)
    for row, task in enumerate(tasks) if found is not None else ():
        gates = stopped[formulation.tasks[task].id]
        for w in looked_at:
            if found is not None and not found.possible[row, w]:
                worker_id = formulation.day.workers[w].id
                gates[worker_id] = _in_order({*gates.get(worker_id, ()), *limits.stopping(task, w)})
    if found is not None and not len(found.rises) and len(tasks) > 1:
        _add_out_of_step(formulation, stopped)
    return {visit_id: {name: gates for name, gates in by.items() if gates} for visit_id, by in stopped.items()}


def _static_gates(formulation: Formulation, tasks: Sequence[int]) -> dict[str, dict[str, tuple[Gate, ...]]]:
    """Whatever else is planned, but for groups."""
    return {
        task.id: stopping(task, formulation.day, formulation.gates) for task in (formulation.tasks[i] for i in tasks)
    }


def _in_order(gates: Iterable[Gate]) -> tuple[Gate, ...]:
    return tuple(gate for gate in Gate if gate in gates)


def _add_out_of_step(formulation: Formulation, stopped: dict[str, dict[str, tuple[Gate, ...]]]) -> None:
    """Each visit of a pair has somebody, but no two people at the right moments: it may be one person for both."""
    free = [{worker.id for worker in formulation.day.workers} - by.keys() for by in stopped.values()]
    if all(free):
        for by, able in zip(stopped.values(), free, strict=True):
            by.update(dict.fromkeys(able, (Gate.IN_STEP,)))
