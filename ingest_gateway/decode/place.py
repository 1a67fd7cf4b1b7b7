"""The device's position, in whatever datum → WGS-84 with the datum it came in."""

from typing import Any, get_args

from contracts.datum import Datum, to_wgs84
from contracts.device_event import Fix, Location
from ingest_gateway.decode.text import number

MAX_ACCURACY_M = 1e7
_DATUMS: dict[str, Datum] = {name.replace("-", ""): name for name in get_args(Datum)}
_FIXES: dict[str, Fix] = {name: name for name in get_args(Fix)}


def location_of(sent: Any) -> Location | None:
    """None when latitude or longitude cannot be read: an alarm without a place is still an alarm."""
    if not isinstance(sent, dict):
        return None
    lat, lon = number(sent.get("lat"), low=-90, high=90), number(sent.get("lon"), low=-180, high=180)
    if lat is None or lon is None:
        return None
    fix = _fix(sent.get("fix"))
    if fix == "none" and lat == lon == 0:
        return None  # what a receiver without a fix says
    datum = _datum(sent.get("datum"))
    lat, lon = to_wgs84(lat, lon, datum)
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    accuracy_m = number(sent.get("accuracy_m"), low=0, high=MAX_ACCURACY_M)
    return Location(lat=lat, lon=lon, accuracy_m=accuracy_m, fix=fix, source_datum=datum)


def _datum(sent: Any) -> Datum:
    """`GCJ-02`, also written gcj02 or GCJ_02; WGS-84 where nothing readable is said."""
    if not isinstance(sent, str):
        return "WGS-84"
    return _DATUMS.get(sent[:16].upper().replace("-", "").replace("_", ""), "WGS-84")


def _fix(sent: Any) -> Fix | None:
    return _FIXES.get(sent[:8].lower()) if isinstance(sent, str) else None
