"""GCJ-02 and BD-09 → WGS-84, at the edge: everything inside is WGS-84.

GCJ-02 (AMap, Tencent, Google in China) is WGS-84 with an offset of a few hundred metres; BD-09 (Baidu) adds a second
one. Neither is published; these are the formulas everybody uses (coordtransform, eviltransform), which agree with the
map providers' own converters to about a metre. Outside China's bounding box both are WGS-84 unchanged.
"""

from math import atan2, cos, fabs, hypot, pi, sin, sqrt
from typing import Literal

Datum = Literal["WGS-84", "GCJ-02", "BD-09"]

_A = 6378245.0  # Krasovsky 1940: semi-major axis in metres, and eccentricity squared
_EE = 0.00669342162296594323
_BD_PI = pi * 3000.0 / 180.0


def to_wgs84(lat: float, lon: float, datum: Datum) -> tuple[float, float]:
    """(lat, lon) in degrees of `datum` → (lat, lon) in degrees of WGS-84, within a centimetre of the inverse."""
    if datum == "WGS-84":
        return lat, lon
    if datum == "BD-09":
        lat, lon = _bd09_to_gcj02(lat, lon)
    return _gcj02_to_wgs84(lat, lon)


def wgs84_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """Degrees in, degrees out: for asking a Chinese map service, which speaks GCJ-02."""
    d_lat, d_lon = _offset(lat, lon)
    return lat + d_lat, lon + d_lon


def _gcj02_to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    # The offset changes by less than 1 % over its own length, so subtracting it again and again converges fast.
    wgs_lat, wgs_lon = lat, lon
    for _ in range(4):
        d_lat, d_lon = _offset(wgs_lat, wgs_lon)
        wgs_lat, wgs_lon = lat - d_lat, lon - d_lon
    return wgs_lat, wgs_lon


def _bd09_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    if not _in_china(lat, lon):
        return lat, lon
    x, y = lon - 0.0065, lat - 0.006
    r = hypot(x, y) - 0.00002 * sin(y * _BD_PI)
    theta = atan2(y, x) - 0.000003 * cos(x * _BD_PI)
    return r * sin(theta), r * cos(theta)


def _in_china(lat: float, lon: float) -> bool:
    return 0.8293 <= lat <= 55.8271 and 72.004 <= lon <= 137.8347


def _offset(lat: float, lon: float) -> tuple[float, float]:
    """Degrees (lat, lon) by which GCJ-02 differs from WGS-84 at this WGS-84 position."""
    if not _in_china(lat, lon):
        return 0.0, 0.0
    x, y = lon - 105.0, lat - 35.0
    ripple = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = (
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x)) + ripple
        + (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
        + (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    )  # fmt: skip
    east = (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x)) + ripple
        + (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
        + (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    )  # fmt: skip
    lat_rad = lat / 180.0 * pi
    magic = 1 - _EE * sin(lat_rad) ** 2
    d_lat = north * 180.0 / ((_A * (1 - _EE)) / (magic * sqrt(magic)) * pi)
    d_lon = east * 180.0 / (_A / sqrt(magic) * cos(lat_rad) * pi)
    return d_lat, d_lon
