"""SenML JSON (RFC 8428) as `wire.md` narrows it: any bytes in, readings and bad records out, never an exception.

The usual pack is decoded in one go; one with anything odd in it is read again record by record, so that a bad record
costs only itself.
"""

from typing import Any, TypeGuard

import msgspec

from contracts.device_packing import MAX_BYTES, TooLarge
from services.telemetry.catalogue import VITALS
from services.telemetry.model import BadRecord, Pack
from services.telemetry.senml_mend import called_right, is_figure_of, mended, what_was_mended
from services.telemetry.senml_pieces import pieces_of
from services.telemetry.senml_record import Base, Record, Unreadable, resolve
from services.telemetry.vendor_names import vital_called

MAX_RECORDS = 512

_decode_pack = msgspec.json.Decoder(list[Record]).decode
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
                is_text = reading.value is None and is_figure_of(reading.name)
                if is_text or (reading.name not in VITALS and vital_called(reading.name)):
                    return _read_one_by_one(payload, device_id, received_us)
                readings.append(reading)
        return Pack(readings, [])
    except (msgspec.DecodeError, Unreadable, UnicodeError, RecursionError):
        return _read_one_by_one(payload, device_id, received_us)


def _read_one_by_one(payload: bytes, device_id: str, received_us: int) -> Pack:
    try:
        pieces, how = pieces_of(payload)
    except TooLarge as error:
        return Pack([], [BadRecord("telemetry.too_large", str(error), payload)])
    except (ValueError, RecursionError) as error:
        return Pack([], [BadRecord("telemetry.not_json", f"the message is no SenML pack: {error}"[:300], payload)])
    if len(pieces) > MAX_RECORDS:
        detail = f"{len(pieces)} records, at most {MAX_RECORDS} a pack: send smaller packs"
        return Pack([], [BadRecord("telemetry.too_many", detail, payload)])
    base = Base()
    pack = Pack([], [], {})
    base_mended: str | None = None
    for number, piece in enumerate(pieces, start=1):
        if piece.begins:
            base, base_mended = Base(), None
        try:
            if piece.lost:
                base.time_known, base.value_known = not piece.loses_time, not piece.loses_value
                raise Unreadable("not JSON")
            right = mended(piece.fields, base.time) if isinstance(piece.fields, dict) else {}
            what = what_was_mended(piece.fields, right) if right else None
            base_mended = what if "bt" in right else base_mended
            record = _understood(right or piece.fields, base)
            reading = resolve(record, base, device_id, received_us)
        except Unreadable as error:
            pack.bad.append(BadRecord("telemetry.bad_record", f"record {number}: {error}", piece.raw))
            continue
        for known in called_right(reading) if reading is not None else ():
            pack.readings.append(known)
            if told := how or what or base_mended or ("name" if known is not reading else None):
                pack.mended[known.name] = told
    return pack


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
