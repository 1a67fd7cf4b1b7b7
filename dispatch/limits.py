"""The true reason why somebody has no place for a visit: the fewest limits that, lifted together, make room."""

from collections.abc import Collection
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from dispatch.bounds import FOREVER_MIN, Bounds, bounds_of
from dispatch.formulation import Formulation
from dispatch.gates import Gate, working_time
from dispatch.kernel.arrays import MOST_VISITS, MOST_WORK, Data, State, empty_state
from dispatch.kernel.offers import has_place_if
from dispatch.kernel.plans import resumed
from dispatch.kernel.reasons import only_frozen
from dispatch.legs import UNREACHABLE_MIN
from dispatch.model import Interval, Worker, visit_window

HOURS_OF_WORK = (Gate.DAY_HOURS, Gate.WEEK_HOURS, Gate.MONTH_HOURS)
BESIDE_THE_PLAN = (Gate.DAY_VISITS, *HOURS_OF_WORK, Gate.BREAK, Gate.USUAL_HOUR)
"""Limits that what is planned uses up: named rather than the plan itself, the first that helps."""
LIMITS = (*BESIDE_THE_PLAN, Gate.HOURS, Gate.REST, Gate.LAST_BUS)

NEVER = Interval(2.0 * FOREVER_MIN, 2.0 * FOREVER_MIN)


def relieved(worker: Worker, gates: Collection[Gate]) -> Worker:
    """The worker as these gates would have it if they did not hold."""
    if Gate.HOURS in gates:
        worker = replace(worker, shifts=(Interval(-FOREVER_MIN, FOREVER_MIN),), leave=())
    if Gate.REST in gates:
        worker = replace(worker, last_shift_ended_min=-FOREVER_MIN, next_shift_begins_min=None)
    if Gate.LAST_BUS in gates:
        worker = replace(worker, last_departure_min=None)
    if Gate.BREAK in gates:  # what is paid still is
        worker = replace(worker, breaks=tuple(replace(one, window=NEVER) for one in worker.breaks))
    if Gate.DAY_VISITS in gates:
        worker = replace(worker, max_visits=None)
    if Gate.DAY_HOURS in gates:
        worker = replace(worker, max_work_min=FOREVER_MIN)
    if Gate.WEEK_HOURS in gates:
        worker = replace(worker, week_left_min=None)
    if Gate.MONTH_HOURS in gates:
        worker = replace(worker, month_left_min=None)
    return worker


class _Packed(NamedTuple):
    data: Data
    planned: State
    begun: State
    """With nothing but what has begun."""
    empty: State


