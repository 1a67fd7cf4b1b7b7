"""The plan's index: who has which visit, whose order it is, and what of it differs when the day becomes another one."""

from collections.abc import Iterator

from dispatch.model import BEGUN, Day, Order, Route, Stop, Worker


class Book:
    """One day, looked up by id. `become` keeps what is the same object in both days."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.index = {worker.id: w for w, worker in enumerate(day.workers)}
        """Worker id → place in `day.workers`."""
        self.orders = {order.id: order for order in day.orders}
        self.order_of = {visit.id: (order, i) for order in day.orders for i, visit in enumerate(order.visits)}
        """Visit id → its order and which of its visits it is."""
        self.routes = {worker.id: Route(worker_id=worker.id) for worker in day.workers}
        self.routes |= {route.worker_id: route for route in day.plan.routes}
        self.spot = {
            stop.visit_id: (route.worker_id, at)
            for route in self.routes.values()
            for at, stop in enumerate(route.stops)
        }
        """Visit id → its worker and position; what waits is not in it."""

        self.paired = {visit_id for visit_id, (order, _) in self.order_of.items() if len(order.visits) == 2}
        """Visits of pairs."""
        self.mean_income_fen = day.income_to_compare_fen()

    def worker(self, worker_id: str) -> Worker:
        return self.day.workers[self.index[worker_id]]

    def stop(self, visit_id: str) -> Stop:
        worker_id, at = self.spot[visit_id]
        return self.routes[worker_id].stops[at]

    def partner(self, visit_id: str) -> str | None:
        """The other visit of a pair, where it is planned."""
        order, index = self.order_of[visit_id]
        if len(order.visits) < 2:
            return None
        other = order.visits[1 - index].id
        return other if other in self.spot else None

    def waiting(self) -> Iterator[Order]:
        """Orders with a visit in no route."""
        return (order for order in self.day.orders if any(visit.id not in self.spot for visit in order.visits))

    def become(self, day: Day) -> set[str]:
        """The workers of whom something is not as it was: ids. `day.workers` are the same people in the same order."""
        before, self.day = self.day, day
        touched = {
            worker.id
            for worker, old in zip(day.workers, before.workers, strict=True)
            if worker is not old and worker != old
        }
        if day.workers is not before.workers:
            self.mean_income_fen = day.income_to_compare_fen()
        if day.orders is not before.orders:
            touched |= self._become_orders(day)
        if day.plan is not before.plan:
            touched |= self._become_routes(day)
        return touched

    def _become_orders(self, day: Day) -> set[str]:
        orders = {order.id: order for order in day.orders}
        gone = [order for id_, order in self.orders.items() if id_ not in orders]
        new = [order for id_, order in orders.items() if self.orders.get(id_) is not order]
        for order in (*gone, *(self.orders[order.id] for order in new if order.id in self.orders)):
            for visit in order.visits:
                del self.order_of[visit.id]
                self.paired.discard(visit.id)
        self.order_of |= {visit.id: (order, i) for order in new for i, visit in enumerate(order.visits)}
        self.paired.update(visit.id for order in new if len(order.visits) == 2 for visit in order.visits)
        self.orders = orders
        ids = [visit.id for order in (*gone, *new) for visit in order.visits]
        return {self.spot[visit_id][0] for visit_id in ids if visit_id in self.spot}

    def _become_routes(self, day: Day) -> set[str]:
        routes = {worker_id: Route(worker_id=worker_id) for worker_id in self.index}
        routes |= {route.worker_id: route for route in day.plan.routes}
        changed = [id_ for id_, route in routes.items() if route is not self.routes[id_] and route != self.routes[id_]]
        stops = {stop.visit_id: stop for id_ in changed for stop in self.routes[id_].stops}
        for visit_id in stops:
            del self.spot[visit_id]
        self.routes = routes
        for id_ in changed:
            self.spot |= {stop.visit_id: (id_, at) for at, stop in enumerate(routes[id_].stops)}
        return set(changed) | self._begun_or_not_any_more(stops, changed)

    def _begun_or_not_any_more(self, before: dict[str, Stop], changed: list[str]) -> set[str]:
        """Who has the other visit of a pair of which one has begun, or has gone."""
        after = {stop.visit_id: stop for id_ in changed for stop in self.routes[id_].stops}
        partners = [
            self.partner(visit_id)
            for visit_id in before.keys() | after.keys()
            if visit_id in self.order_of and _begun(before.get(visit_id)) != _begun(after.get(visit_id))
        ]
        return {self.spot[visit_id][0] for visit_id in partners if visit_id is not None}


def _begun(stop: Stop | None) -> bool | None:
    return None if stop is None else stop.state in BEGUN
