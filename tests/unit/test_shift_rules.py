"""Shifts: the hours of a worker on a day are the pattern in force, replaced by other hours, less leave."""

from datetime import date, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.business_day import day_starts_at
from services.providers.rules import IllegalMove
from services.providers.shifts import holidays, rules
from services.providers.shifts.forms import LeaveForm
from services.providers.shifts.holidays import DayKind
from services.providers.shifts.model import (
    LEAVE_MOVES,
    Interval,
    Leave,
    LeaveMove,
    LeaveState,
    OtherHours,
    Pattern,
    Schedule,
)
from services.providers.shifts.rules import BadLeave, BadShifts, working_intervals

WORKER = UUID(int=1)
OFFICE = (Interval(480, 720), Interval(810, 1080))
NIGHT = (Interval(1320, 1800),)
WEEK = (OFFICE,) * 5 + ((), ())
MONTH_AND_YEAR_ENDS = st.sampled_from(
    [date(2025, 12, 29), date(2026, 1, 29), date(2026, 2, 26), date(2028, 2, 27), date(2026, 9, 28), date(2027, 12, 30)]
)
DAYS = MONTH_AND_YEAR_ENDS | st.dates(date(2020, 1, 1), date(2032, 12, 31))


def ordinary(_: date) -> DayKind:
    return DayKind.ORDINARY


def a_pattern(*shifts: tuple[Interval, ...], begins: date = date(2020, 1, 1), on_holidays: bool = False) -> Pattern:
    return Pattern(begins=begins, shifts=shifts or WEEK, on_holidays=on_holidays)


def granted(from_at: datetime, until_at: datetime, *, whole_days: bool = False, **fields: Any) -> Leave:
    return Leave(
        id=UUID(int=5),
        worker_id=WORKER,
        from_at=from_at,
        until_at=until_at,
        whole_days=whole_days,
        reason="体检",
        **{"state": LeaveState.GRANTED} | fields,
    )


def moments(schedule: Schedule, first: date, count: int, calendar: rules.Calendar = ordinary) -> list[datetime]:
    """The beginning of each worked minute, told by day after day."""
    return [
        day_starts_at(day) + timedelta(minutes=minute)
        for day in (first + timedelta(days=number) for number in range(count))
        for interval in working_intervals(schedule, day, calendar)
        for minute in range(interval.from_min, interval.to_min)
    ]


@st.composite
def shifts_of_a_day(draw: st.DrawFn) -> tuple[Interval, ...]:
    """Up to two, of which the last may end after midnight."""
    ends = sorted(draw(st.sets(st.integers(0, 1439), min_size=0, max_size=4)))
    pairs = [Interval(a, b) for a, b in zip(ends[::2], ends[1::2], strict=False)]
    if pairs and draw(st.booleans()):
        pairs[-1] = Interval(pairs[-1].from_min, draw(st.integers(1441, pairs[-1].from_min + 1440 + 1)) - 1)
    return tuple(pairs)


@st.composite
def leave_around(draw: st.DrawFn, day: date) -> Leave:
    if draw(st.booleans()):
        first = day_starts_at(day + timedelta(days=draw(st.integers(-3, 3))))
        return granted(first, first + timedelta(days=draw(st.integers(1, 4))), whole_days=True)
    from_at = day_starts_at(day) + timedelta(seconds=draw(st.integers(-200_000, 200_000)))
    return granted(from_at, from_at + timedelta(seconds=draw(st.integers(1, 200_000))))


@st.composite
def schedules(draw: st.DrawFn) -> tuple[date, Schedule]:
    day = draw(DAYS)
    week = st.tuples(*[shifts_of_a_day()] * 7)
    begins = [day + timedelta(days=offset) for offset in sorted(draw(st.sets(st.integers(-9, 3), max_size=3)))]
    patterns = tuple(a_pattern(*draw(week), begins=first) for first in begins)
    other = [day + timedelta(days=offset) for offset in draw(st.sets(st.integers(-2, 2), max_size=2))]
    hours = {one: OtherHours(day=one, shifts=draw(shifts_of_a_day())) for one in other}
    leave = tuple(draw(st.lists(leave_around(day), max_size=3)))
    return day, Schedule(patterns=patterns, other_hours=hours, leave=leave)


