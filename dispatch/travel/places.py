"""Many places whose positions are at hand as numbers already: whoever asks again and again need not read them anew."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray

from dispatch.model import Place

Floats = NDArray[np.float64]


class Places(Sequence[Place]):
    """To a source of travel times that does not care, a plain sequence."""

    def __init__(self, places: Callable[[], NDArray[np.object_]], lat: Floats, lon: Floats) -> None:
        """`places`: asked for only if somebody wants more than the positions."""
        self._found, self.lat, self.lon = places, lat, lon

    @cached_property
    def _places(self) -> NDArray[np.object_]:
        return self._found()

    @overload
    def __getitem__(self, at: int) -> Place: ...
    @overload
    def __getitem__(self, at: slice) -> "Places": ...
    def __getitem__(self, at: int | slice) -> "Place | Places":
        if isinstance(at, slice):
            return Places(lambda: self._places[at], self.lat[at], self.lon[at])
        place: Place = self._places[at]
        return place

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places.tolist())

    def __len__(self) -> int:
        return len(self.lat)


def positions(places: Sequence[Place]) -> tuple[Floats, Floats]:
    """(places,) latitude and longitude, degrees."""
    if isinstance(places, Places):
        return places.lat, places.lon
    lat = np.fromiter((place.lat for place in places), np.float64, len(places))
    return lat, np.fromiter((place.lon for place in places), np.float64, len(places))
