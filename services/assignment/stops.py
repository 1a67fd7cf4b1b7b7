"""Routes of which some stops are put in, taken out or left. What is the same stays the same object: a living day works
out again only what differs. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from dispatch.model import BEGUN, Plan, Stop

SAME_MIN = 0.05
"""Times of events are whole seconds; those of a plan are not."""


def in_time(stops: Iterable[Stop]) -> tuple[Stop, ...]:
    """Those begun first."""
    return tuple(sorted(stops, key=lambda stop: (stop.state not in BEGUN, stop.start_min)))


def restopped(plan: Plan, gone: Collection[str], stops: dict[str, tuple[str, Stop]]) -> Plan:
    """Without the stops of these visits, with these instead; a route in which all is as it was is the same one."""
    routes, same = [], True
    for route in plan.routes:
        old = {stop.visit_id: stop for stop in route.stops if stop.visit_id in gone}
        new = {visit_id: stop for visit_id, (worker_id, stop) in stops.items() if worker_id == route.worker_id}
        if not old and not new:
            routes.append(route)
            continue
        new = {visit_id: _kept(old.get(visit_id), stop) for visit_id, stop in new.items()}
        if old.keys() == new.keys() and all(new[visit_id] is old[visit_id] for visit_id in old):
            routes.append(route)
            continue
        kept = [stop for stop in route.stops if stop.visit_id not in gone]
        routes.append(replace(route, stops=in_time([*kept, *new.values()])))
        same = False
    return plan if same else Plan(routes=tuple(routes))


def _kept(old: Stop | None, new: Stop) -> Stop:
    """The old one, where the new one says the same."""
    if old is None or old.state is not new.state or abs(old.start_min - new.start_min) > SAME_MIN:
        return new
    if new.state in BEGUN and abs(old.end_min - new.end_min) > SAME_MIN:
        return new
    if (old.told_start_min is None) is not (new.told_start_min is None):
        return new
    if old.told_start_min is not None and abs(old.told_start_min - (new.told_start_min or 0.0)) > SAME_MIN:
        return new
    return old
