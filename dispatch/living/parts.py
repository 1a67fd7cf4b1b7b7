"""Some routes of a day as a day of their own, in which every start is what it is in the whole day.

A change in a route can be felt in another only through the two visits of a pair, and only from there on: the earliest
timetable pushes forwards. So a part has the routes asked for whole, and of every other route that a pair ties to them
what comes after the pair; what comes before is a visit already begun, which is what it amounts to.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dispatch.living.book import Book
from dispatch.model import BEGUN, Day, Order, Plan, Route, Stop, StopState
from dispatch.pairs import alone, groups_beside

SAME_MOMENT_MIN = 1e-6


@dataclass(frozen=True, slots=True)
class Part:
    day: Day
    inside: tuple[str, ...]
    """Workers whose whole routes are in it."""
    tails: Mapping[str, int]
    """Worker id → the position in their real route from which on it is in the part as it is."""
    held: frozenset[str] = frozenset()
    """Visits that are promised in the part, because nothing that is asked of it can push them, or they may not move."""


def part_of(
    book: Book,
    start_min: Mapping[str, float],
    inside: Collection[str],
    *,
    orders: Sequence[Order] = (),
    still: frozenset[str] = frozenset(),
    hold: frozenset[str] = frozenset(),
    late: str | None = None,
) -> Part:
    """`start_min`: the whole day's timetable, visit id → start. `orders`: to be placed. `still`: visits inside that
    nothing put into their own route can push. `hold`: visits inside that may not move. `late`: one that must be there
    too, because nobody outside is later."""
    first = _reached(book, inside, _planned(book, orders), still)
    facts = {visit_id for worker_id, at in first.items() for visit_id in _begun_partners(book, worker_id, at, still)}
    facts |= {visit.id for order in orders for visit in order.visits if visit.id in book.spot}
    if late is not None:
        facts.add(late)
    by_worker: dict[str, list[int]] = {}
    for visit_id in facts:
        worker_id, spot = book.spot[visit_id]
        if spot < first.get(worker_id, spot + 1):
            by_worker.setdefault(worker_id, []).append(spot)
    routes = []
    for worker_id in sorted(first.keys() | by_worker.keys(), key=book.index.__getitem__):
        stops, at = book.routes[worker_id].stops, first.get(worker_id)
        earlier = set(by_worker.get(worker_id, ())) | ({at - 1} if at else set())
        begun = tuple(_as(StopState.STARTED, stops[i], start_min, book) for i in sorted(earlier))
        routes.append(Route(worker_id=worker_id, stops=begun + (stops[at:] if at is not None else ())))
    held = hold | _held(book, routes, still)
    routes = [_holding(route, held, start_min, book) for route in routes]
    return Part(
        day=replace(
            book.day,
            workers=tuple(book.worker(route.worker_id) for route in routes),
            orders=_orders(book, routes, orders),
            groups=groups_beside(book.day.groups, _seconds(book, routes) if book.day.groups else ()),
            plan=Plan(routes=tuple(routes)),
            mean_income_fen=book.mean_income_fen,
        ),
        inside=tuple(inside),
        tails={worker_id: at for worker_id, at in first.items() if worker_id not in set(inside)},
        held=held,
    )


def _held(book: Book, routes: list[Route], still: frozenset[str]) -> frozenset[str]:
    there = {stop.visit_id for route in routes for stop in route.stops}
    return frozenset(visit_id for visit_id in still if (other := book.partner(visit_id)) and other not in there)


def _holding(route: Route, held: frozenset[str], start_min: Mapping[str, float], book: Book) -> Route:
    if not any(stop.visit_id in held for stop in route.stops):
        return route
    stops = (_as(StopState.PROMISED, stop, start_min, book) if stop.visit_id in held else stop for stop in route.stops)
    return replace(route, stops=tuple(stops))


def whole_routes(part: Part, plan: Plan, known: Mapping[str, Route]) -> dict[str, Route]:
    """What a plan of the part makes of the real routes: worker id → route, for those that differ from `known`."""
    routes = {}
    for route in plan.routes:
        before, whole = known[route.worker_id], route
        if route.worker_id in part.tails:
            at = part.tails[route.worker_id]
            tail = route.stops[len(route.stops) - (len(before.stops) - at) :]
            whole = replace(route, stops=before.stops[:at] + tail)
        elif route.worker_id in part.inside:
            real = {stop.visit_id: stop for stop in before.stops if stop.visit_id in part.held}
            whole = replace(route, stops=tuple(real.get(stop.visit_id, stop) for stop in route.stops))
        else:
            continue
        if not _same(whole, before):
            routes[route.worker_id] = whole
    return routes


def _same(route: Route, other: Route) -> bool:
    return len(route.stops) == len(other.stops) and all(
        one.visit_id == two.visit_id and one.state is two.state and abs(one.start_min - two.start_min) < SAME_MOMENT_MIN
        for one, two in zip(route.stops, other.stops, strict=True)
    )


def _planned(book: Book, orders: Iterable[Order]) -> list[tuple[str, int]]:
    """Where the other visit of an order is, if it is planned and can still be pushed."""
    spots = [book.spot[visit.id] for order in orders for visit in order.visits if visit.id in book.spot]
    return [(worker_id, at) for worker_id, at in spots if book.routes[worker_id].stops[at].state not in BEGUN]


def _reached(
    book: Book, inside: Iterable[str], also: Iterable[tuple[str, int]], still: frozenset[str]
) -> dict[str, int]:
    """Worker id → the first position in their route that a push anywhere in the routes `inside` can reach."""
    first: dict[str, int] = {}
    queue = [*((worker_id, 0) for worker_id in inside), *also]
    while queue:
        worker_id, at = queue.pop()
        if book.worker(worker_id).breaks:
            at = 0  # which of them were taken shows only in the whole route
        stops = book.routes[worker_id].stops
        known = first.get(worker_id, len(stops) + 1)
        if at >= known:
            continue
        first[worker_id] = at
        for stop in stops[at:known]:
            partner = None if stop.state in BEGUN or stop.visit_id in still else book.partner(stop.visit_id)
            if partner is not None and book.stop(partner).state not in BEGUN:
                queue.append(book.spot[partner])
    return first


def _begun_partners(book: Book, worker_id: str, at: int, still: frozenset[str]) -> list[str]:
    """They do not move, but say when the other visit of their pair must follow."""
    stops = book.routes[worker_id].stops[at:]
    ahead = [stop.visit_id for stop in stops if stop.state not in BEGUN and stop.visit_id not in still]
    partners = [book.partner(visit_id) for visit_id in ahead]
    return [visit_id for visit_id in partners if visit_id is not None and book.stop(visit_id).state in BEGUN]


def _as(state: StopState, stop: Stop, start_min: Mapping[str, float], book: Book) -> Stop:
    if stop.state in BEGUN:
        return stop
    order, index = book.order_of[stop.visit_id]
    begins_min = start_min[stop.visit_id]
    ends_min = begins_min + order.visits[index].duration_min
    return replace(stop, state=state, start_min=begins_min, end_min=ends_min)


def _seconds(book: Book, routes: list[Route]) -> set[str]:
    """Orders whose second visit is there without the first."""
    spots = [book.order_of[stop.visit_id] for route in routes for stop in route.stops]
    return {order.id for order, index in spots if index} - {order.id for order, index in spots if not index}


def _orders(book: Book, routes: list[Route], placed: Iterable[Order]) -> tuple[Order, ...]:
    """Those of the routes' visits; of a pair with one visit outside the one inside."""
    inside = {stop.visit_id for route in routes for stop in route.stops}
    orders = {}
    for visit_id in inside:
        order, index = book.order_of[visit_id]
        whole = all(visit.id in inside for visit in order.visits)
        orders[order.id] = order if whole else alone(order, index)
    orders |= {order.id: order for order in placed}
    return tuple(orders[id_] for id_ in sorted(orders))
