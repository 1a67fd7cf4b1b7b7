"""What becomes of the dates of a series, and what is refused. Pure.

The answer for one date depends on a fixed number of days around it and on nothing that was made before: a span may be
asked for in pieces, in any order, and the pieces make the whole.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from services.business_day import day_starts_at
from services.catalogue.model import DAY_MIN
from services.elders.life.model import ABSENT, FOR_GOOD
from services.orders.series import recurrence
from services.orders.series.model import (
    FAR_FUTURE,
    ChangeKind,
    HolidayRule,
    Hours,
    OneDate,
    Pause,
    Planned,
    Series,
    SeriesVersion,
    Terms,
    Verdict,
)
from services.orders.series.refusals import (
    BadChange,
    BadHours,
    BadPause,
    DayTaken,
    InThePast,
    NotADate,
    NotPaused,
    TooFarMoved,
)
from services.providers.shifts.holidays import DayKind, kind_of, name_of

MOVED_AT_MOST_DAYS = 31
_LONGEST_HOLIDAY_DAYS = 15
AROUND = timedelta(days=MOVED_AT_MOST_DAYS + _LONGEST_HOLIDAY_DAYS)
"""A visit is never further from its date of the rule."""

HORIZON_DAYS = 14
"""So far ahead visits are made."""

PREVIEW_DAYS = 92


@dataclass(frozen=True, slots=True)
class Calendar:
    """Public holidays and working weekends."""

    kind_of: Callable[[date], DayKind] = kind_of
    name_of: Callable[[date], str | None] = name_of

    def is_holiday(self, day: date) -> bool:
        return self.kind_of(day) is DayKind.HOLIDAY

    def is_working(self, day: date) -> bool:
        kind = self.kind_of(day)
        return kind is DayKind.WORKING_WEEKEND or (kind is DayKind.ORDINARY and day.weekday() < 5)

    def next_working(self, day: date) -> date:
        return next(later for n in range(1, 60) if self.is_working(later := day + timedelta(days=n)))


CHINA = Calendar()


def check_hours(hours: Hours) -> None:
    """:raises BadHours:"""
    if not 0 <= hours.earliest_min <= hours.at_min <= hours.latest_min < DAY_MIN:
        raise BadHours


def first_version(terms: Terms, begins: date) -> SeriesVersion:
    """:raises BadRule: :raises BadHours:"""
    check_hours(terms.hours)
    anchor = recurrence.first_date(terms.rule, begins, terms.month_end)
    last = recurrence.last_date(terms.rule, anchor, terms.month_end, begins)
    return SeriesVersion(version=1, from_day=begins, anchor=anchor, last=last, terms=terms)


def changed(series: Series, terms: Terms, from_day: date) -> Series:
    """From `from_day` on. The same rhythm goes on in step: every second Tuesday stays the same Tuesdays.

    :raises BadRule: :raises BadHours:
    """
    before, from_day = series.versions[-1], max(from_day, series.versions[0].from_day)
    new = replace(first_version(terms, from_day), version=before.version + 1)
    if terms.rule.shape == before.terms.rule.shape:
        if terms.rule.count is not None and terms.rule.count == before.terms.rule.count:
            last = before.last
        else:
            last = recurrence.last_date(terms.rule, before.anchor, terms.month_end, from_day)
        new = replace(new, anchor=before.anchor, last=last)
    kept = tuple(version for version in series.versions if version.from_day < from_day)
    return replace(series, versions=(*kept, new))


def hours_between(hours: Hours, at_min: int | None) -> Hours:
    """At another time of the day, with as much play around it."""
    if at_min is None:
        return hours
    shift = at_min - hours.at_min
    earliest, latest = max(0, hours.earliest_min + shift), min(DAY_MIN - 1, hours.latest_min + shift)
    return Hours(at_min=at_min, earliest_min=earliest, latest_min=latest)


def window(planned: Planned) -> tuple[datetime, datetime]:
    """From when until when the visit may begin."""
    midnight = day_starts_at(planned.day)
    hours = planned.hours
    return midnight + timedelta(minutes=hours.earliest_min), midnight + timedelta(minutes=hours.latest_min)


def rule_dates(series: Series, first: date, last: date) -> Iterator[tuple[date, SeriesVersion]]:
    """Dates of the rule, each with the version in force on it."""
    following = (*(version.from_day for version in series.versions[1:]), FAR_FUTURE)
    for version, until in zip(series.versions, following, strict=True):
        end = min(last, version.last, until - timedelta(days=1))
        begin = max(first, version.from_day)
        for day in recurrence.dates(version.terms.rule, version.anchor, version.terms.month_end, begin, end):
            yield day, version


def plan(series: Series, first: date, last: date, calendar: Calendar = CHINA) -> list[Planned]:
    """Every date of the rule from `first` to `last`, with what becomes of it."""
    around = list(rule_dates(series, first - AROUND, min(last, FAR_FUTURE - 3 * AROUND) + AROUND))
    decided = [_alone(series, day, version, calendar) for day, version in around]
    seats = _seats(decided)
    found = (_seated(one, seats) for one in decided if first <= one.rule_day <= last)
    return [_within(series, one) for one in found]


def served(series: Series, first: date, last: date, calendar: Calendar = CHINA) -> list[Planned]:
    """The visits of the days from `first` to `last`, whatever dates of the rule they stand for; one a day at most."""
    around = plan(series, first - AROUND, min(last, FAR_FUTURE - 3 * AROUND) + AROUND, calendar)
    return sorted((one for one in around if one.visited and first <= one.day <= last), key=lambda one: one.day)


def _alone(series: Series, day: date, version: SeriesVersion, calendar: Calendar) -> Planned:
    """As if it were the only date."""
    terms = version.terms
    plain = Planned(rule_day=day, day=day, verdict=Verdict.SERVED, hours=terms.hours, terms_version=version.version)
    for decided in series.one_dates:
        if decided.rule_day == day:
            if decided.kind is ChangeKind.SKIP:
                return replace(plain, verdict=Verdict.SKIPPED)
            hours = hours_between(terms.hours, decided.at_min)
            return replace(plain, day=decided.to_day or day, hours=hours, verdict=Verdict.MOVED)
    if terms.holidays is HolidayRule.KEEP or not calendar.is_holiday(day):
        return plain
    plain = replace(plain, holiday=calendar.name_of(day))
    if terms.holidays is HolidayRule.DROP:
        return replace(plain, verdict=Verdict.HOLIDAY_DROPPED)
    return replace(plain, day=calendar.next_working(day), verdict=Verdict.HOLIDAY_MOVED)


_FIRST_SEATED = (Verdict.MOVED, Verdict.SERVED, Verdict.HOLIDAY_MOVED)


def _seats(decided: Sequence[Planned]) -> dict[date, date]:
    """Who has each day: the date of the rule, by the day served. What the family moved there comes first, then the
    day's own visit, then the earliest that a holiday moved there."""
    seats: dict[date, date] = {}
    for verdict in _FIRST_SEATED:
        for one in decided:
            if one.verdict is verdict:
                seats.setdefault(one.day, one.rule_day)
    return seats


