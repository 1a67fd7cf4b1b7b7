"""The timetable of a whole day, kept from event to event: what one changes is timed anew, and nothing else."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from dispatch.costs import kernel_weights
from dispatch.formulation import Formulation, formulate
from dispatch.kernel.plans import evaluate
from dispatch.kernel.problem import Floats
from dispatch.living.book import Book
from dispatch.living.gaps import Gaps
from dispatch.living.parts import Part, part_of, whole_routes
from dispatch.model import BEGUN, Day, Order, Plan, Route
from dispatch.policy import Policy
from dispatch.proposal import Change, changes_between
from dispatch.travel.port import Travel

SURELY_MIN = 1e-3
AT_ONCE = 40
"""Routes timed together: their travel matrix grows with the square."""


class Timing:
    def __init__(self, day: Day, policy: Policy, travel: Travel) -> None:
        self.book = Book(day)
        self.ids = tuple(self.book.index)
        self.gaps = Gaps(day, kernel_weights(policy))
        self._policy, self._travel = policy, travel
        self.start_min = {stop.visit_id: stop.start_min for _, stop in day.plan.stops()}
        """Visit id → when it starts as things stand now."""
        self._timed = dict(self.book.routes)
        self._begun_with: set[str] = set()
        """Whose routes the columns have."""
        self._retime(self.book.index)

    def become(self, day: Day) -> set[str]:
        """Returns the workers whose routes were timed anew because something of them changed."""
        before = self.book.day
        touched = self.book.become(day)
        if day.now_min != before.now_min:
            rows = self.gaps.move_clock(day.now_min)
            touched |= {day.workers[row].id for row in rows.tolist()}
        for worker_id in touched:  # routes are timed some at a time: until its turn a new visit has the plan's moment
            for stop in self.book.routes[worker_id].stops:
                self.start_min.setdefault(stop.visit_id, stop.start_min)
        self._retime(touched)
        return touched

    def routes(self) -> dict[str, Route]:
        """Worker id → the route of the plan, at the times that hold now."""
        return self._timed

    def close(self, rows: Collection[int]) -> None:
        """Nothing can be put into these routes, until they are timed anew."""
        self.gaps.workers.broken[list(rows)] = True
        self.gaps.settle(np.array(list(rows), dtype=np.int64))

    def closed(self, row: int) -> bool:
        return bool(self.gaps.workers.broken[row])

    def part(self, inside: Collection[str], orders: Sequence[Order]) -> Part:
        """Routes with all that must be known to put any of the orders into them."""
        still = self._still(inside, orders)
        part = part_of(self.book, self.start_min, inside, orders=orders, still=still)
        _, late = self.latest_besides(stop.visit_id for _, stop in part.day.plan.stops())
        if late is None:
            return part
        return part_of(self.book, self.start_min, inside, orders=orders, still=still, late=late)

    def pairs_move_alone(self, order: Order) -> bool:
        """A visit of the order can be pushed by its partner directly, but by no chain of pushes that begins at either
        of them: every step of such a chain passes a whole visit and a pair may lead back at most by its largest gap.
        So where all gaps are shorter than the shortest visit, it would come back later than the pair's own gap allows.
        """
        orders = [order, *(self.book.order_of[visit_id][0] for visit_id in self.book.paired & self.book.spot.keys())]
        planned = self.gaps.visits.duration[self.gaps.visits.id != ""]
        shortest_min = min(planned.min(initial=np.inf), *(visit.duration_min for visit in order.visits))
        return bool(max(pair.synchronisation.max_gap_min for pair in orders) < shortest_min)

    def latest_besides(self, visit_ids: Iterable[str]) -> tuple[float, str | None]:
        """The largest tardiness of all other visits, and which one has it; (0, None) where none is late."""
        spots = [self.book.spot[visit_id] for visit_id in visit_ids if visit_id in self.book.spot]
        return self.gaps.largest_tardiness(
            (row, self.gaps.column(row, at)) for worker_id, at in spots for row in [self.book.index[worker_id]]
        )

    def plan(self, routes: Mapping[str, Route]) -> Plan:
        return Plan(routes=tuple(routes[worker_id] for worker_id in self.ids))

    def changes(self, routes: Mapping[str, Route]) -> tuple[Change, ...]:
        """Of the day's plan, where these are other routes than its own."""
        differing = [worker_id for worker_id in self.ids if routes[worker_id] is not self.book.routes[worker_id]]
        before = Plan(routes=tuple(self.book.routes[worker_id] for worker_id in differing))
        return changes_between(before, Plan(routes=tuple(routes[worker_id] for worker_id in differing)))

    def _still(self, inside: Collection[str], orders: Iterable[Order]) -> frozenset[str]:
        """Visits that must begin before any of the orders' could end, so they come before it and are not pushed."""
        rows = np.array([self.book.index[worker_id] for worker_id in inside], dtype=np.int64)
        ended_min = min(order.window.from_min + visit.duration_min for order in orders for visit in order.visits)
        visits, latest = self.gaps.visits, self.gaps.gaps.latest[rows, :-1]
        found = visits.id[rows][(latest < ended_min - SURELY_MIN) & (visits.id[rows] != "")]
        return frozenset(visit_id for visit_id in found.tolist() if self.book.partner(visit_id) is not None)

    def _retime(self, worker_ids: Collection[str]) -> None:
        left = sorted(worker_ids, key=self.book.index.__getitem__)
        for at in range(0, len(left), AT_ONCE):
            self._time_together(left[at : at + AT_ONCE])
        if left:
            self._reliefs()

    def _time_together(self, worker_ids: list[str]) -> None:
        self._timed |= {worker_id: self.book.routes[worker_id] for worker_id in worker_ids}
        self._begun_with.update(worker_ids)
        part = part_of(self.book, self.start_min, worker_ids)
        formulation = formulate(part.day, self._policy, self._travel, movable=frozenset(), any_hour=frozenset())
        timed = evaluate(formulation.problem, formulation.routes)
        if timed is not None:
            self._take(part, formulation, timed.start)
        elif len(worker_ids) > 1:
            half = len(worker_ids) // 2
            self._time_together(worker_ids[:half])
            self._time_together(worker_ids[half:])
        else:
            self._take(part, formulation, None)

    def _take(self, part: Part, formulation: Formulation, start: Floats | None) -> None:
        """None: the part has no timetable. What is inside then keeps the times of the plan, and is closed."""
        if start is None:
            for worker_id in part.inside:
                w, row = formulation.worker_index[worker_id], self.book.index[worker_id]
                self.start_min |= {stop.visit_id: stop.start_min for stop in self.book.routes[worker_id].stops}
                self.gaps.take_route(row, formulation, w, _planned_start(formulation))
                self.gaps.workers.broken[row] = True
                self.gaps.settle(np.array([row]))
            return
        self._timed |= whole_routes(part, formulation.plan(formulation.routes, start), self._timed)
        rows = []
        for worker_id in (*part.inside, *part.tails):
            if worker_id in part.inside or worker_id in self._begun_with:
                w, row = formulation.worker_index[worker_id], self.book.index[worker_id]
                rows.append(row)
                if worker_id in part.inside:
                    self.gaps.take_route(row, formulation, w, start)
                for visit in formulation.routes[w]:
                    self._take_start(formulation, part, visit, float(start[visit]))
        self.gaps.settle(np.array(rows))

    def _take_start(self, formulation: Formulation, part: Part, visit: int, start_min: float) -> None:
        if visit >= len(formulation.tasks):
            return
        visit_id = formulation.tasks[visit].id
        worker_id, at = self.book.spot[visit_id]
        if at >= part.tails.get(worker_id, 0) and worker_id in self._begun_with:
            row = self.book.index[worker_id]
            self.start_min[visit_id] = start_min
            self.gaps.visits.start[row, self.gaps.column(row, at)] = start_min

    def _reliefs(self) -> None:
        """How much waiting a push may save beyond its own route: only where a pair ties it to somebody's first visit,
        because nobody waits before that one."""
        gaps, known = self.gaps, dict[str, float]()
        gaps.gaps.relief[:] = 0.0
        for visit_id in self.book.paired:
            minutes = self._relief(visit_id, known)
            if minutes > 0.0:
                worker_id, at = self.book.spot[visit_id]
                row = self.book.index[worker_id]
                gaps.gaps.relief[row, : gaps.column(row, at) + 1] += minutes

    def _relief(self, visit_id: str, known: dict[str, float]) -> float:
        partner = self.book.partner(visit_id)
        if partner is None or visit_id not in self.book.spot:
            return 0.0
        if self.book.stop(visit_id).state in BEGUN or self.book.stop(partner).state in BEGUN:
            return 0.0
        if visit_id not in known:
            known[visit_id] = 0.0
            worker_id, at = self.book.spot[partner]
            minutes = self.gaps.gaps.waiting[self.book.index[worker_id], 0] if at == 0 else 0.0
            later = self.book.routes[worker_id].stops[at + 1 :]
            known[visit_id] = minutes + sum(self._relief(stop.visit_id, known) for stop in later)
        return known[visit_id]


def _planned_start(formulation: Formulation) -> Floats:
    stops = [task.stop for task in formulation.tasks]
    planned = np.array([stop.start_min if stop else np.nan for stop in stops])
    return np.concatenate((planned, formulation.problem.visits.fixed_start[len(stops) :]))
