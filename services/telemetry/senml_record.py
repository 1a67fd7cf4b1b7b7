"""One SenML record into one reading: RFC 8428's fields, its base fields, and what the platform can keep. Pure."""

import re
from functools import lru_cache
from math import isfinite

import msgspec

from services.telemetry import rules
from services.telemetry.catalogue import VITALS
from services.telemetry.model import Reading

MAX_NAME = 128
MAX_UNIT = 32
MAX_TEXT_BYTES = 1024
"""Texts are part of the key of a reading, and PostgreSQL's index takes 2,704 bytes in all."""
RELATIVE_BELOW = float(2**28)
"""Times below are seconds from now, above are seconds since 1970 (RFC 8428, 4.5.3)."""
VERSION = 10
_NAMES_REMEMBERED = 4_096
_LONGEST_CUT = 512
_SEPARATOR = re.compile("[/:;]")
_URN_AND_MORE = re.compile(r"urn:(?:dev:|(?!dev:))[^:/;]+:[^:/;]+[:/;]+[^:/;]")
_OF_ROOMS = ("motion", "door")
"""Their text names the room or the door."""
_SEPARATORS = ("/", ":")
"""Between a device and what it measures; firmware that forgets it at the end of the base name is understood."""


class Record(msgspec.Struct, gc=False):
    """Fields of RFC 8428, table 1; null is taken for absent."""

    bn: str | None = None
    bt: float | None = None
    bu: str | None = None
    bv: float | None = None
    bs: float | None = None
    bver: float | None = None
    n: str | None = None
    u: str | None = None
    v: float | None = None
    vs: str | None = None
    vb: bool | None = None
    vd: str | None = None
    s: float | None = None
    t: float | None = None


class Unreadable(Exception):
    """One record is not a reading; says why."""


class Base:
    """Base fields, which hold from the record they stand in onwards (RFC 8428, 4.1)."""

    __slots__ = ("name", "time", "time_known", "unit", "value", "value_known")

    def __init__(self) -> None:
        self.name = ""
        self.time = 0.0
        self.unit: str | None = None
        self.value = 0.0
        self.time_known = self.value_known = True

    def take(self, record: Record) -> None:
        if record.bn is not None:
            self.name = record.bn
        if record.bt is not None:
            self.time, self.time_known = record.bt, True
        if record.bu is not None:
            self.unit = record.bu
        if record.bv is not None:
            self.value, self.value_known = record.bv, True


def resolve(record: Record, base: Base, device_id: str, received_us: int) -> Reading | None:
    """None for a record of base fields alone. :raises Unreadable:"""
    value, text = _value(record, base)
    if record.bver is not None and record.bver > VERSION:
        raise Unreadable(f"bver: {record.bver:g} is newer than the {VERSION} understood here")
    if value is None and text is None:
        if _is_base_alone(record):
            return None
        raise Unreadable("one of v, vs, vb, vd is needed" + ("; sums are not kept" if record.s is not None else ""))
    own = record.t or 0.0
    if not base.time_known and own < RELATIVE_BELOW:
        raise Unreadable("t: counts from a bt that could not be read")
    seconds = base.time + own
    measured_us = received_us + _micro(seconds) if seconds < RELATIVE_BELOW else _micro(seconds)
    if not rules.EARLIEST_US <= measured_us < rules.LATEST_US:
        raise Unreadable("t: this moment cannot be kept; seconds since 1970 are meant, not milliseconds")
    name = base.name + (record.n or "")
    if value == 1 and name.endswith(_OF_ROOMS) and (room := _room(name, device_id)):
        value, text = None, room
        name = _SEPARATOR.split(name)[-1]
    elif name.startswith(device_id) and (base.name == device_id or name[len(device_id) :][:1] in _SEPARATORS):
        name = name[len(device_id) :].lstrip("/:")
    elif record.n in VITALS and record.n not in _OF_ROOMS and base.name[-1:].isalnum():
        name = record.n
    elif (base.name or name.startswith("urn:")) and len(name) <= _LONGEST_CUT:
        name = _measurement(name)
    unit = record.u or base.unit
    if not _storable(name, MAX_NAME) or not name:
        raise Unreadable(f"n: 1 to {MAX_NAME} printable characters are needed")
    if unit is not None and not _storable(unit, MAX_UNIT):
        raise Unreadable(f"u: at most {MAX_UNIT} printable characters")
    suspect = rules.is_suspect(measured_us, received_us)
    return Reading(device_id, name, unit, measured_us, received_us, value, text, suspect)


@lru_cache(_NAMES_REMEMBERED)
def _measurement(name: str) -> str:
    """The last part of a name that begins with a base (RFC 8428, 5.1.2: `urn:dev:mac:…/`, `sensor1/`); one that names
    nothing measured is kept as sent."""
    if name.startswith("urn:"):
        return _SEPARATOR.split(name.rstrip("/:;"))[-1] if _URN_AND_MORE.match(name) else name
    return _SEPARATOR.split(name)[-1] or name


@lru_cache(_NAMES_REMEMBERED)
def _room(name: str, device_id: str) -> str | None:
    """`kitchen` of `kitchen/motion`, or two rooms of one device would be one measurement. A number is no room."""
    room, measured = ["", *_SEPARATOR.split(name)][-2:]
    if measured not in _OF_ROOMS or room == device_id or not room.replace("_", "").replace("-", "").isalpha():
        return None
    return room if len(room) <= MAX_UNIT and not name.startswith("urn:") else None


def _is_base_alone(record: Record) -> bool:
    own = (record.n, record.u, record.t, record.s)
    base = (record.bn, record.bt, record.bu, record.bv, record.bs, record.bver)
    return all(field is None for field in own) and any(field is not None for field in base)


def _value(record: Record, base: Base) -> tuple[float | None, str | None]:
    """:raises Unreadable: for more than one value, and for one that cannot be kept."""
    value, text = record.v, record.vs
    if record.vb is not None or record.vd is not None:
        if (value is not None) + (text is not None) + (record.vb is not None) + (record.vd is not None) > 1:
            raise Unreadable("only one of v, vs, vb, vd may stand in a record")
        return (None, _text(record.vd)) if record.vd is not None else (float(bool(record.vb)), None)
    if value is None:
        return None, None if text is None else _text(text)
    if text is not None:
        raise Unreadable("only one of v, vs, vb, vd may stand in a record")
    if not base.value_known:
        raise Unreadable("v: adds to a bv that could not be read")
    value += base.value
    if not isfinite(value):
        raise Unreadable("v: is not a finite number")
    return value, None


def _text(text: str) -> str:
    if "\0" in text or not _encodable(text) or len(text.encode()) > MAX_TEXT_BYTES:
        raise Unreadable(f"vs, vd: at most {MAX_TEXT_BYTES} bytes in UTF-8, no character NUL")
    return text


def _micro(seconds: float) -> int:
    if not isfinite(seconds):
        raise Unreadable("t, bt: is not a finite number")
    return round(seconds * 1e6)


def _storable(text: str, longest: int) -> bool:
    return len(text) <= longest and text.isprintable() and (text.isascii() or _encodable(text))


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
