"""After an event: what cannot stay where it is goes to others, and as few people as possible hear of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import numpy as np

from dispatch.groups import sharing
from dispatch.improve import improve
from dispatch.living.day import LivingDay
from dispatch.living.neighbourhood import holders, island, nearest
from dispatch.living.parts import whole_routes
from dispatch.model import Order, StopState
from dispatch.proposal import Refusal
from dispatch.repair import Release, Repair, cannot_stay

OTHERS_TOLD_ANEW = 3
"""Visits that people were told of and whose worker is well, but that may go to others so that one finds room."""
NEAR = 12
"""Workers searched together for what found no place by itself."""


def mend(
    living: LivingDay, touched: Collection[str], *, iterations: int = 20_000, searches: int | None = None, seed: int = 0
) -> Repair:
    """`living` is as it is after the event, with the plan from before it, and stays so. `touched`: the workers whom the
    event concerns (`LivingDay.become` returns them). What of theirs cannot stay is placed order by order, the tightest
    first; for an order without a place the nearest workers are planned anew together, in at most so many `searches`
    (None: as many as it takes) of so many `iterations`."""
    before = living.day
    released = _released(living, touched)
    orders = {living.timing.book.order_of[visit_id][0].id: None for visit_id in released}
    living.become(replace(before, plan=before.plan.without(frozenset(released))))
    refused = [order for order in _tightest_first(living, orders) if not _placed(living, order)]
    room, refusals = _Room(living, iterations, seed, searches), list[Refusal]()
    for order in refused:
        if _placed(living, order) or room.made_for(order):
            continue
        answer = living.insert(order)
        if isinstance(answer, Refusal):
            refusals.append(answer)
    after = living.timing.plan(living.timing.routes())
    living.become(before)
    routes = {route.worker_id: route for route in after.routes}
    return Repair(plan=after, released=released, changes=living.timing.changes(routes), unplaced=tuple(refusals))


def _released(living: LivingDay, touched: Collection[str]) -> dict[str, Release]:
    """Visits that cannot stay, of these workers or of those who share a pair with them."""
    book = living.timing.book
    stops = [stop for worker_id in touched for stop in book.routes[worker_id].stops]
    partners = {other for stop in stops if (other := book.partner(stop.visit_id))}
    inside = {*touched, *(book.spot[visit_id][0] for visit_id in partners)}
    if not inside:
        return {}
    released = cannot_stay(island(living.timing, inside).day, living.policy, living.travel)
    others = {other for visit_id in released if (other := book.partner(visit_id))}
    return released | dict.fromkeys(others - released.keys(), Release.PARTNER)


def _tightest_first(living: LivingDay, order_ids: Iterable[str]) -> list[Order]:
    orders = [living.timing.book.orders[order_id] for order_id in order_ids]
    return sorted(orders, key=lambda order: (order.latest_start_min - order.window.from_min, order.window.from_min))


def _placed(living: LivingDay, order: Order) -> bool:
    answer = living.proposal(order)
    if answer is not None:
        living.become(replace(living.day, plan=answer.plan))
    return answer is not None


@dataclass(slots=True)
class _Room:
    """Made by planning the nearest workers anew together: first with what people were told where it is, then with a
    little of it free to go to others."""

    living: LivingDay
    iterations: int
    seed: int
    searches: int | None
    """Left; None: without end."""
    others_told_anew: int = 0

    def made_for(self, order: Order) -> bool:
        living, timing = self.living, self.living.timing
        if any(visit.id in timing.book.spot for visit in order.visits) or self.searches == 0:
            return False
        bound = holders(timing.book, sharing(timing.book.day.groups, order.id))
        able = np.all([look.able for look in living.looking.at(order, frozenset({order.id}))], axis=0)
        part = island(timing, sorted({*nearest(timing, order.place, able, NEAR), *bound}), waiting=[order])
        planned = (stop.visit_id for _, stop in part.day.plan.stops() if stop.state is StopState.PLANNED)
        untold = frozenset((*planned, *(visit.id for visit in order.visits)))
        for movable in (untold, None):
            if self.searches == 0 or (movable is None and self.others_told_anew >= OTHERS_TOLD_ANEW):
                return False
            self.searches = None if self.searches is None else self.searches - 1
            found = improve(
                part.day, living.policy, living.travel, iterations=self.iterations, seed=self.seed, movable=movable
            )
            news = sum(one.state is StopState.TOLD and one.from_worker_id != one.to_worker_id for one in found.changes)
            if "unplaced" in found.terms and self.others_told_anew + news <= OTHERS_TOLD_ANEW:
                self.others_told_anew += news
                routes = {**timing.routes(), **whole_routes(part, found.plan, timing.routes())}
                living.become(replace(living.day, plan=timing.plan(routes)))
                return True
        return False
