"""The answer of the full look (`dispatch.insertion`), from a look at those few whom the bounds do not rule out.

The best by bound are looked at in full, as a part of the day; more of them until the next bound lies above the third
best way found. Then nobody left out could be among the three ways that are told in full.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dispatch.insertion import IN_FULL, proposal, too_late
from dispatch.kernel.insertions import FIRSTS
from dispatch.kernel.problem import Floats
from dispatch.living.looks import Look, Looking
from dispatch.living.neighbourhood import distances_km
from dispatch.living.parts import whole_routes
from dispatch.living.reasons import PointsByWorker
from dispatch.living.search import Search, Seen, until_sure
from dispatch.living.stopping import Stopping
from dispatch.living.timing import AT_ONCE, Timing
from dispatch.model import Order
from dispatch.pairs import alone
from dispatch.proposal import Proposal, Refusal, RefusalReason
from dispatch.travel.port import Travel

AT_FIRST = 8
"""Workers looked at in full before the bounds are asked whether that was enough."""
CLOSELY = 8
"""Workers of whom a refusal says everything that stops them, at least."""
FIRSTS_OF_A_SLOT = 2
"""Of a pair's first visit, where only a good way is wanted, not the reasons."""


@dataclass(frozen=True, slots=True)
class _Best:
    """What the search for the best ways has seen."""

    search: Search
    looks: tuple[Look, ...]
    firsts: Seen | None = None
    """Of a pair: the first visit alone."""
    seen: Seen | None = None
    """None: the bounds, or the first visit alone, say that nobody can."""

    def tried(self, count: int) -> list[int]:
        """Rows of those who may have a pair's first visit."""
        return [] if self.firsts is None else self.firsts.workers(count)[:, 0].tolist()

    @property
    def is_way(self) -> bool:
        return self.seen is not None and len(self.seen.points) > 0


