"""Any bytes of a device become events and rejections: the wire's cases, its fine print, what hypothesis finds."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.alarm_kind import AlarmKind, Note
from contracts.device_event import DeviceEvent
from ingest_gateway.decode.documents import documents_of, one_event_of
from ingest_gateway.decode.event import Decoded, decode, garbled
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.packing import MAX_BYTES, texts_of

NOW = datetime(2026, 11, 22, 0, 0, 0, 140_000, tzinfo=UTC)


def an_event(**changes: Any) -> dict[str, Any]:
    event = {
        "specversion": "1.0",
        "id": "a1",
        "source": "/devices/W-000123",
        "type": "device.sos",
        "time": "2026-11-22T08:00:00.123+08:00",
        "data": {"location": {"lat": 30.2012, "lon": 115.0387, "accuracy_m": 15, "fix": "gps", "datum": "WGS-84"}},
    }
    return {name: value for name, value in {**event, **changes}.items() if value != "absent"}


def read(message: Any) -> Decoded:
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    return decode(payload, "W-000123", NOW)


def the_event(message: Any) -> DeviceEvent:
    decoded = read(message)
    assert not decoded.rejections, decoded.rejections
    [event] = decoded.events
    return event


def the_code(message: Any) -> tuple[str, str | None]:
    decoded = read(message)
    [rejection] = decoded.rejections
    assert rejection.detail
    return rejection.code, rejection.id


def test_a_plain_press_keeps_everything_it_says() -> None:
    event = the_event(
        an_event(
            data={
                "location": {"lat": 30.2012, "lon": 115.0387, "accuracy_m": 15, "fix": "gps", "datum": "WGS-84"},
                "battery_pct": 41,
                "readings": [{"n": "heart_rate", "u": "beat/min", "v": 118}],
                "button": "left",
            }
        )
    )
    assert (event.device_id, event.event_id, event.wire_type) == ("W-000123", "a1", "device.sos")
    assert event.kinds == (AlarmKind.SOS,)
    assert event.occurred_at == event.device_time == datetime(2026, 11, 22, 0, 0, 0, 123_000, tzinfo=UTC)
    assert event.location is not None
    assert (event.location.lat, event.location.lon, event.location.accuracy_m) == (30.2012, 115.0387, 15)
    assert event.battery_pct == 41
    assert [(r.name, r.unit, r.value) for r in event.readings] == [("heart_rate", "beat/min", 118)]
    assert event.data == {"button": "left"}
    assert DeviceEvent.read(event.value()) == event


def test_further_alarms_of_a_moment_come_most_urgent_first_and_once() -> None:
    data = {"alarms": ["device.sos", "device.fall", "device.sos", 7, None, "", {"x": 1}]}
    event = the_event(an_event(type="device.low_battery", data=data))
    assert event.kinds == (AlarmKind.SOS, AlarmKind.FALL, AlarmKind.LOW_BATTERY)


def test_a_further_alarm_of_unknown_name_is_not_dropped() -> None:
    event = the_event(an_event(type="device.test", data={"alarms": ["device.panic_v2", "sos", "com.example.x"]}))
    assert event.kinds == (AlarmKind.SOS, AlarmKind.UNKNOWN, Note.TEST)


def test_a_device_cannot_name_the_kinds_that_are_ours() -> None:
    assert the_event(an_event(type="device.garbled")).kinds == (AlarmKind.UNKNOWN,)
    assert the_event(an_event(type="device.unknown")).kinds == (AlarmKind.UNKNOWN,)


@pytest.mark.parametrize(
    "location",
    [
        None,
        "somewhere",
        [],
        {},
        {"lat": "north", "lon": 115},
        {"lat": True, "lon": 115},
        {"lat": 91, "lon": 115},
        {"lat": 30, "lon": 1e9},
        {"lat": 0, "lon": 0, "fix": "none"},
    ],
)
def test_a_location_that_cannot_be_read_is_left_out(location: Any) -> None:
    assert the_event(an_event(data={"location": location, "battery_pct": 5})).location is None


@pytest.mark.parametrize("bad", ["full", None, True, -1, 101, 10**400, [41]])
def test_a_battery_that_cannot_be_read_is_left_out(bad: Any) -> None:
    event = the_event(an_event(data={"battery_pct": bad, "location": {"lat": 30, "lon": 115}}))
    assert event.battery_pct is None
    assert event.location is not None


def test_saying_nothing_is_a_version_of_the_data_too() -> None:
    silent = {the_event(an_event(data=data)).data_digest for data in ("absent", None, {})}
    assert len(silent) == 1
    assert silent.isdisjoint({None, the_event(an_event(data={"rssi": -71})).data_digest})


@pytest.mark.parametrize("pair", [(90, 180), (-1, -1), (180, 180)])
def test_what_receivers_send_without_a_fix_is_no_place(pair: tuple[float, float]) -> None:
    event = the_event(an_event(data={"location": {"lat": pair[0], "lon": pair[1]}}))
    assert event.location is None
    assert [remark.code for remark in event.remarks] == ["location.null_island"]


def test_bad_details_of_a_location_do_not_cost_the_place() -> None:
    location = {"lat": 30.2, "lon": 115.0, "accuracy_m": -3, "fix": "guess", "datum": "Mars"}
    found = the_event(an_event(data={"location": location})).location
    assert found is not None
    assert (found.lat, found.lon, found.accuracy_m, found.fix, found.source_datum) == (
        30.2,
        115.0,
        None,
        None,
        "WGS-84",
    )


@pytest.mark.parametrize("datum", ["GCJ-02", "gcj02", "GCJ_02", "gcj02ll", "高德", "amap"])
def test_gcj02_becomes_wgs84_and_the_source_is_kept(datum: str) -> None:
    found = the_event(an_event(data={"location": {"lat": 30.198, "lon": 115.0443, "datum": datum}})).location
    assert found is not None
    assert found.source_datum == "GCJ-02"
    assert abs(found.lat - 30.2004) < 0.001
    assert abs(found.lon - 115.0388) < 0.001


@pytest.mark.parametrize(
    ("sent", "suspect", "known"),
    [
        ("absent", False, False),
        (None, False, False),
        ("1970-01-01T00:00:12Z", True, True),
        ("2019-12-31T23:59:59Z", True, True),
        ("2026-11-23T00:01:00Z", True, True),
        ("2026-11-20T23:59:00Z", True, True),
        ("2026-11-21T12:00:00Z", False, True),
        ("2026-11-21t12:00:00z", False, True),
        ("yesterday", True, False),
        ("2026-11-22T08:00:00", True, False),
        ("0001-01-01T00:00:00+14:00", True, False),
        ("9999-12-31T23:59:59-14:00", True, False),
        (1795307335, False, True),
        ("1795307335123", False, True),
        (12, True, False),
        (1e400, True, False),
        ({"at": 1}, True, False),
    ],
)
def test_a_clock_never_refuses_an_alarm(sent: Any, suspect: bool, known: bool) -> None:
    event = the_event(an_event(time=sent))
    assert (event.time_suspect, event.device_time is not None) == (suspect, known)
    assert event.occurred_at == (NOW if suspect or not known else event.device_time)


@pytest.mark.parametrize(
    ("message", "code", "event_id"),
    [
        (b"", "event.not_json", None),
        (b"[3G*8800000015*00CD*AL,220414", "event.not_json", None),
        (b"[" * 60_000, "event.not_json", None),
        (b'{"a":' * 10_000, "event.not_json", None),
        (b" " * (MAX_BYTES + 1), "event.too_large", None),
        ([an_event()] * 257, "event.too_many", None),
        ([], "event.bad_envelope", None),
        (5, "event.bad_envelope", None),
        ("help", "event.bad_envelope", None),
        (None, "event.bad_envelope", None),
        (an_event(id="absent"), "event.bad_envelope", None),
        (an_event(id=""), "event.bad_envelope", None),
        (an_event(id=True), "event.bad_envelope", None),
        (an_event(id="x" * 65), "event.bad_envelope", "x" * 65),
        (an_event(id="x" * 2000), "event.bad_envelope", None),
        (an_event(id="a\x00b"), "event.bad_envelope", "a\ufffdb"),
        (b'{"specversion":"1.0","id":"\\ud800","source":"/d","type":"device.sos"}', "event.bad_envelope", "\ufffd" * 3),
        (an_event(type="absent"), "event.bad_envelope", "a1"),
        (an_event(type="com.example.thing"), "event.unknown_type", "a1"),
        (an_event(type="device"), "event.unknown_type", "a1"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_its_reason(message: Any, code: str, event_id: str | None) -> None:
    assert the_code(message) == (code, event_id)


def with_accuracy(text: str) -> bytes:
    return json.dumps(an_event()).replace('"accuracy_m": 15', f'"accuracy_m": {text}').encode()


@pytest.mark.parametrize(
    "payload",
    [
        b"\xef\xbb\xbf" + json.dumps(an_event()).encode() + b"\x00\r\n",
        with_accuracy("NaN"),
        with_accuracy("1e999"),
        with_accuracy("9" * 60_000),
        json.dumps(an_event()).encode().replace(b'"fix": "gps"', b'"name": "\xcd\xf5"'),
        json.dumps(an_event()).encode().replace(b'"fix": "gps"', b'"name": "\\ud83d\\u0000"'),
        json.dumps(an_event()).encode().replace(b'"id": "a1"', b'"id": "zz", "id": "a1"'),
        json.dumps(an_event(data={"deep": json.loads("[" * 400 + "]" * 400)})).encode(),
        json.dumps(an_event(data="not an object", extra={"x": 1})).encode(),
    ],
    ids=[
        "BOM and NUL",
        "NaN",
        "infinity",
        "digits",
        "GBK",
        "surrogate",
        "twice the same key",
        "deep",
        "data is a text",
    ],
)
def test_an_alarm_survives_what_firmware_does_to_json(payload: bytes) -> None:
    event = the_event(payload)
    assert (event.event_id, event.kinds) == ("a1", (AlarmKind.SOS,))
    again = DeviceEvent.read(event.value())
    assert again.event_id == "a1"
    assert "\x00" not in event.value().decode().replace("\\u0000", "\x00")


def test_one_bad_event_of_an_array_costs_only_itself() -> None:
    decoded = read([an_event(id="k1"), {"hello": 1}, an_event(id="k2", type="device.fall")])
    assert [event.event_id for event in decoded.events] == ["k1", "k2"]
    assert [bad.code for bad in decoded.rejections] == ["event.bad_envelope"]


def test_the_same_garbage_of_the_same_device_is_one_happening() -> None:
    payload = b"[3G*8800000015*00CD*AL,220414"
    rejections = read(payload).rejections
    first = garbled(payload, "W-000123", NOW, rejections)
    again = garbled(payload, "W-000123", NOW + timedelta(hours=1), rejections)
    other = garbled(payload, "W-000124", NOW, rejections)
    assert first.event_id == again.event_id != other.event_id
    assert (first.kinds, first.garbled_code) == ((AlarmKind.GARBLED,), "event.not_json")


# properties

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


@settings(max_examples=30)
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
