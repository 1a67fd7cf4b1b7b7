"""What assignment is told of those who serve, and by which parts it plans. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

from contracts.order import OrderView, PlaceOnOrder
from contracts.staff import StaffChanged
from dispatch.policy import Policy

POLICY = Policy(tardiness_per_min=5.0, change_plan=10.0, move_planned=10.0, notice_min=120.0)
"""A visit that changes hands is written, sent and read by half the platform, and refused where its order has moved."""


@dataclass(frozen=True, slots=True, order=True)
class DayKey:
    """What is planned together: nobody serves another provider's orders, so providers do not plan together."""

    day: date
    area: str
    """County code, 6 digits."""
    provider_id: UUID


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes after 00:00 of the business day; beyond 1440 after midnight."""

    from_min: float
    to_min: float


@dataclass(frozen=True, slots=True)
class Taken:
    """A visit of another area or day."""

    visit_id: UUID
    span: Span


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate."""

    kind: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    duration_min: float
    begins: Span
    paid: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Somebody of the provider who serves in the area, as on one day."""

    id: UUID
    name: str
    sex: Literal["female", "male"]
    mode: Literal["walk", "ebike", "bus", "car"] = "ebike"
    skills: tuple[str, ...] = ()
    certificates: tuple[Held, ...] = ()
    base: PlaceOnOrder | None = None
    areas: tuple[str, ...] = ()
    """Prefixes of region codes in which they serve this provider's orders; none: nowhere."""
    hours: tuple[Span, ...] = ()
    """Leave taken off."""
    taken: tuple[Taken, ...] = ()
    """By visits of other areas, or of the days beside."""
    pauses: tuple[Pause, ...] = ()
    day_limit_min: float | None = None
    week_left_min: float | None = None
    month_left_min: float | None = None
    most_visits: int | None = None
    yesterday_ended_min: float | None = None
    """Of yesterday's last visit; negative."""
    tomorrow_begins_min: float | None = None
    """Setting out to tomorrow's first visit."""
    only_for: frozenset[UUID] | None = None
    """Elders, where this is an unpaid helper paired with them; None: everybody."""


class UnknownWorker(Exception):
    """An order speaks of somebody of whom the day does not know: it must be read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that is known of one provider's day in one area, read at once."""

    staff: tuple[Staff, ...]
    orders: tuple[OrderView, ...]
    familiar: Mapping[UUID, Mapping[UUID, float]] = field(default_factory=dict)
    """Elder → worker → share (0–1) of the elder's last visits."""


def key_of(view: OrderView) -> DayKey:
    return DayKey(view.day, view.area, view.provider.id)


def by_key(views: Iterable[OrderView]) -> dict[DayKey, dict[UUID, OrderView]]:
    """Of each order the last of these versions."""
    found = dict[DayKey, dict[UUID, OrderView]]()
    for view in {view.id: view for view in views}.values():
        found.setdefault(key_of(view), {})[view.id] = view
    return found


def may_share_staff(one: DayKey, other: DayKey) -> bool:
    return one != other and one.provider_id == other.provider_id and abs((one.day - other.day).days) <= 1


def concerns(event: StaffChanged, key: DayKey) -> bool:
    return (
        key.area == event.area
        and key.provider_id == event.provider_id
        and (event.first_day is None or event.first_day <= key.day)
        and (event.last_day is None or key.day <= event.last_day)
    )
