"""SenML JSON (RFC 8428) as `wire.md` narrows it: any bytes in, readings and bad records out, never an exception.

The usual pack is decoded in one go; one with anything odd in it is read again record by record, so that a bad record
costs only itself.
"""

import json
from typing import Any, TypeGuard

import msgspec

from services.telemetry.model import BadRecord, Pack, Reading
from services.telemetry.senml_mend import mended, records_of, spread, what_was_mended
from services.telemetry.senml_record import Base, Record, Unreadable, resolve

MAX_BYTES = 64 * 1024
MAX_RECORDS = 512

_decode_pack = msgspec.json.Decoder(list[Record]).decode
_decode_raw = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_any = msgspec.json.Decoder().decode
_LARGEST = 1e300
"""Beyond, a sum of two could leave what a float holds."""


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
        base = Base()
        readings = []
        for record in records:
            base.take(record)
            reading = resolve(record, base, device_id, received_us)
            if reading is not None:
                readings.append(reading)
        return Pack(readings, [])
    except (msgspec.DecodeError, Unreadable, UnicodeError, RecursionError):
        return _read_one_by_one(payload, device_id, received_us)


def _read_one_by_one(payload: bytes, device_id: str, received_us: int) -> Pack:
    try:
        records = _split(payload)
    except (ValueError, RecursionError) as error:
        return Pack([], [BadRecord("telemetry.not_json", f"the message is no SenML pack: {error}"[:300], payload)])
    if len(records) > MAX_RECORDS:
        detail = f"{len(records)} records, at most {MAX_RECORDS} a pack: send smaller packs"
        return Pack([], [BadRecord("telemetry.too_many", detail, payload)])
    base = Base()
    readings: list[Reading] = []
    bad: list[BadRecord] = []
    mends: dict[str, str] = {}
    base_mended: str | None = None
    for number, (raw, fields) in enumerate(records, start=1):
        try:
            right = mended(fields) if isinstance(fields, dict) else {}
            what = what_was_mended(fields, right) if right else None
            base_mended = what if "bt" in right else base_mended
            record = _understood(right or fields, base)
            reading = resolve(record, base, device_id, received_us)
        except Unreadable as error:
            bad.append(BadRecord("telemetry.bad_record", f"record {number}: {error}", raw))
        else:
            if reading is not None:
                readings.append(reading)
                if told := what or base_mended or ("shape" if not payload.lstrip().startswith(b"[") else None):
                    mends[reading.name] = told
    return Pack(readings, bad, mends)


def _split(payload: bytes) -> list[tuple[bytes, Any]]:
    """Each record as its bytes and its fields.

    Python's own reader, which is slower, takes numbers beyond a float and the NaN that some firmware prints; a record
    it had to read is not told byte for byte.

    :raises ValueError: when the payload is not an array.
    """
    try:
        pieces = [(bytes(raw), _decode_any(raw)) for raw in _decode_raw(payload)]
    except (msgspec.DecodeError, UnicodeError):
        message = json.loads(payload)
        records = message if isinstance(message, list) else records_of(message)
        if records is None:
            raise ValueError("an array of records is needed") from None
        pieces = [(json.dumps(fields).encode(), fields) for fields in records]
    return [(raw, record) for raw, fields in pieces for record in spread(fields)]


def _understood(fields: Any, base: Base) -> Record:
    """The record, its base fields taken over, also those of a record that is bad otherwise. :raises Unreadable:"""
    if not isinstance(fields, dict):
        raise Unreadable("a record is a JSON object")
    _take_what_can_be_read(fields, base)
    for label in fields:
        if label.endswith("_"):
            raise Unreadable(f"{label[:40]}: must be understood, and is not (RFC 8428, 4.4)")
    try:
        record = msgspec.convert(fields, Record)
    except msgspec.ValidationError as error:
        raise Unreadable(str(error)[:200]) from None
    except (OverflowError, RecursionError):
        raise Unreadable("a number is too large") from None
    base.take(record)
    return record


def _take_what_can_be_read(fields: dict[str, Any], base: Base) -> None:
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