@given(schedules())
def test_no_minute_is_worked_twice_also_over_midnight_and_the_end_of_a_month_or_year(
    made: tuple[date, Schedule],
) -> None:
    day, schedule = made
    worked = moments(schedule, day - timedelta(days=3), 7)
    assert len(worked) == len(set(worked))
    for interval in working_intervals(schedule, day, ordinary):
        assert 0 <= interval.from_min < interval.to_min
        assert interval.from_min < 1440


@given(schedules())
def test_nobody_works_on_leave_and_what_was_only_asked_for_changes_nothing(made: tuple[date, Schedule]) -> None:
    day, schedule = made
    worked = moments(schedule, day - timedelta(days=4), 9)
    for leave in schedule.leave:
        assert not [at for at in worked if leave.from_at < at + timedelta(minutes=1) and at < leave.until_at]
    for state in set(LeaveState) - {LeaveState.GRANTED}:
        asked = tuple(granted(one.from_at, one.until_at, state=state) for one in schedule.leave)
        free = Schedule(patterns=schedule.patterns, other_hours=schedule.other_hours)
        with_asked = Schedule(patterns=schedule.patterns, other_hours=schedule.other_hours, leave=asked)
        assert working_intervals(with_asked, day, ordinary) == working_intervals(free, day, ordinary)


@given(schedules())
def test_leave_takes_away_nothing_but_itself_and_the_shifts_of_its_whole_days(made: tuple[date, Schedule]) -> None:
    day, schedule = made
    free = Schedule(patterns=schedule.patterns, other_hours=schedule.other_hours)
    hours_only = tuple(one for one in schedule.leave if not one.whole_days)
    cut = Schedule(patterns=schedule.patterns, other_hours=schedule.other_hours, leave=hours_only)
    worked = set(moments(cut, day - timedelta(days=4), 9))
    for at in moments(free, day - timedelta(days=4), 9):
        on_leave = any(one.from_at < at + timedelta(minutes=1) and at < one.until_at for one in hours_only)
        assert (at in worked) is not on_leave


@given(DAYS)
def test_a_night_shift_is_counted_once_on_the_day_on_which_it_begins(day: date) -> None:
    every_night = Schedule(patterns=(a_pattern(*(NIGHT,) * 7),))
    assert working_intervals(every_night, day, ordinary) == NIGHT
    worked = moments(every_night, day, 5)
    assert len(worked) == len(set(worked)) == 5 * 480
    one_night = Schedule(other_hours={day: OtherHours(day=day, shifts=NIGHT)})
    assert working_intervals(one_night, day + timedelta(days=1), ordinary) == ()


def test_other_hours_that_begin_before_the_night_has_ended_begin_when_it_has() -> None:
    day = date(2026, 12, 31)
    early = OtherHours(day=day + timedelta(days=1), shifts=(Interval(300, 600),))
    schedule = Schedule(patterns=(a_pattern(*(NIGHT,) * 7),), other_hours={early.day: early})
    assert working_intervals(schedule, early.day, ordinary) == (Interval(360, 600),)


def test_whole_days_of_leave_take_the_night_that_begins_on_them_and_the_rest_of_the_one_before() -> None:
    monday = date(2026, 11, 30)
    schedule = Schedule(
        patterns=(a_pattern(*(NIGHT,) * 7),),
        leave=(granted(day_starts_at(monday), day_starts_at(monday + timedelta(days=1)), whole_days=True),),
    )
    sunday, tuesday = monday - timedelta(days=1), monday + timedelta(days=1)
    assert working_intervals(schedule, sunday, ordinary) == (Interval(1320, 1440),)
    assert working_intervals(schedule, monday, ordinary) == ()
    assert working_intervals(schedule, tuesday, ordinary) == NIGHT