class Inserting:
    def __init__(self, timing: Timing, looking: Looking, travel: Travel, *, at_first: int, closely: int) -> None:
        """`at_first`, `closely`: AT_FIRST, CLOSELY or less."""
        self._timing, self._looking, self._travel = timing, looking, travel
        self._at_first, self._closely = at_first, closely
        self.ids = timing.ids

    def insert(self, order: Order) -> Proposal | Refusal:
        """See `dispatch.insertion.insert`."""
        if self._too_late(order):
            return Refusal(order_id=order.id, reason=RefusalReason.TOO_LATE, stopped={})
        best = self._best_at_any_hour(order)
        return self._proposed(best) or self._refused(order, best)

    def proposal(self, order: Order) -> Proposal | None:
        """`insert`, without the reasons of a refusal."""
        return None if self._too_late(order) else self._proposed(self._best_at_any_hour(order))

    def cheapest_each(self, orders: Sequence[Order]) -> list[Seen | None]:
        """Forms of one order, of which nothing is planned: of each a good way, for one visit the best; None = there is
        none. In a part they are orders of their own, which no group names."""
        groups = self._timing.book.day.groups
        if len(orders) > 1 and any(order.id in group.order_ids for group in groups for order in orders):
            return [seen for order in orders for seen in self.cheapest_each([order])]
        at_first = FIRSTS_OF_A_SLOT
        each = self._best_each(orders, frozenset(), at_first, need=1, at_first=at_first, with_reasons=False)
        return [best.seen if best.is_way else None for best in each]

    def _too_late(self, order: Order) -> bool:
        book = self._timing.book
        waiting = [index for index, visit in enumerate(order.visits) if visit.id not in book.spot]
        if not waiting:
            raise ValueError(f"order {order.id}: every visit is planned already")
        return too_late(order, waiting, book.day.now_min)

    def _best_at_any_hour(self, order: Order) -> _Best:
        best = self._best(order, frozenset())
        if order.usual_start_min is None or best.is_way:
            return best
        return self._best(order, frozenset({order.id}))

    def _best(self, order: Order, any_hour: frozenset[str]) -> _Best:
        return self._best_each([order], any_hour, FIRSTS, need=IN_FULL, at_first=self._at_first)[0]

    def _best_each(
        self,
        orders: Sequence[Order],
        any_hour: frozenset[str],
        firsts: int,
        *,
        need: int,
        at_first: int,
        with_reasons: bool = True,
    ) -> list[_Best]:
        """The `need` best ways of each; of a pair's first visit the best `firsts` are tried."""
        search = Search(self._timing, self._looking.policy, self._travel, any_hour=any_hour)
        looks = self._looking.at_each(orders, any_hour, with_reasons=with_reasons)
        best = [_Best(search, some) for some in looks]
        going = [i for i, some in enumerate(looks) if all(look.possible for look in some)]
        names = _told_apart(orders)
        if going and len(looks[0]) == 2:
            tried = self._firsts([names[i] for i in going], [looks[i][0] for i in going], search, firsts)
            for i, seen in zip(going, tried, strict=True):
                best[i] = replace(best[i], firsts=seen)
            going = [i for i, seen in zip(going, tried, strict=True) if len(seen.points)]
        if not going:
            return best
        moves_alone = len(looks[0]) == 2 and self._timing.pairs_move_alone(orders[0])
        bounds = [self._bounds(best[i], firsts, moves_alone=moves_alone) for i in going]
        besides = [best[i].tried(firsts) for i in going]

        def look(rows: Sequence[int]) -> list[Seen]:
            return search.look_each([names[i] for i in going], rows, timed=need)

        for i, seen in zip(going, until_sure(look, bounds, need, at_first=at_first, besides=besides), strict=True):
            best[i] = replace(best[i], seen=seen)
        return best

    def _firsts(self, orders: Sequence[Order], looks: Sequence[Look], search: Search, count: int) -> list[Seen]:
        """Have the best places of a pair's first visit: the full look tries each with everybody for the second."""
        each = [alone(order, 0) for order in orders]

        def look(rows: Sequence[int]) -> list[Seen]:
            return search.look_each(each, rows, timed=count)

        bounds = [one.bounds.points for one in looks]
        return until_sure(look, bounds, count, at_first=count, besides=[()] * len(looks))

    def _bounds(self, best: _Best, count: int, *, moves_alone: bool) -> Floats:
        """(workers,) on the order; of a pair by who has the second visit."""
        if best.firsts is None:
            return best.looks[0].bounds.points
        one, two = best.looks
        rows, starts_min = best.firsts.workers(count)[:, 0], best.firsts.starts_min(count)
        return self._looking.both(one, two, rows, starts_min, moves_alone=moves_alone)

    def _proposed(self, best: _Best) -> Proposal | None:
        timing, seen = self._timing, best.seen
        if seen is None or seen.places.found is None or not best.is_way:
            return None
        stopping = self._stopping(best)
        stopping.tell(seen, seen.in_brief())
        answer = proposal(seen.places, seen.places.found, stopping.by_visit(refused=False))
        routes = timing.routes() | whole_routes(seen.part, answer.plan, timing.routes())
        left = _at_least(best.looks)
        left[list(seen.rows)] = np.inf
        at_least = PointsByWorker(timing.ids, timing.book.index, left)
        return replace(
            answer,
            changes=timing.changes(routes),
            plan=timing.plan(routes),
            explanation=replace(answer.explanation, at_least=at_least),
        )

    def _refused(self, order: Order, best: _Best) -> Refusal:
        """Here the reasons are the answer: the nearest are looked at closely, until the reason is certain."""
        timing, stopping = self._timing, self._stopping(best)
        for seen in (best.firsts, best.seen):
            if seen is not None:
                stopping.see(seen)
        able = stopping.able.sum(axis=0)
        ranked = np.lexsort((distances_km(timing, order.place), -able))
        ranked = ranked[~timing.gaps.workers.broken[ranked]]
        perhaps, at, size = int((able[ranked] > 0).sum()), 0, self._closely
        while at < len(ranked) and (at == 0 or (at < perhaps and not stopping.is_certain())):
            stopping.look_closely(best.search.look(order, ranked[at : at + size].tolist()))
            at, size = at + size, min(2 * size, AT_ONCE)
        reason = stopping.reason()
        if reason is RefusalReason.NO_ROOM and timing.gaps.workers.broken.any():
            reason = RefusalReason.PLAN_BROKEN
        return Refusal(
            order_id=order.id,
            reason=reason,
            stopped=stopping.by_visit(refused=True),
            at_a_glance=frozenset(timing.ids[row] for row in np.flatnonzero(~stopping.closely).tolist()),
        )

    def _stopping(self, best: _Best) -> Stopping:
        return Stopping(best.looks, self._timing.ids, self._timing.book.index)


def _told_apart(orders: Sequence[Order]) -> list[Order]:
    """Forms of one order as several."""
    if len(orders) == 1:
        return list(orders)
    return [
        replace(
            order,
            id=f"{order.id}/{i}",
            visits=tuple(replace(visit, id=f"{visit.id}/{i}") for visit in order.visits),
        )
        for i, order in enumerate(orders)
    ]


def _at_least(looks: Sequence[Look]) -> Floats:
    """(workers,) of the cheapest way that could have them."""
    if len(looks) == 1:
        return looks[0].bounds.points.copy()
    one, two = (look.bounds.paired for look in looks)
    both: Floats = np.minimum(one + two.min(), two + one.min())
    return both
