"""Great circle × detour ÷ speed: the estimate that needs nothing but two positions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dispatch.model import Place, TravelMode
from dispatch.travel.places import positions
from dispatch.travel.port import TravelTimes

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
HOURS = 24
_CLOCK = np.arange(HOURS + 1)


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
    # From the angle between unit vectors: no sine or cosine per pair. Not by matrix product, whose threads cost more
    # than three multiplications.
    cosine = np.zeros((len(origins), len(destinations)))
    start = _unit_vectors(origins)
    end = start if destinations is origins else _unit_vectors(destinations)
    for here, there in zip(start, end, strict=True):
        cosine += np.multiply.outer(here, there)
    half_chord = np.sqrt(np.maximum(0.5 - 0.5 * cosine, 0.0))
    half_chord[half_chord < 1e-7] = 0.0  # a metre: below it the rounding of the cosine is all there is
    km: NDArray[np.float64] = (2.0 * EARTH_RADIUS_KM) * np.arcsin(np.minimum(half_chord, 1.0))
    return km


def _unit_vectors(places: Sequence[Place]) -> NDArray[np.float64]:
    """(3, places)"""
    lat, lon = (np.radians(degrees) for degrees in positions(places))
    return np.stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))


@dataclass(frozen=True, slots=True)
class GreatCircleTravel:
    speeds: Mapping[TravelMode, ModeSpeed] = field(default_factory=lambda: DEFAULT_SPEEDS)

    def times(
        self,
        origins: Sequence[Place],
        destinations: Sequence[Place],
        modes: Sequence[TravelMode],
        arrive_hours: NDArray[np.float64],
    ) -> TravelTimes:
        km = great_circle_km(origins, destinations)
        minutes = np.empty((len(modes), *km.shape))
        for at, speed in enumerate(self.speeds[mode] for mode in modes):
            hourly = np.interp(arrive_hours % HOURS, _CLOCK, (*speed.hourly, speed.hourly[0]))
            minutes[at] = km * (hourly * (speed.detour / speed.km_per_h * 60.0)) + speed.overhead_min
        minutes[:, km == 0.0] = 0.0
        return TravelTimes(minutes=minutes, source="great circle")
