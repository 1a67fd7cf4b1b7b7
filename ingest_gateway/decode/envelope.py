"""The attributes of a CloudEvent, or of a message that is clearly meant as one: who sends what, and when."""

from datetime import datetime
from typing import Any, NamedTuple

from contracts.remarks import RemarkCode
from ingest_gateway.decode import clock, kinds, text
from ingest_gateway.decode.binary_mode import MODE
from ingest_gateway.decode.clock import ClockReading
from ingest_gateway.decode.fields import Fields
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.rejection import Unreadable
from ingest_gateway.decode.signs import Kind

MAX_ID = 64
MAX_ECHOED_ID = 1_024
_ID_KEYS = ("eventid", "msgid", "messageid", "alarmid", "uuid", "eventuuid", "guid")
_TIME_KEYS = ("timestamp", "ts", "eventtime", "alarmtime", "occurredat", "datetime", "occurtime")
_CONTROLS = "".join(map(chr, range(0x20)))


class Envelope(NamedTuple):
    id: str
    type: str
    """As the wire writes it; an unknown one as sent."""
    kinds: tuple[Kind, ...]
    when: ClockReading


def envelope_of(fields: Fields, topic: str | None, received_at: datetime, noted: Noted) -> Envelope:
    """:raises Unreadable: without an id (a repeat could not be told from a new happening) and without a type."""
    sent_id = fields.get("id", _ID_KEYS)
    try:
        event_id = _id(sent_id, noted)
        wire_type, told = kinds.type_of(fields, topic, noted)
    except Unreadable as error:
        raise Unreadable(error.rejection.code, error.rejection.detail, _echoed(sent_id)) from None
    version = fields.get("specversion")
    if not isinstance(version, str) or not version.startswith("1."):
        noted.add(RemarkCode.ENVELOPE_SPECVERSION, "missing" if version is None else version)
    if not fields.are_right and MODE.items() <= fields.all.items():
        noted.add(RemarkCode.ENVELOPE_BINARY)
    source = fields.get("source")
    if not isinstance(source, str) or not source:
        noted.add(RemarkCode.ENVELOPE_SOURCE, "missing" if source is None else source)
    when = clock.reading_of(fields.get("time", _TIME_KEYS), received_at, noted)
    return Envelope(event_id, wire_type, told, when)


def _id(sent: Any, noted: Noted) -> str:
    """:raises Unreadable:"""
    bare = (_as_text(sent) or "").strip(_CONTROLS)
    if not 1 <= len(bare) <= MAX_ID:
        detail = f"id: a text of 1 to {MAX_ID} characters is needed, new for every happening"
        raise Unreadable("event.bad_envelope", detail)
    if not text.is_plain(bare):
        detail = "id: it holds characters that cannot be printed; use letters, digits and -"
        raise Unreadable("event.bad_envelope", detail)
    if bare is not sent and bare != sent:
        noted.add(RemarkCode.ID_RESPELLED, sent)
    return bare


def _echoed(sent: Any) -> str | None:
    """The id as it may be told to the device."""
    event_id = _as_text(sent)
    return text.clean(event_id) if event_id and len(event_id) <= MAX_ECHOED_ID else None


def _as_text(sent: Any) -> str | None:
    """A text, or the digits of a number."""
    if isinstance(sent, str):
        return sent
    if isinstance(sent, text.LongInteger):
        return sent.digits
    return str(sent) if text.number(sent) is not None else None
