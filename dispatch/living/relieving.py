"""Whoever is late is relieved of what others can do in time, where that is worth telling people anew.

`mend` moves only what cannot stay. A visit that is merely late can stay, and the search between events moves nothing
that people were told of; so this looks at those who are late, and asks the nearest who could come instead.
"""

from dataclasses import dataclass

from dispatch.improve import improve
from dispatch.living.day import LivingDay
from dispatch.living.neighbourhood import island, nearest
from dispatch.living.parts import whole_routes
from dispatch.model import Plan, Stop, StopState, visit_window

LATE_MIN = 10.0
"""After the window's end; who comes less late is left alone."""
NEAR = 12
"""Workers searched together."""
STEPS = 2_000
_MAY_MOVE = frozenset({StopState.PLANNED, StopState.TOLD})


@dataclass(frozen=True, slots=True)
class Relief:
    plan: Plan
    workers: frozenset[str]
    """Those whose routes are others."""


def late_visits(living: LivingDay, worker_id: str) -> tuple[str, ...]:
    """Of what is ahead of this worker and may move, in order of time."""
    book, starts_min = living.timing.book, living.timing.start_min

    def late_min(stop: Stop) -> float:
        return starts_min.get(stop.visit_id, stop.start_min) - visit_window(*book.order_of[stop.visit_id])[1]

    stops = book.routes[worker_id].stops
    return tuple(stop.visit_id for stop in stops if stop.state in _MAY_MOVE and late_min(stop) > LATE_MIN)


def relieve(living: LivingDay, worker_id: str, *, iterations: int = STEPS, seed: int = 0) -> Relief | None:
    """`living` stays as it is. None: nobody is late there, or it is not worth it by the policy's prices.

    Of what people were told only these late visits may go to somebody else."""
    late = late_visits(living, worker_id)
    if not late:
        return None
    timing = living.timing
    order, _ = timing.book.order_of[late[0]]
    part = island(timing, sorted({worker_id, *nearest(timing, order.place, living.looking.able(order), NEAR)}))
    planned = (stop.visit_id for _, stop in part.day.plan.stops() if stop.state is StopState.PLANNED)
    movable = frozenset((*planned, *late))
    found = improve(part.day, living.policy, living.travel, iterations=iterations, seed=seed, movable=movable)
    if not found.changes:
        return None
    routes = whole_routes(part, found.plan, timing.routes())
    return Relief(timing.plan({**timing.routes(), **routes}), frozenset(routes))
