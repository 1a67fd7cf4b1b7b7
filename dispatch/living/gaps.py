"""The timetable as columns, kept up to date route by route; from it follows what each gap leaves room for."""

from collections.abc import Iterable

import numpy as np

from dispatch.columns import modes_of
from dispatch.formulation import Formulation
from dispatch.kernel.problem import NO_PLACE, Bools, Floats, Ints, Weights
from dispatch.legs import home_min
from dispatch.living.columns import GapColumns, Objects, VisitColumns, WorkerColumns, blank, widened
from dispatch.model import BEGUN, FROZEN, Day, visit_window
from dispatch.travel.places import Places

FIRST_WIDTH = 8


class Gaps:
    def __init__(self, day: Day, weights: Weights) -> None:
        workers = len(day.workers)
        self.weights = weights
        self.modes = modes_of(day)
        self.visits = blank(VisitColumns, (workers, FIRST_WIDTH))
        self.workers = blank(WorkerColumns, (workers,))
        self.gaps = blank(GapColumns, (workers, FIRST_WIDTH + 1))
        self.away: Floats = np.empty((workers, 0, 2))
        """(workers, most, 2) from, to, by time: not at work. What a worker has less is empty."""
        self.fetching = False
        """Some visit has a pickup, or had one."""

    def largest_tardiness(self, besides: Iterable[tuple[int, int]] = ()) -> tuple[float, str | None]:
        """Of all visits but those at (worker, position), and which one it is; (0, None) where none is late."""
        tardiness = self.visits.start - self.visits.due
        for at in besides:
            tardiness[at] = 0.0
        if tardiness.size == 0:
            return 0.0, None
        worst = np.unravel_index(np.argmax(tardiness), tardiness.shape)
        late_min = float(tardiness[worst])
        return (late_min, str(self.visits.id[worst])) if late_min > 0.0 else (0.0, None)

    def take_route(self, row: int, formulation: Formulation, worker: int, start: Floats) -> None:
        """The route of the formulation's `worker` as it is timed there becomes this row."""
        route = list(formulation.routes[worker])
        count, width = len(route), self.visits.start.shape[1]
        if count > width:
            self.visits = widened(self.visits, 2 * width)
            self.gaps = blank(GapColumns, (len(self.gaps.leaves), 2 * width + 1))
            self.settle(np.arange(len(self.gaps.leaves)))
            return self.take_route(row, formulation, worker, start)
        _blank_row(self.visits, row)
        visits, problem, to = self.visits, formulation.problem, slice(0, count)
        visits.duration[row, to] = problem.visits.duration[route]
        visits.due[row, to] = problem.visits.due[route]
        visits.latest[row, to] = problem.visits.latest[route]
        visits.price[row, to] = problem.visits.priority[route] * problem.weights.tardiness
        visits.start[row, to] = start[route]
        visits.begun[row, to] = ~np.isnan(problem.visits.fixed_start[route])
        places = problem.visits.location[route]
        before = np.concatenate((problem.workers.start_location[worker : worker + 1], places[:-1]))
        visits.leg[row, to] = problem.travel[problem.workers.mode[worker], before, places]
        for k, visit in enumerate(route):
            self._take_visit(row, k, formulation, visit)
        self._take_worker(row, formulation, worker)
        self._take_away(row, formulation.problem.away, worker)
        return None

    def _take_visit(self, row: int, k: int, formulation: Formulation, visit: int) -> None:
        visits, idle = self.visits, visit - len(formulation.tasks)
        if idle >= 0:
            place = formulation.anchors[idle].place
            visits.due[row, k] = np.inf
        else:
            task = formulation.tasks[visit]
            place = task.order.place
            earliest, due, _ = visit_window(task.order, task.index)
            visits.id[row, k] = task.id
            visits.hour[row, k] = (earliest + due) / 120.0
        visits.place[row, k], visits.lat[row, k], visits.lon[row, k] = place, place.lat, place.lon
        visits.pickup[row, k] = place.pickup
        self.fetching |= place.pickup is not None

    def _take_worker(self, row: int, formulation: Formulation, w: int) -> None:
        workers, problem, person = self.workers, formulation.problem, formulation.day.workers[w]
        route, free = formulation.routes[w], formulation.gates.free[person.id]
        begun = [visit for visit in route if not np.isnan(problem.visits.fixed_start[visit])]
        stops = [formulation.tasks[visit].stop for visit in route if visit < len(formulation.tasks)]
        start, end = person.start if begun else person.position or person.start, person.end or person.start
        workers.start_place[row], workers.start_lat[row], workers.start_lon[row] = start, start.lat, start.lon
        workers.end_place[row], workers.end_lat[row], workers.end_lon[row] = end, end.lat, end.lon
        workers.has_end[row] = person.end is not None
        workers.count[row] = len(route)
        workers.idle_at[row] = next((k for k, visit in enumerate(route) if visit >= len(formulation.tasks)), -1)
        workers.ready[row] = free[0].from_min if free else -np.inf
        workers.ended[row] = free[-1].to_min if free else -np.inf
        workers.begun_until[row] = max((s.end_min for s in stops if s and s.state in BEGUN), default=-np.inf)
        workers.frozen_until[row] = max((s.end_min for s in stops if s and s.state in FROZEN), default=-np.inf)
        workers.leaves[row] = problem.workers.shift_start[w]
        workers.home_leg[row] = _home_leg(formulation, w, route[-1]) if route else 0.0
        workers.home_hour[row] = home_min(person) / 60.0
        workers.limit[row] = problem.workers.shift_limit[w]
        workers.work[row] = self.visits.duration[row].sum() + self.visits.leg[row].sum() + workers.home_leg[row]
        workers.contract[row] = problem.workers.contract_minutes[w]
        workers.work_limit[row] = problem.workers.work_limit[w]
        breaks = problem.breaks[problem.breaks[:, 0] == w, 1:]
        now_min = formulation.day.now_min
        resting = formulation.bounds[person.id].stands_until_min > now_min
        workers.breaks_min[row] = breaks[:, 2].sum()
        workers.break_from[row] = -np.inf if resting else breaks[:, 0].min(initial=np.inf)
        workers.mode[row] = self.modes.index(person.mode)
        workers.broken[row] = False
        if begun:  # facts that break a limit move it (kernel.construct.freeze)
            back, done = _home_leg(formulation, w, begun[-1]), len(begun)
            spent = self.visits.duration[row, :done].sum() + self.visits.leg[row, :done].sum() + back
            last = self.visits.start[row, done - 1] + self.visits.duration[row, done - 1] + back
            workers.work_limit[row] = max(workers.work_limit[row], spent)
            workers.limit[row] = max(workers.limit[row], last)

    def _take_away(self, row: int, away: Floats, worker: int) -> None:
        rows = away[away[:, 0] == worker, 1:]
        if len(rows) > self.away.shape[1]:
            more = np.full((len(self.away), len(rows), 2), (np.inf, -np.inf))
            more[:, : self.away.shape[1]] = self.away
            self.away = more
        self.away[row] = np.inf, -np.inf
        self.away[row, : len(rows)] = rows[np.argsort(rows[:, 0])]

    def move_clock(self, now_min: float) -> Ints:
        """Everybody stands, or may leave, where and when they do now. Returns the rows that must be timed anew."""
        workers, visits = self.workers, self.visits
        begun = workers.begun_until > -np.inf
        ready = np.where(workers.ready > -np.inf, workers.ready, now_min)
        ended = np.where(workers.ended > -np.inf, workers.ended, now_min)
        workers.leaves = np.where(begun, ready, np.maximum(ready, now_min))
        idle = begun & (workers.begun_until < now_min) & (workers.ended > now_min)
        rows = np.flatnonzero(workers.idle_at >= 0)
        visits.start[rows, workers.idle_at[rows]] = now_min
        unlimited = (workers.limit < np.inf) & (np.maximum(workers.frozen_until, now_min) >= ended)
        self.settle(np.arange(len(begun)))
        earliest = self.gaps.leaves[:, :-1] + visits.leg
        pushed = (~visits.begun & (visits.start < earliest - 1e-9) & (visits.start > -np.inf)).any(axis=1)
        changed = idle != (workers.idle_at >= 0)
        return np.flatnonzero(pushed | changed | unlimited | (workers.break_from < now_min))

    def before(self, row: Ints, k: Ints) -> Places:
        """Where the worker comes from who reaches each gap."""
        workers, visits, at = self.workers, self.visits, np.maximum(k - 1, 0)
        return Places(
            lambda: np.where(k == 0, workers.start_place[row], visits.place[row, at]),
            np.where(k == 0, workers.start_lat[row], visits.lat[row, at]),
            np.where(k == 0, workers.start_lon[row], visits.lon[row, at]),
            self._pickups(row, at, k > 0),
        )

    def after(self, row: Ints, k: Ints) -> Places:
        """Where the worker goes to from each gap; that of a route that ends anywhere is not to be used."""
        workers, visits, at = self.workers, self.visits, np.minimum(k, self.visits.start.shape[1] - 1)
        ends = k >= workers.count[row]
        return Places(
            lambda: np.where(ends, workers.end_place[row], visits.place[row, at]),
            np.where(ends, workers.end_lat[row], visits.lat[row, at]),
            np.where(ends, workers.end_lon[row], visits.lon[row, at]),
            self._pickups(row, at, ~ends),
        )

    def _pickups(self, row: Ints, at: Ints, is_visit: Bools) -> Objects | None:
        if not self.fetching:
            return None
        found: Objects = self.visits.pickup[row, at]
        found[~is_visit] = None
        return found

    def column(self, row: int, position: int) -> int:
        """Of the stop at this position of the plan's route."""
        idle_at = int(self.workers.idle_at[row])
        return position + int(0 <= idle_at <= position)

    def settle(self, rows: Ints) -> None:
        """What follows from the visits and workers of these rows."""
        gaps, visits, workers = self.gaps, self.visits, self.workers
        width = visits.start.shape[1]
        count = workers.count[rows, None]
        is_visit = np.arange(width) < count
        ends = visits.start[rows] + visits.duration[rows]
        gaps.leaves[rows, 0] = workers.leaves[rows]
        gaps.leaves[rows, 1:] = np.where(is_visit, ends, 0.0)
        gaps.leg[rows, :-1] = np.where(is_visit, visits.leg[rows], 0.0)
        gaps.leg[rows, workers.count[rows]] = workers.home_leg[rows]
        gaps.start[rows, :-1] = np.where(is_visit, visits.start[rows], 0.0)
        gaps.due[rows, :-1] = visits.due[rows]
        gaps.price[rows, :-1] = visits.price[rows]
        arrival = gaps.leaves[rows, :-1] + gaps.leg[rows, :-1]
        waiting = np.where(is_visit & (np.arange(width) > 0), np.maximum(0.0, visits.start[rows] - arrival), 0.0)
        gaps.waiting[rows, :-1] = np.cumsum(waiting[:, ::-1], axis=1)[:, ::-1]
        gaps.waiting_after[rows, :-1] = gaps.waiting[rows, :-1] - waiting
        gaps.open[rows, :-1] = is_visit & ~visits.begun[rows]
        gaps.open[rows, -1] = False
        gaps.open[rows, workers.count[rows]] = True
        gaps.open[rows] &= ~workers.broken[rows, None]
        gaps.latest[rows] = self._latest(rows, is_visit)

    def _latest(self, rows: Ints, is_visit: Bools) -> Floats:
        """(rows, most visits + 1) by when the visit after the gap must begin, so that all after it is in time too."""
        visits, workers = self.visits, self.workers
        count, width = workers.count[rows], is_visit.shape[1]
        latest = np.full((len(rows), width + 1), np.inf)
        latest[np.arange(len(rows)), count] = workers.limit[rows]
        for k in range(width - 1, -1, -1):
            onward = np.where(k + 1 < count, visits.leg[rows, min(k + 1, width - 1)], workers.home_leg[rows])
            duration = visits.duration[rows, k]
            last = np.minimum(visits.latest[rows, k], latest[:, k + 1] - onward - duration)
            for i in range(self.away.shape[1] - 1, -1, -1):
                begins, ends = self.away[rows, i, 0], self.away[rows, i, 1]
                last = np.where((last < ends) & (last + duration > begins), begins - duration, last)
            latest[:, k] = np.where(is_visit[:, k], np.where(visits.begun[rows, k], np.inf, last), latest[:, k])
        return latest


def _blank_row(visits: VisitColumns, row: int) -> None:
    empty = blank(VisitColumns, (1, visits.start.shape[1]))
    for name in VisitColumns.__slots__:
        getattr(visits, name)[row] = getattr(empty, name)[0]


def _home_leg(formulation: Formulation, worker: int, last_visit: int) -> float:
    home = int(formulation.problem.workers.end_location[worker])
    if home == NO_PLACE:
        return 0.0
    return formulation.travel_min(worker, int(formulation.problem.visits.location[last_visit]), home)
