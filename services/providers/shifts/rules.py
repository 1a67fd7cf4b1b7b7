"""The hours of a worker on a business day, and what is refused about shifts and leave. Pure.

A shift belongs to the day on which it begins, also when it ends after midnight.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from services.business_day import day_starts_at
from services.errors import DomainError
from services.providers.shifts.holidays import DayKind
from services.providers.shifts.model import DAY_MIN, WEEKDAYS, Interval, Intervals, Leave, LeaveState, Pattern, Schedule

Calendar = Callable[[date], DayKind]
LONGEST_LEAVE = timedelta(days=366)
FRIDAY, SATURDAY, MONDAY = 4, 5, 0


class BadShifts(DomainError):
    """`day` names where."""

    code = "shifts.bad_shifts"
    status = 422
    title = "Shifts cannot be like this"


class BadLeave(DomainError):
    code = "shifts.bad_leave"
    status = 422
    title = "A leave cannot be like this"


class NotYoursToDecide(DomainError):
    code = "shifts.not_yours_to_decide"
    status = 403
    title = "The provider decides about a leave; a worker asks for it and withdraws it"


def working_intervals(schedule: Schedule, day: date, calendar: Calendar) -> Intervals:
    """The pattern in force, replaced by the hours of this date, less leave. Sorted; none overlaps another, nor one of
    the day before."""
    over_midnight = (
        Interval(max(0, shift.from_min - DAY_MIN), shift.to_min - DAY_MIN)
        for shift in _attended(schedule, day - timedelta(days=1), calendar)
        if shift.to_min > DAY_MIN
    )
    return minus(_attended(schedule, day, calendar), over_midnight)


def _attended(schedule: Schedule, day: date, calendar: Calendar) -> Intervals:
    granted = [leave for leave in schedule.leave if leave.state is LeaveState.GRANTED]
    if any(leave.whole_days and _includes(leave, day) for leave in granted):
        return ()
    return minus(planned(schedule, day, calendar), (_within_day(leave, day) for leave in granted))


def planned(schedule: Schedule, day: date, calendar: Calendar) -> Intervals:
    """Without a look at leave or at the day before."""
    if other := schedule.other_hours.get(day):
        return other.shifts
    pattern = pattern_on(schedule.patterns, day)
    return _of_pattern(pattern, day, calendar(day)) if pattern else ()


def pattern_on(patterns: Iterable[Pattern], day: date) -> Pattern | None:
    """The one in force."""
    begun = [pattern for pattern in patterns if pattern.begins <= day]
    return max(begun, key=lambda pattern: pattern.begins, default=None)


def _of_pattern(pattern: Pattern, day: date, kind: DayKind) -> Intervals:
    """A working weekend of somebody who is otherwise free then is worked as the weekday next to it."""
    own = pattern.shifts[day.weekday()]
    if pattern.on_holidays or kind is DayKind.ORDINARY:
        return own
    if kind is DayKind.HOLIDAY:
        return ()
    return own or pattern.shifts[FRIDAY if day.weekday() == SATURDAY else MONDAY]


def minus(intervals: Iterable[Interval], cuts: Iterable[Interval]) -> Intervals:
    """What is left of them, sorted; no minute stands there twice."""
    left = _merged(intervals)
    for cut in cuts:
        left = (
            [
                piece
                for one in left
                for piece in (
                    Interval(one.from_min, min(one.to_min, cut.from_min)),
                    Interval(max(one.from_min, cut.to_min), one.to_min),
                )
                if piece.from_min < piece.to_min
            ]
            if cut.from_min < cut.to_min
            else left
        )
    return tuple(left)


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Overlapping ones become one; those that touch stay two."""
    merged: list[Interval] = []
    for one in sorted(intervals):
        if merged and one.from_min < merged[-1].to_min:
            merged[-1] = Interval(merged[-1].from_min, max(merged[-1].to_min, one.to_min))
        else:
            merged.append(one)
    return merged


def _within_day(leave: Leave, day: date) -> Interval:
    """In minutes after 00:00 of this day; before it below 0."""
    start = day_starts_at(day)
    return Interval(_minutes(leave.from_at - start), -_minutes(start - leave.until_at))


def _minutes(length: timedelta) -> int:
    """Rounded down, so that a leave cuts off each minute that it touches."""
    return length // timedelta(minutes=1)


def _includes(leave: Leave, day: date) -> bool:
    return leave.from_at <= day_starts_at(day) < leave.until_at


def touches(leave: Leave, day: date) -> bool:
    """Any of it falls on this day."""
    return leave.from_at < day_starts_at(day + timedelta(days=1)) and day_starts_at(day) < leave.until_at


def check_pattern(pattern: Pattern) -> None:
    """:raises BadShifts:"""
    for number, shifts in enumerate(pattern.shifts):
        yesterday = pattern.shifts[number - 1]
        check_shifts(shifts, WEEKDAYS[number], yesterday)


def check_shifts(shifts: Intervals, day: str, yesterday: Intervals = ()) -> None:
    """:param day: how to call it. :raises BadShifts:"""
    taken = max((shift.to_min - DAY_MIN for shift in yesterday), default=0)
    for shift in sorted(shifts):
        if not 0 <= shift.from_min < min(DAY_MIN, shift.to_min) or shift.to_min > shift.from_min + DAY_MIN:
            raise BadShifts("a shift begins on its day and lasts at most 24 hours", day=day)
        if shift.from_min < taken:
            raise BadShifts("two shifts overlap, or one begins before that of the night has ended", day=day)
        taken = shift.to_min


def check_leave(from_at: datetime, until_at: datetime) -> None:
    """:raises BadLeave:"""
    if not timedelta() < until_at - from_at <= LONGEST_LEAVE:
        raise BadLeave(f"it ends after it begins, and lasts at most {LONGEST_LEAVE.days} days")
