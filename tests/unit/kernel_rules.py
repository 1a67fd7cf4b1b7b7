"""The rules and the price of a kernel plan in plain loops, from the words of `dispatch/kernel/problem.py` alone."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from dispatch.kernel.problem import NO_PLACE, Plan, Problem

SLACK = 1e-5
SECONDS = 2.0 / 60.0


def leg(problem: Problem, worker: int, a: int, b: int) -> float:
    return 0.0 if NO_PLACE in (a, b) else float(problem.travel[problem.workers.mode[worker], a, b])


def stops(problem: Problem, worker: int, route: tuple[int, ...]) -> list[int]:
    workers = problem.workers
    places = [int(problem.visits.location[visit]) for visit in route]
    return [int(workers.start_location[worker]), *places, int(workers.end_location[worker])]


def returned_at(problem: Problem, plan: Plan, worker: int, route: tuple[int, ...]) -> float:
    last = route[-1]
    home = leg(problem, worker, int(problem.visits.location[last]), int(problem.workers.end_location[worker]))
    return float(plan.start[last] + problem.visits.duration[last]) + home


def work_of(problem: Problem, worker: int, route: tuple[int, ...]) -> float:
    travel = sum(leg(problem, worker, a, b) for a, b in pairwise(stops(problem, worker, route)))
    return travel + float(sum(problem.visits.duration[visit] for visit in route))


def arrivals(problem: Problem, plan: Plan, worker: int, route: tuple[int, ...]) -> list[float]:
    places, free = stops(problem, worker, route), float(problem.workers.shift_start[worker])
    found = []
    for at, visit in enumerate(route):
        found.append(free + leg(problem, worker, places[at], places[at + 1]))
        free = float(plan.start[visit] + problem.visits.duration[visit])
    return found


def is_frozen(problem: Problem, visit: int) -> bool:
    return not np.isnan(problem.visits.fixed_start[visit])


def broken(problem: Problem, plan: Plan) -> list[str]:
    return [
        *_once(problem, plan),
        *_routes(problem, plan),
        *_breaks(problem, plan),
        *_pairs(problem, plan),
        *_bonds(problem, plan),
        *_frozen(problem, plan),
    ]


def _once(problem: Problem, plan: Plan) -> Iterator[str]:
    served = [visit for route in plan.routes for visit in route]
    skipped = [each.visit for each in plan.skipped]
    if sorted(served + skipped) != list(range(len(problem.visits.location))):
        yield f"not every visit once: served {served}, skipped {skipped}"
    yield from (f"{visit} is skipped and has a start" for visit in skipped if not np.isnan(plan.start[visit]))


def _routes(problem: Problem, plan: Plan) -> Iterator[str]:
    visits, workers = problem.visits, problem.workers
    for worker, route in enumerate(plan.routes):
        for visit, arrival in zip(route, arrivals(problem, plan, worker, route), strict=True):
            start, end = plan.start[visit], plan.start[visit] + visits.duration[visit]
            if is_frozen(problem, visit):
                continue
            if not problem.eligible[visit, worker]:
                yield f"{visit} by {worker}: not eligible"
            if start < arrival - SLACK or start < visits.earliest[visit] - SLACK:
                yield f"{visit} by {worker}: starts too early"
            if start > visits.latest[visit] + SLACK:
                yield f"{visit} by {worker}: starts too late"
            for who, away_from, away_to in problem.away:
                if who == worker and start < away_to - SLACK and end > away_from + SLACK:
                    yield f"{visit} by {worker}: the worker is away"
        if route and not is_frozen(problem, route[-1]):
            if returned_at(problem, plan, worker, route) > workers.shift_limit[worker] + SLACK:
                yield f"{worker}: ends after the shift's limit"
            if work_of(problem, worker, route) > workers.work_limit[worker] + SLACK:
                yield f"{worker}: works too long"
            if len(route) > workers.visit_limit[worker]:
                yield f"{worker}: too many visits"


def rests(problem: Problem, plan: Plan, worker: int, route: tuple[int, ...]) -> Iterator[list[tuple[float, float]]]:
    """Before each visit the breaks in the gap before it, as (begin, minutes): each in the first gap it fits into."""
    left = sorted((tuple(row[1:]) for row in problem.breaks if row[0] == worker), key=lambda row: row[0])
    places, free = stops(problem, worker, route), float(problem.workers.shift_start[worker])
    for at, visit in enumerate(route):
        start, way, taken = float(plan.start[visit]), leg(problem, worker, places[at], places[at + 1]), []
        while left and not is_frozen(problem, visit):
            from_min, until_min, minutes = left[0]
            there = max(free + way, from_min) if free + way <= until_min + SECONDS else None
            begin = max(free, from_min) if there is None else there
            if begin + minutes + (way if there is None else 0.0) > start + SECONDS:
                break
            taken.append((begin, minutes))
            free, way = begin + minutes, way if there is None else 0.0
            left.pop(0)
        yield taken
        free = start + float(problem.visits.duration[visit])


def _breaks(problem: Problem, plan: Plan) -> Iterator[str]:
    for worker, route in enumerate(plan.routes):
        mine = sorted((row for row in problem.breaks if row[0] == worker), key=lambda row: row[1])
        due = [row[2] for row in mine]
        for visit, taken in zip(route, rests(problem, plan, worker, route), strict=True):
            due = due[len(taken) :]
            ends = plan.start[visit] + problem.visits.duration[visit]
            if due and ends > due[0] + SECONDS + SLACK and not is_frozen(problem, visit):
                yield f"{visit} by {worker}: ends at {ends}, and the break was to begin by {due[0]}"


def _bonds(problem: Problem, plan: Plan) -> Iterator[str]:
    owner = {visit: worker for worker, route in enumerate(plan.routes) for visit in route}
    for a, b, together in problem.bonds:
        both_facts = is_frozen(problem, a) and is_frozen(problem, b)
        if a in owner and b in owner and not both_facts and (owner[a] == owner[b]) != bool(together):
            yield f"{a} and {b}: {'not one worker' if together else 'one worker'}"


def _pairs(problem: Problem, plan: Plan) -> Iterator[str]:
    pairs = problem.pairs
    owner = {visit: worker for worker, route in enumerate(plan.routes) for visit in route}
    for a, b, low, high in zip(pairs.first, pairs.second, pairs.min_gap, pairs.max_gap, strict=True):
        if is_frozen(problem, a) and is_frozen(problem, b):
            continue
        if (a in owner) != (b in owner) and not (is_frozen(problem, a) or is_frozen(problem, b)):
            yield f"half a pair: {a}, {b}"
        if a in owner and b in owner:
            if owner[a] == owner[b]:
                yield f"one worker for both {a} and {b}"
            if not low - SLACK <= plan.start[b] - plan.start[a] <= high + SLACK:
                yield f"{a} and {b} out of step"


def _frozen(problem: Problem, plan: Plan) -> Iterator[str]:
    for worker, route in enumerate(problem.routes):
        prefix = tuple(visit for visit in route if is_frozen(problem, visit))
        if plan.routes[worker][: len(prefix)] != prefix:
            yield f"{worker}: frozen visits moved"
        for visit in prefix:
            if plan.start[visit] != problem.visits.fixed_start[visit]:
                yield f"{visit}: a frozen start moved"


def price(problem: Problem, plan: Plan) -> float:
    visits, workers, weights = problem.visits, problem.workers, problem.weights
    total, largest = 0.0, 0.0
    for worker, route in enumerate(plan.routes):
        if not route:
            continue
        work = work_of(problem, worker, route)
        total += weights.travel * sum(leg(problem, worker, a, b) for a, b in pairwise(stops(problem, worker, route)))
        total += weights.late_return * max(
            0.0, returned_at(problem, plan, worker, route) - float(workers.shift_end[worker])
        )
        total += weights.overtime * max(0.0, work - float(workers.contract_minutes[worker]))
        total += weights.work_squared * work**2 + float(workers.use_cost[worker])
        resting = [sum(minutes for _, minutes in taken) for taken in rests(problem, plan, worker, route)]
        for at, (visit, arrival) in enumerate(zip(route, arrivals(problem, plan, worker, route), strict=True)):
            late = max(0.0, float(plan.start[visit] - visits.due[visit]))
            largest = max(largest, late)
            total += weights.tardiness * float(visits.priority[visit]) * late
            total += float(problem.assignment_cost[visit, worker])
            if at:
                total += weights.waiting * max(0.0, float(plan.start[visit]) - arrival - resting[at])
    total += weights.max_tardiness * largest
    return total + float(sum(visits.skip_cost[each.visit] for each in plan.skipped))
