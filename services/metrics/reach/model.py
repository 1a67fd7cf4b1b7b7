"""Who could be there within 15 minutes, hour by hour: what is read for it, and what is kept of it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

from services.business_day import ZONE

WITHIN_MIN = 15
"""十五分钟养老服务圈."""
HOURS = 24

Km = Callable[[str, float, float], float]
"""Means of travel, hour of the day and minutes → how far somebody comes, as a straight line."""
Regions = tuple[str, ...]
"""Prefixes of region codes."""

_NAMES = UUID("0b7a3f52-6f0e-5b0d-9a35-6d0f0c1f7a15")
"""The space of names of villages, by day."""


class ReachFact(NamedTuple):
    """The columns of `reach_facts`, in their order, from `event_id` on: a village at a full hour."""

    event_id: str
    reach_id: UUID
    version: int
    happened_at: datetime
    received_at: datetime
    day: date
    region_code: str
    elders: int
    excluded: int
    services: list[str]
    reached: list[int]
    offered: list[bool]


@dataclass(frozen=True, slots=True)
class Hour:
    """A full hour of Beijing."""

    at: datetime

    @classmethod
    def of(cls, now: datetime) -> "Hour":
        """The one that has begun last."""
        return cls(now.astimezone(ZONE).replace(minute=0, second=0, microsecond=0))

    @property
    def day(self) -> date:
        return self.at.astimezone(ZONE).date()

    @property
    def of_day(self) -> int:
        return self.at.astimezone(ZONE).hour

    def minute_after(self, day: date) -> int:
        """Of the days on which a shift can have begun that is worked now."""
        return (self.day - day) // timedelta(days=1) * HOURS * 60 + self.of_day * 60

    def proof(self, digest: str) -> str:
        """What the facts of this hour name as what proves them: the list of who was on duty."""
        return f"{self.at.astimezone(ZONE):%Y-%m-%dT%H}/{digest[:32]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDuty:
    """Somebody who could set out now, and which services they may give where."""

    worker_id: UUID
    provider_id: UUID
    mode: str
    lat: float
    lon: float
    """Of the base, WGS-84."""
    gives: Mapping[str, Regions]
    """Service → where."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A service that may begin at this hour."""

    category: str
    workers: int = 1
    """So many of one provider are needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """The inputs of one hour."""

    hour: Hour
    kinds: Mapping[str, Kind]
    """By service."""
    offered: Mapping[str, Regions]
    """Service → where any provider in business offers it."""
    on_duty: tuple[OnDuty, ...]
    without_base: int
    """On duty, and nobody knows from where: they reach nobody."""

    @property
    def categories(self) -> list[str]:
        return sorted({kind.category for kind in self.kinds.values()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Village:
    """What one hour comes to where elders live."""

    region_code: str
    elders: int
    """At home and with a position."""
    excluded: int
    """At home, and nobody knows where that is."""
    reached: tuple[int, ...]
    """By category, in the order of `Duty.categories`."""
    offered: tuple[bool, ...]
    """Whether it is offered there, in the same order."""
    place: tuple[float, float] | None = None
    """About the middle of the homes, lat and lon; None: of so few, it would show a home."""


def reach_id(region_code: str, day: date) -> UUID:
    """Of a village on a day."""
    return uuid5(_NAMES, f"{region_code} {day}")
