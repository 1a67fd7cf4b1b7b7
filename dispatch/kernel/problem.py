"""What the search is given and what it gives back: plain numpy arrays, no orders, no people.

All times are minutes on one common clock (for instance since midnight), all travel is minutes, all costs are in the
caller's own unit. n = visits, m = workers, L = places, p = synchronised pairs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Routes = tuple[tuple[int, ...], ...]
"""One tuple of visit indices per worker, in order of service; an empty tuple for a worker who stays home."""

NO_PLACE = -1
"""As `end_location`: the route ends where its last visit ends, nobody travels back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Price of one minute of each kind (of one squared minute for `work_squared`)."""

    travel: float = 1.0
    tardiness: float = 1.0
    """Sum over visits of priority * max(0, start - due)."""
    max_tardiness: float = 0.0
    """The one largest max(0, start - due) of all visits, not weighted by priority."""
    waiting: float = 0.0
    """Between arriving and starting; not before a worker's first visit, to which they can leave later."""
    late_return: float = 0.0
    """Minutes the route ends after `shift_end`."""
    overtime: float = 0.0
    """Minutes of work (service + travel) above `contract_minutes`."""
    work_squared: float = 0.0
    """Sum over workers of work²: the convex price that spreads load fairly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    location: Ints
    """(n,) index into the travel matrix."""
    duration: Floats
    earliest: Floats
    """(n,) a worker who comes earlier waits."""
    due: Floats
    """(n,) a start after this is tardy (soft)."""
    latest: Floats
    """(n,) a start after this is forbidden; inf where lateness is only a price."""
    priority: Floats
    """(n,) factor on the tardiness of this visit."""
    skip_cost: Floats
    """(n,) finite price of leaving the visit out. Make it large where a visit must be served if at all possible."""
    fixed_start: Floats
    """(n,) nan, or the start of a frozen visit (begun or promised). Frozen visits keep worker, order and start
    whatever happens; they must be a prefix of their worker's route in `Problem.routes`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    start_location: Ints
    end_location: Ints
    """(m,) index into the travel matrix, or NO_PLACE."""
    shift_start: Floats
    """(m,) ready at `start_location`."""
    shift_end: Floats
    """(m,) a later end of the route costs `Weights.late_return`; inf = none."""
    shift_limit: Floats
    """(m,) the route may not end later; inf = none."""
    contract_minutes: Floats
    """(m,) work above it costs `Weights.overtime`; inf = none."""
    work_limit: Floats
    """(m,) work (service + travel) may not exceed it; inf = none."""
    visit_limit: Floats
    """(m,) a route may not have more visits; inf = none."""
    use_cost: Floats
    """(m,) paid when the worker has any visit."""
    mode: Ints
    """(m,) first index into the travel array."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Two visits by two different workers; the second starts min_gap..max_gap minutes after the first starts.

    0, 0 = at the same moment. A visit belongs to one pair at most. A pair is served whole or left out whole.
    """

    first: Ints
    second: Ints
    min_gap: Floats
    max_gap: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    visits: Visits
    workers: Workers
    eligible: Bools
    """(n, m) may this worker do this visit at all (skill, refusal, area, leave of the whole day …)."""
    assignment_cost: Floats
    """(n, m) added to the cost when this worker does this visit (continuity, punctuality record, change of plan …)."""
    travel: Floats
    """(modes, L, L) minutes; need not be symmetric."""
    pairs: Pairs
    away: Floats
    """(k, 3) rows of worker index, from, to: the worker does not serve in that interval (travel is allowed)."""
    weights: Weights
    breaks: Floats = field(default_factory=lambda: np.empty((0, 4)))
    """(k, 4) rows of worker index, from, until, minutes, those of a worker in the order in which they are taken: after
    the frozen visits the worker rests so long without a stop, beginning in from..until. See `presence`."""
    bonds: Ints = field(default_factory=lambda: np.empty((0, 3), np.int64))
    """(k, 3) rows of visit, visit, 1 or 0: where both are served, one worker serves both (1), or never does (0)."""
    routes: Routes = ()
    """The plan to start from; () = from nothing. Visits that cannot stay where it puts them are taken out."""


class SkipReason(StrEnum):
    """Why a visit is in no route. The first four hold whatever the other visits do."""

    EMPTY_WINDOW = "empty_window"  # latest lies before earliest
    NO_ELIGIBLE_WORKER = "no_eligible_worker"
    NO_SECOND_WORKER = "no_second_worker"  # a pair without two different eligible workers
    NOT_IN_TIME = "not_in_time"  # even an otherwise empty route of any eligible worker breaks a hard time or work limit
    NO_ROOM = "no_room"  # fits nowhere beside the visits that are planned
    NOT_WORTH_IT = "not_worth_it"  # fits, but costs more than leaving it out


@dataclass(frozen=True, slots=True)
class Skipped:
    visit: int
    reason: SkipReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    seconds: float
    iterations: int
    cost: float
    """Of the best plan so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    routes: Routes
    start: Floats
    """(n,) start of service, nan where skipped. The earliest possible for these routes."""
    cost: float
    terms: dict[str, float]
    """The cost split by name, already weighted: travel, tardiness, max_tardiness, waiting, late_return, overtime,
    work_squared, assignment, use, skipped. They add up to `cost`."""
    skipped: tuple[Skipped, ...]
    iterations: int = 0
    seconds: float = 0.0
    cancelled: bool = False
    history: tuple[Progress, ...] = field(default=())


OnProgress = Callable[[Progress], None]
Cancelled = Callable[[], bool]


def no_pairs() -> Pairs:
    return Pairs(first=np.empty(0, np.int64), second=np.empty(0, np.int64), min_gap=np.empty(0), max_gap=np.empty(0))


def never_away() -> Floats:
    return np.empty((0, 3))
