"""Pairs of places somebody has already been asked about."""

import time
from collections import OrderedDict
from collections.abc import Callable

from dispatch.model import Place, TravelMode

Point = tuple[float, float]
"""(lat, lon) rounded to 5 decimals: about a metre."""


def point(place: Place) -> Point:
    return round(place.lat, 5), round(place.lon, 5)


class PairCache:
    """Least recently used first out; an entry is believed for `keep_s` seconds."""

    def __init__(self, *, keep_s: float, size: int = 500_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._keep_s = keep_s
        self._size = size
        self._clock = clock
        self._minutes: OrderedDict[tuple[TravelMode, Point, Point], tuple[float, float]] = OrderedDict()

    def get(self, mode: TravelMode, origin: Point, destination: Point) -> float | None:
        if origin == destination:
            return 0.0
        entry = self._minutes.get((mode, origin, destination))
        if entry is None or self._clock() - entry[1] > self._keep_s:
            return None
        self._minutes.move_to_end((mode, origin, destination))
        return entry[0]

    def put(self, mode: TravelMode, origin: Point, destination: Point, minutes: float) -> None:
        self._minutes[mode, origin, destination] = (minutes, self._clock())
        while len(self._minutes) > self._size:
            self._minutes.popitem(last=False)
