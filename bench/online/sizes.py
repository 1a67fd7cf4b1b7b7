"""How answers grow with the day: 5 visits a worker, from a town to a county. Times are processor time."""

import gc
import resource
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from bench.online.days import generate_day
from bench.tables import percentile
from dispatch.events import order_placed, visits_told, worker_sick
from dispatch.living.day import LivingDay
from dispatch.living.mending import mend
from dispatch.model import Interval, Order, StopState
from dispatch.policy import Policy
from dispatch.proposal import Change, Proposal, Refusal
from dispatch.repair import Repair
from dispatch.travel import GreatCircleTravel

SIZES = (60, 200, 500, 1_000)
VISITS_A_WORKER = 5
ASKED, SLOTS_ASKED = 300, 60
VISITS_OF_THE_SICK = 12
ANY_TIME = Interval(420.0, 1_140.0)
POLICY, TRAVEL = Policy(), GreatCircleTravel()


def by_size(seed: int, workers: Iterable[int], say: Callable[[str], None]) -> list[dict[str, object]]:
    return [_row(seed, count, say) for count in workers]


def _row(seed: int, workers: int, say: Callable[[str], None]) -> dict[str, object]:
    orders = VISITS_A_WORKER * workers
    say(f"{orders} visits, {workers} workers: planned one by one …")
    whole = generate_day(seed=seed, orders=orders + ASKED, workers=workers)
    living = LivingDay(replace(whole, orders=()), POLICY, TRAVEL)
    for order in whole.orders[:orders]:
        _taken(living, order, living.insert(order))
    asked = whole.orders[orders:]
    gc.collect()
    gc.freeze()  # as a server does once it has started: what is loaded for good is not looked through again
    say(f"{orders} visits, {workers} workers: asked …")
    insertion = [_milliseconds(_read, living, order) for order in asked]
    slots = [_milliseconds(LivingDay.slots, living, order) for order in asked[:SLOTS_ASKED]]
    taken = [_milliseconds(_taken, living, order, living.insert(order)) for order in asked[:SLOTS_ASKED]]
    return {
        "workers": workers,
        "visits": sum(1 for _ in living.day.plan.stops()),
        **_spread("insertion", insertion),
        **_spread("taken", taken),
        **_spread("slots", slots),
        **_sick(living),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _milliseconds(call: Callable[..., object], *arguments: object) -> float:
    began = time.process_time()
    call(*arguments)
    return (time.process_time() - began) * 1000.0


def _spread(what: str, took_ms: list[float]) -> dict[str, object]:
    return {f"{what}_p{round(100 * share)}_ms": round(percentile(took_ms, share), 1) for share in (0.5, 0.99)}


def _read(living: LivingDay, order: Order) -> object:
    """The answer with all its reasons."""
    answer = living.insert(order)
    if isinstance(answer, Refusal):
        return [dict(stopped) for stopped in answer.stopped.values()]
    why = answer.explanation
    return dict(why.at_least), [dict(stopped) for stopped in why.stopped.values()]


def _taken(living: LivingDay, order: Order, answer: Proposal | Refusal) -> None:
    day = order_placed(living.day, order)
    living.become(replace(day, plan=answer.plan) if isinstance(answer, Proposal) else day)


def _sick(living: LivingDay) -> dict[str, object]:
    """Whoever has most visits falls sick, when everybody has been told of everything."""
    worker_id = max(living.day.plan.routes, key=lambda route: len(route.stops)).worker_id
    _fill_up(living, worker_id)
    living.become(visits_told(living.day, [stop.visit_id for _, stop in living.day.plan.stops()]))
    sick_day = worker_sick(living.day, worker_id)
    began = time.process_time()
    mended = mend(living, living.become(sick_day))
    seconds = time.process_time() - began
    return {
        "sick_told": sum(len(route.stops) for route in sick_day.plan.routes if route.worker_id == worker_id),
        "sick_s": round(seconds, 2),
        "sick_refused": len(mended.unplaced),
        "others_told_anew": _others_moved(mended),
    }


def _fill_up(living: LivingDay, worker_id: str) -> None:
    """Short visits that only this worker may have, until there are enough or there is no room."""
    others = frozenset(worker.id for worker in living.day.workers) - {worker_id}
    known = living.timing.book.routes[worker_id].stops
    model = next(order for order in living.day.orders if order.visits[0].id in {stop.visit_id for stop in known})
    for number in range(VISITS_OF_THE_SICK - len(known)):
        visits = (replace(model.visits[0], id=f"more{number}/1", duration_min=10.0),)
        order = replace(model, id=f"more{number}", visits=visits, window=ANY_TIME, latest_start_min=1_200.0)
        _taken(living, order, living.insert(replace(order, refused_workers=others)))


def _others_moved(mended: Repair) -> int:
    """Told visits of others that go to another worker, or start beyond what people accept without hearing of it."""
    return sum(
        change.state is StopState.TOLD
        and change.visit_id not in mended.released
        and (change.from_worker_id != change.to_worker_id or _far(change))
        for change in mended.changes
    )


def _far(change: Change) -> bool:
    before, after = change.from_start_min, change.to_start_min
    return before is None or after is None or abs(after - before) > POLICY.told_tolerance_min + 1e-6
