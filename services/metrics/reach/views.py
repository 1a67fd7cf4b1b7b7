"""The circle of 15 minutes as it goes over the wire."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.catalogue.model import Category
from services.catalogue.views import Text
from services.elders.model import Region
from services.metrics.reach.model import HOURS
from services.metrics.reach.store import Cell

Hourly = list[int | None]
"""One for each hour of the day; null: not measured, or no service of it may begin then."""


def _hourly() -> Hourly:
    return [None] * HOURS


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedHours:
    reached: Hourly
    """So many elders somebody on duty could be with in time."""
    offered: Hourly
    """So many live where any provider in business offers it."""
    empty: Hourly
    """Regions one step down in which elders live and nobody reaches any of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachRow:
    """One region, hour by hour."""

    code: str
    name: str
    lat: float | None
    """Where it is drawn, WGS-84; null: so few live there that it would show a home."""
    lon: float | None
    elders: Hourly
    """At home, with a position."""
    excluded: Hourly
    """At home, and nobody knows where that is: they stand beside the shares."""
    below: Hourly
    """Regions one step down in which elders live."""
    services: dict[str, ReachedHours]
    """By category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachCategory:
    code: str
    name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachDay:
    region: Region
    day: date
    within_min: int
    hours: list[int]
    """Those that were measured; of others nobody can say who was on duty."""
    categories: list[ReachCategory]
    """Of which a service may begin at some hour of the day, in the order of the catalogue."""
    whole: ReachRow
    """The region itself."""
    rows: list[ReachRow]
    """The regions right below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyView:
    """Somebody who was on duty."""

    worker_id: UUID
    provider_id: UUID
    provider: str
    """Its name today; empty: it is not known any more."""
    mode: str
    km: float
    """So far they come in time, as a straight line."""
    lat: float
    """Of the base, to about a kilometre."""
    lon: float
    categories: list[str]
    regions: list[str]
    """Prefixes of where they may serve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyPage:
    region: Region
    day: date
    hour: int | None
    """Null: no hour of the day was measured yet."""
    measured_at: datetime | None
    digest: str | None
    """SHA-256 of the list; each fact of the hour names it."""
    without_base: int
    """On duty in the whole city without a base: they reach nobody."""
    total: int
    items: list[DutyView]
    next_cursor: str | None


Place = tuple[float, float]


def rows_of(
    cells: Iterable[Cell], names: Mapping[str, str], places: Mapping[str, Place], *, digits: int
) -> list[ReachRow]:
    """Regions that exist also where nobody lives; others by their code. Who is registered less exactly than by so many
    digits stands in a row without a name."""
    of: dict[str, list[Cell]] = {code: [] for code in names}
    for cell in cells:
        of.setdefault(cell.code, []).append(cell)
    return [
        row_of(code, names.get(code, code if len(code) == digits else ""), places.get(code), some)
        for code, some in of.items()
    ]


def row_of(code: str, name: str, place: Place | None, cells: Sequence[Cell]) -> ReachRow:
    lat, lon = place or (None, None)
    row = ReachRow(
        code=code, name=name, lat=lat, lon=lon, elders=_hourly(), excluded=_hourly(), below=_hourly(), services={}
    )  # fmt: skip
    for cell in cells:
        row.elders[cell.hour], row.excluded[cell.hour] = cell.elders, cell.excluded
        row.below[cell.hour] = cell.below
        hours = row.services.setdefault(
            cell.category, ReachedHours(reached=_hourly(), offered=_hourly(), empty=_hourly())
        )
        hours.reached[cell.hour], hours.offered[cell.hour] = cell.reached, cell.offered
        hours.empty[cell.hour] = cell.empty
    return row


def categories_of(known: Iterable[Category], cells: Iterable[Cell]) -> list[ReachCategory]:
    met = {cell.category for cell in cells}
    return [ReachCategory(code=one.code, name=Text.of(one.name)) for one in known if one.code in met]


def duty_view(one: Mapping[str, Any], said: Mapping[str, Any], names: Mapping[str, str]) -> DutyView:
    """:param one: of `said["on_duty"]`, as `rules.said` wrote it"""
    return DutyView(
        worker_id=UUID(one["worker_id"]),
        provider_id=UUID(one["provider_id"]),
        provider=names.get(one["provider_id"], ""),
        mode=one["mode"],
        km=said["km"][one["mode"]],
        lat=one["lat"],
        lon=one["lon"],
        categories=sorted({said["services"][code][0] for code in one["gives"]}),
        regions=sorted({code for codes in one["gives"].values() for code in codes}),
    )
