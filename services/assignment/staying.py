"""What nobody else can take stays with whom it was: when it was to be, or as soon after it as there is room in their
hours. Where there is none it is as it was, until a person decides: nobody is told to work when they do not. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from dispatch.living.day import LivingDay
from dispatch.model import BEGUN, Interval, Order, Plan, Route, Stop
from dispatch.travel.ways import ways
from services.assignment.stops import in_time, restopped

SURELY_MIN = 1e-3


def left_with_them(living: LivingDay, plan: Plan, order_ids: Iterable[str]) -> Plan:
    """The plan, and in it these orders with whom the day has them. Nothing else moves: who is late keeps nobody
    waiting who is not."""
    book = living.timing.book

    def begins_min(order: Order) -> float:
        return min(book.stop(visit.id).start_min for visit in order.visits if visit.id in book.spot)

    for order in sorted((book.orders[one] for one in order_ids), key=begins_min):
        plan = _with(living, plan, order)
    return plan


def _with(living: LivingDay, plan: Plan, order: Order) -> Plan:
    book, placed = living.timing.book, plan.placed()
    lost = [one.id for one in order.visits if one.id in book.spot and one.id not in placed]
    routes = {route.worker_id: route for route in plan.routes}
    rooms = [_Room(living, routes[book.spot[one][0]], book.stop(one)) for one in lost]
    starts_min = [room.start_min(room.stop.start_min) for room in rooms]
    if len(rooms) == 2 and any(room.stop.start_min != at for room, at in zip(rooms, starts_min, strict=True)):
        starts_min = _in_step(order, rooms[0], rooms[1], starts_min)
    if not all(room.works_then(at) for room, at in zip(rooms, starts_min, strict=True)):
        starts_min = [room.stop.start_min for room in rooms]
    stops = {
        room.stop.visit_id: (room.route.worker_id, room.at(start_min))
        for room, start_min in zip(rooms, starts_min, strict=True)
    }
    return restopped(plan, stops.keys(), stops)


def _in_step(order: Order, one: "_Room", other: "_Room", starts_min: list[float]) -> list[float]:
    """Both later, until the second follows the first as it should."""
    (first, second), gaps = starts_min, order.synchronisation
    while True:
        second = other.start_min(max(second, first + gaps.min_gap_min))
        if second <= first + gaps.max_gap_min + SURELY_MIN:
            return [first, second]
        first = one.start_min(second - gaps.max_gap_min)


@dataclass(frozen=True, slots=True)
class _Room:
    """Beside the other stops of the route."""

    living: LivingDay
    route: Route
    stop: Stop

    def at(self, start_min: float) -> Stop:
        if start_min == self.stop.start_min:
            return self.stop
        return replace(self.stop, start_min=start_min, end_min=start_min + self._length_min)

    def works_then(self, start_min: float) -> bool:
        visit = Interval(start_min, start_min + self._length_min)
        return any(piece.covers(visit) for piece in self.living.looking.gates.serving[self.route.worker_id])

    @property
    def _length_min(self) -> float:
        return self.stop.end_min - self.stop.start_min

    def start_min(self, from_min: float) -> float:
        """The first from then on. Its own it keeps, where nothing else is in the way."""
        stops = in_time(self.route.stops)
        begun = sum(stop.state in BEGUN for stop in stops)
        free_from_min = max((stop.end_min for stop in stops[:begun]), default=-np.inf)
        ahead = stops[begun:]
        if from_min == self.stop.start_min >= free_from_min and not any(self._meets(stop) for stop in ahead):
            return from_min
        there_min, onward_min = self._ways_min(stops, begun)
        leave_min = max(free_from_min, self.living.day.now_min)
        for stop, there, onward in zip(ahead, there_min, onward_min, strict=False):
            start_min = max(from_min, leave_min + there)
            if start_min + self._length_min + onward <= stop.start_min:
                return start_min
            leave_min = max(leave_min, stop.end_min)
        return max(from_min, leave_min + there_min[-1])

    def _meets(self, stop: Stop) -> bool:
        return stop.start_min < self.stop.end_min and self.stop.start_min < stop.end_min

    def _ways_min(self, stops: tuple[Stop, ...], begun: int) -> tuple[list[float], list[float]]:
        """To it from where the worker is and from each stop ahead, and from it to each of them."""
        book = self.living.timing.book
        worker, here = book.worker(self.route.worker_id), book.order_of[self.stop.visit_id][0].place
        places = [book.order_of[stop.visit_id][0].place for stop in stops]
        now_at = places[begun - 1] if begun else worker.position or worker.start
        ahead = places[begun:]
        hours = np.full(1 + len(ahead), self.stop.start_min / 60.0)
        minutes = ways(self.living.travel, [now_at, *ahead, here], [here, *ahead], (worker.mode,), hours).minutes[0]
        known = np.where(np.isfinite(minutes), minutes, 0.0)
        return known[:-1, 0].tolist(), known[-1, 1:].tolist()
