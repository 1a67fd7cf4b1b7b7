"""Between events: a better plan for what nobody has been told yet, searched on a part of the day and taken only if
nothing of that part has changed meanwhile; and relief for those who are late."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatch.improve import Improvement, improve
from dispatch.living.neighbourhood import island, neighbourhoods
from dispatch.living.parts import Part, whole_routes
from dispatch.living.relieving import late_visits, relieve
from dispatch.model import Route, StopState
from services.assignment import freshness
from services.assignment.planned_day import PlannedDay, Said

NEAR = 30
"""Workers of whom a better plan is searched at a time."""


@dataclass(frozen=True, slots=True)
class Attempt:
    of: str
    """Whose neighbourhood."""
    part: Part
    routes: Mapping[str, Route]
    """As they were when it began."""
    movable: frozenset[str]

    def is_as(self, other: "Attempt | None") -> bool:
        """Whether nothing has changed since then but the hour."""
        return (
            other is not None
            and self.movable == other.movable
            and self.part.day.workers == other.part.day.workers
            and self.part.day.orders == other.part.day.orders
            and self.routes.keys() == other.routes.keys()
            and all(route is other.routes[worker_id] for worker_id, route in self.routes.items())
        )


def begin(day: PlannedDay, turn: int) -> Attempt | None:
    """`turn`: whose neighbourhood. None: nothing there may still change freely."""
    timing = day.living.timing
    planned = [
        worker_id
        for worker_id, route in timing.routes().items()
        if any(stop.state is StopState.PLANNED for stop in route.stops)
    ]
    if len(planned) < 2:
        return None
    of = planned[turn % len(planned)]
    (near,) = neighbourhoods(timing, [of], NEAR)
    part = island(timing, near)
    movable = frozenset(stop.visit_id for _, stop in part.day.plan.stops() if stop.state is StopState.PLANNED)
    return Attempt(of, part, {one: timing.routes()[one] for one in part.inside}, movable)


def search(day: PlannedDay, attempt: Attempt, seconds: float) -> Improvement:
    """Needs no turn: the part is its own."""
    return improve(attempt.part.day, day.policy, day.travel, seconds=seconds, movable=attempt.movable)


def take(day: PlannedDay, attempt: Attempt, found: Improvement, now: datetime) -> list[Said]:
    """Nothing, where somebody of the part has something else to do by now."""
    timing = day.living.timing
    routes = timing.routes()
    if any(routes.get(one) is not route for one, route in attempt.routes.items()):
        return []
    changed = whole_routes(attempt.part, found.plan, routes)
    plan = timing.plan({**routes, **changed})
    if not changed or freshness.too_long_in_box(day, plan, changed.keys()):
        return []
    return day.proposed(plan, now, changed.keys())


def late_workers(day: PlannedDay) -> list[str]:
    return [worker_id for worker_id in day.staff if late_visits(day.living, worker_id)]


def relief(day: PlannedDay, worker_id: str, now: datetime) -> list[Said]:
    """Others take what this worker cannot do in time, where that is worth telling people anew."""
    found = relieve(day.living, worker_id)
    if not found or freshness.too_long_in_box(day, found.plan, found.workers):
        return []
    return day.proposed(found.plan, now, found.workers)
