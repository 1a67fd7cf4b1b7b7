"""The text of a message → the JSON documents in it.

Lenient as far as the meaning stays clear: an alarm must not be lost because of a missing brace. Every step takes linear
time, and the text is bounded.
"""

import json
from itertools import chain
from typing import Any

import msgspec

from contracts.device_json import documents_in, mended
from contracts.device_packing import MAX_BYTES
from contracts.remarks import RemarkCode
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.rejection import Unreadable
from ingest_gateway.decode.text import LongInteger

MAX_EVENTS = 256
_NOTHING = "}] \t\r\n\"',;"
"""If a message holds only these, there is no event in it."""


def _integer(digits: str) -> int | float:
    # Beyond 18 digits nothing downstream counts exactly, and int() of many digits takes quadratic time.
    return int(digits) if len(digits) <= 18 else LongInteger.of(digits)


def each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The last value of each key. The earlier ones of a key that comes twice stay as a list, under the key and a blank:
    one of them may name the alarm."""
    read = dict(pairs)
    if len(read) < len(pairs):
        earlier: dict[str, list[Any]] = {}
        for key, value in pairs:
            earlier.setdefault(key, []).append(value)
        read |= {f"{key} ": values[:-1] for key, values in earlier.items() if len(values) > 1}
    return read


_json = json.JSONDecoder(parse_int=_integer, strict=False)
_json_of_keys_twice = json.JSONDecoder(parse_int=_integer, strict=False, object_pairs_hook=each_key_once)
_json_of_short_numbers = json.JSONDecoder(strict=False)
"""Ten times as fast where there are many."""
_AS_NOUGHTS, _LONG_NUMBER = bytes.maketrans(b"123456789", b"0" * 9), b"0" * 19
"""To find one so takes a tenth of what a regular expression takes."""
_right = msgspec.json.Decoder().decode
"""Accepts only correct JSON, and reads it as `_json` does, except for long numbers."""


def one_event_of(payload: bytes) -> dict[str, Any] | None:
    """Reads the usual message in one step; None where something needs a closer look."""
    if len(payload) > MAX_BYTES or not payload.startswith(b'{"') or payload.count(b'"type"') != 1:
        return None
    if payload.count(b'"data"') > 1 or payload.count(b'"alarms"') > 1:
        return None  # a key twice: both count
    if _LONG_NUMBER in payload.translate(_AS_NOUGHTS):
        return None
    try:
        event: dict[str, Any] = _right(payload)
    except (ValueError, RecursionError):
        return None
    return event if "type" in event else None


def documents_of(texts: list[str], noted: Noted) -> tuple[list[Any], str]:
    """(every document of the first text that is JSON, what followed them and is none).

    :raises Unreadable: when there is not one.
    """
    if not texts[0]:
        raise Unreadable("event.not_json", "the message is empty: send one CloudEvent or an array of them")
    try:
        return _first_that_is_json(texts, noted)
    except json.JSONDecodeError as error:
        detail = f"not JSON at character {error.pos}: {error.msg}; send JSON in UTF-8"
        raise Unreadable("event.not_json", detail) from None
    except RecursionError:
        raise Unreadable("event.not_json", "nested too deeply: a CloudEvent needs three levels") from None


def refuse_too_many(events: list[Any]) -> None:
    if len(events) > MAX_EVENTS:
        raise Unreadable("event.too_many", f"{len(events)} events: send at most {MAX_EVENTS} in an array")


def _first_that_is_json(texts: list[str], noted: Noted) -> tuple[list[Any], str]:
    failures: list[json.JSONDecodeError] = []
    for nth, text in enumerate(chain(texts, (right for text in texts if (right := mended(text)) != text))):
        try:
            documents, rest = _read(text)
        except json.JSONDecodeError as error:
            failures.append(error)
            continue
        for document in documents:
            if isinstance(document, list):
                refuse_too_many(document)  # now: looking at each of thirty thousand numbers takes ten milliseconds
        if nth >= len(texts):
            noted.add(RemarkCode.PAYLOAD_MENDED, texts[0])
        if len(documents) > 1:
            noted.add(RemarkCode.PAYLOAD_SEVERAL, f"{len(documents)} documents")
        if rest:
            noted.add(RemarkCode.PAYLOAD_TRAILING, rest)
        return [_unwrapped(document, noted) for document in documents], rest.strip(_NOTHING)
    raise failures[0]


def _read(text: str) -> tuple[list[Any], str]:
    has_long_number = _LONG_NUMBER in text.encode(errors="replace").translate(_AS_NOUGHTS)
    documents, rest = documents_in(text, _json if has_long_number else _json_of_short_numbers)
    events = sum([len(document) if isinstance(document, list) else 1 for document in documents])
    if text.count('"type"') <= events and text.count('"data"') <= events and text.count('"alarms"') <= events:
        return documents, rest
    return documents_in(text, _json_of_keys_twice)  # more of them than events: one may come twice


def unwrapped_text(text: str) -> Any:
    """The JSON that a JSON text holds; the text itself when it holds none."""
    inner = text.strip()
    if inner[:1] not in ("{", "["):
        return text
    try:
        return _json.decode(inner)
    except (json.JSONDecodeError, RecursionError):
        return text


def _unwrapped(document: Any, noted: Noted) -> Any:
    if isinstance(document, str):
        inner = unwrapped_text(document)
        if inner is not document:
            noted.add(RemarkCode.PAYLOAD_TWICE, document)
        return inner
    if isinstance(document, list) and any(isinstance(item, str) for item in document):
        return [_unwrapped(item, noted) if isinstance(item, str) else item for item in document]
    return document
