"""What is never violated. A gate says no whatever the price; costs.py weighs what passes."""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from enum import StrEnum

import numpy as np

from dispatch.kernel.problem import Bools, Floats
from dispatch.model import Certificate, Day, Interval, Order, Sex, Visit, Worker, visit_window
from dispatch.policy import Policy


class Gate(StrEnum):
    # These look at one worker and one visit; they hold whatever else is planned.
    SKILL = "skill"  # a skill the visit needs is missing, or its certificate is not valid on the day
    REFUSED = "refused"  # the elder never wants this worker again
    SEX = "sex"  # the elder accepts the other sex only
    AREA = "area"  # the worker does not serve this region
    HOURS = "hours"  # no working time, free of leave, in which the visit fits its window; or the way home ends after it
    REST = "rest"  # the rest after yesterday's work and before tomorrow's leaves the visit no time in its window
    LAST_BUS = "last_bus"  # cannot have ended when the last bus home leaves
    TRAVEL = "travel"  # no way there with the worker's means of travel, or too long a one
    REACH = "reach"  # cannot be there by the latest start, even with nothing else to do
    # These depend on the plan.
    SAME_WORKER = "same_worker"  # already does the other visit, which needs somebody else
    GROUP = "group"  # orders that must share a worker are with somebody else, or one that must not is with this one
    DAY_VISITS = "day_visits"  # has as many visits as a day may have
    DAY_HOURS = "day_hours"  # the limit of the day's hours leaves too little for it
    WEEK_HOURS = "week_hours"  # the limit of the week's hours leaves too little for it
    MONTH_HOURS = "month_hours"  # the limit of the month's hours leaves too little for it
    USUAL_HOUR = "usual_hour"  # free, but at another hour than the one the elder is used to
    BREAK = "break"  # would have no time left for a break
    NO_ROOM = "no_room"  # free at no time that leaves room for what is planned
    IN_STEP = "in_step"  # free, but not when somebody else is for the order's other visit


def valid_skills(certificates: Iterable[Certificate], date: datetime.date) -> frozenset[str]:
    return frozenset(
        certificate.skill for certificate in certificates if certificate.valid_from <= date <= certificate.valid_until
    )


def serves(worker: Worker, region: str) -> bool:
    return not worker.areas or any(region.startswith(area) for area in worker.areas)


def rested_time(worker: Worker, policy: Policy) -> Interval:
    """Between the rest since yesterday and the rest before tomorrow. Where they overlap it is empty: it ends first."""
    rest_min, tomorrow_min = policy.rest_between_days_min, worker.next_shift_begins_min
    return Interval(worker.last_shift_ended_min + rest_min, np.inf if tomorrow_min is None else tomorrow_min - rest_min)


def shift_time(worker: Worker) -> tuple[Interval, ...]:
    """Shifts less leave, in order of time, not overlapping."""
    free: list[Interval] = []
    for shift in sorted(worker.shifts, key=lambda interval: interval.from_min):
        from_min = max(shift.from_min, free[-1].to_min) if free else shift.from_min
        if from_min < shift.to_min:
            free.append(Interval(from_min, shift.to_min))
    for leave in worker.leave:
        free = [piece for interval in free for piece in _less(interval, leave)]
    return tuple(free)


def working_time(worker: Worker, policy: Policy) -> tuple[Interval, ...]:
    """`shift_time` within `rested_time`."""
    rested = rested_time(worker, policy)
    pieces = (
        Interval(max(free.from_min, rested.from_min), min(free.to_min, rested.to_min)) for free in shift_time(worker)
    )
    return tuple(piece for piece in pieces if piece.from_min < piece.to_min)


