"""How long it takes to get there."""

from dispatch.travel.fallback import FallbackTravel
from dispatch.travel.great_circle import GreatCircleTravel
from dispatch.travel.http import AmapTravel, OsrmTravel
from dispatch.travel.matrix_file import MatrixFileTravel
from dispatch.travel.port import Travel, TravelTimes, TravelUnavailable

__all__ = [
    "AmapTravel",
    "FallbackTravel",
    "GreatCircleTravel",
    "MatrixFileTravel",
    "OsrmTravel",
    "Travel",
    "TravelTimes",
    "TravelUnavailable",
]
