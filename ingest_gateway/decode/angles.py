"""Latitude and longitude as devices write them → degrees, where only one meaning is possible.

Firmware made for this country: a pair with several possible meanings is accepted only if exactly one of them lies in
China.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from contracts.remarks import RemarkCode
from ingest_gateway.decode.text import number, number_in_text

_SCALES = (1e7, 3.6e6, 1.8e6, 1e6, 1e5, 1e4)
"""Parts of a degree: GT06 trackers send 1/30,000 minutes (1.8e6 a degree), others milliseconds of arc (3.6e6)."""
_NOWHERE = 1e-3
_NO_FIX = frozenset(((90.0, 180.0), (-90.0, -180.0), (-1.0, -1.0), (180.0, 90.0), (180.0, 180.0), (255.0, 255.0)))
"""What receivers send beside 0, 0 while they have no fix."""
_HEMISPHERE = re.compile(r"([NSEW]?)\s*(-?\d{1,10}(?:\.\d{1,12})?)\s*°?\s*([NSEW]?)", re.IGNORECASE)
_MINUTES = re.compile(
    r"([NSEW]?)\s*(\d{1,3})\s*[°d度]\s*(\d{1,2}(?:\.\d{1,9})?)\s*['′m分]\s*(?:(\d{1,2}(?:\.\d{1,9})?)\s*(?:[\"″s秒]|'')?)?"
    r"\s*([NSEW]?)",
    re.IGNORECASE,
)
_LONGEST = 40


class Placed(NamedTuple):
    lat: float
    lon: float
    remark: RemarkCode | None = None


def angle(sent: Any) -> float | None:
    """The number in it: 30.2012, "30.2012", "N30.2012", "30°12'4.3"N", "3012.0720N" (the last not in degrees yet)."""
    if (value := number(sent)) is not None:
        return value
    if not isinstance(sent, str) or len(sent) > _LONGEST:
        return None
    bare = sent.strip()
    if (value := number_in_text(bare)) is not None:
        return value
    if match := _HEMISPHERE.fullmatch(bare):
        return _signed(float(match[2]), match[1] or match[3])
    if (match := _MINUTES.fullmatch(bare)) and float(match[3]) < 60 and float(match[4] or 0) < 60:
        return _signed(int(match[2]) + float(match[3]) / 60 + float(match[4] or 0) / 3600, match[1] or match[5])
    return None


def _signed(value: float, hemisphere: str) -> float:
    return -value if hemisphere.upper() in ("S", "W") and value > 0 else value


def placed(lat: float, lon: float, *, in_order: bool) -> Placed | RemarkCode:
    """The position, or why there is none.

    :param in_order: latitude and longitude are named, not just two numbers.
    """
    if abs(lat) < _NOWHERE or abs(lon) < _NOWHERE or (lat, lon) in _NO_FIX:
        return RemarkCode.LOCATION_NULL_ISLAND
    if in_country(lat, lon):
        return Placed(lat, lon)
    if in_country(lon, lat):
        return Placed(lon, lat, RemarkCode.LOCATION_SWAPPED)
    if in_order and _on_earth(lat, lon):
        return Placed(lat, lon, RemarkCode.LOCATION_ABROAD)
    guesses = {Placed(a, b, RemarkCode.LOCATION_SCALED) for a, b in _guesses(lat, lon)}
    if len(guesses) == 1:
        return guesses.pop()
    return RemarkCode.LOCATION_OUT_OF_RANGE


def in_country(lat: float, lon: float) -> bool:
    """The box round mainland China and Hainan. No latitude inside it could be a longitude inside it."""
    return 18 <= lat <= 54 and 73 <= lon <= 136


def _on_earth(lat: float, lon: float) -> bool:
    return -90 <= lat <= 90 and -180 <= lon <= 180


def _guesses(lat: float, lon: float) -> Iterator[tuple[float, float]]:
    pairs = [(lat / scale, lon / scale) for scale in _SCALES if lat.is_integer() and lon.is_integer()]
    if not (lat.is_integer() and lon.is_integer()):
        pairs.append((_from_minutes(lat), _from_minutes(lon)))
    for a, b in pairs:
        if in_country(a, b):
            yield a, b
        elif in_country(b, a):
            yield b, a


def _from_minutes(value: float) -> float:
    """ddmm.mmmm of NMEA 0183; 0 where it is none."""
    degrees, minutes = divmod(value, 100)
    return degrees + minutes / 60 if value > 0 and minutes < 60 else 0.0
