"""Between the caller's problem and the packed state: a state holding given routes, and the plan of a state."""

from dataclasses import replace

import numpy as np

from dispatch.kernel.admission import admit
from dispatch.kernel.arrays import CONTRACT, LIMIT, SEARCH_LIMIT, TAKEN, USE, Data, State, empty_state, pack
from dispatch.kernel.construct import freeze, resume
from dispatch.kernel.problem import Floats, Ints, Plan, Problem, Routes, Skipped
from dispatch.kernel.warmup import load


def resumed(problem: Problem, *, neighbours: bool = False, seed: int = 0) -> tuple[Data, State]:
    """The frozen visits and whatever else of `problem.routes` no hard rule forbids; all others are in the pool.

    :raises NotCompiled: nothing here is compiled on the way; see `warmup`.
    """
    admit(problem)
    load()
    data = pack(problem, neighbours=neighbours)
    state = empty_state(data, seed)
    frozen, places, visits, workers = [], [], [], []
    for worker, route in enumerate(problem.routes):
        at = data.n + data.m + worker
        for visit in route:
            if data.fixed[visit]:
                frozen.append(visit)
                places.append(at)
                at = visit
            else:
                visits.append(visit)
                workers.append(worker)
    freeze(data, state, _ints(frozen), _ints(places))
    resume(data, state, _ints(visits), _ints(workers))
    state.sizes[LIMIT] = SEARCH_LIMIT
    return data, state


def evaluate(problem: Problem, routes: Routes) -> Plan | None:
    """The plan of exactly these routes, at the earliest times; None when they break a hard rule.

    Visits in no route are skipped, without a reason given.
    """
    data, state = resumed(replace(problem, routes=routes))
    if routes_of(data, state) != tuple(tuple(route) for route in routes):
        return None
    return plan_of(problem, data, state)


def routes_of(data: Data, state: State) -> Routes:
    routes = []
    for worker in range(data.m):
        route: list[int] = []
        node = state.nxt[data.n + data.m + worker]
        while node < data.n:
            route.append(int(node))
            node = state.nxt[node]
        routes.append(tuple(route))
    return tuple(routes)


def plan_of(problem: Problem, data: Data, state: State, skipped: tuple[Skipped, ...] = ()) -> Plan:
    routes = routes_of(data, state)
    served = state.route[: data.n] >= 0
    start = np.where(served, state.start[: data.n], np.nan)
    terms = _terms(problem, data, state, routes, start)
    return Plan(routes=routes, start=start, cost=sum(terms.values()), terms=terms, skipped=skipped)


def _terms(problem: Problem, data: Data, state: State, routes: Routes, start: Floats) -> dict[str, float]:
    weights, workers = problem.weights, problem.workers
    travel = waiting = late = overtime = squared = assignment = use = 0.0
    for worker, route in enumerate(routes):
        if not route:
            continue
        nodes = [data.n + data.m + worker, *route, data.n + worker]
        places = data.loc[nodes]
        legs = data.travel[data.mode[worker], places[:-1], places[1:]]
        work = legs.sum() + data.dur[nodes].sum()
        ready = start[list(route)]
        arrival = ready[:-1] + data.dur[list(route[:-1])] + legs[1:-1]
        travel += legs.sum()
        resting = _resting(data, state, worker, route)
        waiting += np.maximum(0.0, ready[1:] - arrival - resting[1:]).sum()
        late += max(0.0, state.start[data.n + worker] - workers.shift_end[worker])
        overtime += max(0.0, work - data.of_worker[worker, CONTRACT])
        squared += work * work
        assignment += data.assign[list(route), worker].sum()
        use += data.of_worker[worker, USE]
    tardiness = np.nan_to_num(np.maximum(0.0, start - problem.visits.due))
    return {
        "travel": float(weights.travel * travel),
        "tardiness": float(weights.tardiness * (problem.visits.priority * tardiness).sum()),
        "max_tardiness": float(weights.max_tardiness * tardiness.max(initial=0.0)),
        "waiting": float(weights.waiting * waiting),
        "late_return": float(weights.late_return * late),
        "overtime": float(weights.overtime * overtime),
        "work_squared": float(weights.work_squared * squared),
        "assignment": float(assignment),
        "use": float(use),
        "skipped": float(data.skip[np.isnan(start)].sum()),
    }


def _resting(data: Data, state: State, worker: int, route: tuple[int, ...]) -> Floats:
    """(visits of the route,) minutes of breaks just before each."""
    breaks = data.away[data.away_at[worker, 1] : data.away_at[worker + 1, 0], 2]
    if not len(breaks):
        return np.zeros(len(route))
    taken = np.concatenate(([0.0], np.cumsum(breaks)))[state.marks[list(route), TAKEN]]
    return np.diff(taken, prepend=0.0)


def _ints(values: list[int]) -> Ints:
    return np.array(values, np.int64)
