"""What a visit would at least cost in each gap of the day, without timing what follows it.

A push makes what comes later later, never earlier (dispatch.kernel.timetable), and costs are not negative. So a route
timed as if no pair tied it to another one is never later than it will be. Its travel, work and assignment are exact;
its tardiness is no more than it will be, nor is the sum of its waiting (the start of the last visit, less all that has
a fixed length). What other routes may save is waiting, where a pair pushes the first visit of one (relief).
Where the way by the new visit is shorter than the direct one nothing is promised: the bound is −inf. A gap in which
the visit, or anything after it, would be too late is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dispatch.kernel.problem import Bools, Floats, Ints
from dispatch.legs import UNREACHABLE_MIN
from dispatch.living.gaps import Gaps
from dispatch.model import Place
from dispatch.policy import Policy
from dispatch.travel.port import Travel
from dispatch.travel.ways import ways

EPSILON = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """One visit to be placed."""

    place: Place
    duration_min: float
    earliest_min: float
    due_min: float
    latest_min: float
    points_per_min_late: float
    hour: float
    """Of the day, around which it is reached."""
    first: "First | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """The first visit of a pair as its second sees it: a late second keeps it back."""

    start_min: float
    max_gap_min: float
    due_min: float
    points_per_min_late: float
    kept_back: float
    """Points: what may be saved where it is kept back (0 or less)."""
    moves_alone: bool
    """Nothing but the second can keep it back."""

    def points(self, second_min: Floats, settled: Floats, paired: Floats) -> Floats:
        """Of a second that could start then, as bounded where it starts then and where it may start later."""
        late_min = np.maximum(0.0, second_min - self.max_gap_min - self.due_min)
        late_min -= max(0.0, self.start_min - self.due_min)
        kept_back = paired + self.kept_back + self.points_per_min_late * np.maximum(0.0, late_min)
        in_step = (second_min <= self.start_min + self.max_gap_min) & self.moves_alone
        return np.where(in_step, settled, kept_back)


@dataclass(frozen=True, slots=True)
class Bounds:
    """(workers,) each; inf = there is no way."""

    points: Floats
    """No way of having them do it is cheaper."""
    settled: Floats
    """The same for one visit of a pair of which both are placed, if it starts when its own route says. Those of two
    workers add up to a bound on both."""
    paired: Floats
    """The same if it may start later."""


class Approach(NamedTuple):
    """The ways to a visit, and on from it, in every gap in which it might fit."""

    row: Ints
    k: Ints
    to: Floats
    onward: Floats
    reachable: Bools
    """(workers,) there is a way to the visit from somewhere on the route."""


class _Gaps(NamedTuple):
    """(gaps,) each, those of several moments one after the other."""

    which: Ints
    """The moment."""
    row: Ints
    k: Ints
    to: Floats
    onward: Floats


class _Pushed(NamedTuple):
    """(gaps,) each: what comes of the visits after it."""

    points_late: Floats
    """Of more tardiness."""
    waiting: Floats
    """Minutes, from the gap on."""
    largest_late: Floats
    in_time: Bools


class BoundsOf:
    """Bounds for visits of one day."""

    def __init__(self, gaps: Gaps, travel: Travel, policy: Policy) -> None:
        self._gaps, self._travel, self._policy = gaps, travel, policy

    def approach_each(self, visits: Sequence[Newcomer], allowed: Bools, *, with_reasons: bool) -> list[Approach]:
        """Of one visit at several moments. `allowed` (moments, workers): whom no gate forbids it. `with_reasons`: from
        where it cannot be done is asked too, so that `reachable` has all."""
        gaps, duration_min = self._gaps.gaps, visits[0].duration_min
        known = np.arange(gaps.open.shape[1]) <= self._gaps.workers.count[:, None]
        earliest = np.array([visit.earliest_min for visit in visits])[:, None, None]
        latest = np.array([visit.latest_min for visit in visits])[:, None, None] + EPSILON
        soon = gaps.open & (gaps.leaves <= latest)
        soon &= np.maximum(gaps.leaves, earliest) + duration_min <= gaps.latest + EPSILON
        which, row, k = np.nonzero(known & allowed[:, :, None] & soon)
        to = self._to(visits, which, row, k)
        reachable = np.zeros(allowed.shape, dtype=np.bool_)
        reachable[which[to < UNREACHABLE_MIN], row[to < UNREACHABLE_MIN]] = True
        if with_reasons:
            elsewhere = np.nonzero(known & allowed[:, :, None] & ~soon & ~reachable[:, :, None])
            there = self._to(visits, *elsewhere) < UNREACHABLE_MIN
            reachable[elsewhere[0][there], elsewhere[1][there]] = True
        soonest = np.maximum(gaps.leaves[row, k] + to, earliest[which, 0, 0])
        fits = (to < UNREACHABLE_MIN) & (soonest <= latest[which, 0, 0])
        fits &= soonest + duration_min <= gaps.latest[row, k] + EPSILON
        which, row, k, to = which[fits], row[fits], k[fits], to[fits]
        onward, ends = self._onward(visits[0], row, k), np.cumsum(np.bincount(which, minlength=len(visits)))[:-1]
        each = zip(*(np.split(some, ends) for some in (row, k, to, onward)), reachable, strict=True)
        return [Approach(*one) for one in each]

    def _to(self, visits: Sequence[Newcomer], which: Ints, row: Ints, k: Ints) -> Floats:
        """Minutes to the visit, at each moment, from what lies before each gap."""
        if not len(row):
            return np.empty(0)
        table, hours = self._gaps, np.array([visit.hour for visit in visits])
        row_of, k_of, at = self._once(row, k)
        answer = ways(self._travel, table.before(row_of, k_of), [visits[0].place] * len(visits), table.modes, hours)
        minutes = answer.minutes[table.workers.mode[row], at, which]
        return np.where(minutes > self._policy.longest_leg_min, UNREACHABLE_MIN, minutes)

    def _once(self, row: Ints, k: Ints) -> tuple[Ints, Ints, Ints]:
        """Each of these gaps once, (row, k), and which of them each is."""
        width = self._gaps.gaps.open.shape[1]
        numbers, at = np.unique(row * width + k, return_inverse=True)
        return numbers // width, numbers % width, at

    def _onward(self, visit: Newcomer, row: Ints, k: Ints) -> Floats:
        """Minutes from the visit to what lies after each gap: a visit, the end place, or nothing. Whenever the visit
        is, it is the same way."""
        if not len(row):
            return np.empty(0)
        table, width = self._gaps, self._gaps.visits.start.shape[1]
        row, k, at = self._once(row, k)
        ends = k >= table.workers.count[row]
        inside = np.minimum(k, width - 1)
        hour = np.where(ends, table.workers.home_hour[row], table.visits.hour[row, inside])
        answer = ways(self._travel, [visit.place], table.after(row, k), table.modes, hour)
        minutes = answer.minutes[table.workers.mode[row], 0, np.arange(len(row))]
        too_long = minutes > np.where(ends, UNREACHABLE_MIN, self._policy.longest_leg_min)
        minutes = np.where(too_long, UNREACHABLE_MIN, minutes)
        return np.where(ends & ~table.workers.has_end[row], 0.0, minutes)[at]

    def bounds(self, visit: Newcomer, approach: Approach, assignment: Floats) -> Bounds:
        """`assignment` (workers,): the price of their doing it, whatever else they do."""
        return self.bounds_each([visit], [approach], assignment)[0]

    def bounds_each(
        self, visits: Sequence[Newcomer], approaches: Sequence[Approach], assignment: Floats
    ) -> list[Bounds]:
        """Of one visit at several moments."""
        points = np.full((3, len(visits), len(assignment)), np.inf)
        which = np.repeat(np.arange(len(visits)), [len(approach.row) for approach in approaches])
        if len(which):
            at = _Gaps(which, *(np.concatenate(some) for some in list(zip(*approaches, strict=True))[:4]))
            for kind, rises in enumerate(self._rises(visits, at)):
                np.minimum.at(points[kind], (which, at.row), rises + assignment[at.row])
        return [Bounds(points[0, i], points[1, i], points[2, i]) for i in range(len(visits))]

    def _rises(self, visits: Sequence[Newcomer], at: _Gaps) -> tuple[Floats, Floats, Floats]:
        """(gaps,) as the three of `Bounds`, without the assignment."""
        which, row, k, to, onward = at
        gaps, workers, weights, visit = self._gaps.gaps, self._gaps.workers, self._gaps.weights, visits[0]
        earliest_min = np.array([one.earliest_min for one in visits])[which]
        due_min = np.array([one.due_min for one in visits])[which]
        latest_min = np.array([one.latest_min for one in visits])[which]
        arrival = gaps.leaves[row, k] + to
        start = _present(np.maximum(arrival, earliest_min), visit.duration_min, self._gaps.away[row])
        reached = start + visit.duration_min + onward
        pushed = self._pushed(row, k, reached)
        detour = to + onward - gaps.leg[row, k]
        work = workers.work[row] + detour + visit.duration_min
        late = np.maximum(0.0, start - due_min)
        rise = (
            weights.travel * detour
            + self._work_points(row, work)
            - self._work_points(row, workers.work[row])
            + visit.points_per_min_late * late
            + pushed.points_late
            + weights.waiting * (np.where(k > 0, start - arrival, 0.0) - gaps.waiting[row, k] - gaps.relief[row, k])
            # Breaks are counted as waiting here, and a visit may make room for one that was none before.
            - weights.waiting * workers.breaks_min[row]
        )
        # Nobody waits before the first visit of a day, so where a pair keeps that one back it shortens what is left:
        # not beyond the moment from which on it is late, unless lateness costs less than waiting.
        worth_it = visit.points_per_min_late >= weights.waiting
        back = np.maximum(0.0, (due_min if worth_it else latest_min) - start)
        settled = rise + weights.waiting * pushed.waiting
        paired = settled - weights.waiting * np.where(k > 0, 0.0, np.minimum(pushed.waiting, back))
        if visit.first is not None:
            paired = visit.first.points(start, settled, paired)
        # The largest tardiness is one of the whole day: two visits do not each make it larger.
        worst, _ = self._gaps.largest_tardiness()
        larger = np.maximum(0.0, np.maximum(late, pushed.largest_late) - worst)
        alone = settled + weights.max_tardiness * larger
        fits = (start <= latest_min + EPSILON) & (reached <= gaps.latest[row, k] + EPSILON)
        fits &= (work <= workers.work_limit[row] + EPSILON) & pushed.in_time
        fits &= (onward < UNREACHABLE_MIN) | (k == workers.count[row])
        earlier = (k < workers.count[row]) & (reached < gaps.leaves[row, k] + gaps.leg[row, k] - EPSILON)

        def bound(points: Floats) -> Floats:
            return np.where(fits, np.where(earlier, -np.inf, points - EPSILON), np.inf)

        return bound(alone), bound(settled), bound(paired)

    def _pushed(self, row: Ints, k: Ints, reached: Floats) -> _Pushed:
        """What follows each gap, when the first of it is reached then; partners in other routes wait for nobody. From
        the first visit on that is not pushed all is as planned."""
        visits, count = self._gaps.visits, self._gaps.workers.count[row]
        points_late, waiting, largest = np.zeros((3, len(row)))
        in_time, reached = np.ones(len(row), dtype=np.bool_), reached.copy()
        on = np.flatnonzero(k < count)
        j = k[on]
        while len(on):
            rows, duration = row[on], visits.duration[row[on], j]
            before, due = visits.start[rows, j], visits.due[rows, j]
            start = _present(np.maximum(before, reached[on]), duration, self._gaps.away[rows])
            late = np.maximum(0.0, start - due)
            points_late[on] += visits.price[rows, j] * (late - np.maximum(0.0, before - due))
            largest[on] = np.maximum(largest[on], late)
            waiting[on] += start - reached[on]
            in_time[on] &= start <= visits.latest[rows, j] + EPSILON
            pushed, last = start > before, j + 1 >= count[on]
            waiting[on] += np.where(pushed, 0.0, self._gaps.gaps.waiting[rows, j + 1])
            following = visits.leg[rows, np.minimum(j + 1, visits.leg.shape[1] - 1)]
            reached[on] = start + duration + np.where(last, 0.0, following)
            on, j = on[pushed & ~last], j[pushed & ~last] + 1
        return _Pushed(points_late, waiting, largest, in_time)

    def _work_points(self, row: Ints, work: Floats) -> Floats:
        weights = self._gaps.weights
        over = np.maximum(0.0, work - self._gaps.workers.contract[row])
        points: Floats = weights.overtime * over + weights.work_squared * work * work
        return points


def _present(start: Floats, duration: Floats | float, away: Floats) -> Floats:
    """The first moment from `start` on at which each is at work for the whole visit; away (n, most, 2)."""
    for i in range(away.shape[1]):
        meets = (start < away[:, i, 1]) & (start + duration > away[:, i, 0] + EPSILON)
        start = np.where(meets, away[:, i, 1], start)
    return start
