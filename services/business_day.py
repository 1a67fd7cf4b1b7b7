"""The day people mean: everything is stored in UTC, but days, months and deadlines are those of Asia/Shanghai."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def business_day(now: datetime) -> date:
    return now.astimezone(ZONE).date()


def day_starts_at(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)
