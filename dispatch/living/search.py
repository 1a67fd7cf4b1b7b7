"""Looks in full at a part of the day: some workers whole, and what a push in their routes can reach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dispatch.explain import gates_in_brief, gates_in_full
from dispatch.insertion import IN_FULL, SAME_TIME_MIN, Places, places_for
from dispatch.kernel.problem import Floats, Ints
from dispatch.living.bounds import EPSILON
from dispatch.living.parts import Part
from dispatch.living.timing import Timing
from dispatch.model import Day, Order
from dispatch.policy import Policy
from dispatch.proposal import Stopped
from dispatch.travel.port import Travel


@dataclass(frozen=True, slots=True)
class Seen:
    """Where an order could go with some workers, and where not."""

    part: Part
    rows: tuple[int, ...]
    """The workers."""
    places: Places
    row_of: Ints
    """(workers of the part,)"""

    @property
    def points(self) -> Floats:
        """Of each way, the best first."""
        return np.empty(0) if self.places.found is None else self.places.found.rises

    def nth(self, n: int) -> float:
        """Points of the n-th best way; inf where there is none."""
        return float(self.points[n - 1]) if len(self.points) >= n else np.inf

    def workers(self, ways: int) -> Ints:
        """(up to `ways`, visits) rows of those who would have it."""
        found = self.places.found
        return self.row_of[np.empty((0, 1), np.int64) if found is None else found.workers[:ways]]

    def starts_min(self, ways: int) -> Floats:
        """(up to `ways`,) of the first visit."""
        found = self.places.found
        return np.empty(0) if found is None else found.start[:ways, self.places.tasks[0]]

    def others_later_min(self) -> float:
        """By the best way: the most minutes by which somebody else would come too late, of those who come later than
        they would now."""
        found, problem = self.places.found, self.places.formulation.problem
        if found is None or not len(found.start):
            return 0.0
        start, before = found.start[0], found.start_before
        late = np.where(start > before + SAME_TIME_MIN, start - problem.visits.due, 0.0)
        late[list(self.places.tasks)] = 0.0
        return float(np.nan_to_num(late).max(initial=0.0))

    def having_place(self, visit_id: str) -> frozenset[int] | None:
        """Rows of those who have a place for this visit alone; None = was not asked."""
        found, tasks = self.places.found, self.places.formulation.tasks
        for at, task in enumerate(self.places.tasks):
            if found is not None and tasks[task].id == visit_id:
                return frozenset(self.row_of[found.possible[at]].tolist())
        return None

    def in_brief(self) -> Stopped:
        """Where there is a way."""
        places = self.places
        return gates_in_brief(places.formulation, places.tasks, places.found) if places.found is not None else {}

    def in_full(self) -> Stopped:
        there = np.flatnonzero(np.isin(self.row_of, self.rows)).tolist()
        return gates_in_full(self.places.formulation, self.places.tasks, self.places.found, there)


class Search:
    """For a place of one order. `any_hour`: it may leave its usual hour."""

    def __init__(self, timing: Timing, policy: Policy, travel: Travel, *, any_hour: frozenset[str]) -> None:
        self._timing, self._policy, self._travel, self._any_hour = timing, policy, travel, any_hour

    def look(self, order: Order, rows: Sequence[int], *, timed: int = IN_FULL) -> Seen:
        """`timed`: of so many ways the starts are known."""
        return self.look_each([order], rows, timed=timed)[0]

    def look_each(self, orders: Sequence[Order], rows: Sequence[int], *, timed: int = IN_FULL) -> list[Seen]:
        """Of each order as if the others were none."""
        part, day = self._part(orders, rows)
        index = self._timing.book.index
        row_of = np.array([index[worker.id] for worker in day.workers], dtype=np.int64)
        wanted = [day.order(order.id) for order in orders]
        places = places_for(day, wanted, self._policy, self._travel, any_hour=self._any_hour, timed=timed)
        if places[0].found is None and self._close_broken(orders, rows):
            still_open = [row for row in rows if not self._timing.closed(row)]
            return [replace(seen, rows=tuple(rows)) for seen in self.look_each(orders, still_open, timed=timed)]
        return [Seen(part, tuple(rows), one, row_of) for one in places]

    def _part(self, orders: Sequence[Order], rows: Sequence[int]) -> tuple[Part, Day]:
        """A part of the day, and the day of it in which only these workers may have the orders."""
        ids = self._timing.ids
        part = self._timing.part([ids[row] for row in sorted(rows)], orders)
        others = frozenset(worker.id for worker in part.day.workers) - set(part.inside)
        open_to_some = {one.id: replace(one, refused_workers=one.refused_workers | others) for one in orders}
        return part, replace(part.day, orders=tuple(open_to_some.get(one.id, one) for one in part.day.orders))

    def _close_broken(self, orders: Sequence[Order], rows: Sequence[int]) -> bool:
        """A route that cannot be kept spoils only the parts that reach it. False = all or none of these do."""
        if len(rows) < 2:
            return False
        broken = [row for row in rows if self.look(orders[0], [row]).places.found is None]
        self._timing.close(broken)
        return 0 < len(broken) < len(rows)


def until_sure(
    look: Callable[[Sequence[int]], list[Seen]],
    bounds: Sequence[Floats],
    need: int,
    *,
    at_first: int,
    besides: Sequence[Sequence[int]],
) -> list[Seen]:
    """A look for each of `bounds` that has the `need` best ways, and perhaps others. Bounds are (workers,): on whatever
    way has them and, of the others, only those `besides`."""
    ranked = [np.argsort(one, kind="stable")[: np.count_nonzero(one < np.inf)].tolist() for one in bounds]
    ranked = [[row for row in some if row not in known] for some, known in zip(ranked, besides, strict=True)]
    rows = dict.fromkeys(row for known in besides for row in known)
    rows |= dict.fromkeys(row for some in ranked for row in some[:at_first])
    while True:
        found, more = look(tuple(rows)), dict[int, None]()
        for one, some, seen in zip(bounds, ranked, found, strict=True):
            left, least = [row for row in some if row not in rows], seen.nth(need) + EPSILON
            more |= dict.fromkeys(row for row in left[: 2 * len(rows) // len(bounds)] if one[row] <= least)
        if not more:
            return found
        rows |= more
