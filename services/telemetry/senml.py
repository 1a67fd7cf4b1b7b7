"""SenML JSON (RFC 8428) as `wire.md` narrows it: any bytes in, readings and bad records out, never an exception.

The usual pack is decoded in one go; one with anything odd in it is read again record by record, so that a bad record
costs only itself.
"""

import json
from math import isfinite
from typing import Any, TypeGuard

import msgspec

from services.telemetry import rules
from services.telemetry.model import BadRecord, Pack, Reading

MAX_BYTES = 64 * 1024
MAX_RECORDS = 512
MAX_NAME = 128
MAX_UNIT = 32
MAX_TEXT = 4096
RELATIVE_BELOW = float(2**28)
"""Times below are seconds from now, above are seconds since 1970 (RFC 8428, 4.5.3)."""
VERSION = 10


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


class _Unreadable(Exception):
    """One record is not a reading; says why."""


_decode_pack = msgspec.json.Decoder(list[Record]).decode
_decode_raw = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_any = msgspec.json.Decoder().decode
_LARGEST = 1e300
"""Beyond, a sum of two could leave what a float holds."""


class _Base:
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


def read_pack(payload: bytes, device_id: str, received_us: int) -> Pack:
    """Who speaks is told by the topic (`device_id`), whatever the base name says."""
    if len(payload) > MAX_BYTES:
        detail = f"{len(payload)} bytes, at most {MAX_BYTES} a message: send smaller packs"
        return Pack([], [BadRecord("telemetry.too_large", detail, payload)])
    try:
        if b'_"' in payload:  # perhaps a field that must be understood
            return _read_one_by_one(payload, device_id, received_us)
        records = _decode_pack(payload)
        if len(records) > MAX_RECORDS:
            return _read_one_by_one(payload, device_id, received_us)
        base = _Base()
        readings = []
        for record in records:
            base.take(record)
            reading = _resolve(record, base, device_id, received_us)
            if reading is not None:
                readings.append(reading)
        return Pack(readings, [])
    except (msgspec.DecodeError, _Unreadable, UnicodeError, RecursionError):
        return _read_one_by_one(payload, device_id, received_us)


def _resolve(record: Record, base: _Base, device_id: str, received_us: int) -> Reading | None:
    """None for a record of base fields alone. :raises _Unreadable:"""
    value, text = _value(record, base)
    if record.bver is not None and record.bver > VERSION:
        raise _Unreadable(f"bver: {record.bver:g} is newer than the {VERSION} understood here")
    if value is None and text is None:
        if _is_base_alone(record):
            return None
        raise _Unreadable("one of v, vs, vb, vd is needed" + ("; sums are not kept" if record.s is not None else ""))
    own = record.t or 0.0
    if not base.time_known and own < RELATIVE_BELOW:
        raise _Unreadable("t: counts from a bt that could not be read")
    seconds = base.time + own
    measured_us = received_us + _micro(seconds) if seconds < RELATIVE_BELOW else _micro(seconds)
    if not rules.EARLIEST_US <= measured_us < rules.LATEST_US:
        raise _Unreadable("t: this moment cannot be kept; seconds since 1970 are meant, not milliseconds")
    name = base.name + (record.n or "")
    if name.startswith(device_id):
        name = name[len(device_id) :].lstrip("/:")
    unit = record.u or base.unit
    if not _storable(name, MAX_NAME) or not name:
        raise _Unreadable(f"n: 1 to {MAX_NAME} printable characters are needed")
    if unit is not None and not _storable(unit, MAX_UNIT):
        raise _Unreadable(f"u: at most {MAX_UNIT} printable characters")
    suspect = rules.is_suspect(measured_us, received_us)
    return Reading(device_id, name, unit, measured_us, received_us, value, text, suspect)


def _is_base_alone(record: Record) -> bool:
    own = (record.n, record.u, record.t, record.s)
    base = (record.bn, record.bt, record.bu, record.bv, record.bs, record.bver)
    return all(field is None for field in own) and any(field is not None for field in base)


