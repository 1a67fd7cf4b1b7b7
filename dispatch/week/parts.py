"""A day in parts that are searched one by one: the arrays of a whole county's day would not fit in memory.

A part is a group of workers who are near each other, the visits they have, and a share of the orders that wait nearby.
Parts do not overlap, so their plans are put together again as they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import cos, pi, sin

from dispatch.groups import sharing
from dispatch.model import FROZEN, Day, Order, Place, Plan, Route, Stop, StopState
from dispatch.pairs import alone, groups_beside, second_visits_beside

FEWEST_WORKERS = 12
GOLDEN = 0.618034
Piece = tuple[tuple[int, ...], tuple[int, ...]]
"""Indices of the day's workers, and of the orders that wait."""


def parts_of(day: Day, most_visits: int, turn: int) -> list[Day]:
    """Borders lie elsewhere each `turn`, so that what one border keeps apart another does not."""
    load = {route.worker_id: len(route.stops) for route in day.plan.routes}
    places = _middles(day)
    waiting = day.waiting()
    waits = {order.id: i for i, order in enumerate(day.orders)}
    pieces = [(tuple(range(len(day.workers))), tuple(waits[order.id] for order in waiting))]
    done: list[Piece] = []
    depth = 0
    while pieces:
        longer: list[Piece] = []
        for piece in pieces:
            workers, orders = piece
            visits = sum(load.get(day.workers[w].id, 0) for w in workers)
            visits += sum(len(day.orders[o].visits) for o in orders)
            if visits <= most_visits or len(workers) < 2 * FEWEST_WORKERS:
                done.append(piece)
            else:
                longer += _halves(day, piece, places, pi * (turn * GOLDEN + depth / 2.0))
        pieces, depth = longer, depth + 1
    named = [({day.workers[w].id for w in workers}, {day.orders[o].id for o in orders}) for workers, orders in done]
    _join_groups(day, named)
    return [part_of(day, workers, orders) for workers, orders in named]


def _join_groups(day: Day, pieces: list[tuple[set[str], set[str]]]) -> None:
    """What waits and must share a worker with other orders goes to the piece where those are, or if all of them wait to
    that of the first. If several pieces have some of them, it is in none this time."""
    waiting = {order.id for order in day.waiting()} if day.groups else set()
    for order_id in sorted(waiting):
        bound = sharing(day.groups, order_id)
        there = holders(day, bound)
        homes = [orders for workers, orders in pieces if (there & workers if there else min(bound & waiting) in orders)]
        if len(bound) > 1:
            for _, orders in pieces:
                orders.discard(order_id)
            if len(homes) == 1:
                homes[0].add(order_id)


def holders(day: Day, order_ids: Iterable[str]) -> set[str]:
    """The workers who have a visit of them."""
    wanted = set(order_ids)
    visits = {visit.id for order in day.orders if order.id in wanted for visit in order.visits}
    return {worker_id for worker_id, stop in day.plan.stops() if stop.visit_id in visits} if visits else set()


def _middles(day: Day) -> list[tuple[float, float]]:
    """(lat, lon) of each worker: the middle of their visits, or where they begin."""
    places = {visit.id: order.place for order in day.orders for visit in order.visits}
    routes = {route.worker_id: [places[stop.visit_id] for stop in route.stops] for route in day.plan.routes}
    return [_middle(routes.get(worker.id) or [worker.start]) for worker in day.workers]


def _middle(places: Sequence[Place]) -> tuple[float, float]:
    return sum(place.lat for place in places) / len(places), sum(place.lon for place in places) / len(places)


def _halves(day: Day, piece: Piece, places: list[tuple[float, float]], angle: float) -> list[Piece]:
    """By a line across the map, at the same share of the workers and of the orders that wait."""

    def along(lat: float, lon: float) -> float:
        return lat * cos(angle) + lon * sin(angle)

    workers = sorted(piece[0], key=lambda w: along(*places[w]))
    orders = sorted(piece[1], key=lambda o: along(day.orders[o].place.lat, day.orders[o].place.lon))
    w, o = len(workers) // 2, len(orders) * (len(workers) // 2) // len(workers)
    return [(tuple(workers[:w]), tuple(orders[:o])), (tuple(workers[w:]), tuple(orders[o:]))]


def part_of(day: Day, worker_ids: set[str], order_ids: set[str] | frozenset[str] = frozenset()) -> Day:
    """The workers, what they have, and of what waits the orders named. Of a visit by two whose other worker is not in
    it, this half may not move."""
    routes = tuple(route for route in day.plan.routes if route.worker_id in worker_ids)
    placed = {stop.visit_id for route in routes for stop in route.stops}
    elsewhere = {stop.visit_id for _, stop in day.plan.stops()} - placed
    orders: list[Order] = []
    halves: dict[str, int] = {}
    for order in day.orders:
        inside = [i for i, visit in enumerate(order.visits) if visit.id in placed]
        outside = any(visit.id in elsewhere for visit in order.visits)
        if not outside and (inside or order.id in order_ids):
            orders.append(order)
        elif inside:
            orders.append(alone(order, inside[0]))
            halves[order.id] = inside[0]
    seconds = {order_id for order_id, index in halves.items() if index}
    held = second_visits_beside(day.groups, orders, seconds)
    held |= {order.visits[0].id for order in orders if order.id in halves}
    return replace(
        day,
        workers=tuple(worker for worker in day.workers if worker.id in worker_ids),
        orders=tuple(orders),
        plan=Plan(routes=tuple(_held(route, held) for route in routes)),
        groups=groups_beside(day.groups, seconds),
        mean_income_fen=day.income_to_compare_fen(),
    )


def _held(route: Route, visit_ids: set[str]) -> Route:
    def held(stop: Stop) -> Stop:
        holds = stop.visit_id in visit_ids and stop.state not in FROZEN
        return replace(stop, state=StopState.PROMISED) if holds else stop

    return replace(route, stops=tuple(held(stop) for stop in route.stops))


def rejoined(plan: Plan, parts: Iterable[Plan]) -> Plan:
    """`plan` with the routes of the parts in place of its own. Halves that were held are again what they were."""
    before = {stop.visit_id: stop for _, stop in plan.stops()}
    routes = {route.worker_id: route for route in plan.routes}
    for part in parts:
        for route in part.routes:
            stops = tuple(
                before[stop.visit_id] if stop.state is StopState.PROMISED and stop.visit_id in before else stop
                for stop in route.stops
            )
            routes[route.worker_id] = replace(route, stops=stops)
    return Plan(routes=tuple(route for route in routes.values() if route.stops))
