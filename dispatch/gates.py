"""What is never violated. A gate says no whatever the price; costs.py weighs what passes."""

import datetime
from collections.abc import Iterable, Mapping
from enum import StrEnum

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


STATIC_GATES = (Gate.SKILL, Gate.REFUSED, Gate.SEX, Gate.AREA, Gate.HOURS)


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


def fits_hours(visit: Visit, window: tuple[float, float, float], free: tuple[Interval, ...], now_min: float) -> bool:
    """Is there a start from `now_min` on, within (earliest, _, latest), that lies in one piece of working time."""
    earliest, _, latest = window
    return any(
        max(earliest, now_min, interval.from_min) <= min(latest, interval.to_min - visit.duration_min)
        for interval in free
    )


class GateKeeper:
    """The gates of one day, with what depends on the worker alone worked out once."""

    def __init__(self, day: Day, policy: Policy) -> None:
        self._now_min = day.now_min
        self._skills: Mapping[str, frozenset[str]] = {
            worker.id: valid_skills(worker.certificates, day.date) for worker in day.workers
        }
        self.free: Mapping[str, tuple[Interval, ...]] = {
            worker.id: working_time(worker, policy) for worker in day.workers
        }

    def stopping(self, order: Order, index: int, worker: Worker) -> tuple[Gate, ...]:
        """The gates of `STATIC_GATES` that forbid this worker visit `index` of the order; () = may be planned."""
        visit = order.visits[index]
        passed = {
            Gate.SKILL: visit.skills <= self._skills[worker.id],
            Gate.REFUSED: worker.id not in order.refused_workers,
            Gate.SEX: visit.worker_sex is None or visit.worker_sex == worker.sex,
            Gate.AREA: serves(worker, order.place.region),
            Gate.HOURS: fits_hours(visit, visit_window(order, index), self.free[worker.id], self._now_min),
        }
        return tuple(gate for gate in STATIC_GATES if not passed[gate])
