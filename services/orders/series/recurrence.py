"""RFC 5545 rules: which of them are accepted, and their dates in a span. Pure; dates are business days.

The dates of a span are asked of a rule that begins beside it, in step with the first date, so that they cost the same
however long ago that was.
"""

import re
from datetime import date, datetime, time, timedelta

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, rruleset
from dateutil.rrule import weekday as dateutil_weekday

from services.business_day import business_day
from services.errors import DomainError
from services.orders.series.model import FAR_FUTURE, Frequency, MonthEnd, NthDay, Rule

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_COUNT = 400
MOST_INTERVAL = 99
_FREQUENCY = {Frequency.DAILY: DAILY, Frequency.WEEKLY: WEEKLY, Frequency.MONTHLY: MONTHLY}
_NTH = re.compile(r"^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$")
_NUMBER = re.compile(r"^[+-]?\d{1,4}$")
_UNTIL = re.compile(r"^(\d{8})(T(\d{6})(Z?))?$")
_LOOK_FOR_FIRST = timedelta(days=12 * 366)
"""The 29th of February may be eight years away."""


class BadRule(DomainError):
    """`part` names the part of the rule that is refused."""

    code = "series.bad_rule"
    status = 422
    title = "This rule is not understood: give FREQ (DAILY, WEEKLY, MONTHLY), BYDAY, BYMONTHDAY, INTERVAL, COUNT, UNTIL"


def _refuse(part: str, why: str) -> BadRule:
    return BadRule(f"{part}: {why}", part=part)


def parse(text: str, begins: date) -> Rule:
    """What the rule leaves open (which weekday, which day of the month) is that of `begins`. :raises BadRule:"""
    parts = _parts(text)
    frequency = _frequency(parts.pop("FREQ", ""))
    if parts.pop("WKST", "MO") != "MO":
        raise _refuse("WKST", "a week begins on Monday")
    interval = _number("INTERVAL", parts.pop("INTERVAL", "1"), 1, MOST_INTERVAL)
    count = _number("COUNT", parts.pop("COUNT"), 1, MOST_COUNT) if "COUNT" in parts else None
    until = _until(parts.pop("UNTIL")) if "UNTIL" in parts else None
    if count is not None and until is not None:
        raise _refuse("COUNT", "COUNT and UNTIL exclude each other")
    days = _days(frequency, parts.pop("BYDAY", None))
    month_days = _month_days(frequency, parts.pop("BYMONTHDAY", None))
    if parts:
        raise _refuse(next(iter(parts)), "is not among what is accepted here")
    if days and month_days:
        raise _refuse("BYMONTHDAY", "give BYDAY or BYMONTHDAY, not both")
    if frequency is Frequency.WEEKLY and not days:
        days = (NthDay(begins.weekday()),)
    if frequency is Frequency.MONTHLY and not days and not month_days:
        month_days = (begins.day,)
    if until is not None and until < begins:
        raise _refuse("UNTIL", "lies before the first day")
    return Rule(frequency=frequency, interval=interval, days=days, month_days=month_days, count=count, until=until)


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for piece in text.strip().upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, equals, value = piece.partition("=")
        if not equals or not value:
            raise _refuse(name[:20] or "FREQ", "a part is NAME=VALUE, parts are divided by semicolons")
        if name in parts:
            raise _refuse(name[:20], "stands there twice")
        parts[name[:20]] = value
    return parts


def _frequency(value: str) -> Frequency:
    try:
        return Frequency(value.lower())
    except ValueError:
        raise _refuse("FREQ", "DAILY, WEEKLY or MONTHLY") from None


def _number(part: str, value: str, least: int, most: int) -> int:
    if not (_NUMBER.match(value) and least <= int(value) <= most):
        raise _refuse(part, f"a number from {least} to {most}")
    return int(value)


def _until(value: str) -> date:
    """A moment counts as its day in Shanghai."""
    match = _UNTIL.match(value)
    try:
        if match is None:
            raise ValueError
        if not match[4]:
            return datetime.strptime(match[1], "%Y%m%d").date()  # noqa: DTZ007  a day has no zone
        return business_day(datetime.strptime(value, "%Y%m%dT%H%M%S%z"))
    except (ValueError, OverflowError):
        raise _refuse("UNTIL", "a day such as 20261231") from None


def _days(frequency: Frequency, value: str | None) -> tuple[NthDay, ...]:
    if value is None:
        return ()
    found = set()
    for piece in value.split(","):
        match = _NTH.match(piece)
        if match is None:
            raise _refuse("BYDAY", f"{', '.join(WEEKDAYS)}")
        nth = int(match[1] or 0)
        if frequency is not Frequency.MONTHLY and match[1]:
            raise _refuse("BYDAY", "a numbered weekday such as 1MO belongs to FREQ=MONTHLY")
        if frequency is Frequency.MONTHLY and nth not in (1, 2, 3, 4, -1):
            raise _refuse("BYDAY", "say which of the month: 1MO to 4MO, or -1MO for the last Monday")
        found.add((nth, WEEKDAYS.index(match[2])))
    in_the_month = sorted(found, key=lambda one: (one[0] % 6, one[1]))  # the last comes last
    return tuple(NthDay(day, nth) for nth, day in in_the_month)