def serving_time(worker: Worker, working: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """`working`: the `working_time`; until the last bus home."""
    last_min = worker.last_departure_min
    if last_min is None:
        return working
    pieces = (Interval(free.from_min, min(free.to_min, last_min)) for free in working)
    return tuple(piece for piece in pieces if piece.from_min < piece.to_min)


def _less(interval: Interval, taken: Interval) -> list[Interval]:
    if not interval.overlaps(taken):
        return [interval]
    pieces = (Interval(interval.from_min, taken.from_min), Interval(taken.to_min, interval.to_min))
    return [piece for piece in pieces if piece.from_min < piece.to_min]


class GateKeeper:
    """The gates of one day, for all workers of a visit at once."""

    def __init__(self, day: Day, policy: Policy) -> None:
        self._now_min, self._workers = day.now_min, day.workers
        self._index = {worker.id: w for w, worker in enumerate(day.workers)}
        self._skills = [valid_skills(worker.certificates, day.date) for worker in day.workers]
        self.free = {worker.id: working_time(worker, policy) for worker in day.workers}
        """Worker id → working time."""
        self.serving = {worker.id: serving_time(worker, self.free[worker.id]) for worker in day.workers}
        """Worker id → when services may be."""
        self._free_min = _edges(self.free.values())
        self._serving_min = _edges(self.serving.values())
        self._before_bus_min = _edges([_before_last_bus(worker) for worker in day.workers])
        self._shift_min = _edges([shift_time(worker) for worker in day.workers])
        self._rested_min = _edges([(rested_time(worker, policy),) for worker in day.workers])
        self._unskilled: dict[frozenset[str], Bools] = {}
        self._outside: dict[str, Bools] = {}
        self._other_sex: dict[Sex | None, Bools] = {}

    def at(self, now_min: float) -> "GateKeeper":
        """The same workers at another moment of the day."""
        later = copy(self)
        later._now_min = now_min
        return later

    def forbidding(self, order: Order, index: int) -> Mapping[Gate, Bools]:
        """Each gate of one worker and one visit → (workers,) does it forbid them visit `index` of the order."""
        return self.forbidding_within(order, index, np.array(visit_window(order, index)))

    def forbidding_within(self, order: Order, index: int, windows: Floats) -> Mapping[Gate, Bools]:
        """The same in other windows (…, 3): (earliest, due, latest) start. Gates that ask for none are (workers,), the
        others (…, workers)."""
        visit = order.visits[index]
        refused = np.zeros(len(self._workers), dtype=np.bool_)
        refused[[self._index[worker_id] for worker_id in order.refused_workers if worker_id in self._index]] = True
        return {
            Gate.SKILL: self._lacking(visit.skills),
            Gate.REFUSED: refused,
            Gate.SEX: self._of_other_sex(visit),
            Gate.AREA: self._not_serving(order.place.region),
            **self._without_time(visit, windows),
        }

    def _lacking(self, skills: frozenset[str]) -> Bools:
        if skills not in self._unskilled:
            self._unskilled[skills] = np.array([not skills <= have for have in self._skills], dtype=np.bool_)
        return self._unskilled[skills]

    def _of_other_sex(self, visit: Visit) -> Bools:
        wanted = visit.worker_sex
        if wanted not in self._other_sex:
            other = [wanted not in (None, worker.sex) for worker in self._workers]
            self._other_sex[wanted] = np.array(other, dtype=np.bool_)
        return self._other_sex[wanted]

    def _not_serving(self, region: str) -> Bools:
        if region not in self._outside:
            self._outside[region] = np.array([not serves(worker, region) for worker in self._workers], dtype=np.bool_)
        return self._outside[region]

    def _without_time(self, visit: Visit, windows: Floats) -> dict[Gate, Bools]:
        """No start from now on, within (earliest, _, latest), keeps the whole visit in one piece of serving time. Rest
        and the last bus are named where they alone leave no time, or where there would be time without them."""
        earliest = np.maximum(windows[..., 0], self._now_min)[..., None, None]
        latest = windows[..., 2][..., None, None]

        def fits(pieces_min: Floats) -> Bools:
            first = np.maximum(pieces_min[0], earliest)
            last = np.minimum(pieces_min[1] - visit.duration_min, latest)
            found: Bools = (first <= last).any(axis=-1)
            return found

        in_shift, rested = fits(self._shift_min), fits(self._free_min)
        return {
            Gate.HOURS: ~in_shift,
            Gate.REST: ~rested & (in_shift | ~fits(self._rested_min)),
            Gate.LAST_BUS: ~fits(self._serving_min) & (rested | ~fits(self._before_bus_min)),
        }


def _before_last_bus(worker: Worker) -> tuple[Interval, ...]:
    return (Interval(-np.inf, np.inf if worker.last_departure_min is None else worker.last_departure_min),)


def _edges(pieces: Collection[Sequence[Interval]]) -> Floats:
    """(2, workers, most pieces) where each begins and ends; what a worker has less is empty."""
    edges = np.empty((2, len(pieces), max((len(some) for some in pieces), default=0)))
    edges[0], edges[1] = np.inf, -np.inf
    for w, some in enumerate(pieces):
        for i, interval in enumerate(some):
            edges[:, w, i] = interval.from_min, interval.to_min
    return edges
