"""The answer of the full look (`dispatch.insertion`), from a look at those few whom the bounds do not rule out.

The best by bound are looked at in full, as a part of the day; more of them until the next bound lies above the third
best way found. Then nobody left out could be among the three ways that are told in full.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dispatch.gates import Gate
from dispatch.insertion import IN_FULL, too_late, why_not
from dispatch.kernel.insertions import FIRSTS
from dispatch.kernel.problem import Floats, Ints
from dispatch.living.looks import Look, Looking
from dispatch.living.parts import alone, whole_routes
from dispatch.living.reasons import GatesByWorker, PointsByWorker, bits_for
from dispatch.living.search import Search, Told, Ways, until_sure
from dispatch.living.timing import AT_ONCE, Timing
from dispatch.model import Order
from dispatch.proposal import Proposal, Refusal, RefusalReason, Stopped
from dispatch.travel.port import Travel

AT_FIRST = 8
"""Workers looked at in full before the bounds are asked whether that was enough."""
FIRSTS_OF_A_SLOT = 2
"""Of a pair's first visit, where only a good way is wanted, not the reasons."""


class Inserting:
    def __init__(self, timing: Timing, looking: Looking, travel: Travel, at_first: int = AT_FIRST) -> None:
        self._timing, self._looking, self._travel, self._at_first = timing, looking, travel, at_first
        self.ids = timing.ids

    def insert(self, order: Order, *, explained: bool = True) -> Proposal | Refusal:
        """See `dispatch.insertion.insert`. `explained`: a refusal says everything that stops everybody."""
        book = self._timing.book
        waiting = [index for index, visit in enumerate(order.visits) if visit.id not in book.spot]
        if waiting and too_late(order, waiting, book.day.now_min):
            return Refusal(order_id=order.id, reason=RefusalReason.TOO_LATE, stopped={})
        search = self._search(frozenset())
        looks, found = self._best(order, search, frozenset())
        if order.usual_start_min is not None and (found is None or isinstance(found.answer, Refusal)):
            any_hour = frozenset({order.id})
            search = self._search(any_hour)
            looks, found = self._best(order, search, any_hour)
        if found is None or isinstance(found.answer, Refusal):
            return self._refused(order, looks, found, search, explained=explained)
        return self._proposed(looks, found, found.answer)

    def cheapest(self, order: Order) -> Ways | None:
        """A good way for an order of which nothing is planned, for one visit the best; None = there is none."""
        search = self._search(frozenset())
        looks = self._looking.at(order, frozenset())
        if not all(look.possible for look in looks):
            return None
        bounds, firsts = looks[0].bounds.points, list[int]()
        if len(looks) == 2:
            bounds, firsts = self._pair(order, looks, search, FIRSTS_OF_A_SLOT)
            if not firsts:
                return None

        def look(rows: Sequence[int]) -> Ways:
            return search.ways(order, rows)

        ways = until_sure(look, bounds, 1, at_first=FIRSTS_OF_A_SLOT, besides=firsts)
        return ways if len(ways.points) else None

    def _search(self, any_hour: frozenset[str]) -> Search:
        return Search(self._timing, self._looking.policy, self._travel, any_hour=any_hour)

    def _best(self, order: Order, search: Search, any_hour: frozenset[str]) -> tuple[tuple[Look, ...], Told | None]:
        """None: the bounds alone say that nobody can."""
        looks = self._looking.at(order, any_hour)
        if not looks:
            raise ValueError(f"order {order.id}: every visit is planned already")
        if not all(look.possible for look in looks):
            return looks, None
        bounds, firsts = looks[0].bounds.points, list[int]()
        if len(looks) == 2:
            bounds, firsts = self._pair(order, looks, search, FIRSTS)
            if not firsts:
                return looks, None

        def look(rows: Sequence[int]) -> Told:
            return search.told(order, rows)

        return looks, until_sure(look, bounds, IN_FULL, at_first=self._at_first, besides=firsts)

    def _pair(self, order: Order, looks: Sequence[Look], search: Search, count: int) -> tuple[Floats, list[int]]:
        """The best workers (rows) of the first visit, and bounds on each of the others as the second to one of them:
        the full look tries the best of the first, each with everybody."""
        one, two = looks

        def look(rows: Sequence[int]) -> Ways:
            return search.ways(alone(order, 0), rows)

        ways = until_sure(look, one.bounds.points, count, at_first=count)
        firsts = ways.workers[:count, 0]
        moves_alone = self._timing.pairs_move_alone(order)
        bounds = self._looking.both(one, two, firsts, ways.start_min[:count], moves_alone=moves_alone)
        return bounds, firsts.tolist()

    def _proposed(self, looks: Sequence[Look], found: Told, answer: Proposal) -> Proposal:
        timing, why = self._timing, answer.explanation
        routes = timing.routes() | whole_routes(found.part, answer.plan, timing.routes())
        left = _at_least(looks)
        left[list(found.rows)] = np.inf
        index, ids = timing.book.index, timing.ids
        return replace(
            answer,
            changes=timing.changes(routes),
            plan=timing.plan(routes),
            explanation=replace(
                why,
                at_least=PointsByWorker(ids, index, left),
                stopped=self._stopped(looks, [found]),
            ),
        )

    def _refused(
        self, order: Order, looks: Sequence[Look], found: Told | None, search: Search, *, explained: bool
    ) -> Refusal:
        """Here the reasons are the answer, so everybody is looked at in full."""
        timing, seen = self._timing, [found] if found else []
        left = np.setdiff1d(np.flatnonzero(~timing.gaps.workers.broken), found.rows if found else ())
        # A part does not know where the rest of a group is.
        parted = np.flatnonzero(np.any([look.stopped & bits_for((Gate.GROUP,)) for look in looks], axis=0))
        barred = replace(order, refused_workers=order.refused_workers | {timing.ids[row] for row in parted})
        for at in range(0, len(left) if explained else 0, AT_ONCE):
            seen.append(search.told(barred, left[at : at + AT_ONCE].tolist()))
        stopped = self._stopped(looks, seen, out_of_step=len(looks) > 1)
        reason = why_not(timing.book.day, stopped)
        if reason is RefusalReason.NO_ROOM and timing.gaps.workers.broken.any():
            reason = RefusalReason.PLAN_BROKEN
        return Refusal(order_id=order.id, reason=reason, stopped=stopped)

    def _stopped(self, looks: Sequence[Look], seen: Sequence[Told], *, out_of_step: bool = False) -> Stopped:
        """By the bounds, and of those looked at in full by that look."""
        timing, all_codes = self._timing, []
        for look in looks:
            codes = look.stopped.copy()
            for found in seen:
                gates = found.stopped().get(look.task.id)
                if gates is not None:  # the first visit of a pair alone says nothing about the second
                    rows, of_whole = list(found.rows), {Gate.REFUSED, Gate.GROUP, Gate.IN_STEP}
                    named = [bits_for(set(gates.get(timing.ids[row], ())) - of_whole) for row in rows]
                    codes[rows] = named | (codes[rows] & bits_for(of_whole))
            all_codes.append(codes)
        if out_of_step:
            all_codes = _out_of_step(all_codes)
        return {
            look.task.id: GatesByWorker(timing.ids, timing.book.index, codes)
            for look, codes in zip(looks, all_codes, strict=True)
        }


def _at_least(looks: Sequence[Look]) -> Floats:
    """(workers,) of the cheapest way that could have them."""
    if len(looks) == 1:
        return looks[0].bounds.points.copy()
    one, two = (look.bounds.paired for look in looks)
    both: Floats = np.minimum(one + two.min(), two + one.min())
    return both


def _out_of_step(codes: Sequence[Ints]) -> list[Ints]:
    """Each visit of a pair has somebody, but no two of them at the right moments: see `explain.plan_gates`."""
    free = [code == 0 for code in codes]
    if not all(one.any() for one in free) or np.logical_or.reduce(free).sum() < 2:
        return list(codes)
    return [np.where(one, bits_for((Gate.IN_STEP,)), code) for one, code in zip(free, codes, strict=True)]
