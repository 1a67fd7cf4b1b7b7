"""Readings as PostgreSQL's binary COPY format: a header, per row the number of fields and each with its length.

Written out by hand because it is the writer's busiest place: one `struct` call and three cached pieces a row.
Source: PostgreSQL manual, COPY, “Binary Format”.
"""

import struct
from collections.abc import Sequence

from services.telemetry.model import Reading

COLUMNS = "device_id, name, unit, measured_at, received_at, value, time_suspect, text_value"
"""The order of fields in a row."""

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_FIELDS = struct.pack("!h", 8)
_EPOCH_2000_US = 946_684_800_000_000
_numbers = struct.Struct("!iqiqidi?").pack
_without_value = struct.Struct("!iqiqii?").pack
_length = struct.Struct("!i").pack

_CACHED_NAMES = 4096


def _text(text: str | None) -> bytes:
    if text is None:
        return _NULL
    raw = text.encode()
    return _length(len(raw)) + raw


def encode(readings: Sequence[Reading]) -> bytes:
    pieces = [_HEADER]
    names: dict[tuple[str, str | None], bytes] = {}
    device_id, head = "", b""
    for reading in readings:
        if reading.device_id != device_id:
            device_id = reading.device_id
            head = _FIELDS + _text(device_id)
        key = (reading.name, reading.unit)
        name_and_unit = names.get(key)
        if name_and_unit is None:
            name_and_unit = _text(reading.name) + _text(reading.unit)
            if len(names) < _CACHED_NAMES:
                names[key] = name_and_unit
        measured = reading.measured_us - _EPOCH_2000_US
        received = reading.received_us - _EPOCH_2000_US
        if reading.value is None:
            numbers = _without_value(8, measured, 8, received, -1, 1, reading.time_suspect)
        else:
            numbers = _numbers(8, measured, 8, received, 8, reading.value, 1, reading.time_suspect)
        pieces += (head, name_and_unit, numbers, _NULL if reading.text is None else _text(reading.text))
    pieces.append(_TRAILER)
    return b"".join(pieces)