def _value(record: Record, base: _Base) -> tuple[float | None, str | None]:
    """:raises _Unreadable: for more than one value, and for one that cannot be kept."""
    value, text = record.v, record.vs
    if record.vb is not None or record.vd is not None:
        if (value is not None) + (text is not None) + (record.vb is not None) + (record.vd is not None) > 1:
            raise _Unreadable("only one of v, vs, vb, vd may stand in a record")
        return (None, _text(record.vd)) if record.vd is not None else (float(bool(record.vb)), None)
    if value is None:
        return None, None if text is None else _text(text)
    if text is not None:
        raise _Unreadable("only one of v, vs, vb, vd may stand in a record")
    if not base.value_known:
        raise _Unreadable("v: adds to a bv that could not be read")
    value += base.value
    if not isfinite(value):
        raise _Unreadable("v: is not a finite number")
    return value, None


def _text(text: str) -> str:
    if len(text) > MAX_TEXT or "\0" in text or not _encodable(text):
        raise _Unreadable(f"vs, vd: at most {MAX_TEXT} characters, none of them NUL")
    return text


def _micro(seconds: float) -> int:
    if not isfinite(seconds):
        raise _Unreadable("t, bt: is not a finite number")
    return round(seconds * 1e6)


def _storable(text: str, longest: int) -> bool:
    return len(text) <= longest and text.isprintable() and (text.isascii() or _encodable(text))


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_one_by_one(payload: bytes, device_id: str, received_us: int) -> Pack:
    try:
        records = _split(payload)
    except (ValueError, RecursionError) as error:
        return Pack([], [BadRecord("telemetry.not_json", f"the message is no SenML pack: {error}"[:300], payload)])
    if len(records) > MAX_RECORDS:
        detail = f"{len(records)} records, at most {MAX_RECORDS} a pack: send smaller packs"
        return Pack([], [BadRecord("telemetry.too_many", detail, payload)])
    base = _Base()
    readings: list[Reading] = []
    bad: list[BadRecord] = []
    for number, (raw, fields) in enumerate(records, start=1):
        try:
            record = _understood(fields, base)
            reading = _resolve(record, base, device_id, received_us)
        except _Unreadable as error:
            bad.append(BadRecord("telemetry.bad_record", f"record {number}: {error}", raw))
        else:
            if reading is not None:
                readings.append(reading)
    return Pack(readings, bad)


def _split(payload: bytes) -> list[tuple[bytes, Any]]:
    """Each record as its bytes and its fields.

    Python's own reader, which is slower, takes numbers beyond a float and the NaN that some firmware prints; a record
    it had to read is not told byte for byte.

    :raises ValueError: when the payload is not an array.
    """
    try:
        return [(bytes(raw), _decode_any(raw)) for raw in _decode_raw(payload)]
    except (msgspec.DecodeError, UnicodeError):
        records = json.loads(payload)
    if not isinstance(records, list):
        raise ValueError("an array of records is needed")
    return [(json.dumps(fields).encode(), fields) for fields in records]


def _understood(fields: Any, base: _Base) -> Record:
    """The record, its base fields taken over, also those of a record that is bad otherwise. :raises _Unreadable:"""
    if not isinstance(fields, dict):
        raise _Unreadable("a record is a JSON object")
    _take_what_can_be_read(fields, base)
    for label in fields:
        if label.endswith("_"):
            raise _Unreadable(f"{label[:40]}: must be understood, and is not (RFC 8428, 4.4)")
    try:
        record = msgspec.convert(fields, Record)
    except msgspec.ValidationError as error:
        raise _Unreadable(str(error)[:200]) from None
    except (OverflowError, RecursionError):
        raise _Unreadable("a number is too large") from None
    base.take(record)
    return record


def _take_what_can_be_read(fields: dict[str, Any], base: _Base) -> None:
    good = Record()
    for label in ("bn", "bu"):
        told = fields.get(label)
        if isinstance(told, str):
            setattr(good, label, told)
    for label in ("bt", "bv"):
        told = fields.get(label)
        if _is_number(told):
            setattr(good, label, float(told))
        elif told is not None and label == "bt":
            base.time, base.time_known = 0.0, False
        elif told is not None:
            base.value_known = False
    base.take(good)


def _is_number(told: Any) -> TypeGuard[int | float]:
    return isinstance(told, int | float) and not isinstance(told, bool) and abs(told) < _LARGEST
