"""What happens to a day. Each function gives the day as it is after it; `repair` then mends the plan."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from dispatch.model import BEGUN, END_OF_DAY_MIN, Day, Interval, Order, Plan, Route, Stop, StopState, Worker

FAR_MIN = 100 * END_OF_DAY_MIN


def order_placed(day: Day, order: Order) -> Day:
    return replace(day, orders=(*day.orders, order))


def order_cancelled(day: Day, order_id: str) -> Day:
    """What had not begun is gone; a visit begun ends now. KeyError if there is no such order."""
    order, placed = day.order(order_id), day.plan.placed()
    begun = tuple(visit for visit in order.visits if visit.id in placed and placed[visit.id][1].state in BEGUN)
    others = frozenset(visit.id for visit in order.visits) - {visit.id for visit in begun}
    kept = (replace(order, visits=begun),) if begun else ()
    orders = tuple(one for known in day.orders for one in (kept if known.id == order_id else (known,)))
    day = replace(day, orders=orders, plan=day.plan.without(others))
    return _with_stops(
        day,
        {visit.id for visit in begun},
        lambda stop: replace(stop, state=StopState.DONE, end_min=min(stop.end_min, max(stop.start_min, day.now_min))),
    )


def leave_taken(day: Day, worker_id: str, leave: Interval) -> Day:
    return _with_worker(day, worker_id, lambda worker: replace(worker, leave=(*worker.leave, leave)))


def worker_sick(day: Day, worker_id: str) -> Day:
    """From now on; a visit they are at or on the way to is not begun any more and waits for somebody else."""
    day = leave_taken(day, worker_id, Interval(day.now_min, FAR_MIN))
    broken_off = frozenset(
        stop.visit_id for holder, stop in day.plan.stops() if holder == worker_id and stop.state is StopState.STARTED
    )
    return replace(day, plan=day.plan.without(broken_off))


def visit_late(day: Day, visit_id: str, expected_end_min: float) -> Day:
    """A visit begun is now expected to end then."""
    return _with_stops(day, {visit_id}, lambda stop: replace(stop, end_min=expected_end_min))


def visits_told(day: Day, visit_ids: Iterable[str]) -> Day:
    """Worker and elder have been told the planned start."""
    return _with_stops(
        day, set(visit_ids), lambda stop: replace(stop, state=StopState.TOLD, told_start_min=stop.start_min)
    )


def visits_promised(day: Day, visit_ids: Iterable[str]) -> Day:
    """Nobody may move them any more."""
    return _with_stops(
        day, set(visit_ids), lambda stop: replace(stop, state=StopState.PROMISED, told_start_min=stop.start_min)
    )


def visit_started(day: Day, visit_id: str) -> Day:
    """The worker is on the way to it, or at work."""
    return _with_stops(day, {visit_id}, lambda stop: replace(stop, state=StopState.STARTED))


def visit_done(day: Day, visit_id: str) -> Day:
    return _with_stops(day, {visit_id}, lambda stop: replace(stop, state=StopState.DONE))


def _with_stops(day: Day, visit_ids: set[str], change: Callable[[Stop], Stop]) -> Day:
    def changed(route: Route) -> Route:
        if not any(stop.visit_id in visit_ids for stop in route.stops):
            return route
        return replace(route, stops=tuple(change(stop) if stop.visit_id in visit_ids else stop for stop in route.stops))

    return replace(day, plan=Plan(routes=tuple(changed(route) for route in day.plan.routes)))


def _with_worker(day: Day, worker_id: str, change: Callable[[Worker], Worker]) -> Day:
    """KeyError if there is no such worker."""
    if all(worker.id != worker_id for worker in day.workers):
        raise KeyError(worker_id)
    return replace(day, workers=tuple(change(worker) if worker.id == worker_id else worker for worker in day.workers))
