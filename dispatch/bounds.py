"""What one worker's day allows, in the words of the kernel."""

from dataclasses import dataclass

import numpy as np

from dispatch.breaks import Due, Past, breaks_to_come, paid_min
from dispatch.gates import serving_time
from dispatch.model import FROZEN, Interval, Stop, Worker

FOREVER_MIN = 1e6
ROUNDING_MIN = 0.05
"""Three seconds. Times come back from people and files rounded to seconds; a plan that held before holds after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    ready_min: float
    """At the start of the route."""
    stands_until_min: float
    """Can leave from where they stand: now, or when the break that is going on ends."""
    home_by_min: float
    contract_min: float
    work_limit_min: float
    visit_limit: float
    away: tuple[Interval, ...]
    """Everything in which the worker does not serve, by time."""
    breaks: tuple[Due, ...]
    """Not begun yet."""


def bounds_of(
    worker: Worker, working: tuple[Interval, ...], stops: tuple[Stop, ...], past: Past, now_min: float
) -> Bounds:
    """`working`: the worker's `working_time`. `stops`: in the plan."""
    breaks, stands_until_min = breaks_to_come(worker, working, past, now_min)
    begins_min = working[0].from_min if working else now_min
    paid = paid_min(worker)
    return Bounds(
        ready_min=begins_min if past.begun else max(begins_min, stands_until_min),
        stands_until_min=stands_until_min,
        home_by_min=_home_by_min(worker, working, stops, now_min),
        contract_min=max(0.0, worker.contract_work_min - paid),
        work_limit_min=max(0.0, worker.work_limit_min() - paid) + ROUNDING_MIN * len(past.begun),
        visit_limit=np.inf if worker.max_visits is None else float(worker.max_visits + past.anchored),
        away=_away(serving_time(worker, working), stops),
        breaks=breaks,
    )


def _home_by_min(worker: Worker, working: tuple[Interval, ...], stops: tuple[Stop, ...], now_min: float) -> float:
    """Services outside working time are kept out by `away`; this keeps the way home inside it. Somebody whom frozen
    visits or an emptied shift keep out longer already is not forbidden what has happened."""
    ends_min = working[-1].to_min if working else now_min
    frozen_min = max((stop.end_min for stop in stops if stop.state in FROZEN), default=now_min)
    if worker.end is None or max(frozen_min, now_min) >= ends_min:
        return np.inf
    return ends_min + (ROUNDING_MIN if stops else 0.0)


def _away(serving: tuple[Interval, ...], stops: tuple[Stop, ...]) -> tuple[Interval, ...]:
    edges = [-FOREVER_MIN]
    for interval in serving:
        at_its_end = any(abs(stop.end_min - interval.to_min) <= ROUNDING_MIN for stop in stops)
        edges += [interval.from_min, interval.to_min + (ROUNDING_MIN if at_its_end else 0.0)]
    edges.append(FOREVER_MIN)
    return tuple(Interval(edges[i], edges[i + 1]) for i in range(0, len(edges), 2))
