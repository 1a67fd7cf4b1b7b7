"""Moments as PostgreSQL's binary COPY takes them: whole rows by one `struct` each, for what a city sends. Pure.

Which vitals a row holds is its shape. There are few, and each is packed by a Struct of its own, with the lengths and
the empty columns between its figures as constants.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from struct import Struct

import msgspec

from services.telemetry.catalogue import VITALS
from services.telemetry.model import Moment

DOUBLES = ("lat", "lon")
"""The others are `real`."""
VITAL_COLUMNS = tuple(VITALS)
COLUMNS = ("device", "time", "lag_ms", *VITAL_COLUMNS, "extra", "texts")
AT_ONCE_US = 2_000_000
"""What comes so near to its time has no `lag_ms`: it would cost 8 bytes a row."""

_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_LAG = "lag_ms"
_YEAR_2000_US = 946_684_800_000_000
_FORMATS = {"device": ("i", 4), "time": ("q", 8), _LAG: ("i", 4)} | {
    name: ("d", 8) if name in DOUBLES else ("f", 4) for name in VITAL_COLUMNS
}
_SHAPES_REMEMBERED = 4_096
_length = Struct(">i").pack
_encode_json = msgspec.json.Encoder().encode


class _Shape:
    """How rows with these columns are packed, up to the last vital."""

    __slots__ = ("constants", "pack", "sorted")

    def __init__(self, names: tuple[str, ...]) -> None:
        """`names`: in the order in which their figures are given."""
        self.constants: list[object] = []
        formats, before = [">"], len(COLUMNS).to_bytes(2)
        for column in COLUMNS[: -len(("extra", "texts"))]:
            if column not in names:
                before += _NULL
                continue
            kind, length = _FORMATS[column]
            before += _length(length)
            self.constants += [before, None]
            formats += [f"{len(before)}s{kind}"]
            before = b""
        self.constants.append(before)
        self.pack = Struct("".join(formats) + f"{len(before)}s").pack
        order = sorted(range(len(names)), key=lambda at: COLUMNS.index(names[at]))
        self.sorted = None if order == list(range(len(names))) else itemgetter(*order)


_shape = lru_cache(_SHAPES_REMEMBERED)(_Shape)


def encoded(moments: Iterable[Moment], numbers: Mapping[str, int]) -> bytes:
    """:param numbers: of their devices"""
    return b"".join(chain((_HEAD,), (_row(moment, numbers[moment.device_id]) for moment in moments), (_END,)))


def _row(moment: Moment, device: int) -> bytes:
    values = moment.values
    lag_us = moment.received_us - moment.time_us
    if -AT_ONCE_US <= lag_us <= AT_ONCE_US:
        shape = _shape(("device", "time", *values))
        told = (device, moment.time_us - _YEAR_2000_US, *values.values())
    else:
        shape = _shape(("device", "time", _LAG, *values))
        told = (device, moment.time_us - _YEAR_2000_US, lag_us // 1000, *values.values())
    cells = shape.constants.copy()
    cells[1::2] = told if shape.sorted is None else shape.sorted(told)
    if moment.extra is None and moment.texts is None:
        return shape.pack(*cells) + _NULL + _NULL
    return shape.pack(*cells) + _json(moment.extra) + _json(moment.texts)


def _json(value: object) -> bytes:
    """As a jsonb."""
    if not value:
        return _NULL
    told = b"\1" + _encode_json(value)
    return _length(len(told)) + told
