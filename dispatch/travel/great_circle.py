"""Great circle × detour ÷ speed: the estimate that needs nothing but two positions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dispatch.model import Place, TravelMode
from dispatch.travel.port import TravelTimes

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeSpeed:
    km_per_h: float
    """On a free road."""
    detour: float
    """Way along the roads ÷ great circle; 1.3–1.4 in cities (Ballou et al. 2002, Boscoe et al. 2012)."""
    overhead_min: float
    """Per leg: unlocking, parking, stairs, waiting for the bus."""
    hourly: tuple[float, ...]
    """(24,) factor on the time at each full hour; between two hours it is interpolated."""


def _day(night: float, peak: float, noon: float) -> tuple[float, ...]:
    """(24,): `night` 21–6, `peak` at 8 and 17–18, `noon` between them, ramps of one hour."""
    ramp = (noon + peak) / 2
    morning = (night,) * 6 + (noon, ramp, peak, ramp)
    return (*morning, *(noon,) * 6, ramp, peak, peak, ramp, noon, *(night,) * 3)


FLAT = (1.0,) * HOURS
DEFAULT_SPEEDS: Mapping[TravelMode, ModeSpeed] = {
    TravelMode.WALK: ModeSpeed(km_per_h=4.5, detour=1.25, overhead_min=1.0, hourly=FLAT),
    TravelMode.EBIKE: ModeSpeed(km_per_h=20.0, detour=1.3, overhead_min=2.0, hourly=_day(0.95, 1.15, 1.0)),
    TravelMode.BUS: ModeSpeed(km_per_h=16.0, detour=1.5, overhead_min=9.0, hourly=_day(1.2, 1.3, 1.0)),
    TravelMode.CAR: ModeSpeed(km_per_h=32.0, detour=1.4, overhead_min=4.0, hourly=_day(0.85, 1.45, 1.1)),
}
"""Our proposal for a middle-sized city: to be replaced by what the city measures."""


def great_circle_km(origins: Sequence[Place], destinations: Sequence[Place]) -> NDArray[np.float64]:
    """(origins, destinations) kilometres on the sphere."""
    # Chord length from unit vectors: one matrix product instead of a haversine per pair.
    squared_chord = 2.0 - 2.0 * (_unit_vectors(origins) @ _unit_vectors(destinations).T)
    half_chord = np.sqrt(np.clip(squared_chord, 0.0, 4.0)) / 2.0
    angle: NDArray[np.float64] = 2.0 * np.arcsin(np.minimum(half_chord, 1.0))
    angle[angle < 1e-7] = 0.0  # below half a metre the product's rounding is all there is
    return EARTH_RADIUS_KM * angle


def _unit_vectors(places: Sequence[Place]) -> NDArray[np.float64]:
    lat, lon = np.radians(np.array([(place.lat, place.lon) for place in places], dtype=np.float64).reshape(-1, 2).T)
    return np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))


@dataclass(frozen=True, slots=True)
class GreatCircleTravel:
    speeds: Mapping[TravelMode, ModeSpeed] = field(default_factory=lambda: DEFAULT_SPEEDS)

    def times(
        self,
        origins: Sequence[Place],
        destinations: Sequence[Place],
        mode: TravelMode,
        arrive_hours: NDArray[np.float64],
    ) -> TravelTimes:
        speed = self.speeds[mode]
        way_min = great_circle_km(origins, destinations) * (speed.detour / speed.km_per_h * 60.0)
        hourly = np.interp(arrive_hours % HOURS, np.arange(HOURS + 1), (*speed.hourly, speed.hourly[0]))
        minutes = np.where(way_min > 0.0, way_min * hourly[None, :] + speed.overhead_min, 0.0)
        return TravelTimes(minutes=minutes, source="great circle")
