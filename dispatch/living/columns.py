"""The timetable of a whole day as arrays. A row is a worker.

Column k of what is about visits is the k-th visit of the route; somebody who stands idle now has one of no length there
(`tasks.Anchor`). Column k of what is about gaps is the gap before that visit, the last one is the end of the route.
"""

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dispatch.kernel.problem import Bools, Floats, Ints

Objects = NDArray[np.object_]


_BLANK: dict[str, object] = {
    **dict.fromkeys(("id",), ""),
    **dict.fromkeys(("place", "pickup", "start_place", "end_place"), None),
    **dict.fromkeys(("due", "latest", "limit", "break_from"), np.inf),
    **dict.fromkeys(("ready", "ended", "begun_until", "frozen_until"), -np.inf),
    **dict.fromkeys(("begun", "open", "broken", "has_end"), False),
    **dict.fromkeys(("count", "mode"), 0),
    "idle_at": -1,
}
"""What stands in a column where there is nothing; 0.0 where it is not said here."""
_KINDS = {str: np.object_, type(None): np.object_, bool: np.bool_, int: np.int64, float: np.float64}


@dataclass(slots=True)
class VisitColumns:
    """(workers, most visits) each. Beyond a route's end nothing is due."""

    id: Objects
    """"" for standing idle."""
    place: Objects
    lat: Floats
    lon: Floats
    pickup: Objects
    """What is fetched on the way there; None = nothing."""
    duration: Floats
    due: Floats
    latest: Floats
    price: Floats
    """Points of a minute after `due`."""
    start: Floats
    leg: Floats
    """Minutes from the visit before, or from the start."""
    hour: Floats
    """Hour of the day (0–24) around which it is reached."""
    begun: Bools


@dataclass(slots=True)
class WorkerColumns:
    """(workers,) each."""

    start_place: Objects
    start_lat: Floats
    start_lon: Floats
    end_place: Objects
    end_lat: Floats
    end_lon: Floats
    has_end: Bools
    """The others' routes end wherever the last visit is."""
    count: Ints
    """Visits in the route."""
    idle_at: Ints
    """Where in the route the worker stands idle; −1 = does not."""
    ready: Floats
    """Start of the working time; −inf = there is none."""
    ended: Floats
    """End of the working time."""
    begun_until: Floats
    """End of the last visit begun; −inf = none is."""
    frozen_until: Floats
    """End of the last visit begun or promised."""
    leaves: Floats
    """From when on the start place can be left."""
    home_leg: Floats
    """From the last visit to the end place."""
    home_hour: Floats
    limit: Floats
    """The route may not end later."""
    work: Floats
    contract: Floats
    work_limit: Floats
    breaks_min: Floats
    """Minutes of the breaks to come."""
    break_from: Floats
    """From when on the next of them may be going on; -inf = one is; inf = none is to come."""
    mode: Ints
    """Index into the modes of travel in use."""
    broken: Bools
    """The route cannot be kept as it stands, so nothing can be put into it."""


@dataclass(slots=True)
class GapColumns:
    """(workers, most visits + 1) each: worked out from the other columns."""

    open: Bools
    leaves: Floats
    """When what lies before the gap is over."""
    leg: Floats
    """Across the gap as it is; 0 for a route without visits."""
    start: Floats
    """Of the visit after the gap."""
    latest: Floats
    """The visit after the gap (at the end: home) may be reached no later, or something after it is too late."""
    due: Floats
    price: Floats
    waiting: Floats
    """Minutes of waiting from the gap on, to the end of the route."""
    waiting_after: Floats
    """The same without the waiting for the visit after the gap."""
    relief: Floats
    """Minutes of waiting that a push from here may save other routes, through pairs."""


C = TypeVar("C", VisitColumns, WorkerColumns, GapColumns)


def blank(kind: type[C], shape: tuple[int, ...]) -> C:
    values = {column.name: _BLANK.get(column.name, 0.0) for column in fields(kind)}
    return kind(**{name: np.full(shape, value, dtype=_KINDS[type(value)]) for name, value in values.items()})


def widened(columns: VisitColumns, width: int) -> VisitColumns:
    """Room for longer routes."""
    wide = blank(VisitColumns, (len(columns.start), width))
    for column in fields(columns):
        before = getattr(columns, column.name)
        getattr(wide, column.name)[:, : before.shape[1]] = before
    return wide
