"""The device's position, in any datum and spelling → WGS-84, or no position and the reason.

A wrong place is worse than none, so a pair that could mean two places gives none.
"""

from typing import Any, get_args

from contracts.datum import Datum, to_wgs84
from contracts.device_event import Fix, Location
from contracts.remarks import RemarkCode
from ingest_gateway.decode.angles import Placed, angle, placed
from ingest_gateway.decode.documents import unwrapped_text
from ingest_gateway.decode.fields import Fields
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.text import number, number_in_text

MAX_ACCURACY_M = 1e7
_DATUMS: dict[str, Datum] = {spelled: name for name in get_args(Datum) for spelled in (name, name.replace("-", ""))}
_DATUMS |= {
    "高德": "GCJ-02",
    "腾讯": "GCJ-02",
    "AMAP": "GCJ-02",
    "火星坐标": "GCJ-02",
    "百度": "BD-09",
    "BAIDU": "BD-09",
}
_DATUMS |= dict.fromkeys(("WGS", "GPS", "CGCS2000", "EPSG:4326"), "WGS-84")
_SIGNS = str.maketrans("", "", "-_ ")
_FIXES: dict[str, Fix] = {
    **{name: name for name in get_args(Fix)},
    **{"gnss": "gps", "bds": "gps", "beidou": "gps", "agps": "gps", "a": "gps"},
    **{"lbs": "cell", "gsm": "cell", "v": "none", "invalid": "none"},
}
_LAT_KEYS = ("latitude", "gpslat", "gpslatitude", "纬度")
_LON_KEYS = ("longitude", "lng", "long", "gpslon", "gpslng", "gpslongitude", "经度")
_WHOLE_KEYS = ("position", "loc", "gps", "geo", "coordinates", "coordinate", "latlng", "latlon", "lnglat", "gpsinfo")
_PAIR_KEYS = ("coordinate", "point")
_FIX_KEYS = ("fixtype", "loctype", "locationtype", "gpsstatus")
_DATUM_KEYS = ("coordtype", "coordinatesystem", "coordsys")
_ACCURACY_KEYS = ("accuracy", "radius", "precision")
PLACE_KEYS = ("location", "lat", "lon", *_WHOLE_KEYS, *_LAT_KEYS, *_LON_KEYS)


def location_of(data: Fields, noted: Noted) -> Location | None:
    """None when no one place can be read: an alarm without a place is still an alarm."""
    sent = data.get("location", _WHOLE_KEYS)
    if sent is None and data.key_of("lat", _LAT_KEYS) is not None:
        sent = data.all
        noted.add(RemarkCode.LOCATION_RESPELLED, "lat and lon beside location")
    if sent is None or (not sent and isinstance(sent, dict | list | str)):
        return None
    if isinstance(sent, str) and (inner := unwrapped_text(sent)) is not sent:
        noted.add(RemarkCode.LOCATION_RESPELLED, sent)
        sent = inner
    fields = Fields(sent, noted) if isinstance(sent, dict) else None
    fix = _fix(fields.get("fix", _FIX_KEYS)) if fields else None
    pair, in_order = _pair(fields, sent, noted)
    if fix == "none" and pair == (0, 0):
        return None  # what a receiver sends while it has no fix
    lat, lon = angle(pair[0]), angle(pair[1])
    where: Placed | RemarkCode = RemarkCode.LOCATION_UNREADABLE
    if lat is not None and lon is not None:
        where = placed(lat, lon, in_order=in_order)
    if not isinstance(where, Placed):
        noted.add(where, _raw(fields, sent, pair))
        return None
    if where.remark is not None:
        noted.add(where.remark, _raw(fields, sent, pair))
    elif not in_order or isinstance(pair[0], str) or isinstance(pair[1], str):
        noted.add(RemarkCode.LOCATION_RESPELLED, _raw(fields, sent, pair))
    return _located(where, fields, fix, noted)


def _located(where: Placed, fields: Fields | None, fix: Fix | None, noted: Noted) -> Location | None:
    datum = _datum(fields.get("datum", _DATUM_KEYS), noted) if fields else "WGS-84"
    lat, lon = to_wgs84(where.lat, where.lon, datum)
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        noted.add(RemarkCode.LOCATION_OUT_OF_RANGE, [where.lat, where.lon])
        return None
    told = fields.get("accuracy_m", _ACCURACY_KEYS) if fields else None
    accuracy_m = number(number_in_text(told) if isinstance(told, str) else told, low=0, high=MAX_ACCURACY_M)
    return Location(lat=lat, lon=lon, accuracy_m=accuracy_m, fix=fix, source_datum=datum)


def _pair(fields: Fields | None, sent: Any, noted: Noted) -> tuple[tuple[Any, Any], bool]:
    """(latitude and longitude as sent, whether they were named)."""
    if fields is not None:
        named = fields.get("lat", _LAT_KEYS), fields.get("lon", _LON_KEYS)
        if named != (None, None):
            return named, True
        sent = fields.get("coordinates", _PAIR_KEYS)  # GeoJSON: the longitude first
    if isinstance(sent, str) and len(sent) <= 96:
        sent = sent.replace(";", ",").replace("，", ",").split(",")
    if isinstance(sent, list) and len(sent) in (2, 3):
        return (sent[0], sent[1]), False
    return (None, None), False


def _raw(fields: Fields | None, sent: Any, pair: tuple[Any, Any]) -> Any:
    return list(pair) if fields is not None and pair != (None, None) else sent


def _datum(sent: Any, noted: Noted) -> Datum:
    """`GCJ-02`, also written gcj02 or GCJ_02; WGS-84 where nothing readable is said."""
    if sent is None:
        return "WGS-84"
    named = _DATUMS.get(sent) if isinstance(sent, str) else None
    if named is None and isinstance(sent, str):
        named = _DATUMS.get(sent[:16].strip().upper().translate(_SIGNS).removesuffix("LL"))
    if named is None:
        noted.add(RemarkCode.LOCATION_DATUM, sent)
    return named or "WGS-84"


def _fix(sent: Any) -> Fix | None:
    return (_FIXES.get(sent) or _FIXES.get(sent[:8].lower())) if isinstance(sent, str) else None
