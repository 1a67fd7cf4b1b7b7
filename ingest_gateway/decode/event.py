"""A message that may hold alarms → what the platform makes of it. Pure: takes any bytes, never raises, in bounded time.

In doubt the alarm wins. What is clearly meant is accepted, with a remark. A field that cannot be read is left out, with
a remark; the alarm stays.
"""

import hashlib
import re
from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from contracts.alarm_kind import AlarmKind
from contracts.device_event import DeviceEvent, Remark
from contracts.remarks import RemarkCode
from ingest_gateway.decode import frames, lookout, text
from ingest_gateway.decode.data import beside, data_of
from ingest_gateway.decode.documents import documents_of, one_event_of, refuse_too_many, unwrapped_text
from ingest_gateway.decode.envelope import envelope_of
from ingest_gateway.decode.fields import OF_DATA, OF_EVENT, Fields
from ingest_gateway.decode.kinds import kinds_of
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.packing import texts_of, unpacked
from ingest_gateway.decode.place import location_of
from ingest_gateway.decode.plain_text import records_of
from ingest_gateway.decode.readings import battery_of, readings_of
from ingest_gateway.decode.rejection import Rejection, Unreadable
from ingest_gateway.decode.signs import rings, signs_in
from ingest_gateway.decode.words import told_in

_LISTS = ("events", "items", "records", "messages")
_WRAPPINGS = 4
_CHATTER = re.compile(r"[A-Za-z0-9 +:,.=>\r\n]{1,64}")


class Decoded(NamedTuple):
    events: tuple[DeviceEvent, ...]
    rejections: tuple[Rejection, ...]
    lane: str = "event"
    """Of the dead letter: `event`, `telemetry`, `status`, or `up/` and the topic that the wire does not know."""
    may_be_alarm: bool = True
    """Whether what was rejected opens a “garbled alarm” case."""


class Message(NamedTuple):
    """The content of a payload, before any of it is read as an event."""

    items: tuple[Any, ...]
    remarks: tuple[Remark, ...]
    rest: str
    """What followed the JSON and is not JSON; empty when it can be no event."""


def decode(payload: bytes, device_id: str, received_at: datetime) -> Decoded:
    """Every event of `up/event` that can be read, and a rejection for each that cannot."""
    try:
        message = open_message(payload)
    except Unreadable as error:
        return not_opened(error, payload)
    return decoded_of(message, [read_item(message, item, device_id, received_at) for item in message.items])


def not_opened(error: Unreadable, payload: bytes) -> Decoded:
    """Of a message in which nothing can be an event. Whoever takes the case is told which alarm a frame of another
    protocol, or a sentence, seems to tell of."""
    return Decoded((), (_with_what_it_tells(error.rejection, payload),))


def _with_what_it_tells(rejection: Rejection, payload: bytes) -> Rejection:
    try:
        payload = unpacked(payload, Noted())
        texts = texts_of(payload, Noted())
    except Unreadable:
        return rejection
    told = [*frames.kinds_in(payload), *(kind for text in texts for kind in told_in(text))]
    named = ", ".join(dict.fromkeys(kind for kind in told if kind not in (None, AlarmKind.UNKNOWN)))
    return rejection if not named else replace(rejection, detail=f"it seems to say {named}; {rejection.detail}")


def read_item(message: Message, item: Any, device_id: str, received_at: datetime) -> DeviceEvent | Rejection:
    """One of `message.items`."""
    try:
        return event_of(item, device_id, received_at, Noted(message.remarks))
    except Unreadable as error:
        return error.rejection


def decoded_of(message: Message, read: Sequence[DeviceEvent | Rejection]) -> Decoded:
    """:param read: each of its items, by `read_item`"""
    events = tuple([one for one in read if isinstance(one, DeviceEvent)])
    if len(events) == len(read) and not message.rest:
        return Decoded(events, ())
    rejections = [one for one in read if isinstance(one, Rejection)]
    if message.rest:
        rejections.append(rest_of(message))
    return Decoded(events, tuple(rejections))


def garbled(payload: bytes, device_id: str, received_at: datetime, rejections: tuple[Rejection, ...]) -> DeviceEvent:
    """What opens the “garbled alarm” case: one for each message, the same id for the same bytes."""
    first = rejections[0]
    return DeviceEvent(
        device_id=device_id,
        event_id=hashlib.sha256(device_id.encode() + payload).hexdigest()[:32],
        kinds=(AlarmKind.GARBLED,),
        received_at=received_at,
        occurred_at=received_at,
        garbled_code=first.code,
        garbled_detail=first.detail,
    )


