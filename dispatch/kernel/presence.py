"""When a worker can serve: not while away, and not before the breaks that are due were taken.

A break is taken in the first gap between two services into which it fits. Where none comes in time it makes one: no
service ends after the break's last moment to begin unless the break lies before it. It never asks for anything after
the last service. Frozen visits are facts: they ask for no break, and those the caller gives come after them.
"""

from dispatch.kernel.arrays import EPSILON, TAKEN, Data, State
from dispatch.kernel.compiled import compiled, inlined

ROUNDING = 1.0 / 30.0
"""Two seconds: so much later counts as the same moment, so that times rounded to seconds ask for the same breaks."""


@inlined
def present(d: Data, worker: int, start: float, duration: float) -> float:
    """The first moment from `start` on at which the worker is there for the whole visit."""
    for i in range(d.away_at[worker, 0], d.away_at[worker, 1]):
        if start < d.away[i, 1] and start + duration > d.away[i, 0] + EPSILON:
            start = d.away[i, 1]
    return start


@inlined
def has_breaks(d: Data, worker: int) -> bool:
    return bool(d.away_at[worker + 1, 0] > d.away_at[worker, 1])


@inlined
def _taken(d: Data, row: int, free: float, way: float) -> tuple[float, float]:
    """The break's end, and the way still left then, for who is free with `way` minutes to the next visit: after the
    way if that is early enough, else before it."""
    if free + way <= d.away[row, 1] + ROUNDING:
        return max(free + way, d.away[row, 0]) + d.away[row, 2], 0.0
    return max(free, d.away[row, 0]) + d.away[row, 2], way


@inlined
def _way(d: Data, z: State, visit: int) -> tuple[float, float]:
    """When the worker is free before this visit, and the minutes to it from there."""
    before = z.prv[visit]
    return z.start[before] + d.dur[before], d.travel[d.mode[z.route[visit]], d.loc[before], d.loc[visit]]


@compiled
def after_breaks(d: Data, z: State, visit: int, start: float) -> float:
    """The first start from `start` on before which the breaks that are due were taken."""
    worker = z.route[visit]
    free, way = _way(d, z, visit)
    for row in range(d.away_at[worker, 1] + z.marks[z.prv[visit], TAKEN], d.away_at[worker + 1, 0]):
        free, way = _taken(d, row, free, way)
        is_due = start + d.dur[visit] > d.away[row, 1] + ROUNDING
        if not is_due and free + way > start + ROUNDING:
            return start
        start = present(d, worker, max(start, free + way), d.dur[visit])
    return start


@compiled
def breaks_before(d: Data, z: State, visit: int, start: float) -> tuple[int, float]:
    """How many of its worker's breaks are taken once this visit starts at `start`; minutes of those just before it."""
    worker, taken, minutes = z.route[visit], z.marks[z.prv[visit], TAKEN], 0.0
    free, way = _way(d, z, visit)
    for row in range(d.away_at[worker, 1] + taken, d.away_at[worker + 1, 0]):
        free, way = _taken(d, row, free, way)
        if free + way > start + ROUNDING:
            break
        taken += 1
        minutes += d.away[row, 2]
    return taken, minutes