class Limits:
    """Of the plan of one formulation."""

    def __init__(self, formulation: Formulation) -> None:
        self._formulation = formulation
        self._stops = {route.worker_id: route.stops for route in formulation.day.plan.routes}

    @cached_property
    def _packed(self) -> _Packed:
        data, planned = resumed(replace(self._formulation.problem, routes=self._formulation.routes))
        # Groups are a gate of their own; what is looked at here is the rest.
        free = data._replace(bonds=np.zeros_like(data.bonds), eligible=data.eligible.copy())
        return _Packed(free, planned, only_frozen(data, planned), empty_state(data, 0))

    def stopping(self, task: int, worker: int) -> tuple[Gate, ...]:
        """Beside the gates of one worker and one visit. () = nothing does.

        NO_ROOM lifted = what is planned for the worker and has not begun is gone. REACH or TRAVEL lifted = the ways to
        the visit and from it take no time. With both what has begun is gone too.
        """
        if self._has_place(task, worker, ()):
            return ()
        if found := self.beside_the_plan(task, worker):
            return found
        if self._has_place(task, worker, (Gate.NO_ROOM,)):
            return (Gate.NO_ROOM,)
        way = Gate.REACH if _reachable(self._formulation, task, worker) else Gate.TRAVEL
        limits = [gate for gate in LIMITS if _binds(self._formulation, gate, task, worker)]
        return self._fewest(task, worker, (*limits, Gate.NO_ROOM, way))

    def beside_the_plan(self, task: int, worker: int) -> tuple[Gate, ...]:
        """The limits that what is planned uses up, if lifting them is enough for somebody who has no place."""
        limits = [gate for gate in BESIDE_THE_PLAN if _binds(self._formulation, gate, task, worker)]
        hours = tuple(gate for gate in limits if gate in HOURS_OF_WORK)
        for gates in (*((gate,) for gate in limits), hours):
            if self._has_place(task, worker, gates):
                return self._fewest(task, worker, gates)
        return ()

    def briefly(self, task: int, worker: int, work_min: float) -> tuple[Gate, ...]:
        """Of somebody who has no place, at little cost: the plan, unless a limit that it uses up is enough to lift.
        `work_min`: what is planned for the worker."""
        formulation, problem = self._formulation, self._formulation.problem
        special = any(_binds(formulation, gate, task, worker) for gate in BESIDE_THE_PLAN if gate is not Gate.DAY_HOURS)
        worked = work_min + problem.visits.duration[task] > problem.workers.work_limit[worker]
        found = self.beside_the_plan(task, worker) if special or worked else ()
        return found or (Gate.NO_ROOM if _reachable(formulation, task, worker) else Gate.TRAVEL,)

    def _fewest(self, task: int, worker: int, gates: tuple[Gate, ...]) -> tuple[Gate, ...]:
        for gate in gates:
            fewer = tuple(other for other in gates if other is not gate)
            if fewer and self._has_place(task, worker, fewer):
                gates = fewer
        return gates

    def _has_place(self, task: int, worker: int, gates: Collection[Gate]) -> bool:
        formulation, data, state = self._formulation, self._packed.data, self._packed.planned
        no_way = Gate.REACH in gates or Gate.TRAVEL in gates
        if Gate.NO_ROOM in gates:
            state = self._packed.empty if no_way else self._packed.begun
        of_day = formulation.day.workers[worker]
        stops, past = self._stops.get(of_day.id, ()), formulation.pasts[of_day.id]
        free = relieved(of_day, gates)
        bounds = bounds_of(free, working_time(free, formulation.policy), stops, past, formulation.day.now_min)
        lifted = _bounded(data, worker, bounds)
        if past.begun and not past.anchored:  # who was off, and without a limit is not, cannot leave before now
            last = formulation.task_index[past.begun[-1].visit_id]
            lifted.dur[last] = max(data.dur[last], bounds.stands_until_min - data.early[last])
        if no_way:
            here = int(formulation.problem.visits.location[task])
            lifted = lifted._replace(travel=data.travel.copy())
            lifted.travel[:, here, :], lifted.travel[:, :, here] = 0.0, 0.0
        if Gate.USUAL_HOUR in gates:
            one = formulation.tasks[task]
            earliest, _, latest = visit_window(one.order, one.index)
            lifted.early[task], lifted.latest[task] = max(earliest, formulation.day.now_min), latest
        lifted.eligible[task, worker] = True
        return bool(has_place_if(data, lifted, state, task, worker))


def _binds(formulation: Formulation, gate: Gate, task: int, w: int) -> bool:
    if gate is Gate.USUAL_HOUR:
        return formulation.tasks[task].order.usual_start_min is not None
    worker = formulation.day.workers[w]
    return relieved(worker, (gate,)) != worker


def _reachable(formulation: Formulation, task: int, worker: int) -> bool:
    """From where the worker starts, or from anywhere on the route, is there a way to the visit?"""
    problem = formulation.problem
    before = [int(problem.workers.start_location[worker])]
    before += [int(problem.visits.location[visit]) for visit in formulation.routes[worker]]
    here = int(problem.visits.location[task])
    return any(formulation.travel_min(worker, at, here) < UNREACHABLE_MIN for at in before)


def _bounded(data: Data, w: int, bounds: Bounds) -> Data:
    """With this worker's bounds, but never narrower than begun visits have made them."""
    start, end = data.n + data.m + w, data.n + w
    lifted = data._replace(
        dur=data.dur.copy(),
        early=data.early.copy(),
        latest=data.latest.copy(),
        of_worker=data.of_worker.copy(),
    )
    lifted.early[start] = bounds.ready_min
    lifted.latest[end] = max(bounds.home_by_min, data.latest[end])
    lifted.of_worker[w, MOST_WORK] = max(bounds.work_limit_min, data.of_worker[w, MOST_WORK])
    lifted.of_worker[w, MOST_VISITS] = max(bounds.visit_limit, data.of_worker[w, MOST_VISITS])
    absences = [(time.from_min, time.to_min, 0.0) for time in bounds.away]
    rows = np.array([*absences, *bounds.breaks], np.float64).reshape(-1, 3)
    first, following = data.away_at[w, 0], data.away_at[w + 1, 0]
    at = data.away_at.copy()
    at[w, 1] = first + len(absences)
    at[w + 1 :] += len(rows) - (following - first)
    away = np.ascontiguousarray(np.concatenate((data.away[:first], rows, data.away[following:])))
    return lifted._replace(away_at=at, away=away)
