"""What a plan costs, counted from its start times alone: the kernel's sum again, term by term and worker by worker."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from dispatch.breaks import Due, paid_min, taken_between
from dispatch.columns import told_start_min
from dispatch.costs import Term, Terms, total
from dispatch.formulation import Formulation
from dispatch.kernel.problem import NO_PLACE, Floats, Routes
from dispatch.model import Interval, StopState


@dataclass(slots=True)
class WorkerDay:
    """One worker's day in minutes."""

    service_min: float = 0.0
    travel_min: float = 0.0
    waiting_min: float = 0.0
    tardiness_min: float = 0.0
    weighted_tardiness_min: float = 0.0
    """Each visit's tardiness times the priority of its order."""
    max_tardiness_min: float = 0.0
    overtime_min: float = 0.0
    paid_min: float = 0.0
    """Breaks that count to the hours."""
    begins_min: float | None = None
    """Start of the first visit; None = no visit."""
    ends_min: float | None = None
    """Back at the end place, if there is one."""
    breaks: tuple[Interval, ...] = ()
    """When those still to come are taken; those after the last visit are left out."""
    changed_times: int = 0
    """Visits told to people that start outside the tolerance."""
    other_hours: int = 0
    """Orders of a series that start away from their usual hour."""
    assignment: dict[str, Term] = field(default_factory=dict)
    """The terms of `AssignmentCosts`, summed over the visits."""

    @property
    def work_min(self) -> float:
        return self.service_min + self.travel_min


@dataclass(frozen=True, slots=True)
class Evaluation:
    terms: Terms
    workers: Mapping[str, WorkerDay]
    routes: Routes
    start_min: Floats

    @property
    def points(self) -> float:
        return total(self.terms)


def evaluate(
    formulation: Formulation, routes: Routes, start_min: Floats, only: Iterable[int] | None = None
) -> Evaluation:
    """`start_min` (visits,) as the kernel gives it. `only`: workers whose days are counted (None = all); the day's
    worst tardiness and what is unplaced are always counted for everybody."""
    workers = formulation.day.workers
    counted = range(len(workers)) if only is None else only
    days = {workers[w].id: _worker_day(formulation, w, routes[w], start_min) for w in counted}
    return Evaluation(_terms(formulation, days, routes, start_min), days, routes, start_min)


def compared(
    formulation: Formulation, before: tuple[Routes, Floats], after: tuple[Routes, Floats]
) -> tuple[Evaluation, Evaluation]:
    """Both plans (routes and starts), of those workers alone whose days differ."""
    differ = [w for w in range(len(formulation.day.workers)) if not _same_day(before, after, w)]
    return evaluate(formulation, *before, only=differ), evaluate(formulation, *after, only=differ)


def _same_day(before: tuple[Routes, Floats], after: tuple[Routes, Floats], worker: int) -> bool:
    route = before[0][worker]
    visits = list(route)
    return route == after[0][worker] and bool(np.array_equal(before[1][visits], after[1][visits]))


def _terms(formulation: Formulation, days: Mapping[str, WorkerDay], routes: Routes, start_min: Floats) -> Terms:
    policy, each = formulation.policy, days.values()
    worst_min = np.nanmax(start_min - formulation.problem.visits.due, initial=0.0)
    terms = {
        "travel": _priced(sum(day.travel_min for day in each), policy.travel_per_min),
        "tardiness": Term(
            float(sum(day.tardiness_min for day in each)),
            policy.tardiness_per_min * sum(day.weighted_tardiness_min for day in each),
        ),
        "max_tardiness": _priced(worst_min, policy.max_tardiness_per_min),
        "waiting": _priced(sum(day.waiting_min for day in each), policy.waiting_per_min),
        "overtime": _priced(sum(day.overtime_min for day in each), policy.overtime_per_min),
        "load": _priced(sum((day.work_min / 60.0) ** 2 for day in each), policy.load_per_h2),
        "change_time": _priced(sum(day.changed_times for day in each), policy.change_time),
        "other_hour": _priced(sum(day.other_hours for day in each), policy.other_hour),
        "unplaced": _unplaced(formulation, routes),
    }
    for day in each:
        _add(terms, day.assignment)
    return terms