def _seated(one: Planned, seats: dict[date, date]) -> Planned:
    if not one.visited or seats[one.day] == one.rule_day:
        return one
    return replace(one, verdict=Verdict.MERGED)


def _within(series: Series, one: Planned) -> Planned:
    if not one.visited:
        return one
    if series.ends_on is not None and one.day > series.ends_on:
        return replace(one, verdict=Verdict.ENDED)
    state = series.life.on(one.day)
    if state in FOR_GOOD:
        return replace(one, verdict=Verdict.ENDED)
    if state in ABSENT or any(pause.holds(one.day) for pause in series.pauses):
        return replace(one, verdict=Verdict.PAUSED)
    return one


def check_pauses(pauses: Sequence[Pause]) -> None:
    """:raises BadPause:"""
    if any(pause.resumes_on is not None and pause.resumes_on <= pause.from_day for pause in pauses):
        raise BadPause("a pause ends after it begins")
    in_order = sorted(pauses, key=lambda pause: pause.from_day)
    if any(one.resumes_on is None or one.resumes_on > other.from_day for one, other in pairwise(in_order)):
        raise BadPause("two pauses overlap")


def resumed(series: Series, on: date) -> Series:
    """Ends the pause that holds on `on`, or the next one to come; a pause that has not begun by then is given up.

    :raises NotPaused:
    """
    standing = [pause for pause in series.pauses if pause.resumes_on is None or pause.resumes_on > on]
    if not standing:
        raise NotPaused
    ended = min(standing, key=lambda pause: pause.from_day)
    kept = [pause for pause in series.pauses if pause.id != ended.id]
    if ended.from_day < on:
        kept.append(replace(ended, resumes_on=on))
    return replace(series, pauses=tuple(sorted(kept, key=lambda pause: pause.from_day)))


def check_not_past(day: date, today: date) -> None:
    """:raises InThePast:"""
    if day < today:
        raise InThePast(today=today.isoformat())


def with_date_changed(series: Series, change: OneDate, today: date, calendar: Calendar = CHINA) -> Series:
    """:raises InThePast: :raises NotADate: :raises DayTaken: :raises TooFarMoved: :raises BadChange:"""
    check_not_past(change.rule_day, today)
    _check_date_of_rule(series, change.rule_day)
    if (change.kind is ChangeKind.MOVE) != (change.to_day is not None or change.at_min is not None):
        raise BadChange
    others = tuple(one for one in series.one_dates if one.rule_day != change.rule_day)
    target = change.to_day or change.rule_day
    if change.kind is ChangeKind.MOVE:
        check_not_past(target, today)
        if abs((target - change.rule_day).days) > MOVED_AT_MOST_DAYS:
            raise TooFarMoved
        around = plan(replace(series, one_dates=others), target - AROUND, target + AROUND, calendar)
        if any(one.visited and one.day == target and one.rule_day != change.rule_day for one in around):
            raise DayTaken
    decided = sorted((*others, change), key=lambda one: one.rule_day)
    return replace(series, one_dates=tuple(decided))


def with_date_restored(series: Series, rule_day: date, today: date) -> Series:
    """As the rule has it. :raises InThePast:"""
    check_not_past(rule_day, today)
    return replace(series, one_dates=tuple(one for one in series.one_dates if one.rule_day != rule_day))


def _check_date_of_rule(series: Series, day: date) -> None:
    """:raises NotADate:"""
    around = timedelta(days=PREVIEW_DAYS)
    near = [one for one, _ in rule_dates(series, day - around, day + around)]
    if day not in near:
        before, after = [one for one in near if one < day][-1:], [one for one in near if one > day][:1]
        nearest = [one.isoformat() for one in (*before, *after)]
        raise NotADate(" / ".join(nearest) or None, nearest=nearest)
