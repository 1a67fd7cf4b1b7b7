"""What is known of an elder who was not met at her meal, and what it comes to. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When silence is told, from a business day until the next limits begin."""

    since: date
    quiet: timedelta
    """So long nothing has moved,"""
    after_meal: timedelta
    """and so long ago at most she was not met."""
    from_min: int
    to_min: int
    """Minutes of the day in which somebody can look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """A device that would tell if she moved: it has told motion, a door or steps in the last weeks."""

    device_id: str
    every: timedelta
    """How often it reports."""
    heard_at: datetime | None
    moved_at: datetime | None
    """Motion, a door, or another count of steps; None: not since the span that was looked at began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    elder_id: UUID
    not_met_at: datetime
    """When her meal could not be handed over."""
    looked_from: datetime
    """Since when movement was looked for."""
    watchers: tuple[Watcher, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    elder_id: UUID
    device_id: str
    """One that is well and says nothing of her."""
    not_met_at: datetime
    quiet_since: datetime
    """At the latest."""
