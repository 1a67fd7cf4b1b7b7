"""The answer of the full look (`dispatch.insertion`), from a look at those few whom the bounds do not rule out.

The best by bound are looked at in full, as a part of the day; more of them until the next bound lies above the third
best way found. Then nobody left out could be among the three ways that are told in full.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from dispatch.formulation import formulate
from dispatch.gates import Gate
from dispatch.insertion import IN_FULL, place, why_not
from dispatch.kernel.insertions import FIRSTS, insertions
from dispatch.kernel.problem import Bools, Floats
from dispatch.living.bounds import EPSILON
from dispatch.living.looks import Look, Looking
from dispatch.living.parts import Part, alone, whole_routes
from dispatch.living.reasons import GatesByWorker, PointsByWorker, bits_for
from dispatch.living.timing import AT_ONCE, Timing
from dispatch.model import Day, Order, Plan
from dispatch.proposal import Proposal, Refusal, RefusalReason, Stopped, changes_between
from dispatch.travel.port import Travel

AT_FIRST = 8
"""Workers looked at in full before the bounds are asked whether that was enough; then three times as many."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What a full look at some of the workers has shown."""

    part: Part
    rows: tuple[int, ...]
    answer: Proposal | Refusal

    def points(self) -> list[float]:
        """Of the ways told in full, then of the other workers, the cheapest first."""
        if isinstance(self.answer, Refusal):
            return []
        why = self.answer.explanation
        return [why.points, *(way.points for way in why.next_best), *sorted(why.dearer.values())]

    def stopped(self) -> Stopped:
        return self.answer.stopped if isinstance(self.answer, Refusal) else self.answer.explanation.stopped

    def nth(self, n: int) -> float:
        points = self.points()
        return points[n - 1] if len(points) >= n else np.inf


@dataclass(frozen=True, slots=True)
class _Firsts:
    """The best places of a pair's first visit alone, the cheapest first."""

    rows: tuple[int, ...]
    """Looked at in full."""
    best: tuple[int, ...]
    """Rows of the best workers."""
    points: Floats
    start_min: Floats

    def nth(self, n: int) -> float:
        return float(self.points[n - 1]) if len(self.points) >= n else np.inf


F = TypeVar("F", _Found, _Firsts)


