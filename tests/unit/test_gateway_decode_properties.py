"""Any bytes of a device become events and rejections: what hypothesis finds."""

import json
import time
from typing import Any

import pytest
from decoded import NOW
from hypothesis import given
from hypothesis import strategies as st

from contracts.alarm_kind import AlarmKind
from contracts.device_event import DeviceEvent
from ingest_gateway.decode.binary_mode import structured
from ingest_gateway.decode.documents import documents_of, one_event_of
from ingest_gateway.decode.event import Decoded, decode, garbled
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.packing import texts_of
from tests.examples import examples

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["device.sos", "1.0", "device.fall", "GCJ-02", "gps", "\x00", "2026-11-22T08:00:00Z"]),
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
near_location = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("lat", "lon", "accuracy_m", "fix", "datum"), anything)
)
near_data = st.fixed_dictionaries(
    {},
    optional={
        "location": near_location | anything,
        "battery_pct": anything,
        "readings": anything | st.lists(st.fixed_dictionaries({"n": anything, "v": anything}), max_size=3),
        "alarms": anything | st.lists(anything, max_size=3),
        "more": anything,
    },
)
near_events = st.fixed_dictionaries(
    {},
    optional={
        "specversion": st.just("1.0") | anything,
        "id": st.text(max_size=70) | anything,
        "source": st.just("/devices/x") | anything,
        "type": st.sampled_from(["device.sos", "device.test", "device.x"]) | anything,
        "time": anything | st.datetimes().map(lambda at: at.isoformat() + "Z"),
        "data": near_data | anything,
    },
)
sound_attributes = {"specversion": "1.0", "id": "a1", "source": "/devices/x", "type": "device.sos"}


def check(payload: bytes) -> Decoded:
    started = time.process_time()
    decoded = decode(payload, "W-000123", NOW)
    assert time.process_time() - started < 1.0
    assert decoded.events or decoded.rejections
    for event in decoded.events:
        assert DeviceEvent.read(event.value()).event_id == event.event_id
        assert event.kinds
        assert b"\x00" not in event.value()
        assert b"\\u0000" not in event.value()
    for rejection in decoded.rejections:
        rejection.detail.encode()
        (rejection.id or "").encode()
    if decoded.rejections:
        DeviceEvent.read(garbled(payload, "W-000123", NOW, decoded.rejections).value())
    return decoded


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_without_an_exception(payload: bytes) -> None:
    check(payload)


@given(near_events | st.lists(near_events | anything, max_size=4))
def test_anything_near_an_event_is_decoded_without_an_exception(message: Any) -> None:
    check(json.dumps(message).encode())


@given(near_data | anything, anything)
def test_an_alarm_with_a_sound_envelope_is_always_an_alarm(data: Any, when: Any) -> None:
    decoded = check(json.dumps({**sound_attributes, "data": data, "time": when}).encode())
    assert not decoded.rejections
    assert AlarmKind.SOS in decoded.events[0].kinds


@examples(30)
@given(
    st.sampled_from(["[", '{"a":', "[[", '[{"data":', '{"data":{"x":', "9", "-", '"\\ud800', "1e9", "\\u0000", "nul"]),
    st.integers(1, 70_000),
)
def test_a_bomb_is_decoded_in_bounded_time(piece: str, times: int) -> None:
    check((piece * times)[:70_000].encode())
    bomb = (piece * times)[:60_000]
    check(json.dumps(sound_attributes)[:-1].encode() + b', "data": {"x": ' + bomb.encode() + b"}}")


@given(st.dictionaries(st.text(max_size=8), anything, max_size=4), st.booleans())
def test_what_is_read_in_one_go_is_what_reading_it_tolerantly_gives(fields: dict[str, Any], escaped: bool) -> None:
    try:
        payload = json.dumps({"type": "device.sos", **fields}, ensure_ascii=escaped).encode()
    except UnicodeEncodeError:
        return  # a lone surrogate, which UTF-8 cannot hold
    event = one_event_of(payload)
    noted = Noted()
    if event is not None:
        assert ([event], "") == documents_of(texts_of(payload, noted), noted)
        assert noted.told() == ()


@pytest.mark.parametrize(
    "payload", [b'{"type": NaN}', b'{"type": 1e999}', b'{"type": %s}' % (b"7" * 19), b'{"type": 1} x']
)
def test_what_only_tolerance_can_read_is_not_read_in_one_go(payload: bytes) -> None:
    assert one_event_of(payload) is None


@given(
    st.lists(st.tuples(st.sampled_from(["id", "type", "specversion", "data", "ce-time"]) | st.text(), st.text())),
    st.binary() | anything.map(lambda said: json.dumps(said).encode()) | st.just(b"9" * 60_000) | st.just(b"[" * 900),
    st.sampled_from(["event", "telemetry", "status", "alarm"]),
)
def test_properties_of_a_message_make_an_event_or_leave_it_as_it_is(
    properties: list[tuple[str, str]], payload: bytes, topic: str
) -> None:
    for one in (properties, [*properties, ("type", "device.sos")]):
        check(structured(f"yian/v1/W-000123/up/{topic}", payload, one))
