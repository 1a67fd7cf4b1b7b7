"""What a visit would at least cost in each gap of the day, without timing what follows it.

A push makes what comes later later, never earlier (dispatch.kernel.timetable), and costs are not negative. So a route
timed as if no pair tied it to another one is never later than it will be. Its travel, work and assignment are exact;
its tardiness is no more than it will be, nor is the sum of its waiting (the start of the last visit, less all that has
a fixed length). What other routes may save is waiting, where a pair pushes the first visit of one (relief).
Where the way by the new visit is shorter than the direct one nothing is promised: the bound is −inf. A gap in which
the visit, or anything after it, would be too late is none.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dispatch.kernel.problem import Bools, Floats, Ints
from dispatch.legs import UNREACHABLE_MIN
from dispatch.living.gaps import Gaps
from dispatch.model import Place
from dispatch.policy import Policy
from dispatch.travel.port import Travel

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

    def approach(self, visit: Newcomer, allowed: Bools, *, with_reasons: bool) -> Approach:
        """`allowed` (workers,): whom no gate forbids it. `with_reasons`: from where it cannot be done is asked too, so
        that `reachable` has all."""
        table, gaps = self._gaps, self._gaps.gaps
        known = (np.arange(gaps.open.shape[1]) <= table.workers.count[:, None]) & allowed[:, None]
        soon = gaps.open & (gaps.leaves <= visit.latest_min + EPSILON)
        soon &= np.maximum(gaps.leaves, visit.earliest_min) + visit.duration_min <= gaps.latest + EPSILON
        row, k = np.nonzero(known & soon)
        to = self._to(visit, row, k)
        reachable = np.zeros(len(allowed), dtype=np.bool_)
        reachable[row[to < UNREACHABLE_MIN]] = True
        if with_reasons:
            elsewhere = np.nonzero(known & ~soon & ~reachable[:, None])
            reachable[elsewhere[0][self._to(visit, *elsewhere) < UNREACHABLE_MIN]] = True
        soonest = np.maximum(gaps.leaves[row, k] + to, visit.earliest_min)
        fits = (to < UNREACHABLE_MIN) & (soonest <= visit.latest_min + EPSILON)
        fits &= soonest + visit.duration_min <= gaps.latest[row, k] + EPSILON
        row, k, to = row[fits], k[fits], to[fits]
        return Approach(row, k, to, self._onward(visit, row, k), reachable)

    def _to(self, visit: Newcomer, row: Ints, k: Ints) -> Floats:
        """Minutes to the visit from what lies before each gap."""
        if not len(row):
            return np.empty(0)
        table, hour = self._gaps, np.array([visit.hour])
        answer = self._travel.times(table.before(row, k), [visit.place], table.modes, hour)
        minutes = answer.minutes[table.workers.mode[row], np.arange(len(row)), 0]
        return np.where(minutes > self._policy.longest_leg_min, UNREACHABLE_MIN, minutes)

    def _onward(self, visit: Newcomer, row: Ints, k: Ints) -> Floats:
        """Minutes from the visit to what lies after each gap: a visit, the end place, or nothing."""
        if not len(row):
            return np.empty(0)
        table, width = self._gaps, self._gaps.visits.start.shape[1]
        ends = k >= table.workers.count[row]
        inside = np.minimum(k, width - 1)
        hour = np.where(ends, table.workers.home_hour[row], table.visits.hour[row, inside])
        answer = self._travel.times([visit.place], table.after(row, k), table.modes, hour)
        minutes = answer.minutes[table.workers.mode[row], 0, np.arange(len(row))]
        too_long = minutes > np.where(ends, UNREACHABLE_MIN, self._policy.longest_leg_min)
        minutes = np.where(too_long, UNREACHABLE_MIN, minutes)
        return np.where(ends & ~table.workers.has_end[row], 0.0, minutes)

    def bounds(self, visit: Newcomer, approach: Approach, assignment: Floats) -> Bounds:
        """`assignment` (workers,): the price of their doing it, whatever else they do."""
        points = np.full((3, len(assignment)), np.inf)
        row = approach.row
        if len(row):
            for which, rises in enumerate(self._rises(visit, approach)):
                np.minimum.at(points[which], row, rises + assignment[row])
        return Bounds(points[0], points[1], points[2])

    def _rises(self, visit: Newcomer, approach: Approach) -> tuple[Floats, Floats, Floats]:
        """(gaps,) as the three of `Bounds`, without the assignment."""
        row, k, to, onward, _ = approach
        gaps, workers, weights = self._gaps.gaps, self._gaps.workers, self._gaps.weights
        arrival = gaps.leaves[row, k] + to
        start = _present(np.maximum(arrival, visit.earliest_min), visit.duration_min, self._gaps.away[row])
        reached = start + visit.duration_min + onward
        pushed = self._pushed(row, k, reached)
        detour = to + onward - gaps.leg[row, k]
        work = workers.work[row] + detour + visit.duration_min
        late = np.maximum(0.0, start - visit.due_min)
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
        back = np.maximum(0.0, (visit.due_min if worth_it else visit.latest_min) - start)
        settled = rise + weights.waiting * pushed.waiting
        paired = settled - weights.waiting * np.where(k > 0, 0.0, np.minimum(pushed.waiting, back))
        if visit.first is not None:
            paired = visit.first.points(start, settled, paired)
        # The largest tardiness is one of the whole day: two visits do not each make it larger.
        worst, _ = self._gaps.largest_tardiness()
        larger = np.maximum(0.0, np.maximum(late, pushed.largest_late) - worst)
        alone = settled + weights.max_tardiness * larger
        fits = (start <= visit.latest_min + EPSILON) & (reached <= gaps.latest[row, k] + EPSILON)
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
