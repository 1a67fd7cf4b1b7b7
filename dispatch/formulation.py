"""A day as the arrays the kernel works on, and the kernel's answer as a plan again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from dispatch.bounds import Bounds, bounds_of
from dispatch.breaks import Past
from dispatch.columns import (
    away_rows,
    break_rows,
    modes_of,
    pair_columns,
    told_start_min,
    visit_columns,
    worker_columns,
)
from dispatch.costs import AssignmentCosts, kernel_weights
from dispatch.gates import GateKeeper
from dispatch.groups import bond_rows, torn_visits
from dispatch.kernel.problem import Bools, Floats, Problem, Routes
from dispatch.legs import leg_times
from dispatch.model import BEGUN, Day, Plan, Route, Stop, StopState, Worker
from dispatch.policy import Policy
from dispatch.tasks import Anchor, Task, anchors_of, forbidding, routes_of, tasks_of
from dispatch.travel.port import Travel


@dataclass(frozen=True, slots=True, kw_only=True)
class Formulation:
    day: Day
    policy: Policy
    problem: Problem
    """Visits: first one per task, then one of no length per anchor. Locations: visits, workers' starts, their ends."""
    tasks: tuple[Task, ...]
    anchors: tuple[Anchor, ...]
    routes: Routes
    """The day's plan as the kernel has it."""
    task_index: dict[str, int]
    worker_index: dict[str, int]
    gates: GateKeeper
    costs: AssignmentCosts
    pasts: Mapping[str, Past]
    """By worker id."""
    bounds: Mapping[str, Bounds]
    """By worker id."""
    travel_source: str
    travel_fallback: str

    def told(self, task: int) -> tuple[str, Stop] | None:
        stop, worker_id = self.tasks[task].stop, self.tasks[task].worker_id
        return (worker_id, stop) if stop is not None and worker_id is not None else None

    def travel_min(self, worker: int, from_location: int, to_location: int) -> float:
        return float(self.problem.travel[self.problem.workers.mode[worker], from_location, to_location])

    def plan(self, routes: Routes, start_min: Floats) -> Plan:
        """The kernel's routes and starts in the words of the model; visits in no route are waiting."""
        return Plan(
            routes=tuple(
                Route(
                    worker_id=worker.id,
                    stops=tuple(
                        self._stop(visit, worker, float(start_min[visit])) for visit in route if visit < len(self.tasks)
                    ),
                )
                for worker, route in zip(self.day.workers, routes, strict=True)
            )
        )

    def _stop(self, visit: int, worker: Worker, start_min: float) -> Stop:
        task = self.tasks[visit]
        end_min = start_min + float(self.problem.visits.duration[visit])
        if task.stop is None or (task.stop.state is StopState.PLANNED):
            return Stop(visit_id=task.id, start_min=start_min, end_min=end_min)
        stop = replace(task.stop, start_min=start_min, end_min=end_min)
        told_min = told_start_min(task.stop)
        moved = task.worker_id != worker.id or abs(start_min - told_min) > self.policy.told_tolerance_min
        return replace(stop, told_start_min=start_min) if moved and task.stop.state is StopState.TOLD else stop


