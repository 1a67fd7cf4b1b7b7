"""When breaks are taken: each in the first gap between two services into which it fits.

Nobody records a break. That it was taken is seen from the plan: a worker who has stood so long within its window has
had it, and one who stands there now, with time for it before the next visit, is taking it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from dispatch.kernel.presence import ROUNDING
from dispatch.model import Interval, Stop, Worker


class Due(NamedTuple):
    """A break that is still to be taken."""

    from_min: float
    until_min: float
    """It begins by then."""
    minutes: float


class Past(NamedTuple):
    """What of a worker's day is known."""

    begun: tuple[Stop, ...] = ()
    ways_min: tuple[float, ...] = ()
    """To each visit begun."""
    next_start_min: float | None = None
    """Of the next planned visit; None = nothing is planned."""
    next_way_min: float = 0.0
    anchored: bool = False
    """An anchor stands in the route for where the worker is now."""


def due_breaks(worker: Worker, working: Sequence[Interval]) -> tuple[Due, ...]:
    """Those that can begin between the first and the last moment of the working time: outside it nobody needs one."""
    if not working:
        return ()
    begins_min, ends_min = working[0].from_min, working[-1].to_min
    return tuple(
        Due(one.window.from_min, one.window.to_min, one.duration_min)
        for one in sorted(worker.breaks, key=lambda one: one.window.from_min)
        if one.window.from_min <= ends_min and one.window.to_min >= begins_min
    )


def paid_min(worker: Worker) -> float:
    return sum(one.duration_min for one in worker.breaks if one.paid)


def taken_between(left: Sequence[Due], free_min: float, way_min: float, start_min: float) -> list[Interval]:
    """Those of `left`, in their order, that are taken by who is free at `free_min`, `way_min` away from a visit that
    starts at `start_min`: on arrival if that is early enough, else before setting out."""
    taken = []
    for due in left:
        on_arrival = free_min + way_min <= due.until_min + ROUNDING
        begins_min = max(free_min + way_min if on_arrival else free_min, due.from_min)
        way_min = 0.0 if on_arrival else way_min
        free_min = begins_min + due.minutes
        if free_min + way_min > start_min + ROUNDING:
            break
        taken.append(Interval(begins_min, free_min))
    return taken


def breaks_of(
    worker: Worker, working: Sequence[Interval], stops: Sequence[Stop], ways_min: Sequence[float]
) -> tuple[Interval, ...]:
    """When each is taken on a day with these visits, `ways_min` to each; after the last one where none of the gaps
    holds it."""
    left, taken = due_breaks(worker, working), list[Interval]()
    if not left:
        return ()
    free_min = working[0].from_min
    for way_min, stop in zip(ways_min, stops, strict=True):
        taken += taken_between(left[len(taken) :], free_min, way_min, stop.start_min)
        free_min = stop.end_min
    for due in left[len(taken) :]:
        begins_min = max(free_min, due.from_min)
        free_min = begins_min + due.minutes
        taken.append(Interval(begins_min, free_min))
    return tuple(taken)


def breaks_to_come(
    worker: Worker, working: Sequence[Interval], past: Past, now_min: float
) -> tuple[tuple[Due, ...], float]:
    """The breaks not begun yet, and the end of the one going on now (`now_min` if there is none)."""
    left = due_breaks(worker, working)
    if not left:
        return (), now_min
    free_min = working[0].from_min
    for way_min, stop in zip(past.ways_min, past.begun, strict=True):
        left = left[len(taken_between(left, free_min, way_min, stop.start_min)) :]
        free_min = stop.end_min
    while left:
        begins_min = max(free_min, left[0].from_min)
        ends_min = begins_min + left[0].minutes
        no_time = past.next_start_min is not None and ends_min + past.next_way_min > past.next_start_min + ROUNDING
        if begins_min >= now_min or no_time:
            break
        left, free_min = left[1:], ends_min
    return left, max(now_min, free_min) if not past.begun or past.begun[-1].end_min < now_min else now_min
