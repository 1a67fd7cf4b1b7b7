"""Between events: a better plan for what nobody has been told yet, searched on a part of the day and taken only if
nothing of that part has changed meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatch.improve import Improvement, improve
from dispatch.living.neighbourhood import island, neighbourhoods
from dispatch.living.parts import Part, whole_routes
from dispatch.model import Route, StopState
from services.assignment.planned_day import PlannedDay, Said

NEAR = 30
"""Workers of whom a better plan is searched at a time."""


@dataclass(frozen=True, slots=True)
class Attempt:
    part: Part
    routes: Mapping[str, Route]
    """As they were when it began."""
    movable: frozenset[str]


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
    (near,) = neighbourhoods(timing, [planned[turn % len(planned)]], NEAR)
    part = island(timing, near)
    movable = frozenset(stop.visit_id for _, stop in part.day.plan.stops() if stop.state is StopState.PLANNED)
    return Attempt(part, {one: timing.routes()[one] for one in part.inside}, movable)


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
    return day.improved(timing.plan({**routes, **changed}), changed.keys(), now) if changed else []
