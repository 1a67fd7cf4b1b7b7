"""Recurring orders: which rules are accepted, which dates they have, and what becomes of them."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.orders.series import recurrence, refusals, rules
from services.orders.series.model import (
    ChangeKind,
    HolidayRule,
    MonthEnd,
    OneDate,
    Pause,
    PauseReason,
    Rule,
    Series,
    Verdict,
)
from services.orders.series.recurrence import BadRule, parse, text_of
from tests.examples import examples
from tests.unit.series_scene import BEGINS, a_calendar, a_series, dates_of, terms

YEAR_END = date(2026, 12, 31)
NO_HOLIDAYS = a_calendar()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("FREQ=YEARLY", "FREQ"),
        ("FREQ=HOURLY", "FREQ"),
        ("BYDAY=MO", "FREQ"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR"),
        ("FREQ=WEEKLY;BYSETPOS=1;BYDAY=MO", "BYSETPOS"),
        ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=MO", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=5MO", "BYDAY"),
        ("FREQ=DAILY;BYMONTHDAY=1", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=1MO", "BYMONTHDAY"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=100", "INTERVAL"),
        ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("FREQ=DAILY;COUNT=401", "COUNT"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20261231", "COUNT"),
        ("FREQ=DAILY;UNTIL=20261131", "UNTIL"),
        ("FREQ=DAILY;UNTIL=20261101", "UNTIL"),
        ("FREQ=WEEKLY;WKST=SU", "WKST"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ"),
        ("every day", "EVERY DAY"),
        ("", "FREQ"),
    ],
)
def test_a_rule_that_is_not_understood_is_refused_by_the_part_that_is_to_blame(text: str, part: str) -> None:
    with pytest.raises(BadRule) as refused:
        parse(text, BEGINS)
    assert refused.value.members["part"] == part


def test_an_end_given_as_a_moment_is_the_day_in_shanghai() -> None:
    assert parse("FREQ=DAILY;UNTIL=20261230T160000Z", BEGINS).until == YEAR_END
    assert parse("FREQ=DAILY;UNTIL=20261230T235959", BEGINS).until == date(2026, 12, 30)


def test_what_a_rule_leaves_open_is_that_of_its_first_day() -> None:
    assert text_of(parse("FREQ=WEEKLY", BEGINS)) == "FREQ=WEEKLY;BYDAY=MO"
    assert text_of(parse("RRULE:FREQ=MONTHLY;INTERVAL=2", BEGINS)) == "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=30"


def test_a_monday_rule_started_on_a_friday_begins_on_monday() -> None:
    friday = date(2026, 11, 27)
    assert a_series("FREQ=WEEKLY;BYDAY=MO", friday).begins == date(2026, 11, 30)


def test_every_second_week_is_counted_from_the_first_visit_and_not_from_the_day_it_was_asked_for() -> None:
    friday = date(2026, 11, 27)
    found = dates_of("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", friday, YEAR_END)
    assert found == [date(2026, 11, 30), date(2026, 12, 14), date(2026, 12, 28)]


def test_a_number_of_times_ends_it() -> None:
    found = dates_of("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3", BEGINS, date(2030, 1, 1))
    assert found == [date(2026, 12, 1), date(2026, 12, 3), date(2026, 12, 8)]


def test_the_31st_is_the_last_day_of_shorter_months_or_none_as_the_family_chose() -> None:
    begins, last = date(2027, 1, 1), date(2027, 5, 1)
    moved = dates_of("FREQ=MONTHLY;BYMONTHDAY=31", begins, last)
    assert moved == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]
    skipped = dates_of("FREQ=MONTHLY;BYMONTHDAY=31", begins, last, month_end=MonthEnd.SKIP)
    assert skipped == [date(2027, 1, 31), date(2027, 3, 31)]


def test_the_29th_of_february_comes_in_leap_years_or_on_the_28th() -> None:
    begins, last = date(2027, 2, 1), date(2029, 3, 1)
    assert dates_of("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=29", begins, last) == [
        date(2027, 2, 28), date(2028, 2, 29), date(2029, 2, 28),
    ]  # fmt: skip
    leap_only = dates_of("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=29", date(2028, 2, 1), last, month_end=MonthEnd.SKIP)
    assert leap_only == [date(2028, 2, 29)]


def test_the_30th_and_the_31st_are_one_day_in_a_month_of_thirty() -> None:
    found = dates_of("FREQ=MONTHLY;BYMONTHDAY=30,31", date(2027, 4, 1), date(2027, 5, 31))
    assert found == [date(2027, 4, 30), date(2027, 5, 30), date(2027, 5, 31)]


def test_the_dates_of_a_span_cost_the_same_for_a_rule_ten_years_old() -> None:
    """Counted in dates that dateutil hands out: none before the span but those of the step it lies in."""
    handed: Counter[str] = Counter()

    def counted(age: str, begins: date) -> list[date]:
        rule = parse("FREQ=DAILY", begins)
        made = recurrence._ruleset(
            rule, 1, recurrence._beside(rule, begins, BEGINS), BEGINS + timedelta(days=13), MonthEnd.LAST_DAY
        )
        handed[age] = len(list(made))
        return recurrence.dates(rule, begins, MonthEnd.LAST_DAY, BEGINS, BEGINS + timedelta(days=13))

    assert counted("old", BEGINS.replace(year=2016)) == counted("new", BEGINS)
    assert handed["old"] == handed["new"] == 14


def test_on_a_public_holiday_a_visit_is_kept_dropped_or_moved_to_the_next_working_day() -> None:
    thursday = date(2026, 10, 1)
    week = [thursday + timedelta(days=n) for n in range(7)]
    holidays = a_calendar(*week, working=(date(2026, 10, 10),))
    for rule, day, verdict in (
        (HolidayRule.KEEP, thursday, Verdict.SERVED),
        (HolidayRule.DROP, thursday, Verdict.HOLIDAY_DROPPED),
        (HolidayRule.MOVE, date(2026, 10, 8), Verdict.HOLIDAY_MOVED),
    ):
        series = a_series("FREQ=MONTHLY;BYMONTHDAY=1", date(2026, 9, 1), holidays=rule)
        planned = rules.plan(series, thursday, thursday, holidays)
        assert [(one.day, one.verdict) for one in planned] == [(day, verdict)]


def test_a_visit_moved_onto_a_day_that_has_one_already_is_not_a_second_one() -> None:
    holidays = a_calendar(date(2026, 10, 1), date(2026, 10, 2))
    series = a_series("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", date(2026, 9, 1), holidays=HolidayRule.MOVE)
    planned = rules.plan(series, date(2026, 10, 1), date(2026, 10, 5), holidays)
    assert [one.verdict for one in planned] == [Verdict.MERGED, Verdict.MERGED, Verdict.SERVED]


def test_a_working_weekend_is_a_working_day() -> None:
    friday, saturday = date(2026, 10, 9), date(2026, 10, 10)
    series = a_series("FREQ=WEEKLY;BYDAY=FR", date(2026, 9, 1), holidays=HolidayRule.MOVE)
    (planned,) = rules.plan(series, friday, friday, a_calendar(friday, working=(saturday,)))
    assert planned.day == saturday


def test_no_visit_falls_into_a_pause_also_none_that_a_holiday_moved_there() -> None:
    tuesday = date(2026, 12, 1)
    paused = Pause(id=UUID(int=1), from_day=tuesday + timedelta(days=1), resumes_on=None, reason=PauseReason.HOSPITAL)
    series = replace(a_series("FREQ=WEEKLY;BYDAY=TU", holidays=HolidayRule.MOVE), pauses=(paused,))
    assert rules.served(series, tuesday, YEAR_END, a_calendar(tuesday)) == []
    assert [one.day for one in rules.served(series, tuesday, YEAR_END, NO_HOLIDAYS)] == [tuesday]


def test_resuming_begins_again_on_the_day_named_and_gives_up_a_pause_not_begun() -> None:
    paused = Pause(id=UUID(int=1), from_day=date(2026, 12, 1), resumes_on=None, reason=PauseReason.HOSPITAL)
    series = replace(a_series(), pauses=(paused,))
    again = rules.resumed(series, date(2026, 12, 8))
    assert [one.day for one in rules.served(again, BEGINS, date(2026, 12, 10), NO_HOLIDAYS)] == [
        date(2026, 12, 8), date(2026, 12, 10),
    ]  # fmt: skip
    assert rules.resumed(series, BEGINS).pauses == ()
    with pytest.raises(refusals.NotPaused):
        rules.resumed(again, date(2026, 12, 9))


def test_pauses_do_not_overlap_and_end_after_they_begin() -> None:
    first = Pause(id=UUID(int=1), from_day=date(2026, 12, 1), resumes_on=date(2026, 12, 8), reason=PauseReason.AWAY)
    rules.check_pauses([first, replace(first, from_day=date(2026, 12, 8), resumes_on=None)])
    for wrong in (replace(first, from_day=date(2026, 12, 7), resumes_on=None), replace(first, resumes_on=BEGINS)):
        with pytest.raises(refusals.BadPause):
            rules.check_pauses([first, wrong])


def test_one_date_is_skipped_moved_or_put_back_and_the_others_stay() -> None:
    tuesday, friday = date(2026, 12, 1), date(2026, 12, 4)
    series = a_series("FREQ=WEEKLY;BYDAY=TU")
    skipped = rules.with_date_changed(series, OneDate(rule_day=tuesday, kind=ChangeKind.SKIP), BEGINS, NO_HOLIDAYS)
    assert [one.day for one in rules.served(skipped, BEGINS, date(2026, 12, 8), NO_HOLIDAYS)] == [date(2026, 12, 8)]
    move = OneDate(rule_day=tuesday, kind=ChangeKind.MOVE, to_day=friday, at_min=15 * 60)
    moved = rules.with_date_changed(skipped, move, BEGINS, NO_HOLIDAYS)
    first, second = rules.served(moved, BEGINS, date(2026, 12, 8), NO_HOLIDAYS)
    assert (first.day, first.hours.earliest_min, first.hours.latest_min) == (friday, 14 * 60 + 30, 15 * 60 + 30)
    assert second.day == date(2026, 12, 8)
    back = rules.with_date_restored(moved, tuesday, BEGINS)
    assert back.one_dates == ()


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (OneDate(rule_day=date(2026, 12, 2), kind=ChangeKind.SKIP), refusals.NotADate),
        (OneDate(rule_day=date(2026, 11, 24), kind=ChangeKind.SKIP), refusals.InThePast),
        (OneDate(rule_day=date(2026, 12, 1), kind=ChangeKind.MOVE), refusals.BadChange),
        (OneDate(rule_day=date(2026, 12, 1), kind=ChangeKind.SKIP, at_min=600), refusals.BadChange),
        (OneDate(rule_day=date(2026, 12, 1), kind=ChangeKind.MOVE, to_day=date(2026, 12, 3)), refusals.DayTaken),
        (OneDate(rule_day=date(2026, 12, 1), kind=ChangeKind.MOVE, to_day=date(2026, 11, 1)), refusals.InThePast),
        (OneDate(rule_day=date(2026, 12, 1), kind=ChangeKind.MOVE, to_day=date(2027, 2, 1)), refusals.TooFarMoved),
    ],
)
def test_a_date_that_cannot_be_changed_so_is_refused(change: OneDate, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        rules.with_date_changed(a_series(), change, BEGINS, NO_HOLIDAYS)


def test_a_change_from_here_on_leaves_what_was_before_and_keeps_step() -> None:
    series = a_series("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO")
    later = replace(terms("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"), quantity=2)
    after = rules.changed(series, later, date(2026, 12, 7))
    found = [(day, version.terms.quantity) for day, version in rules.rule_dates(after, BEGINS, YEAR_END)]
    assert found == [(date(2026, 11, 30), 1), (date(2026, 12, 14), 2), (date(2026, 12, 28), 2)]


def test_a_change_from_before_it_begins_does_not_begin_it_earlier() -> None:
    series = a_series("FREQ=DAILY", date(2026, 12, 20))
    after = rules.changed(series, terms("FREQ=DAILY"), BEGINS)
    assert [version.from_day for version in after.versions] == [date(2026, 12, 20)]


def test_the_number_of_times_goes_on_counting_when_only_the_hour_changes() -> None:
    series = a_series("FREQ=WEEKLY;BYDAY=MO;COUNT=4")
    after = rules.changed(series, terms("FREQ=WEEKLY;BYDAY=MO;COUNT=4"), date(2026, 12, 7))
    assert len(list(rules.rule_dates(after, BEGINS, date(2030, 1, 1)))) == 4


# --- what holds of every rule

DAYS = st.dates(date(2027, 1, 1), date(2029, 3, 1))
WEEKDAYS = st.lists(st.sampled_from(recurrence.WEEKDAYS), min_size=1, max_size=4, unique=True).map(",".join)
MONTH_DAYS = st.lists(st.sampled_from([1, 15, 28, 29, 30, 31, -1]), min_size=1, max_size=3, unique=True)
NTHS = st.lists(st.sampled_from(["1MO", "2TU", "-1FR", "4SU"]), min_size=1, max_size=2, unique=True).map(",".join)


@st.composite
def rule_texts(draw: st.DrawFn) -> str:
    interval = draw(st.integers(1, 5))
    shape = draw(
        st.one_of(
            st.just("FREQ=DAILY"),
            WEEKDAYS.map(lambda days: f"FREQ=WEEKLY;BYDAY={days}"),
            MONTH_DAYS.map(lambda days: "FREQ=MONTHLY;BYMONTHDAY=" + ",".join(map(str, days))),
            NTHS.map(lambda days: f"FREQ=MONTHLY;BYDAY={days}"),
        )
    )
    return f"{shape};INTERVAL={interval}"


@st.composite
def whole_series(draw: st.DrawFn) -> Series:
    begins = draw(DAYS)
    series = a_series(
        draw(rule_texts()),
        begins,
        holidays=draw(st.sampled_from(HolidayRule)),
        month_end=draw(st.sampled_from(MonthEnd)),
    )
    pause_from = begins + timedelta(days=draw(st.integers(0, 90)))
    resumes = draw(st.none() | st.integers(1, 40).map(lambda n: pause_from + timedelta(days=n)))
    pause = Pause(id=UUID(int=1), from_day=pause_from, resumes_on=resumes, reason=PauseReason.HOSPITAL)
    series = replace(series, pauses=draw(st.sampled_from([(), (pause,)])))
    for day, _ in list(rules.rule_dates(series, begins, begins + timedelta(days=120)))[:3]:
        decided = draw(st.none() | st.integers(-3, 20))
        change = OneDate(rule_day=day, kind=ChangeKind.SKIP)
        if decided:
            change = OneDate(rule_day=day, kind=ChangeKind.MOVE, to_day=max(begins, day + timedelta(days=decided)))
        try:
            series = rules.with_date_changed(series, change, begins, HOLIDAYS) if decided is not None else series
        except refusals.DayTaken:
            continue
    return series


HOLIDAYS = a_calendar(
    *(
        date(year, month, day)
        for year in (2027, 2028, 2029)
        for month, day in ((1, 1), (2, 28), (4, 5), (5, 1), (12, 31))
    ),
    *(date(year, 10, day) for year in (2027, 2028, 2029) for day in range(1, 8)),
)


@given(whole_series(), st.lists(st.integers(1, 40), min_size=1, max_size=6), st.randoms())
@examples(60)
def test_each_day_is_served_once_whatever_the_steps_of_the_horizon(
    series: Series, steps: list[int], shuffled: object
) -> None:
    begins, last = series.versions[0].from_day, series.versions[0].from_day + timedelta(days=sum(steps) - 1)
    whole = rules.served(series, begins, last, HOLIDAYS)
    spans, first = [], begins
    for step in steps:
        spans.append((first, first + timedelta(days=step - 1)))
        first += timedelta(days=step)
    shuffled.shuffle(spans)  # type: ignore[attr-defined]
    pieces = [one for span in spans for one in rules.served(series, *span, HOLIDAYS)]
    assert sorted(pieces, key=lambda one: one.day) == whole
    assert max(Counter(one.day for one in whole).values(), default=1) == 1
    assert max(Counter(one.rule_day for one in whole).values(), default=1) == 1
    assert not [one for one in whole if any(pause.holds(one.day) for pause in series.pauses)]


@given(whole_series(), st.integers(0, 200), st.integers(1, 40))
@examples(60)
def test_every_date_of_the_rule_is_served_unless_there_is_a_reason_why_not(
    series: Series, after: int, days: int
) -> None:
    first = series.versions[0].from_day + timedelta(days=after)
    last = first + timedelta(days=days)
    planned = rules.plan(series, first, last, HOLIDAYS)
    assert [one.rule_day for one in planned] == [day for day, _ in rules.rule_dates(series, first, last)]
    decided = {one.rule_day: one.kind for one in series.one_dates}
    for one in planned:
        if one.rule_day not in decided and not HOLIDAYS.is_holiday(one.rule_day):
            assert one.day == one.rule_day
            assert one.verdict in (Verdict.SERVED, Verdict.PAUSED, Verdict.MERGED)
        if one.verdict is Verdict.SKIPPED:
            assert decided[one.rule_day] is ChangeKind.SKIP
        if one.verdict is Verdict.HOLIDAY_MOVED:
            assert HOLIDAYS.is_working(one.day)
        if one.verdict is Verdict.PAUSED:
            assert any(pause.holds(one.day) for pause in series.pauses)


@given(rule_texts(), DAYS, st.sampled_from(MonthEnd), st.integers(0, 400), st.integers(0, 80))
@examples(80)
def test_a_span_of_a_rule_is_the_same_part_of_the_whole_rule(
    text: str, begins: date, month_end: MonthEnd, after: int, days: int
) -> None:
    rule = parse(text, begins)
    anchor = recurrence.first_date(rule, begins, month_end)
    first = begins + timedelta(days=after)
    last = first + timedelta(days=days)
    whole = recurrence.dates(rule, anchor, month_end, anchor, last)
    assert recurrence.dates(rule, anchor, month_end, first, last) == [day for day in whole if day >= first]
    assert not whole or whole[0] == anchor


@given(rule_texts(), DAYS)
@examples(40)
def test_a_rule_survives_being_written_down(text: str, begins: date) -> None:
    rule: Rule = parse(text, begins)
    assert parse(text_of(rule), begins) == rule


@given(rule_texts(), DAYS, st.integers(1, 20))
@examples(40)
def test_a_rule_of_so_many_times_has_so_many_dates(text: str, begins: date, times: int) -> None:
    series = a_series(f"{text};COUNT={times}", begins, month_end=MonthEnd.LAST_DAY)
    assert len(list(rules.rule_dates(series, begins, begins + timedelta(days=366 * 10)))) == times
