"""How many elders somebody on duty could be with in time. Pure, and compiled work only: numpy, no pair in Python.

Homes are ordered from south to north, so that a worker is compared with those of his latitudes alone; every home there
by its exact distance. A bit of a home is a category that reaches it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from services.metrics.reach.model import WITHIN_MIN, Duty, Kind, Km, OnDuty, Regions, Village

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG; as dispatch
FEWEST_TO_SHOW = 5
"""Of fewer homes no middle is told."""
GRID = 200
"""The middle of a village is kept in steps of 1/200 of a degree, about 500 m."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_HOME = np.dtype([("region", ">i8"), ("lat", ">f8"), ("lon", ">f8")])
"""As `store.homes` packs them; a home without a position has NaN."""


@dataclass(frozen=True, slots=True)
class Homes:
    """Elders at home."""

    region: Ints
    lat: Floats
    lon: Floats

    @classmethod
    def unpacked(cls, packed: bytes) -> "Homes":
        rows = np.frombuffer(packed, dtype=_HOME)
        return cls(
            rows["region"].astype(np.int64), rows["lat"].astype(np.float64), rows["lon"].astype(np.float64)
        )  # fmt: skip


class _Ground:
    """The homes with a position, from south to north, and the bits of each."""

    def __init__(self, lat: Floats, lon: Floats, village: Ints, codes: Sequence[str]) -> None:
        order = np.argsort(lat)
        self.x, self.y, self.z = _unit_vectors(lat[order], lon[order])
        self.village = village[order]
        self.codes = codes
        self.bits = np.zeros(len(order), dtype=np.uint64)
        self._within: dict[Regions, NDArray[np.bool_]] = {}

    def near(self, lat: float, lon: float, km: float) -> Ints:
        """Which homes lie so near."""
        angle = km / EARTH_RADIUS_KM
        south, north = (math.sin(_held(math.radians(lat) + by)) for by in (-angle, angle))
        first, last = int(np.searchsorted(self.z, south, "left")), int(np.searchsorted(self.z, north, "right"))
        (x,), (y,), (z,) = _unit_vectors(np.array([lat]), np.array([lon]))
        chord = (self.x[first:last] - x) ** 2 + (self.y[first:last] - y) ** 2 + (self.z[first:last] - z) ** 2
        return np.flatnonzero(chord <= (2.0 * math.sin(angle / 2.0)) ** 2) + first

    def villages_in(self, regions: Regions) -> NDArray[np.bool_]:
        known = self._within.get(regions)
        if known is None:
            known = np.fromiter(
                (code.startswith(regions) for code in self.codes), dtype=np.bool_, count=len(self.codes)
            )
            self._within[regions] = known
        return known


def measured(homes: Homes, duty: Duty, km: Km) -> list[Village]:
    """Of each village in which somebody is at home, by code."""
    regions, village = np.unique(homes.region, return_inverse=True)
    codes = [str(code) for code in regions]
    placed = np.isfinite(homes.lat) & np.isfinite(homes.lon)
    ground = _Ground(homes.lat[placed], homes.lon[placed], village[placed], codes)
    bit = {category: np.uint64(1 << at) for at, category in enumerate(duty.categories)}
    for _, own in groupby(duty.on_duty, key=lambda one: one.provider_id):
        _reach(ground, list(own), duty, bit, km)
    size = len(codes)
    elders = np.bincount(ground.village, minlength=size)
    excluded = np.bincount(village[~placed], minlength=size)
    reached = [np.bincount(ground.village[(ground.bits & one) != 0], minlength=size) for one in bit.values()]
    places = _places(homes, placed, village, size)
    offered = [_offered(ground, duty, category) for category in bit]
    return [
        Village(
            region_code=code,
            elders=int(elders[at]),
            excluded=int(excluded[at]),
            reached=tuple(int(counts[at]) for counts in reached),
            offered=tuple(bool(where[at]) for where in offered),
            place=places[at],
        )
        for at, code in enumerate(codes)
    ]


def _reach(ground: _Ground, staff: Sequence[OnDuty], duty: Duty, bit: Mapping[str, np.uint64], km: Km) -> None:
    """What the staff of one provider adds."""
    people: dict[str, NDArray[np.uint16]] = {}
    gives: dict[tuple[tuple[str, Regions], ...], NDArray[np.uint64]] = {}
    for one in staff:
        far = km(one.mode, float(duty.hour.of_day), WITHIN_MIN)
        if far <= 0:
            continue
        near = ground.near(one.lat, one.lon, far)
        key = tuple(sorted(one.gives.items()))
        if key not in gives:
            gives[key] = _alone(ground, one, duty.kinds, bit)
        ground.bits[near] |= gives[key][ground.village[near]]
        for code, regions in _together(one, duty.kinds):
            count = people.setdefault(code, np.zeros(len(ground.bits), dtype=np.uint16))
            count[near] += ground.villages_in(regions)[ground.village[near]].astype(np.uint16)
    for code, count in people.items():
        kind = duty.kinds[code]
        ground.bits[count >= kind.workers] |= bit[kind.category]


def _alone(ground: _Ground, one: OnDuty, kinds: Mapping[str, Kind], bit: Mapping[str, np.uint64]) -> NDArray[np.uint64]:
    """Village → the categories that somebody like this one may give there by himself."""
    found = np.zeros(len(ground.codes), dtype=np.uint64)
    for code, regions in one.gives.items():
        if kinds[code].workers == 1:
            found[ground.villages_in(regions)] |= bit[kinds[code].category]
    return found


def _offered(ground: _Ground, duty: Duty, category: str) -> NDArray[np.bool_]:
    """The villages in which any service of a category is offered."""
    regions = {one for code, kind in duty.kinds.items() if kind.category == category for one in duty.offered[code]}
    return ground.villages_in(tuple(sorted(regions)))


def _together(one: OnDuty, kinds: Mapping[str, Kind]) -> Iterator[tuple[str, Regions]]:
    return ((code, regions) for code, regions in one.gives.items() if kinds[code].workers > 1)


def _places(homes: Homes, placed: NDArray[np.bool_], village: Ints, size: int) -> list[tuple[float, float] | None]:
    """The middle of the homes of each village, on a grid."""
    of = village[placed]
    count = np.bincount(of, minlength=size)
    lat, lon = (np.bincount(of, weights=values[placed], minlength=size) for values in (homes.lat, homes.lon))
    return [
        (_on_grid(float(lat[at] / count[at])), _on_grid(float(lon[at] / count[at])))
        if count[at] >= FEWEST_TO_SHOW
        else None
        for at in range(size)
    ]


def _on_grid(degrees: float) -> float:
    return round(degrees * GRID) / GRID


def _held(angle: float) -> float:
    return min(max(angle, -math.pi / 2), math.pi / 2)


def _unit_vectors(lat: Floats, lon: Floats) -> tuple[Floats, Floats, Floats]:
    north, east = np.radians(lat), np.radians(lon)
    return np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)