def formulate(
    day: Day,
    policy: Policy,
    travel: Travel,
    *,
    movable: frozenset[str] | None = None,
    any_hour: frozenset[str] | None = None,
) -> Formulation:
    """`movable`: visit ids that may change worker (None = all that are not frozen). The others keep theirs, which saves
    working out who else could do them. `any_hour`: ids of orders of a series that may leave their usual hour, at its
    price (None = those that wait for a place)."""
    if any_hour is None:
        any_hour = frozenset(order.id for order in day.waiting() if order.usual_start_min is not None)
    tasks = tasks_of(day)
    task_index = {task.id: i for i, task in enumerate(tasks)}
    worker_index = {worker.id: w for w, worker in enumerate(day.workers)}
    gates, costs = GateKeeper(day, policy), AssignmentCosts(day, policy)
    anchors = anchors_of(day, gates, tasks, task_index)
    eligible, assignment = _assignments(day, tasks, gates, costs, movable)
    legs = leg_times(day, tasks, anchors, travel=travel, policy=policy)
    routes = routes_of(day, task_index, {anchor.worker_id: len(tasks) + i for i, anchor in enumerate(anchors)})
    pasts = _pasts(day, tasks, anchors, routes, legs.minutes)
    stops = {route.worker_id: route.stops for route in day.plan.routes}
    bounds = {
        worker.id: bounds_of(worker, gates.free[worker.id], stops.get(worker.id, ()), pasts[worker.id], day.now_min)
        for worker in day.workers
    }
    anchored = np.zeros((len(anchors), len(day.workers)), dtype=np.bool_)
    for i, anchor in enumerate(anchors):
        anchored[i, worker_index[anchor.worker_id]] = True
    problem = Problem(
        visits=visit_columns(day, policy, tasks, anchors, bounds=bounds, any_hour=any_hour),
        workers=worker_columns(day, bounds, tasks, anchors),
        eligible=np.vstack((eligible, anchored)),
        assignment_cost=np.vstack((assignment, np.zeros(anchored.shape))),
        travel=legs.minutes,
        pairs=pair_columns(tasks),
        away=away_rows(day, bounds),
        breaks=break_rows(day, bounds),
        bonds=bond_rows(day, task_index),
        weights=kernel_weights(policy),
        routes=routes,
    )
    return Formulation(
        day=day,
        policy=policy,
        problem=problem,
        tasks=tasks,
        anchors=anchors,
        routes=routes,
        task_index=task_index,
        worker_index=worker_index,
        gates=gates,
        costs=costs,
        pasts=pasts,
        bounds=bounds,
        travel_source=legs.source,
        travel_fallback=legs.fallback_reason,
    )


def _pasts(
    day: Day, tasks: tuple[Task, ...], anchors: tuple[Anchor, ...], routes: Routes, minutes: Floats
) -> Mapping[str, Past]:
    modes, starts = modes_of(day), len(tasks) + len(anchors)
    pasts = {}
    for w, (worker, route) in enumerate(zip(day.workers, routes, strict=True)):
        ways = minutes[modes.index(worker.mode), [starts + w, *route[:-1]], list(route)].tolist() if route else []
        stops = [tasks[i].stop if i < len(tasks) else None for i in route]
        begun = sum(stop is not None and stop.state in BEGUN for stop in stops)
        anchored = any(i >= len(tasks) for i in route)
        following = begun + anchored
        stop = stops[following] if following < len(stops) else None
        pasts[worker.id] = Past(
            begun=tuple(stop for stop in stops[:begun] if stop is not None),
            ways_min=tuple(ways[:begun]),
            next_start_min=None if stop is None else stop.start_min,
            next_way_min=0.0 if stop is None else ways[following],
            anchored=anchored,
        )
    return pasts


def _assignments(
    day: Day, tasks: tuple[Task, ...], gates: GateKeeper, costs: AssignmentCosts, movable: frozenset[str] | None
) -> tuple[Bools, Floats]:
    """(tasks, workers) who may, and at what price. What stays with its worker costs the same in every plan: 0."""
    worker_index, torn = {worker.id: w for w, worker in enumerate(day.workers)}, torn_visits(day)
    eligible = np.zeros((len(tasks), len(day.workers)), dtype=np.bool_)
    points = np.zeros((len(tasks), len(day.workers)))
    for i, task in enumerate(tasks):
        told = (task.worker_id, task.stop) if task.worker_id is not None and task.stop is not None else None
        stays = task.begun or task.promised or (told is not None and movable is not None and task.id not in movable)
        if not stays and task.id not in torn:
            eligible[i] = ~np.any(list(forbidding(task, day, gates).values()), axis=0)
            points[i] = costs.points(task.order, told)
        if told is not None:
            # What is planned was let through the gates before; it is repair's work to look again.
            eligible[i, worker_index[told[0]]] = True
    return eligible, points
