"""Public holidays and working weekends of the State Council, from the package `chinesecalendar`. A year that it does
not know yet is one without them."""

from datetime import date
from enum import StrEnum

from chinese_calendar.constants import holidays, workdays

LAST_YEAR = max(holidays).year
"""The last one whose holidays are known."""


class DayKind(StrEnum):
    ORDINARY = "ordinary"  # 平日
    HOLIDAY = "holiday"  # 节假日
    WORKING_WEEKEND = "working_weekend"  # 调休上班


_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
}


def kind_of(day: date) -> DayKind:
    if day in workdays:
        return DayKind.WORKING_WEEKEND
    return DayKind.HOLIDAY if day in holidays else DayKind.ORDINARY


def name_of(day: date) -> str | None:
    """What the holiday is called, also of the working weekend that makes up for it."""
    name = holidays.get(day) or workdays.get(day)
    return _NAMES.get(name, name) if name else None