class Inserting:
    def __init__(self, timing: Timing, looking: Looking, travel: Travel, at_first: int = AT_FIRST) -> None:
        self._timing, self._looking, self._travel, self._at_first = timing, looking, travel, at_first
        self._policy = looking.policy

    def insert(self, order: Order) -> Proposal | Refusal:
        """See `dispatch.insertion.insert`."""
        any_hour = frozenset[str]()
        looks, found = self._best(order, any_hour)
        if order.usual_start_min is not None and (found is None or isinstance(found.answer, Refusal)):
            any_hour = frozenset({order.id})
            looks, found = self._best(order, any_hour)
        if found is None or isinstance(found.answer, Refusal):
            return self._refused(order, looks, found, any_hour)
        return self._proposed(looks, found, found.answer)

    def _best(self, order: Order, any_hour: frozenset[str]) -> tuple[tuple[Look, ...], _Found | None]:
        """None: the bounds alone say that nobody can."""
        looks = self._looking.at(order, any_hour)
        if not looks:
            raise ValueError(f"order {order.id}: every visit is planned already")
        if not all(look.possible for look in looks):
            return looks, None
        if len(looks) == 1:
            return looks, self._among(order, looks[0].bounds.points, any_hour)
        return looks, self._pair(order, looks, any_hour)

    def _among(self, order: Order, bounds: Floats, any_hour: frozenset[str], besides: Sequence[int] = ()) -> _Found:
        return self._until_sure(bounds, IN_FULL, lambda rows: self._in_full(order, rows, any_hour), besides)

    def _until_sure(
        self, bounds: Floats, need: int, look: Callable[[Sequence[int]], F], besides: Sequence[int] = ()
    ) -> F:
        """A look in which the `need` best are, and perhaps others. `bounds` (workers,): on whatever has them and, of
        the others, only those `besides`."""
        ranked: list[int] = [row for row in _ranked(bounds) if row not in besides]
        left = ranked[self._at_first :]
        found: F = look((*besides, *ranked[: self._at_first]))
        while left and bounds[left[0]] <= found.nth(need) + EPSILON:
            least = found.nth(need) + EPSILON
            more: list[int] = [row for row in left[: 2 * len(found.rows)] if bounds[row] <= least]
            left = left[len(more) :]
            found = look((*found.rows, *more))
        return found

    def _pair(self, order: Order, looks: Sequence[Look], any_hour: frozenset[str]) -> _Found | None:
        """The full look tries the best workers of the first visit, each with everybody for the second."""
        one, two = looks

        def look(rows: Sequence[int]) -> _Firsts:
            return self._firsts(order, rows, any_hour)

        first = self._until_sure(one.bounds.points, FIRSTS, look)
        if not first.best:
            return None
        moves_alone = self._timing.pairs_move_alone(order)
        bounds = np.min(
            [
                self._looking.both(one, two, row, float(start_min), moves_alone=moves_alone)
                for row, start_min in zip(first.best, first.start_min, strict=True)
            ],
            axis=0,
        )
        return self._among(order, bounds, any_hour, besides=first.best)

    def _firsts(self, order: Order, rows: Sequence[int], any_hour: frozenset[str]) -> _Firsts:
        first = alone(order, 0)
        day = self._part(first, rows)[1]
        formulation = formulate(
            day, self._policy, self._travel, movable=frozenset({first.visits[0].id}), any_hour=any_hour
        )
        task = formulation.task_index[first.visits[0].id]
        found = insertions(formulation.problem, formulation.routes, [task], timed=FIRSTS)
        if found is None:
            return _Firsts(tuple(rows), (), np.empty(0), np.empty(0))
        index, workers = self._timing.book.index, formulation.day.workers
        best = tuple(index[workers[w].id] for w in found.workers[:FIRSTS, 0])
        return _Firsts(tuple(rows), best, found.rises[:FIRSTS], found.start[:, task])

    def _in_full(self, order: Order, rows: Sequence[int], any_hour: frozenset[str]) -> _Found:
        part, day = self._part(order, rows)
        answer = place(day, day.order(order.id), self._policy, self._travel, any_hour=any_hour)
        return _Found(part, tuple(rows), answer)

    def _part(self, order: Order, rows: Sequence[int]) -> tuple[Part, Day]:
        """A part of the day, and the day of it in which only these workers may have the order."""
        ids = self._timing.ids
        part = self._timing.part([ids[row] for row in sorted(rows)], order)
        others = frozenset(worker.id for worker in part.day.workers) - set(part.inside)
        open_to_some = replace(order, refused_workers=order.refused_workers | others)
        orders = tuple(open_to_some if known.id == order.id else known for known in part.day.orders)
        return part, replace(part.day, orders=orders)

    def _proposed(self, looks: Sequence[Look], found: _Found, answer: Proposal) -> Proposal:
        timing, why = self._timing, answer.explanation
        routes = timing.routes() | whole_routes(found.part, answer.plan, timing.routes())
        left = _at_least(looks)
        left[list(found.rows)] = np.inf
        index, ids = timing.book.index, timing.ids
        differing = [worker_id for worker_id in ids if routes[worker_id] is not timing.book.routes[worker_id]]
        return replace(
            answer,
            changes=changes_between(
                Plan(routes=tuple(timing.book.routes[worker_id] for worker_id in differing)),
                Plan(routes=tuple(routes[worker_id] for worker_id in differing)),
            ),
            plan=Plan(routes=tuple(routes[worker_id] for worker_id in ids)),
            explanation=replace(
                why,
                at_least=PointsByWorker(ids, index, left),
                stopped=self._stopped(looks, [found]),
            ),
        )

    def _refused(self, order: Order, looks: Sequence[Look], found: _Found | None, any_hour: frozenset[str]) -> Refusal:
        """Here the reasons are the answer: who has no room because of a limit is looked at in full too."""
        timing, seen = self._timing, [found] if found else []
        limited = timing.limited() & (_no_room(looks)) & ~timing.gaps.workers.broken
        left = np.setdiff1d(np.flatnonzero(limited), found.rows if found else ())
        for at in range(0, len(left), AT_ONCE):
            seen.append(self._in_full(order, left[at : at + AT_ONCE].tolist(), any_hour))
        stopped = self._stopped(looks, seen)
        reason = why_not(timing.book.day, order, stopped)
        if reason is RefusalReason.NO_ROOM and timing.gaps.workers.broken.any():
            reason = RefusalReason.PLAN_BROKEN
        return Refusal(order_id=order.id, reason=reason, stopped=stopped)

    def _stopped(self, looks: Sequence[Look], seen: Sequence[_Found]) -> Stopped:
        """By the bounds, and of those looked at in full by that look."""
        timing, stopped = self._timing, {}
        for look in looks:
            codes = look.stopped.copy()
            for found in seen:
                gates = found.stopped().get(look.task.id)
                if gates is not None:  # the first visit of a pair alone says nothing about the second
                    codes[list(found.rows)] = [bits_for(gates.get(timing.ids[row], ())) for row in found.rows]
            stopped[look.task.id] = GatesByWorker(timing.ids, timing.book.index, codes)
        return stopped


def _at_least(looks: Sequence[Look]) -> Floats:
    """(workers,) of the cheapest way that could have them."""
    if len(looks) == 1:
        return looks[0].bounds.points.copy()
    one, two = (look.bounds.paired for look in looks)
    both: Floats = np.minimum(one + two.min(), two + one.min())
    return both


def _ranked(bounds: Floats) -> list[int]:
    """Rows of all who perhaps could, the best first."""
    order = np.argsort(bounds, kind="stable")[: np.count_nonzero(bounds < np.inf)]
    return [int(row) for row in order]


def _no_room(looks: Sequence[Look]) -> Bools:
    """(workers,) who is stopped by that alone, from one of the visits."""
    stuck: Bools = np.any([look.stopped == bits_for((Gate.NO_ROOM,)) for look in looks], axis=0)
    return stuck
