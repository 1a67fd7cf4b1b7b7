"""When could somebody come? The free moments nearest to the one that is wished, each with who it would be."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from dispatch.living.insertion import Inserting
from dispatch.model import END_OF_DAY_MIN, Interval, Order

OTHERS_LATER_MIN = 5.0
"""A time is not free for which others would come later than now, and so much too late."""
AT_LEAST = 6
"""Moments are looked at together: one more costs little beside the first."""


@dataclass(frozen=True, slots=True)
class Slot:
    start_min: float
    worker_ids: tuple[str, ...]
    """Who could start then at the least cost; of a pair two who could at a low one."""
    points: float
    """What it would cost the day."""


def slots(
    inserting: Inserting,
    order: Order,
    now_min: float,
    *,
    count: int,
    every_min: float,
    within: Collection[Interval] | None = None,
) -> tuple[Slot, ...]:
    """Up to `count`, the nearest first, at multiples of `every_min` of this day that have not passed; `within` these
    half-open spans, where given. The order's window opens at the moment that is wished; its other times do not count.
    Each is free by itself: taking one may take another away. Nobody else is made late by more than a little for it."""
    moments, found = _nearest(order.window.from_min, now_min, every_min, within), list[Slot]()
    while len(found) < count and (some := list(islice(moments, max(count - len(found), AT_LEAST)))):
        orders = [_at(order, start_min) for start_min in some]
        for start_min, best in zip(some, inserting.cheapest_each(orders), strict=True):
            if best is not None and best.others_later_min() <= OTHERS_LATER_MIN:
                workers = tuple(inserting.ids[row] for row in best.workers(1)[0].tolist())
                found.append(Slot(start_min, workers, float(best.points[0])))
    return tuple(found[:count])


def _at(order: Order, start_min: float) -> Order:
    moment = Interval(start_min, start_min)
    return replace(order, window=moment, latest_start_min=start_min, usual_start_min=None)


def _nearest(
    wished_min: float, now_min: float, every_min: float, within: Collection[Interval] | None
) -> Iterator[float]:
    moments = [every_min * i for i in range(int(END_OF_DAY_MIN / every_min))]
    if within is not None:
        moments = [at for at in moments if any(span.from_min <= at < span.to_min for span in within)]
    return iter(sorted((at for at in moments if at >= now_min), key=lambda at: (abs(at - wished_min), at)))