def open_message(payload: bytes) -> Message:
    """:raises Unreadable: when there is nothing in it that could be an event."""
    usual = one_event_of(payload)
    if usual is not None:
        return Message((usual,), (), "")
    noted = Noted()
    documents, rest = documents_of(texts_of(payload, noted), noted)
    items: list[Any] = []
    for document in documents:
        items += _items_of(document, noted)
    refuse_too_many(items)
    if not items:
        raise Unreadable("event.bad_envelope", "the array is empty: send at least one CloudEvent")
    return Message(tuple(items), noted.told(), "" if rest and _is_chatter(rest) else rest)


def _is_chatter(rest: str) -> bool:
    """What a modem says by itself: `OK`, `+QMTPUB: 0,1,0`. There is no event in it."""
    if not any(char.isalnum() or char in "{[" for char in rest):
        return True  # bytes that are no text: an erased flash
    return _CHATTER.fullmatch(rest) is not None and not lookout.names_alarm(rest.encode())


def _items_of(document: Any, noted: Noted, wrappings: int = _WRAPPINGS) -> list[Any]:
    if isinstance(document, list):
        items: list[Any] = []
        for item in records_of(document) or document:
            if isinstance(item, dict):
                items += [item] if "type" in item else _wrapped(item, noted)
            elif isinstance(item, list) and wrappings:
                noted.add(RemarkCode.PAYLOAD_SEVERAL, "an array in an array")
                items += _items_of(item, noted, wrappings - 1)
            else:
                items.append(item)
        return items
    if isinstance(document, dict) and "type" not in document:
        for key in _LISTS:
            wrapped = document.get(key)
            if isinstance(wrapped, list) and wrapped:
                noted.add(RemarkCode.PAYLOAD_SEVERAL, key)
                return wrapped + _rest_that_rings(document, (key,))
        return _wrapped(document, noted)
    return [document]


def _wrapped(document: dict[str, Any], noted: Noted, wrappings: int = _WRAPPINGS) -> list[Any]:
    """The events inside an object that is none, as objects or as texts; the object itself when it holds none."""
    events: dict[str, list[Any]] = {}
    for key, value in document.items():
        inner = unwrapped_text(value) if isinstance(value, str) and '"specversion"' in value else value
        if _is_event(inner):
            noted.add(RemarkCode.PAYLOAD_SEVERAL if inner is value else RemarkCode.PAYLOAD_TWICE, key)
            events[key] = [inner]
        elif wrappings and isinstance(inner, list) and any(map(_is_event, inner)):
            noted.add(RemarkCode.PAYLOAD_SEVERAL, key)
            events[key] = inner
        elif wrappings and isinstance(inner, dict):
            found = _wrapped(inner, noted, wrappings - 1)
            if any(map(_is_event, found)):
                events[key] = found
    return [*chain(*events.values()), *_rest_that_rings(document, events)] if events else [document]


def _is_event(value: Any) -> bool:
    return isinstance(value, dict) and "specversion" in value and "type" in value


def _rest_that_rings(document: dict[str, Any], taken: Container[str]) -> list[Any]:
    rest = {key: value for key, value in document.items() if key not in taken}
    return [rest] if any(map(rings, signs_in(rest))) else []


def rest_of(message: Message) -> Rejection:
    return Rejection(
        None, "event.not_json", f"not JSON after the first {len(message.items)}: {text.clean(message.rest[:80])}"
    )


def event_of(item: Any, device_id: str, received_at: datetime, noted: Noted, topic: str | None = None) -> DeviceEvent:
    """:param topic: below `up/`, where it is not `event`. :raises Unreadable:"""
    if not isinstance(item, dict):
        raise Unreadable("event.bad_envelope", f"a CloudEvent is a JSON object, not {_kind_of_json(item)}")
    fields = Fields(item, noted, OF_EVENT)
    envelope = envelope_of(fields, topic, received_at, noted)
    sent, digest = data_of(fields, noted)
    data = Fields(sent, noted, OF_DATA)
    rest = {} if data.are_right else {key: value for key, value in sent.items() if key not in OF_DATA}
    return DeviceEvent(
        device_id=device_id,
        event_id=envelope.id,
        wire_type=envelope.type,
        kinds=kinds_of(envelope.kinds, data, beside(fields), noted),
        device_time=envelope.when.device_time,
        received_at=received_at,
        occurred_at=envelope.when.occurred_at,
        time_suspect=envelope.when.suspect,
        location=location_of(data, noted),
        battery_pct=battery_of(data, noted),
        readings=readings_of(data, noted),
        data=text.storable(rest) if rest else rest,
        data_digest=digest,
        remarks=noted.told(),
    )


def _kind_of_json(value: Any) -> str:
    names = {list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
