"""Many places whose positions are at hand as numbers already: whoever asks again and again need not read them anew."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray

from dispatch.model import Pickup, Place

Floats = NDArray[np.float64]


class Places(Sequence[Place]):
    """To a source of travel times that does not care, a plain sequence."""

    def __init__(
        self,
        places: Callable[[], NDArray[np.object_]],
        lat: Floats,
        lon: Floats,
        pickups: NDArray[np.object_] | None = None,
    ) -> None:
        """`places`: asked for only if somebody wants more than positions and pickups. `pickups`: None where there are
        none."""
        self._found, self.lat, self.lon, self.pickups = places, lat, lon, pickups

    @cached_property
    def _places(self) -> NDArray[np.object_]:
        return self._found()

    @overload
    def __getitem__(self, at: int) -> Place: ...
    @overload
    def __getitem__(self, at: slice) -> "Places": ...
    def __getitem__(self, at: int | slice) -> "Place | Places":
        if isinstance(at, slice):
            pickups = None if self.pickups is None else self.pickups[at]
            return Places(lambda: self._places[at], self.lat[at], self.lon[at], pickups)
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


def pickups(places: Sequence[Place]) -> Sequence[Pickup | None] | None:
    """(places,) what is fetched on the way to each; None where that is nothing anywhere."""
    if isinstance(places, Places):
        return None if places.pickups is None else places.pickups.tolist()
    found = [place.pickup for place in places]
    return found if any(found) else None
