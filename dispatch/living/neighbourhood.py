"""Better plans for neighbourhoods of the day that do not overlap, so that several can be searched side by side.

A neighbourhood is some workers and all they have. A visit whose pair has its other half elsewhere keeps its worker and
its moment meanwhile, so what is found in one neighbourhood does not touch another.
"""

import os
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from dispatch.costs import Term, Terms, total
from dispatch.groups import sharing
from dispatch.improve import Improvement, improve
from dispatch.kernel.problem import Bools, Floats
from dispatch.living.book import Book
from dispatch.living.parts import Part, part_of, whole_routes
from dispatch.living.timing import Timing
from dispatch.model import BEGUN, Order, Place, Worker, visit_window
from dispatch.pairs import second_visits_beside
from dispatch.policy import Policy
from dispatch.travel.port import Travel

KM_A_DEGREE = 111.2
WORKERS = 60
"""In one neighbourhood: a search of its visits takes seconds, and its travel matrix grows with the square."""


def improve_near(
    timing: Timing,
    seeds: Collection[str],
    policy: Policy,
    travel: Travel,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    workers: int = WORKERS,
) -> Improvement:
    """See `dispatch.improve.improve`, for the neighbourhoods of these workers and what waits; `seconds` in all,
    `iterations` in each."""
    book = timing.book
    open_ = [order for order in book.waiting() if not any(visit.id in book.spot for visit in order.visits)]
    near = neighbourhoods(timing, seeds, workers)
    waiting = _waiting_near(timing, open_, near)
    parts = [island(timing, ids, orders) for ids, orders in zip(near, waiting, strict=True)]
    return _improved(timing, parts, policy, travel, seconds=seconds, iterations=iterations, seed=seed)


def _waiting_near(timing: Timing, orders: list[Order], near: list[tuple[str, ...]]) -> list[list[Order]]:
    """For each neighbourhood what waits nearest to one of its workers. What must share a worker with others is where
    those are, and if they are in several or in none it waits."""
    home = {worker_id: which for which, ids in enumerate(near) for worker_id in ids}
    rows, found = np.array([timing.book.index[worker_id] for worker_id in home]), [list[Order]() for _ in near]
    for order in orders if near else ():
        bound = sharing(timing.book.day.groups, order.id)
        there = holders(timing.book, bound)
        first = min((other for other in orders if other.id in bound), key=lambda other: other.id)
        nearest = timing.ids[int(rows[np.argmin(distances_km(timing, first.place)[rows])])]
        homes = {home.get(worker_id) for worker_id in there or {nearest}}
        if len(homes) == 1 and (which := homes.pop()) is not None:
            found[which].append(order)
    return found


def holders(book: Book, order_ids: Collection[str]) -> set[str]:
    """The workers who have a visit of them."""
    visits = [visit.id for order_id in order_ids if order_id in book.orders for visit in book.orders[order_id].visits]
    return {book.spot[visit_id][0] for visit_id in visits if visit_id in book.spot}


def neighbourhoods(timing: Timing, seeds: Collection[str], workers: int) -> list[tuple[str, ...]]:
    """Each worker of `seeds` is in one, with those nearest by where they still have to be; nobody is in two."""
    centres, free, found = _centres(timing), dict.fromkeys(timing.ids), list[tuple[str, ...]]()
    for seed in sorted(seeds, key=timing.book.index.__getitem__):
        if seed in free:
            rows = np.array([timing.book.index[worker_id] for worker_id in free])
            distance = ((centres[rows] - centres[timing.book.index[seed]]) ** 2).sum(axis=1)
            nearest = rows[np.argsort(distance, kind="stable")[:workers]]
            found.append(tuple(timing.ids[row] for row in nearest.tolist()))
            for worker_id in found[-1]:
                del free[worker_id]
    return found


def distances_km(timing: Timing, place: Place) -> Floats:
    """(workers,) about, from where they still have to be."""
    here = np.array([place.lat, place.lon * np.cos(np.radians(place.lat))]) * KM_A_DEGREE
    distance: Floats = np.hypot(*(_centres(timing) - here).T)
    return distance


