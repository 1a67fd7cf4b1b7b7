"""What pages are told of shifts: a grid of workers and days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from services.providers.shifts import holidays, rules
from services.providers.shifts.holidays import DayKind
from services.providers.shifts.model import WEEKDAYS, Interval, Leave, LeaveState, OtherHours, Pattern, Schedule
from services.providers.workers.model import Worker, WorkerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveView:
    id: UUID
    worker_id: UUID
    from_at: datetime
    until_at: datetime
    whole_days: bool
    reason: str
    state: LeaveState
    decision: str
    worker_name: str

    @classmethod
    def of(cls, leave: Leave, worker_name: str) -> "LeaveView":
        kept = {name: getattr(leave, name) for name in cls.__slots__ if name != "worker_name"}
        return cls(**kept, worker_name=worker_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherHoursView:
    day: date
    shifts: list[Interval]
    note: str

    @classmethod
    def of(cls, hours: OtherHours) -> "OtherHoursView":
        return cls(day=hours.day, shifts=list(hours.shifts), note=hours.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternView:
    begins: date
    shifts: dict[str, list[Interval]]
    """By weekday, `mon` to `sun`."""
    on_holidays: bool

    @classmethod
    def of(cls, pattern: Pattern) -> "PatternView":
        days = {day: list(shifts) for day, shifts in zip(WEEKDAYS, pattern.shifts, strict=True)}
        return cls(begins=pattern.begins, shifts=days, on_holidays=pattern.on_holidays)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleView:
    """All of one worker, as far as it is not over."""

    patterns: list[PatternView]
    other_hours: list[OtherHoursView]
    leave: list[LeaveView]

    @classmethod
    def of(cls, worker: Worker, schedule: Schedule) -> "ScheduleView":
        return cls(
            patterns=[PatternView.of(pattern) for pattern in schedule.patterns],
            other_hours=[OtherHoursView.of(hours) for hours in schedule.other_hours.values()],
            leave=[LeaveView.of(leave, worker.name) for leave in schedule.leave],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GridDay:
    day: date
    kind: DayKind
    holiday: str | None
    known: bool
    """False: the State Council has not said yet which days of this year are holidays."""

    @classmethod
    def of(cls, day: date) -> "GridDay":
        known = day.year <= holidays.LAST_YEAR
        return cls(day=day, kind=holidays.kind_of(day), holiday=holidays.name_of(day), known=known)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerDay:
    day: date
    working: list[Interval]
    """Less leave. A shift stands on the day on which it begins."""
    other_hours: OtherHoursView | None
    leave_ids: list[UUID]
    """Asked for or granted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRow:
    worker_id: UUID
    name: str
    kind: WorkerKind
    days: list[WorkerDay]
    leave: list[LeaveView]
    """Asked for or granted, of these days."""

    @classmethod
    def of(cls, worker: Worker, schedule: Schedule, days: list[date]) -> "GridRow":
        leave = [one for one in schedule.leave if one.state in (LeaveState.ASKED, LeaveState.GRANTED)]
        shown = [one for one in leave if any(rules.touches(one, day) for day in days)]
        return cls(
            worker_id=worker.id,
            name=worker.name,
            kind=worker.kind,
            days=[_worker_day(schedule, day, shown) for day in days],
            leave=[LeaveView.of(one, worker.name) for one in shown],
        )


def _worker_day(schedule: Schedule, day: date, leave: list[Leave]) -> WorkerDay:
    other = schedule.other_hours.get(day)
    return WorkerDay(
        day=day,
        working=list(rules.working_intervals(schedule, day, holidays.kind_of)),
        other_hours=OtherHoursView.of(other) if other else None,
        leave_ids=[one.id for one in leave if rules.touches(one, day)],
    )


@dataclass(frozen=True, slots=True)
class ShiftGrid:
    days: list[GridDay]
    items: list[GridRow]
    next_cursor: str | None


def days_from(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]
