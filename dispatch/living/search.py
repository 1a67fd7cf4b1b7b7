"""Looks in full at a part of the day: some workers whole, and what a push in their routes can reach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from dispatch.formulation import formulate
from dispatch.insertion import place
from dispatch.kernel.insertions import FIRSTS, insertions
from dispatch.kernel.problem import Floats, Ints
from dispatch.living.bounds import EPSILON
from dispatch.living.parts import Part
from dispatch.living.timing import Timing
from dispatch.model import Day, Order
from dispatch.policy import Policy
from dispatch.proposal import Proposal, Refusal, RefusalReason, Stopped
from dispatch.travel.port import Travel


@dataclass(frozen=True, slots=True)
class Told:
    """What a full look at some workers (rows) has shown, with its reasons."""

    part: Part
    rows: tuple[int, ...]
    answer: Proposal | Refusal

    @property
    def is_broken(self) -> bool:
        """The part's plan as it stands cannot be kept."""
        return isinstance(self.answer, Refusal) and self.answer.reason is RefusalReason.PLAN_BROKEN

    def stopped(self) -> Stopped:
        return self.answer.stopped if isinstance(self.answer, Refusal) else self.answer.explanation.stopped

    def nth(self, n: int) -> float:
        """Points of the n-th best way; inf where there is none."""
        if isinstance(self.answer, Refusal):
            return np.inf
        why = self.answer.explanation
        points = [why.points, *(way.points for way in why.next_best)]
        return points[n - 1] if len(points) >= n else np.inf


@dataclass(frozen=True, slots=True)
class Ways:
    """The same without the reasons: the best few ways, the cheapest first."""

    rows: tuple[int, ...]
    workers: Ints
    """(ways, visits) rows of who would do it."""
    points: Floats
    start_min: Floats
    """(ways,) of the first visit."""

    def nth(self, n: int) -> float:
        return float(self.points[n - 1]) if len(self.points) >= n else np.inf


L = TypeVar("L", Told, Ways)


class Search:
    """For one order. `any_hour`: it may leave its usual hour."""

    def __init__(self, timing: Timing, policy: Policy, travel: Travel, *, any_hour: frozenset[str]) -> None:
        self._timing, self._policy, self._travel, self._any_hour = timing, policy, travel, any_hour

    def told(self, order: Order, rows: Sequence[int]) -> Told:
        part, day = self._part(order, rows)
        answer = place(day, day.order(order.id), self._policy, self._travel, any_hour=self._any_hour)
        told = Told(part, tuple(rows), answer)
        if told.is_broken and self._close_broken(order, rows):
            return replace(self.told(order, [row for row in rows if not self._timing.closed(row)]), rows=tuple(rows))
        return told

    def ways(self, order: Order, rows: Sequence[int]) -> Ways:
        """Of all the order's visits, none of which is planned."""
        _, day = self._part(order, rows)
        ids = [visit.id for visit in order.visits]
        formulation = formulate(day, self._policy, self._travel, movable=frozenset(ids), any_hour=self._any_hour)
        tasks = [formulation.task_index[visit_id] for visit_id in ids]
        found = insertions(formulation.problem, formulation.routes, tasks, timed=FIRSTS)
        if found is None and self._close_broken(order, rows):
            return replace(self.ways(order, [row for row in rows if not self._timing.closed(row)]), rows=tuple(rows))
        if found is None or not len(found.rises):
            return Ways(tuple(rows), np.empty((0, len(tasks)), np.int64), np.empty(0), np.empty(0))
        index = np.array([self._timing.book.index[worker.id] for worker in day.workers])
        return Ways(tuple(rows), index[found.workers[:FIRSTS]], found.rises[:FIRSTS], found.start[:, tasks[0]])

    def _part(self, order: Order, rows: Sequence[int]) -> tuple[Part, Day]:
        """A part of the day, and the day of it in which only these workers may have the order."""
        ids = self._timing.ids
        part = self._timing.part([ids[row] for row in sorted(rows)], order)
        others = frozenset(worker.id for worker in part.day.workers) - set(part.inside)
        open_to_some = replace(order, refused_workers=order.refused_workers | others)
        orders = tuple(open_to_some if known.id == order.id else known for known in part.day.orders)
        return part, replace(part.day, orders=orders)

    def _close_broken(self, order: Order, rows: Sequence[int]) -> bool:
        """A route that cannot be kept spoils only the parts that reach it. False = all or none of these do."""
        if len(rows) < 2:
            return False
        broken = [row for row in rows if self.told(order, [row]).is_broken]
        self._timing.close(broken)
        return 0 < len(broken) < len(rows)


def until_sure(
    look: Callable[[Sequence[int]], L], bounds: Floats, need: int, *, at_first: int, besides: Sequence[int] = ()
) -> L:
    """A look that has the `need` best ways, and perhaps others. `bounds` (workers,): on whatever way has them and, of
    the others, only those `besides`."""
    order = np.argsort(bounds, kind="stable")[: np.count_nonzero(bounds < np.inf)]
    ranked: list[int] = [int(row) for row in order if row not in besides]
    left = ranked[at_first:]
    found: L = look((*besides, *ranked[:at_first]))
    while left and bounds[left[0]] <= found.nth(need) + EPSILON:
        least = found.nth(need) + EPSILON
        more: list[int] = [row for row in left[: 2 * len(found.rows)] if bounds[row] <= least]
        left = left[len(more) :]
        found = look((*found.rows, *more))
    return found
