"""Recurring orders for tests: what a daughter would set up."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.orders.series import recurrence, rules
from services.orders.series.model import Hours, Series, Terms
from services.providers.shifts.holidays import DayKind

BEGINS = date(2026, 11, 30)
"""A Monday."""
NINE_TO_TEN = Hours(at_min=9 * 60 + 30, earliest_min=9 * 60, latest_min=10 * 60)


def terms(rule: str = "FREQ=WEEKLY;BYDAY=TU,TH", begins: date = BEGINS, **fields: Any) -> Terms:
    plain = Terms(rule=recurrence.parse(rule, begins), hours=NINE_TO_TEN, quantity=1, provider_id=UUID(int=1))
    return replace(plain, **fields)


def a_series(rule: str = "FREQ=WEEKLY;BYDAY=TU,TH", begins: date = BEGINS, **fields: Any) -> Series:
    """`fields` of its terms."""
    version = rules.first_version(terms(rule, begins, **fields), begins)
    return Series(
        id=UUID(int=7),
        elder_id=UUID(int=9),
        service_code="cleaning_home",
        versions=(version,),
        made_until=begins - timedelta(days=1),
    )


def dates_of(text: str, begins: date, last: date, **fields: Any) -> list[date]:
    return [day for day, _ in rules.rule_dates(a_series(text, begins, **fields), begins, last)]


def a_calendar(*holidays: date, working: tuple[date, ...] = ()) -> rules.Calendar:
    def kind(day: date) -> DayKind:
        if day in working:
            return DayKind.WORKING_WEEKEND
        return DayKind.HOLIDAY if day in holidays else DayKind.ORDINARY

    return rules.Calendar(kind_of=kind, name_of=lambda day: "国庆节" if day in holidays else None)
