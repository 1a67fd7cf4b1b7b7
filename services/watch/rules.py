"""When an elder is silent: not met at a meal, nothing moves, and a device that would tell is well. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from services.business_day import ZONE, business_day
from services.watch.model import Limits, Sight, Silence, Watcher

LIMITS: tuple[Limits, ...] = (
    Limits(
        since=date(2000, 1, 1),
        quiet=timedelta(hours=4),
        after_meal=timedelta(hours=3),
        from_min=8 * 60,
        to_min=20 * 60,
    ),
)
"""Whoever changes them adds new ones from a day on (decision 43)."""
MISSED_REPORTS = 3
"""A device that has missed so many reports is not well, as for supervision."""


def limits_on(day: date, limits: Iterable[Limits] = LIMITS) -> Limits:
    """Those that began last. :raises ValueError: it is before the first"""
    return max((one for one in limits if one.since <= day), key=lambda one: one.since)


def is_well(watcher: Watcher, now: datetime) -> bool:
    return watcher.heard_at is not None and now - watcher.heard_at <= MISSED_REPORTS * watcher.every


def silence_of(sight: Sight, now: datetime) -> Silence | None:
    """None: there is nothing to tell, or nobody can know."""
    limits = limits_on(business_day(now))
    at = now.astimezone(ZONE)
    if not limits.from_min <= at.hour * 60 + at.minute < limits.to_min:
        return None
    if not timedelta(0) <= now - sight.not_met_at <= limits.after_meal:
        return None
    well = sorted(watcher.device_id for watcher in sight.watchers if is_well(watcher, now))
    quiet_since = max((one.moved_at for one in sight.watchers if one.moved_at), default=sight.looked_from)
    if not well or now - quiet_since < limits.quiet:
        return None
    return Silence(elder_id=sight.elder_id, device_id=well[0], not_met_at=sight.not_met_at, quiet_since=quiet_since)
