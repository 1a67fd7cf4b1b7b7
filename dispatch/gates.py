"""What is never violated. A gate says no whatever the price; costs.py weighs what passes."""

import datetime
from collections.abc import Iterable, Mapping
from enum import StrEnum

import numpy as np

from dispatch.kernel.problem import Bools
from dispatch.model import Certificate, Day, Interval, Order, Visit, Worker, visit_window
from dispatch.policy import Policy


class Gate(StrEnum):
    # These look at one worker and one visit; they hold whatever else is planned.
    SKILL = "skill"  # a skill the visit needs is missing, or its certificate is not valid on the day
    REFUSED = "refused"  # the elder never wants this worker again
    SEX = "sex"  # the elder accepts the other sex only
    AREA = "area"  # the worker does not serve this region
    HOURS = "hours"  # no working time, free of leave and after the night's rest, in which the visit fits its window
    TRAVEL = "travel"  # no way there with the worker's means of travel, or too long a one
    # These depend on the plan.
    SAME_WORKER = "same_worker"  # already does the other visit, which needs somebody else
    NO_ROOM = "no_room"  # free at no time that leaves room for what is planned, daily maximum included


def valid_skills(certificates: Iterable[Certificate], date: datetime.date) -> frozenset[str]:
    return frozenset(
        certificate.skill for certificate in certificates if certificate.valid_from <= date <= certificate.valid_until
    )


def serves(worker: Worker, region: str) -> bool:
    return not worker.areas or any(region.startswith(area) for area in worker.areas)


def working_time(worker: Worker, policy: Policy) -> tuple[Interval, ...]:
    """Shifts less leave and less what is needed of the rest since yesterday, in order of time, not overlapping."""
    rested_min = worker.last_shift_ended_min + policy.rest_between_days_min
    free: list[Interval] = []
    for shift in sorted(worker.shifts, key=lambda interval: interval.from_min):
        from_min = max(shift.from_min, rested_min, free[-1].to_min if free else rested_min)
        if from_min < shift.to_min:
            free.append(Interval(from_min, shift.to_min))
    for leave in worker.leave:
        free = [piece for interval in free for piece in _less(interval, leave)]
    return tuple(free)


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
        most = max((len(free) for free in self.free.values()), default=0)
        self._free_min = np.empty((2, len(day.workers), most))
        self._free_min[0], self._free_min[1] = np.inf, -np.inf
        for w, free in enumerate(self.free.values()):
            for i, interval in enumerate(free):
                self._free_min[:, w, i] = interval.from_min, interval.to_min
        self._unskilled: dict[frozenset[str], Bools] = {}
        self._outside: dict[str, Bools] = {}

    def forbidding(self, order: Order, index: int) -> Mapping[Gate, Bools]:
        """Each gate of one worker and one visit → (workers,) does it forbid them visit `index` of the order."""
        visit = order.visits[index]
        refused = np.zeros(len(self._workers), dtype=np.bool_)
        refused[[self._index[worker_id] for worker_id in order.refused_workers if worker_id in self._index]] = True
        return {
            Gate.SKILL: self._lacking(visit.skills),
            Gate.REFUSED: refused,
            Gate.SEX: self._of_other_sex(visit),
            Gate.AREA: self._not_serving(order.place.region),
            Gate.HOURS: self._without_time(visit, visit_window(order, index)),
        }

    def _lacking(self, skills: frozenset[str]) -> Bools:
        if skills not in self._unskilled:
            self._unskilled[skills] = np.array([not skills <= have for have in self._skills], dtype=np.bool_)
        return self._unskilled[skills]

    def _of_other_sex(self, visit: Visit) -> Bools:
        wanted = visit.worker_sex
        return np.array([wanted not in (None, worker.sex) for worker in self._workers], dtype=np.bool_)

    def _not_serving(self, region: str) -> Bools:
        if region not in self._outside:
            self._outside[region] = np.array([not serves(worker, region) for worker in self._workers], dtype=np.bool_)
        return self._outside[region]

    def _without_time(self, visit: Visit, window: tuple[float, float, float]) -> Bools:
        """No start from now on, within (earliest, _, latest), keeps the whole visit in one piece of working time."""
        earliest, _, latest = window
        first = np.maximum(self._free_min[0], max(earliest, self._now_min))
        last = np.minimum(self._free_min[1] - visit.duration_min, latest)
        fits: Bools = (first <= last).any(axis=1)
        return ~fits