def _month_days(frequency: Frequency, value: str | None) -> tuple[int, ...]:
    if value is None:
        return ()
    if frequency is not Frequency.MONTHLY:
        raise _refuse("BYMONTHDAY", "belongs to FREQ=MONTHLY")
    found = {_number("BYMONTHDAY", piece, -1, 31) for piece in value.split(",")}
    if 0 in found:
        raise _refuse("BYMONTHDAY", "1 to 31, or -1 for the last day")
    return tuple(sorted(found, key=lambda day: day % 33))


def text_of(rule: Rule) -> str:
    """As RFC 5545 writes it; `parse` reads the same rule from it."""
    parts = [f"FREQ={rule.frequency.upper()}"]
    if rule.interval > 1:
        parts.append(f"INTERVAL={rule.interval}")
    if rule.days:
        parts.append("BYDAY=" + ",".join(f"{day.nth or ''}{WEEKDAYS[day.weekday]}" for day in rule.days))
    if rule.month_days:
        parts.append("BYMONTHDAY=" + ",".join(str(day) for day in rule.month_days))
    if rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    if rule.until is not None:
        parts.append(f"UNTIL={rule.until:%Y%m%d}")
    return ";".join(parts)


def first_date(rule: Rule, begins: date, month_end: MonthEnd) -> date:
    """The first day from `begins` on that obeys the rule, in whatever step. :raises BadRule: there is none"""
    until = min(rule.until or FAR_FUTURE, begins + _LOOK_FOR_FIRST)
    every = _ruleset(
        rule, 1, begins.replace(day=1) if rule.frequency is Frequency.MONTHLY else begins, until, month_end
    )
    found = every.after(_at(begins), inc=True)
    if found is None:
        raise _refuse("UNTIL" if rule.until else "BYMONTHDAY", "leaves no date at all")
    return _day(found)


def last_date(rule: Rule, anchor: date, month_end: MonthEnd, begins: date) -> date:
    """COUNT counts from `begins` on. FAR_FUTURE: it has none."""
    if rule.count is None:
        return rule.until or FAR_FUTURE
    step_days = {Frequency.DAILY: 1, Frequency.WEEKLY: 7, Frequency.MONTHLY: 31}[rule.frequency] * rule.interval
    span = timedelta(days=50 * step_days)
    found: list[date] = []
    begin = begins
    while len(found) < rule.count:
        found += dates(rule, anchor, month_end, begin, begin + span)
        begin += span + timedelta(days=1)
    return found[rule.count - 1]


def dates(rule: Rule, anchor: date, month_end: MonthEnd, first: date, last: date) -> list[date]:
    """Those from `first` to `last`, without regard to COUNT and UNTIL: the caller knows the last date."""
    first = max(first, anchor)
    if last < first:
        return []
    stepped = _ruleset(rule, rule.interval, _beside(rule, anchor, first), last, month_end)
    return [_day(at) for at in stepped if _day(at) >= first]


def _beside(rule: Rule, anchor: date, first: date) -> date:
    """A day not after `first`, a whole number of steps after the anchor."""
    if rule.frequency is Frequency.DAILY:
        return anchor + timedelta(days=(first - anchor).days // rule.interval * rule.interval)
    if rule.frequency is Frequency.WEEKLY:
        monday = anchor - timedelta(days=anchor.weekday())
        return monday + timedelta(days=(first - monday).days // (7 * rule.interval) * 7 * rule.interval)
    months = (first.year - anchor.year) * 12 + first.month - anchor.month
    month = anchor.year * 12 + anchor.month - 1 + months // rule.interval * rule.interval
    return date(month // 12, month % 12 + 1, 1)


def _ruleset(rule: Rule, interval: int, begin: date, until: date, month_end: MonthEnd) -> rruleset:
    """One rule for each day of the month: the last of 28, 29, 30, 31 is the 31st or the month's last day."""
    found = rruleset()
    plain = {"interval": interval, "dtstart": _at(begin), "until": _at(until)}
    for day in rule.month_days:
        if day > 28 and month_end is MonthEnd.LAST_DAY:
            found.rrule(rrule(MONTHLY, **plain, bymonthday=range(28, day + 1), bysetpos=-1))
        else:
            found.rrule(rrule(MONTHLY, **plain, bymonthday=day))
    if not rule.month_days:
        weekdays = [dateutil_weekday(day.weekday, day.nth or None) for day in rule.days]
        found.rrule(rrule(_FREQUENCY[rule.frequency], **plain, byweekday=weekdays or None))
    return found


def _at(day: date) -> datetime:
    return datetime.combine(day, time())


def _day(at: datetime) -> date:
    return at.date()