def nearest(timing: Timing, place: Place, able: Bools, workers: int) -> list[str]:
    """Half of them workers who are `able`, half anybody."""
    by_distance = np.argsort(distances_km(timing, place), kind="stable").tolist()
    first = [row for row in by_distance if able[row]][: workers // 2]
    rows = [*first, *(row for row in by_distance if row not in first)][:workers]
    return [timing.ids[row] for row in sorted(rows)]


def _centres(timing: Timing) -> Floats:
    """(workers, 2) kilometres, about."""
    visits, workers = timing.gaps.visits, timing.gaps.workers
    ahead = (visits.id != "") & ~visits.begun
    count = ahead.sum(axis=1)
    lat = np.where(count > 0, (visits.lat * ahead).sum(axis=1) / np.maximum(count, 1), workers.start_lat)
    lon = np.where(count > 0, (visits.lon * ahead).sum(axis=1) / np.maximum(count, 1), workers.start_lon)
    return np.stack((lat, lon * np.cos(np.radians(lat))), axis=1) * KM_A_DEGREE


def island(timing: Timing, inside: Collection[str], waiting: Sequence[Order] = ()) -> Part:
    """The routes of these workers alone, and orders that wait. Somebody off duty may be in it who has been later than
    all of them: the price of the worst tardiness is that of the whole day."""
    book, there = timing.book, frozenset(inside)
    ahead = [stop.visit_id for worker_id in there for stop in book.routes[worker_id].stops if stop.state not in BEGUN]
    tied = frozenset(
        visit_id for visit_id in ahead if (other := book.partner(visit_id)) and book.spot[other][0] not in there
    )
    inside_ids = [stop.visit_id for worker_id in there for stop in book.routes[worker_id].stops]
    hold = _held_by_groups(book, inside_ids) & frozenset(ahead) if book.day.groups else frozenset[str]()
    _, late = timing.latest_besides(inside_ids)
    part = part_of(book, timing.start_min, inside, still=tied | hold, hold=hold, late=late)
    day = replace(
        part.day,
        orders=(*part.day.orders, *waiting),
        workers=tuple(worker if worker.id in there else _off_duty(worker) for worker in part.day.workers),
    )
    return replace(part, day=day)


def _held_by_groups(book: Book, visit_ids: Sequence[str]) -> frozenset[str]:
    """Second visits without the first, and those that must share a worker with them: in a part no group says so."""
    spots = [book.order_of[visit_id] for visit_id in visit_ids]
    firsts = {order.id for order, index in spots if not index}
    seconds = {order.id: order.visits[1].id for order, index in spots if index and order.id not in firsts}
    orders = (order for order, _ in spots)
    return frozenset(second_visits_beside(book.day.groups, orders, seconds.keys()) | set(seconds.values()))


def _off_duty(worker: Worker) -> Worker:
    return replace(worker, shifts=())


def _improved(
    timing: Timing,
    parts: Sequence[Part],
    policy: Policy,
    travel: Travel,
    *,
    seconds: float | None,
    iterations: int | None,
    seed: int,
) -> Improvement:
    """Of islands that do not overlap, searched side by side: `seconds` in all, `iterations` each."""
    cores = min(len(parts), os.cpu_count() or 1)
    each = None if seconds is None else seconds * cores / max(1, len(parts))

    def search(part: Part) -> Improvement:
        return improve(part.day, policy, travel, seconds=each, iterations=iterations, seed=seed)

    with ThreadPoolExecutor(max(1, cores)) as pool:
        found = list(pool.map(search, parts))
    routes, known = dict(timing.routes()), timing.routes()
    for part, better in zip(parts, found, strict=True):
        if better.changes:
            routes |= whole_routes(part, better.plan, known)
    terms = _together(timing, parts, found, policy)
    steps = sum(better.iterations for better in found)
    if -total(terms) < policy.least_saving:
        return Improvement(plan=timing.book.day.plan, changes=(), terms={}, iterations=steps)
    return Improvement(plan=timing.plan(routes), changes=timing.changes(routes), terms=terms, iterations=steps)


def _together(timing: Timing, parts: Sequence[Part], found: Sequence[Improvement], policy: Policy) -> Terms:
    """The islands' terms add up, but for the day's worst tardiness, which each knows only with the others as before."""
    terms: dict[str, Term] = {}
    for better in found:
        for name, term in better.terms.items():
            before = terms.get(name, Term(0.0, 0.0))
            terms[name] = Term(before.amount + term.amount, before.points + term.points)
    terms.pop("max_tardiness", None)
    worst_min, _ = timing.gaps.largest_tardiness()
    after_min, _ = timing.latest_besides(
        visit.id for part in parts for order in part.day.orders for visit in order.visits
    )
    for part, better in zip(parts, found, strict=True):
        moved = {stop.visit_id: stop.start_min for _, stop in better.plan.stops()} if better.changes else {}
        for order in part.day.orders:
            for i, visit in enumerate(order.visits):
                start_min = moved.get(visit.id, timing.start_min.get(visit.id, -np.inf))
                after_min = max(after_min, start_min - visit_window(order, i)[1])
    if abs(after_min - worst_min) > 1e-9:
        terms["max_tardiness"] = Term(after_min - worst_min, (after_min - worst_min) * policy.max_tardiness_per_min)
    return terms
