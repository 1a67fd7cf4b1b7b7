"""Where invented people live: real villages, and points that lie inside the village's county. Pure.

The outlines are good enough to place a marker in the right county; no village is really where its marker stands.
"""

import json
import re
from collections.abc import Sequence
from random import Random

from services.elders.model import Region

Point = tuple[float, float]
"""Longitude, latitude."""

Ring = list[Point]
_COMMITTEE = re.compile(r"(居委会|居民委员会|村委会|村民委员会)$")
_VILLAGE_RADIUS_DEGREES = 0.004
"""About 400 m."""


class County:
    """An outline of one or more rings; holes are not cut out (none of the six has one)."""

    def __init__(self, code: str, rings: Sequence[Ring]) -> None:
        self.code = code
        self._rings = rings
        points = [point for ring in rings for point in ring]
        self._west, self._east = min(p[0] for p in points), max(p[0] for p in points)
        self._south, self._north = min(p[1] for p in points), max(p[1] for p in points)

    def holds(self, point: Point) -> bool:
        return any(_inside(point, ring) for ring in self._rings)

    def anywhere(self, random: Random) -> Point:
        while True:
            point = (random.uniform(self._west, self._east), random.uniform(self._south, self._north))
            if self.holds(point):
                return point

    def near(self, centre: Point, random: Random) -> Point:
        while True:
            east, north = (random.gauss(0, _VILLAGE_RADIUS_DEGREES / 2) for _ in range(2))
            point = (centre[0] + east, centre[1] + north)
            if self.holds(point):
                return point


def _inside(point: Point, ring: Ring) -> bool:
    """Even-odd rule: how often a ray to the east crosses the outline."""
    x, y = point
    inside = False
    x1, y1 = ring[-1]
    for x2, y2 in ring:
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
        x1, y1 = x2, y2
    return inside


def read_counties(geojson: bytes) -> dict[str, County]:
    counties = {}
    for feature in json.loads(geojson)["features"]:
        shape = feature["geometry"]
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        rings = [[(lon, lat) for lon, lat in polygon[0]] for polygon in polygons]
        code = feature["properties"]["code"]
        counties[code] = County(code, rings)
    return counties


class Places:
    """:param seed: fixes where each village's marker stands, whoever asks first."""

    def __init__(self, regions: Sequence[Region], counties: dict[str, County], seed: int) -> None:
        self._names = {region.code: region.name for region in regions}
        self._counties = counties
        self._seed = seed
        self._centres: dict[str, Point] = {}
        self._villages: dict[str, list[str]] = {code: [] for code in counties}
        for region in regions:
            if region.level == "village":
                self._villages[region.code[:6]].append(region.code)

    @property
    def counties(self) -> list[str]:
        """Their codes."""
        return sorted(self._counties)

    def village(self, county_code: str, random: Random) -> str:
        return random.choice(self._villages[county_code])

    def point(self, village_code: str, random: Random) -> Point:
        county = self._counties[village_code[:6]]
        if village_code not in self._centres:
            self._centres[village_code] = county.anywhere(Random(f"{self._seed} {village_code}"))
        return county.near(self._centres[village_code], random)

    def address(self, village_code: str, random: Random) -> str:
        """Real down to the village; the road or the group says that it is invented."""
        city, county, street, village = (self._names[village_code[:length]] for length in (4, 6, 9, 12))
        rural = village.endswith(("村委会", "村民委员会", "村"))
        place = f"{city}{county}{street}{_COMMITTEE.sub('', village)}"
        if rural:
            return f"{place}演示组{random.randint(1, 180)}号"
        block, unit = random.randint(1, 24), random.randint(1, 4)
        room = random.randint(1, 7) * 100 + random.randint(1, 4)
        return f"{place}演示路{random.randint(1, 199)}号{block}栋{unit}单元{room}室"
