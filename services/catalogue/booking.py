"""When a service may begin: from least notice, cut-off and bookable hours. Pure.

All in Asia/Shanghai, which has kept one offset since 1991.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.business_day import ZONE, business_day
from services.catalogue.model import ServiceVersion
from services.catalogue.rules import terms_on

STEP = timedelta(minutes=5)
"""Moments that are offered are whole steps of the day."""

HORIZON_DAYS = 92
"""So far ahead a first moment is looked for."""


@dataclass(frozen=True, slots=True)
class Window:
    """A service may begin from `begin` until just before `end`."""

    begin: datetime
    end: datetime


def moment(day: date, minute: int) -> datetime:
    """`minute` of the day; 1440 is the midnight after it."""
    return datetime.combine(day, time(), ZONE) + timedelta(minutes=minute)


def taken_until(services: Sequence[ServiceVersion], day: date) -> datetime | None:
    """The cut-off of orders for a day; None: there is none, or nothing is sold that day."""
    terms = terms_on(services, day)
    if terms is None or terms.cut_off is None:
        return None
    return moment(day - timedelta(days=terms.cut_off.days_before), terms.cut_off.at_min)


def windows(services: Sequence[ServiceVersion], day: date, now: datetime) -> list[Window]:
    """Of a day, for who orders now: none before `now` and the notice, none once the cut-off is past."""
    terms, until = terms_on(services, day), taken_until(services, day)
    if terms is None or (until is not None and now >= until):
        return []
    soonest = _on_a_step(now.astimezone(ZONE) + timedelta(minutes=terms.notice_min))
    found = []
    for opening in sorted(terms.openings, key=lambda opening: opening.begin_min):
        if day.isoweekday() in opening.weekdays:
            begin, end = max(moment(day, opening.begin_min), soonest), moment(day, opening.end_min)
            if begin < end:
                found.append(Window(begin, end))
    return found


def earliest(services: Sequence[ServiceVersion], now: datetime) -> datetime | None:
    """None: nothing within the horizon."""
    today = business_day(now)
    for days in range(HORIZON_DAYS + 1):
        if found := windows(services, today + timedelta(days=days), now):
            return found[0].begin
    return None


def _on_a_step(at: datetime) -> datetime:
    """The first whole step that is not before `at`."""
    midnight = datetime.combine(at.date(), time(), ZONE)
    return midnight - (midnight - at) // STEP * STEP
