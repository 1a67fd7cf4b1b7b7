"""Reads just as much of a press as is needed to count it, at a tenth of the cost of reading it. Pure.

It recognises only presses written exactly as the wire says, with nothing but a place, a battery and readings. Anything
else is read in full. So is the newest of the presses that are counted together.
"""

import json
from dataclasses import dataclass
from datetime import datetime

import msgspec

from contracts.alarm_kind import AlarmKind, Note, kind_of
from contracts.device_event import DeviceEvent
from ingest_gateway.decode import clock
from ingest_gateway.decode.data import NOTHING, digest_of
from ingest_gateway.decode.envelope import MAX_ID
from ingest_gateway.decode.event import decode
from ingest_gateway.decode.signs import rings
from ingest_gateway.flood.pace import SHORT_BYTES


@dataclass(frozen=True, slots=True)
class Glance:
    """The names are those of the event that it is of."""

    device_id: str
    event_id: str
    wire_type: str
    kinds: tuple[AlarmKind | Note]
    device_time: datetime | None
    data_digest: str | None
    payload: bytes
    received_at: datetime

    def read(self) -> DeviceEvent:
        (event,) = decode(self.payload, self.device_id, self.received_at).events
        return event


_NOTHING = msgspec.Raw(b"null")


class _Data(msgspec.Struct, forbid_unknown_fields=True):
    location: msgspec.Raw = _NOTHING
    battery_pct: msgspec.Raw = _NOTHING
    readings: msgspec.Raw = _NOTHING


class _Press(msgspec.Struct, forbid_unknown_fields=True):
    specversion: str
    id: str
    source: str
    type: str
    time: str | None = None
    data: msgspec.Raw = _NOTHING


_decode = msgspec.json.Decoder(_Press).decode
_decode_data = msgspec.json.Decoder(_Data | None).decode


def glance_at(payload: bytes, device_id: str, received_at: datetime) -> Glance | None:
    """None where it must be read to know what it is."""
    if len(payload) > SHORT_BYTES or payload.count(b'"type"') > 1 or payload.count(b'"data"') > 1:
        return None
    try:
        press = _decode(payload)
        kind = kind_of(press.type)
        said = _decode_data(press.data)
    except (msgspec.DecodeError, ValueError):
        return None
    device_time = clock.parse(press.time)
    told_as_it_should = press.source and press.specversion.startswith("1.") and (device_time or press.time is None)
    if kind == AlarmKind.UNKNOWN or not told_as_it_should or not _is_plain(press.id):
        return None
    if said and said.readings is not _NOTHING and not rings(kind):
        return None  # one of them may name an alarm
    digest = (digest_of(json.loads(bytes(press.data))) if said else NOTHING) if not device_time else None
    return Glance(device_id, press.id, press.type, (kind,), device_time, digest, payload, received_at)


def _is_plain(event_id: str) -> bool:
    return 0 < len(event_id) <= MAX_ID and event_id.isascii() and event_id.isprintable()
