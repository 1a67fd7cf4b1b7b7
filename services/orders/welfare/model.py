"""The welfare visit (探访): who is due one until when, and what has come of it. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.catalogue.model import Words

SERVICE = "welfare_visit"


class DueState(StrEnum):
    PLANNED = "planned"  # 已排期
    ORDERED = "ordered"  # 已派单
    VISITED = "visited"  # 已探访
    NOT_VISITED = "not_visited"  # 未探访


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Within it one visit is due; both days count."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRegister:
    """Somebody to be visited of whom nothing is planned yet."""

    elder_id: UUID
    region_code: str
    weekly: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    elder_id: UUID
    region_code: str
    period: Period
    month: date
    """Its first day."""
    weekly: bool
    state: DueState = DueState.PLANNED
    planned_day: date | None = None
    """None: no day is left."""
    order_id: UUID | None = None
    visited_on: date | None = None
    attempts: int = 0
    code: str | None = None
    """Why the last attempt came to nothing."""
    says: Words | None = None

    @property
    def area(self) -> str:
        return self.region_code[:6]


@dataclass(frozen=True, slots=True, kw_only=True)
class WelfareRules:
    """What a city may set differently."""

    urgent_days: int
    """Who is not visited so many days before the end is urgent."""
    place_ahead_days: int
    """So long before its day a visit is ordered."""
