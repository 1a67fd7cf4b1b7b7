"""Messages of devices become events and rejections: the wire's fine print."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from decoded import NOW, an_event, read, the_code, the_event

from contracts.alarm_kind import AlarmKind, Note
from contracts.device_event import DeviceEvent
from contracts.device_packing import MAX_BYTES
from ingest_gateway.decode.event import garbled


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


def test_saying_nothing_is_a_version_of_the_data_too() -> None:
    silent = {the_event(an_event(data=data)).data_digest for data in ("absent", None, {})}
    assert len(silent) == 1
    assert silent.isdisjoint({None, the_event(an_event(data={"rssi": -71})).data_digest})


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
