"""A person overrides: what it would mean, from a look at those whom it touches alone."""

from dataclasses import replace

from dispatch.living.day import LivingDay
from dispatch.living.neighbourhood import island
from dispatch.living.parts import whole_routes
from dispatch.what_if import Consequences, what_if


def what_if_here(living: LivingDay, order_id: str, worker_id: str, *, visit: int = 0) -> Consequences:
    """See `dispatch.what_if.what_if`. The other visit of a pair stays with whoever has it, or finds its place with one
    of these two; the rest of the day keeps its routes. The plan, where there is one, is that of the whole day."""
    timing = living.timing
    order = timing.book.orders[order_id]
    if worker_id not in timing.book.index:
        raise KeyError(worker_id)
    having = {timing.book.spot[one.id][0] for one in order.visits if one.id in timing.book.spot}
    part = island(timing, sorted({worker_id, *having}), waiting=() if having else [order])
    found = what_if(part.day, order_id, worker_id, living.policy, living.travel, visit=visit)
    if found.plan is None:
        return found
    routes = {**timing.routes(), **whole_routes(part, found.plan, timing.routes())}
    return replace(found, plan=timing.plan(routes))
