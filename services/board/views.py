"""What pages are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.assignment.answers import Hours, SlotsTold
from services.catalogue.booking import Window

NEAREST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursView:
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotsView:
    day: date
    checked: bool
    """False: dispatch does not answer; an order for any moment of `hours` is taken and waits."""
    hours: list[HoursView]
    """In which it can be ordered now; none: not on this day any more."""
    earliest_at: datetime | None
    """None: not in the next three months."""
    times: list[datetime]
    """That can be served, in their order."""
    free: bool | None
    """Of the wished moment; None: none was named, or it could not be checked."""
    nearest: list[datetime]
    """The two nearest to the wished moment that can be served, where it is not free; of later days, where this one has
    none left."""
    price_fen: int | None
    """Of a unit; None: it cannot be ordered that day."""
    total_fen: int | None
    duration_min: int | None


def hours_of(windows: Sequence[Window]) -> list[HoursView]:
    return [HoursView(begin=window.begin, end=window.end) for window in windows]


def spans_of(windows: Sequence[Window]) -> tuple[Hours, ...]:
    return tuple(Hours(begin=window.begin, end=window.end) for window in windows)


def freed(told: SlotsTold | None, wished_at: datetime | None) -> tuple[list[datetime], bool | None, list[datetime]]:
    """Times, whether the wished one is among them, the nearest to it if not."""
    if told is None:
        return [], None, []
    nearest = [slot.starts_at for slot in told.slots]
    free = None if wished_at is None else wished_at in nearest
    return sorted(nearest), free, nearest[:NEAREST] if free is False else []
