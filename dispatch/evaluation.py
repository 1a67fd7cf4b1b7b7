"""What a plan costs, counted from its start times alone: the kernel's sum again, term by term and worker by worker."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dispatch.columns import told_start_min
from dispatch.costs import Term, Terms, total
from dispatch.formulation import Formulation
from dispatch.kernel.problem import NO_PLACE, Floats, Routes
from dispatch.model import StopState


@dataclass(slots=True)
class WorkerDay:
    """One worker's day in minutes."""

    service_min: float = 0.0
    travel_min: float = 0.0
    waiting_min: float = 0.0
    tardiness_min: float = 0.0
    overtime_min: float = 0.0
    begins_min: float | None = None
    ends_min: float | None = None
    """Back at the end place, if there is one; None = no visit."""

    @property
    def work_min(self) -> float:
        return self.service_min + self.travel_min


@dataclass(frozen=True, slots=True)
class Evaluation:
    terms: Terms
    workers: Mapping[str, WorkerDay] = field(default_factory=dict)

    @property
    def points(self) -> float:
        return total(self.terms)


def evaluate(formulation: Formulation, routes: Routes, start_min: Floats) -> Evaluation:
    """`start_min` (visits,) as the kernel gives it."""
    policy = formulation.policy
    days = [_worker_day(formulation, worker, route, start_min) for worker, route in enumerate(routes)]
    amounts = {
        "travel": sum(day.travel_min for day in days),
        "tardiness": sum(day.tardiness_min for day in days),
        "max_tardiness": _max_tardiness(formulation, routes, start_min),
        "waiting": sum(day.waiting_min for day in days),
        "overtime": sum(day.overtime_min for day in days),
        "load": sum((day.work_min / 60.0) ** 2 for day in days),
        "change_time": float(_changed_times(formulation, routes, start_min)),
        "unplaced": _unplaced(formulation, routes),
    }
    price = {
        "travel": policy.travel_per_min,
        "tardiness": policy.tardiness_per_min,
        "max_tardiness": policy.max_tardiness_per_min,
        "waiting": policy.waiting_per_min,
        "overtime": policy.overtime_per_min,
        "load": policy.load_per_h2,
        "change_time": policy.change_time,
        "unplaced": policy.unplaced,
    }
    terms = {name: Term(amount, amount * price[name]) for name, amount in amounts.items()}
    terms |= _assignment_terms(formulation, routes)
    names = [worker.id for worker in formulation.day.workers]
    return Evaluation(terms=terms, workers=dict(zip(names, days, strict=True)))


def _worker_day(formulation: Formulation, worker: int, route: tuple[int, ...], start_min: Floats) -> WorkerDay:
    day = WorkerDay()
    if not route:
        return day
    visits, workers = formulation.problem.visits, formulation.problem.workers
    at, left_min, first = int(workers.start_location[worker]), 0.0, True
    for visit in route:
        location, start = int(visits.location[visit]), float(start_min[visit])
        leg_min = formulation.travel_min(worker, at, location)
        day.travel_min += leg_min
        day.service_min += float(visits.duration[visit])
        day.tardiness_min += max(0.0, start - float(visits.due[visit]))
        if not first:
            day.waiting_min += max(0.0, start - left_min - leg_min)
        at, left_min, first = location, start + float(visits.duration[visit]), False
    home = int(workers.end_location[worker])
    home_min = 0.0 if home == NO_PLACE else formulation.travel_min(worker, at, home)
    day.travel_min += home_min
    day.begins_min, day.ends_min = float(start_min[route[0]]), left_min + home_min
    day.overtime_min = max(0.0, day.work_min - float(workers.contract_minutes[worker]))
    return day


def _max_tardiness(formulation: Formulation, routes: Routes, start_min: Floats) -> float:
    due = formulation.problem.visits.due
    return max((0.0, *(float(start_min[visit] - due[visit]) for route in routes for visit in route)))


def _unplaced(formulation: Formulation, routes: Routes) -> float:
    """Orders, a visit of a pair counting half."""
    placed = {visit for route in routes for visit in route}
    return sum(1.0 / len(task.order.visits) for i, task in enumerate(formulation.tasks) if i not in placed)


def _changed_times(formulation: Formulation, routes: Routes, start_min: Floats) -> int:
    """Visits told to people that start outside the tolerance."""
    changed = 0
    for i, task in enumerate(formulation.tasks):
        if task.stop is not None and task.stop.state is StopState.TOLD:
            late_min = abs(float(start_min[i]) - told_start_min(task.stop))
            changed += late_min > formulation.policy.told_tolerance_min + 1e-6
    return changed


def _assignment_terms(formulation: Formulation, routes: Routes) -> dict[str, Term]:
    sums: dict[str, Term] = {}
    for worker, route in zip(formulation.day.workers, routes, strict=True):
        for visit in route:
            if visit >= len(formulation.tasks):
                continue
            order = formulation.tasks[visit].order
            for name, term in formulation.costs.terms(order, worker, formulation.told(visit)).items():
                before = sums.get(name, Term(0.0, 0.0))
                sums[name] = Term(before.amount + term.amount, before.points + term.points)
    return sums
