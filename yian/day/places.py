"""Where the people of a simulated day live: towns around the kitchens, near enough for a lunch to arrive warm."""

from collections.abc import Sequence

from services.elders.model import Region
from yian.demo.places import County, Places

TOWN_DEGREES = 0.026
"""The side of a town: about 2.5 km."""

_CORNERS = {
    # the city's four districts around its kitchen at 30.2246, 115.0654
    "420202": (30.2246, 115.0654),
    "420203": (30.2246 - TOWN_DEGREES, 115.0654),
    "420204": (30.2246, 115.0654 - TOWN_DEGREES),
    "420205": (30.2246 - TOWN_DEGREES, 115.0654 - TOWN_DEGREES),
    "420281": (30.0987 - TOWN_DEGREES / 2, 114.9742 - TOWN_DEGREES / 2),
    "420222": (29.8303 - TOWN_DEGREES / 2, 115.1862 - TOWN_DEGREES / 2),
}
"""South-west corner, latitude and longitude."""


def towns(regions: Sequence[Region], seed: int) -> Places:
    return Places(regions, {code: _square(code, south, west) for code, (south, west) in _CORNERS.items()}, seed)


def _square(code: str, south: float, west: float) -> County:
    north, east = south + TOWN_DEGREES, west + TOWN_DEGREES
    return County(code, [[(west, south), (east, south), (east, north), (west, north)]])
