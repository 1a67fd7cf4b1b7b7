"""What nobody else can take stays with whom it was: when it was to be, or as soon after it as there is room in their
hours. Where there is none it is as it was, until a person decides: nobody is told to work when they do not. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

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
        starts_min = [room.as_it_was_min() for room in rooms]
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


@dataclass(frozen=True)
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

    def as_it_was_min(self) -> float:
        """Of what ends after their hours already, no way is said to be shorter than it is."""
        own_min = self.stop.start_min
        return own_min if self.works_then(own_min) else self._come_min()

    def start_min(self, from_min: float) -> float:
        """The first from then on. Its own it keeps, where nothing else is in the way: or later by as much as it takes
        to come from the visit before."""
        if from_min == self.stop.start_min >= self._free_from_min and not any(
            self._meets(stop, from_min) for stop in self._ahead
        ):
            return self._come_min()
        there_min, onward_min = self._ways_min
        leave_min = max(self._free_from_min, self.living.day.now_min)
        for stop, there, onward in zip(self._ahead, there_min, onward_min, strict=False):
            start_min = max(from_min, leave_min + there)
            if start_min + self._length_min + onward <= stop.start_min:
                return start_min
            leave_min = max(leave_min, stop.end_min)
        return max(from_min, leave_min + there_min[-1])

    def _come_min(self) -> float:
        """Its own start; or when they can be there after the visit before it, if that is later and in nobody's way."""
        own_min = self.stop.start_min
        before = sum(stop.end_min <= own_min for stop in self._ahead)
        left_min = self._ahead[before - 1].end_min if before else self._free_from_min
        come_min = max(own_min, left_min + self._ways_min[0][before])
        return own_min if any(self._meets(stop, come_min) for stop in self._ahead) else come_min

    def _meets(self, stop: Stop, start_min: float) -> bool:
        return stop.start_min < start_min + self._length_min and start_min < stop.end_min

    @cached_property
    def _stops(self) -> tuple[Stop, ...]:
        return in_time(self.route.stops)

    @cached_property
    def _begun(self) -> int:
        return sum(stop.state in BEGUN for stop in self._stops)

    @property
    def _ahead(self) -> tuple[Stop, ...]:
        return self._stops[self._begun :]

    @cached_property
    def _free_from_min(self) -> float:
        return max((stop.end_min for stop in self._stops[: self._begun]), default=-np.inf)

    @cached_property
    def _ways_min(self) -> tuple[list[float], list[float]]:
        """To it from where the worker is and from each stop ahead, and from it to each of them."""
        stops, begun = self._stops, self._begun
        book = self.living.timing.book
        worker, here = book.worker(self.route.worker_id), book.order_of[self.stop.visit_id][0].place
        places = [book.order_of[stop.visit_id][0].place for stop in stops]
        now_at = places[begun - 1] if begun else worker.position or worker.start
        ahead = places[begun:]
        hours = np.full(1 + len(ahead), self.stop.start_min / 60.0)
        minutes = ways(self.living.travel, [now_at, *ahead, here], [here, *ahead], (worker.mode,), hours).minutes[0]
        known = np.where(np.isfinite(minutes), minutes, 0.0)
        return known[:-1, 0].tolist(), known[-1, 1:].tolist()