@given(DAYS, st.integers(-400, 400))
def test_the_pattern_in_force_is_the_one_that_began_last(day: date, offset: int) -> None:
    old, new = a_pattern(*(OFFICE,) * 7, begins=date(2000, 1, 1)), a_pattern(*(NIGHT,) * 7, begins=day)
    at = day + timedelta(days=offset)
    assert rules.pattern_on((new, old), at) is (new if offset >= 0 else old)
    assert rules.pattern_on((new,), day - timedelta(days=1)) is None


@pytest.mark.parametrize(
    ("day", "kind", "shifts"),
    [
        (date(2026, 10, 1), DayKind.HOLIDAY, ()),
        (date(2026, 10, 10), DayKind.WORKING_WEEKEND, OFFICE),
        (date(2026, 10, 12), DayKind.ORDINARY, OFFICE),
        (date(2026, 10, 17), DayKind.ORDINARY, ()),
        (date(2026, 2, 17), DayKind.HOLIDAY, ()),
    ],
)
def test_public_holidays_are_free_and_working_weekends_are_worked_unless_the_pattern_says_otherwise(
    day: date, kind: DayKind, shifts: tuple[Interval, ...]
) -> None:
    assert holidays.kind_of(day) is kind
    assert working_intervals(Schedule(patterns=(a_pattern(),)), day, holidays.kind_of) == shifts
    as_always = Schedule(patterns=(a_pattern(on_holidays=True),))
    assert working_intervals(as_always, day, holidays.kind_of) == (OFFICE if day.weekday() < 5 else ())


def test_other_hours_are_worked_on_a_holiday() -> None:
    day = date(2026, 10, 1)
    schedule = Schedule(patterns=(a_pattern(),), other_hours={day: OtherHours(day=day, shifts=NIGHT)})
    assert working_intervals(schedule, day, holidays.kind_of) == NIGHT


def test_a_year_whose_holidays_nobody_knows_yet_has_none() -> None:
    assert holidays.kind_of(date(holidays.LAST_YEAR + 1, 10, 1)) is DayKind.ORDINARY
    assert holidays.name_of(date(2026, 10, 1)) == "国庆节"


@pytest.mark.parametrize(
    "week",
    [
        ((Interval(480, 720), Interval(700, 800)), *((),) * 6),
        ((Interval(1320, 1800),), (Interval(300, 600),), *((),) * 5),
        ((Interval(300, 600),), *((),) * 5, (Interval(1320, 1800),)),
        ((Interval(600, 600),), *((),) * 6),
        ((Interval(600, 2100),), *((),) * 6),
    ],
    ids=["overlap", "into the next day", "from sunday into monday", "of no length", "longer than a day"],
)
def test_a_pattern_whose_shifts_overlap_is_refused(week: tuple[tuple[Interval, ...], ...]) -> None:
    with pytest.raises(BadShifts):
        rules.check_pattern(a_pattern(*week))
    rules.check_pattern(a_pattern(*(NIGHT,) * 7))


@pytest.mark.parametrize(("state", "move"), list(product(LeaveState, LeaveMove)))
def test_a_leave_moves_as_the_table_says(state: LeaveState, move: LeaveMove) -> None:
    first = day_starts_at(date(2026, 12, 1))
    leave = granted(first, first + timedelta(days=1), state=state)
    if (state, move) in LEAVE_MOVES:
        after = leave.after(move, "好")
        assert (after.state, after.decision) == (LEAVE_MOVES[state, move], "好")
        return
    with pytest.raises(IllegalMove):
        leave.after(move, "")


def test_leave_is_asked_for_by_days_or_by_moments_and_not_by_both() -> None:
    asked = LeaveForm(first_day=date(2026, 12, 31), last_day=date(2026, 12, 31), reason="体检").leave(WORKER)
    assert (asked.until_at - asked.from_at, asked.whole_days) == (timedelta(days=1), True)
    assert asked.from_at.isoformat() == "2026-12-31T00:00:00+08:00"
    for fields in ({}, {"first_day": date(2026, 12, 31)}, {"first_day": date(2026, 1, 1), "from_at": asked.from_at}):
        with pytest.raises(BadLeave):
            LeaveForm(**fields, reason="体检").leave(WORKER)
    with pytest.raises(BadLeave):
        rules.check_leave(asked.from_at, asked.from_at)
