"""The `data` of an event: where it stands, and a digest of it."""

import hashlib
from typing import Any

import msgspec

from contracts.remarks import RemarkCode
from ingest_gateway.decode.documents import unwrapped_text
from ingest_gateway.decode.fields import OF_EVENT, Fields
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.packing import json_in_base64
from ingest_gateway.decode.place import PLACE_KEYS
from ingest_gateway.decode.readings import BATTERY_KEYS
from ingest_gateway.decode.text import folded, storable
from ingest_gateway.decode.words import FLAGS

_DATA_KEYS = ("params", "payload", "body", "properties")
_OF_DATA = frozenset(("batterypct", "readings", "alarms", *PLACE_KEYS, *BATTERY_KEYS, *FLAGS))
_encode = msgspec.json.Encoder(order="deterministic").encode


def data_of(fields: Fields, noted: Noted) -> tuple[dict[str, Any], str]:
    """(what the event says beside its attributes, the digest of it as sent; `NOTHING` when it says nothing)."""
    sent = fields.get("data", _DATA_KEYS)
    if sent is None:
        sent = _elsewhere(fields, noted)
    if sent is None:
        return {}, NOTHING
    digest = digest_of(sent)
    data = unwrapped_text(sent) if isinstance(sent, str) else sent
    if data is not sent and isinstance(data, dict):
        noted.add(RemarkCode.DATA_ELSEWHERE, sent)
    elif isinstance(data, list) and len(data) == 1 and isinstance(data[0], dict):
        noted.add(RemarkCode.DATA_ELSEWHERE, sent)
        data = data[0]
    elif not isinstance(data, dict):
        noted.add(RemarkCode.DATA_UNREADABLE, sent)
        data = {"text": data} if isinstance(data, str | list) else {}
    return data, digest


def beside(fields: Fields) -> dict[str, Any]:
    """What an event says beside the attributes of the wire, and beside those that stand for one of them."""
    if fields.are_right:
        return {}
    return {key: value for key, value in fields.all.items() if key not in fields.renamed and key not in OF_EVENT}


def digest_of(sent: Any) -> str:
    return hashlib.blake2b(_canonical(sent), digest_size=8).hexdigest()


NOTHING = hashlib.blake2b(b"{}", digest_size=8).hexdigest()
"""Saying nothing is a version of the data too: a repeat that says something has grown."""


def _canonical(sent: Any) -> bytes:
    """The same for the same values in any order of the keys."""
    try:
        return _encode(sent)
    except (TypeError, ValueError, OverflowError, RecursionError):  # what JSON of a device can hold and no store can
        return _encode(storable(sent))


def _elsewhere(fields: Fields, noted: Noted) -> Any:
    """In `data_base64` (CloudEvents JSON format, 3.1.1), or flat beside the attributes."""
    packed = fields.all.get("data_base64")
    if isinstance(packed, str):
        noted.add(RemarkCode.DATA_ELSEWHERE, "data_base64")
        return json_in_base64(packed)
    flat = beside(fields)
    known = next((key for key in flat if folded(key) in _OF_DATA), None)
    if known is None:
        return None
    noted.add(RemarkCode.DATA_ELSEWHERE, known)
    return flat
