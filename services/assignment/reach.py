"""How far somebody comes in so many minutes, by the same estimate with which visits are planned. Pure."""

from dispatch.model import TravelMode
from dispatch.travel.great_circle import DEFAULT_SPEEDS, HOURS


def reach_km(mode: str, hour: float, minutes: float) -> float:
    """As a straight line. 0: getting off alone takes longer. Between two full hours what holds at the first."""
    speed = DEFAULT_SPEEDS[TravelMode(mode)]
    riding_h = max(0.0, minutes - speed.overhead_min) / 60.0
    return riding_h * speed.km_per_h / (speed.detour * speed.hourly[int(hour) % HOURS])