def _priced(amount: float, price: float) -> Term:
    return Term(float(amount), amount * price)


def _add(sums: dict[str, Term], terms: Terms) -> None:
    for name, term in terms.items():
        before = sums.get(name)
        sums[name] = Term(before.amount + term.amount, before.points + term.points) if before else term


def _worker_day(formulation: Formulation, w: int, route: tuple[int, ...], start_min: Floats) -> WorkerDay:
    day = WorkerDay()
    if not route:
        return day
    visits, workers = formulation.problem.visits, formulation.problem.workers
    at, left_min, free_min = int(workers.start_location[w]), None, float(workers.shift_start[w])
    breaks = formulation.problem.breaks
    due_breaks = [Due(*row) for row in breaks[breaks[:, 0] == w, 1:].tolist()] if len(breaks) else []
    day.paid_min = paid_min(formulation.day.workers[w])
    for visit in route:
        location, start, length = int(visits.location[visit]), float(start_min[visit]), float(visits.duration[visit])
        leg_min = formulation.travel_min(w, at, location)
        tardiness_min = max(0.0, start - float(visits.due[visit]))
        day.travel_min += leg_min
        day.service_min += length
        day.tardiness_min += tardiness_min
        day.weighted_tardiness_min += tardiness_min * float(visits.priority[visit])
        day.max_tardiness_min = max(day.max_tardiness_min, tardiness_min)
        is_fact = not np.isnan(visits.fixed_start[visit])
        rests = [] if is_fact else taken_between(due_breaks[len(day.breaks) :], free_min, leg_min, start)
        day.breaks += tuple(rests)
        if left_min is not None:
            resting_min = sum(rest.to_min - rest.from_min for rest in rests)
            day.waiting_min += max(0.0, start - left_min - leg_min - resting_min)
        at, left_min = location, start + length
        free_min = left_min
        if visit < len(formulation.tasks):
            _add(day.assignment, formulation.costs.terms(formulation.tasks[visit].order, w, formulation.told(visit)))
            day.changed_times += _told_otherwise(formulation, visit, start)
            day.other_hours += _at_other_hour(formulation, visit, start)
    home = int(workers.end_location[w])
    home_min = 0.0 if home == NO_PLACE else formulation.travel_min(w, at, home)
    day.travel_min += home_min
    day.begins_min, day.ends_min = float(start_min[route[0]]), (left_min or 0.0) + home_min
    day.overtime_min = max(0.0, day.work_min - float(workers.contract_minutes[w]))
    return day


def _unplaced(formulation: Formulation, routes: Routes) -> Term:
    """Orders, a visit of a pair counting half; the price is also by priority."""
    placed = {visit for route in routes for visit in route}
    out = [task.order for i, task in enumerate(formulation.tasks) if i not in placed]
    return Term(
        sum(1.0 / len(order.visits) for order in out),
        sum(formulation.policy.unplaced * order.priority / len(order.visits) for order in out),
    )


def _told_otherwise(formulation: Formulation, visit: int, start_min: float) -> bool:
    stop = formulation.tasks[visit].stop
    if stop is None or stop.state is not StopState.TOLD:
        return False
    return abs(start_min - told_start_min(stop)) > formulation.policy.told_tolerance_min + 1e-6


def _at_other_hour(formulation: Formulation, visit: int, start_min: float) -> bool:
    task = formulation.tasks[visit]
    usual_min = task.order.usual_start_min
    if usual_min is None or task.index:
        return False
    return abs(start_min - usual_min) > formulation.policy.usual_tolerance_min + 1e-6
