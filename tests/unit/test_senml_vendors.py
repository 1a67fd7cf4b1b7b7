"""Readings in other forms than SenML in JSON: what can be told of them is taken, and said to be mended."""

import base64
import gzip
import json
import time
import zlib
from collections.abc import Callable
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.telemetry.model import Pack
from services.telemetry.senml import read_pack

NOW_US = 1_795_307_400_000_000
NOW = NOW_US / 1e6
DEVICE = "W-000123"


def read(payload: bytes | str | dict[str, Any] | list[Any]) -> Pack:
    if not isinstance(payload, bytes):
        payload = (payload if isinstance(payload, str) else json.dumps(payload)).encode()
    return read_pack(payload, DEVICE, NOW_US)


def told(pack: Pack) -> list[tuple[str, float | str | None, float]]:
    return [(r.name, r.text if r.value is None else r.value, r.measured_us / 1e6) for r in pack.readings]


@pytest.mark.parametrize(
    "text",
    [
        '[{"n": "spo2", "v": 97, "t": 1795307335}, {"n": "steps", "v": 3, "t": 1795307335},]',
        "[{'n': 'spo2', 'v': 97, 't': 1795307335}, {'n': 'steps', 'v': 3, 't': 1795307335}]",
        '[{"n": "spo2", "v": 97, "t": 1795307335}, {"n": "steps", "v": 3, "t": 1795307335}',
        '{"n": "spo2", "v": 97, "t": 1795307335}\n{"n": "steps", "v": 3, "t": 1795307335}\n',
        '{"bt": 1795307335, "n": "spo2", "v": 97}\r\n{"n": "steps", "v": 3}',
        '[{"n": "spo2", "v": 97, "t": 1795307335}]\n[{"n": "steps", "v": 3, "t": 1795307335}]',
        '\ufeff[{"n": "spo2", "v": 97, "t": 1795307335}, {"n": "steps", "v": 3, "t": 1795307335},]\0',
    ],
    ids=["comma", "single quotes", "no bracket", "a record a line", "base in the first line", "a pack a line", "BOM"],
)
def test_json_with_mistakes_of_handwork_is_read_and_says_so(text: str) -> None:
    pack = read(text)
    assert told(pack) == [("spo2", 97.0, 1795307335.0), ("steps", 3.0, 1795307335.0)]
    assert (pack.bad, pack.mended) == ([], {"spo2": "json", "steps": "json"})


def test_texts_in_gb_18030_are_read() -> None:
    pack = read('[{"n": "motion", "vs": "厨房"}]'.encode("gb18030"))
    assert told(pack) == [("motion", "厨房", NOW)]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ('[{"n": "spo2", "v": 97}, {"n": "steps", "v": 3}, {"n": "batt', 1),
        ('[{"n": "spo2", "v": 97}, {"n": "x", "v":}, {"n": "steps", "v": 3}]', 1),
        ('[\n{"n": "spo2", "v": 97},\n{"n": "x" "v": 5},\n{"n": "steps", "v": 3}\n]', 1),
        ('[{"n": "spo2", "v": 97}, {"n": "steps", "v": 3}] +QMTPUB: 0,1,0', 1),
    ],
    ids=["cut off", "one bad", "one bad, a record a line", "a modem behind it"],
)
def test_what_is_no_json_costs_only_itself(text: str, lost: int) -> None:
    pack = read(text)
    assert told(pack) == [("spo2", 97.0, NOW), ("steps", 3.0, NOW)]
    assert [bad.code for bad in pack.bad] == ["telemetry.bad_record"] * lost


def test_nothing_counts_from_a_time_that_was_lost() -> None:
    pack = read('[{"bt": 1795300000, "n": "x", "v":}, {"n": "spo2", "v": 97}, {"n": "steps", "v": 3, "t": 1795307335}]')
    assert told(pack) == [("steps", 3.0, 1795307335.0)]
    assert len(pack.bad) == 2


def test_the_base_of_one_pack_does_not_hold_for_the_next() -> None:
    pack = read('[{"bn": "bed/", "bt": 1795300000, "n": "motion", "vb": true}]\n[{"n": "door", "vs": "front"}]')
    assert told(pack) == [("motion", "bed", 1795300000.0), ("door", "front", NOW)]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"bn": "kitchen/", "n": "motion", "vb": True}, "kitchen"),
        ({"n": "卧室/motion", "v": 1}, "卧室"),
        ({"bn": "W-000123/", "n": "front_left/door", "vb": True}, "front_left"),
        ({"bn": "868120000000001/", "n": "motion", "vb": True}, 1.0),
        ({"bn": "urn:dev:mac:0024befffe804ff1/", "n": "motion", "vb": True}, 1.0),
        ({"bn": "kitchen/", "n": "motion", "vb": False}, 0.0),
    ],
)
def test_the_room_in_a_name_is_the_text_of_its_motion(said: dict[str, Any], text: str | float) -> None:
    """Or two rooms of one device would be one measurement."""
    assert [told[1] for told in told(read([said]))] == [text]


AT = "2026-11-22T08:28:55+08:00"


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ([{"n": "spo2", "v": 97, "t": AT}], 1795307335),
        ([{"bt": "2026-11-22T00:28:55Z", "n": "spo2", "v": 97}], 1795307335),
        ([{"bt": "2026-11-22T00:28:55.5Z", "n": "spo2", "v": 97, "t": -60}], 1795307275.5),
        ([{"bt": 1795300000, "n": "spo2", "v": 97, "t": AT}], 1795307335),
        ({"ts": AT, "spo2": 97}, 1795307335),
        ({"time": AT, "readings": [{"n": "spo2", "v": 97}]}, 1795307335),
    ],
)
def test_a_date_and_time_with_an_offset_is_a_time(message: Any, seconds: float) -> None:
    assert told(read(message)) == [("spo2", 97.0, seconds)]


def test_a_time_of_no_zone_is_no_time() -> None:
    pack = read([{"n": "spo2", "v": 97, "t": "2026-11-22 08:28:55"}])
    assert (pack.readings, [bad.code for bad in pack.bad]) == ([], ["telemetry.bad_record"])


@pytest.mark.parametrize(
    ("called", "sent", "name", "value"),
    [
        ("hr", 72, "heart_rate", 72),
        ("bpm", "72", "heart_rate", 72),
        ("heartRate", 72, "heart_rate", 72),
        ("HeartRate", 72, "heart_rate", 72),
        ("心率", 72, "heart_rate", 72),
        ("SpO2", 97, "spo2", 97),
        ("spO2", "97%", "spo2", 97),
        ("bloodOxygen", 97, "spo2", 97),
        ("temp", 36.6, "body_temperature", 36.6),
        ("bodyTemperature", 36.6, "body_temperature", 36.6),
        ("sbp", 130, "systolic_bp", 130),
        ("DBP", 80, "diastolic_bp", 80),
        ("stepCount", 312, "steps", 312),
        ("batteryLevel", 41, "battery", 41),
        ("rssi", -71, "signal", -71),
        ("breath_rate", 16, "respiratory_rate", 16),
    ],
)
def test_a_vital_under_a_common_name_is_that_vital(called: str, sent: Any, name: str, value: float) -> None:
    for message in ([{"n": called, "v": sent}], {called: sent}, {"data": {called: sent}}, {called: {"value": sent}}):
        pack = read(message)
        assert told(pack) == [(name, value, NOW)]
        assert pack.bad == []
        assert pack.mended.keys() == {name}
    assert read([{"n": called, "v": value}]).mended == {name: "name"}


@pytest.mark.parametrize(
    "message",
    [
        [{"n": "bloodPressure", "vs": "120/80"}],
        {"bloodPressure": "120/80 mmHg"},
        {"bp": [120, 80]},
        {"bloodPressure": {"systolic": 120, "diastolic": 80}},
        {"sbp": 120, "dbp": 80},
        {"vitals": {"highPressure": "120", "lowPressure": "80"}},
    ],
)
def test_blood_pressure_is_two_readings(message: Any) -> None:
    assert told(read(message)) == [("systolic_bp", 120.0, NOW), ("diastolic_bp", 80.0, NOW)]


@pytest.mark.parametrize(
    ("name", "sent"), [("temperature", 22.5), ("temp", 98.2), ("battery_mv", 3700), ("batt", 3700), ("pressure", 1013)]
)
def test_what_is_perhaps_something_else_keeps_its_name(name: str, sent: float) -> None:
    pack = read([{"n": name, "v": sent}])
    assert (told(pack), pack.mended) == ([(name, sent, NOW)], {})


SENML_CBOR = [
    {-2: "W-000123/", -3: 1795307335, 0: "heart_rate", 1: "beat/min", 2: 72},
    {0: "steps", 2: 312},
    {0: "worn", 4: True},
    {0: "door", 3: "front", 6: -60},
]


def test_senml_in_cbor_is_read() -> None:
    pack = read(cbor2.dumps(SENML_CBOR))
    assert told(pack) == [
        ("heart_rate", 72.0, 1795307335.0),
        ("steps", 312.0, 1795307335.0),
        ("worn", 1.0, 1795307335.0),
        ("door", "front", 1795307275.0),
    ]
    assert (pack.bad, set(pack.mended.values())) == ([], {"cbor"})


@pytest.mark.parametrize("message", [{"hr": 72}, [{"n": "hr", "v": 72}], {0: "hr", 2: 72}])
def test_other_forms_in_cbor_are_read_like_those_in_json(message: Any) -> None:
    assert told(read(cbor2.dumps(message))) == [("heart_rate", 72.0, NOW)]


def test_a_bad_record_in_cbor_costs_only_itself() -> None:
    pack = read(cbor2.dumps([{0: "spo2", 2: b"97"}, {0: "steps", 2: 3}, 7, {0: "x", 2: [[1]]}]))
    assert told(pack) == [("steps", 3.0, NOW)]
    assert [bad.code for bad in pack.bad] == ["telemetry.bad_record"] * 3


@given(st.sampled_from([0x81, 0x9F, 0xA1, 0xBF, 0x9B, 0x9A]), st.binary(max_size=300))
def test_any_bytes_that_begin_like_cbor_are_readings_or_set_aside(first: int, rest: bytes) -> None:
    pack = read(bytes([first]) + rest)
    assert pack.readings or pack.bad or rest


@pytest.mark.parametrize(
    "payload",
    [
        b"\x81" * 60_000,
        b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x81\xd8\x1c\x81\xd8\x1d\x00",
        b"\x81\xc5\x82\x1a\x7f\xff\xff\xff\x01",
        b"\x81\xc4\x82\x1a\x7f\xff\xff\xff\x01",
        b"\x81\xa1\x00\xd8\x23\x78\x04(a+)",
    ],
    ids=["deep", "long", "holds itself", "a huge power of two", "of ten", "an expression"],
)
def test_hostile_cbor_is_one_or_more_bad_records(payload: bytes) -> None:
    pack = read(payload)
    assert pack.readings == []
    assert pack.bad


def test_packs_in_cbor_one_after_the_other_are_all_read() -> None:
    pack = read(cbor2.dumps(SENML_CBOR) + b"\xd9\xd9\xf7" + cbor2.dumps([{0: "spo2", 2: 97}]) + b"\xff\xff")
    assert [reading.name for reading in pack.readings] == ["heart_rate", "steps", "worn", "door", "spo2"]
    assert pack.bad == []


def test_a_pack_in_cbor_that_was_cut_off_costs_only_itself() -> None:
    pack = read(cbor2.dumps(SENML_CBOR) + cbor2.dumps(SENML_CBOR)[:-9])
    assert ([reading.name for reading in pack.readings], len(pack.bad)) == (["heart_rate", "steps", "worn", "door"], 1)


PACK = json.dumps([{"n": "spo2", "v": 97, "t": 1795307335}, {"n": "steps", "v": 3, "t": 1795307335}]).encode()


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        zlib.compress,
        base64.b64encode,
        lambda sent: sent.hex().encode(),
        lambda sent: base64.b64encode(gzip.compress(sent)),
        lambda sent: gzip.compress(json.dumps(sent.decode()).encode()),
        lambda sent: gzip.compress(cbor2.dumps(json.loads(sent))),
    ],
    ids=["gzip", "zlib", "Base64", "hex", "gzip in Base64", "a text of JSON in gzip", "CBOR in gzip"],
)
def test_packed_readings_are_read_and_say_so(pack: Callable[[bytes], bytes]) -> None:
    made = read(pack(PACK))
    assert told(made) == [("spo2", 97.0, 1795307335.0), ("steps", 3.0, 1795307335.0)]
    assert (made.bad, made.mended) == ([], {"spo2": "packed", "steps": "packed"})


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_readings_in_a_wide_encoding_are_read_and_say_so(encoding: str) -> None:
    made = read(PACK.decode().encode(encoding))
    assert told(made) == [("spo2", 97.0, 1795307335.0), ("steps", 3.0, 1795307335.0)]
    assert (made.bad, made.mended) == ([], {"spo2": "json", "steps": "json"})


def test_readings_within_a_json_text_are_read_and_say_so() -> None:
    assert read(json.dumps(PACK.decode())).mended == {"spo2": "shape", "steps": "shape"}


@pytest.mark.parametrize("layers", [1, 2])
def test_readings_that_unpack_to_a_city_are_not_unpacked(layers: int) -> None:
    bomb = b" " * 50_000_000
    for _ in range(layers):
        bomb = gzip.compress(bomb)
    started = time.process_time()
    made = read(bomb)
    assert [(bad.code, bad.payload) for bad in made.bad] == [("telemetry.too_large", bomb)]
    assert time.process_time() - started < 0.5


def test_gzip_that_was_cut_at_its_head_is_set_aside_whole() -> None:
    broken = gzip.compress(PACK)[:4] + b"\xff" * 40
    assert [(bad.code, bad.payload) for bad in read(broken).bad] == [("telemetry.not_json", broken)]


def test_a_flag_under_v_is_a_flag_unless_it_should_be_a_figure() -> None:
    pack = read([{"n": "worn", "v": True}, {"n": "lamp", "v": False}, {"n": "spo2", "v": True}, {"n": "HR", "v": True}])
    assert told(pack) == [("worn", 1.0, NOW), ("lamp", 0.0, NOW)]
    assert (pack.mended, len(pack.bad)) == ({"worn": "label", "lamp": "label"}, 2)


@pytest.mark.parametrize(
    ("name", "sent", "value", "unit"),
    [
        ("heart_rate", "72 bpm", 72, "beat/min"),
        ("heart_rate", "72次/分", 72, "beat/min"),
        ("heart_rate", "７２", 72, None),
        ("body_temperature", "36,6", 36.6, None),
        ("body_temperature", "36.6℃", 36.6, "Cel"),
        ("body_temperature", "36,6 °C", 36.6, "Cel"),
        ("body_temperature", "98.2 °F", 98.2, "[degF]"),
        ("systolic_bp", "130 mmHg", 130, "mm[Hg]"),
        ("blood_glucose", "5,6 mmol/l", 5.6, "mmol/L"),
        ("body_weight", "61.5 公斤", 61.5, "kg"),
        ("signal", "-71 dBm", -71, "dBm"),
    ],
)
def test_a_number_with_its_unit_or_a_decimal_comma_is_that_number(
    name: str, sent: str, value: float, unit: str | None
) -> None:
    for message in ([{"n": name, "v": sent}], [{"n": name, "vs": sent}], {name: sent}):
        pack = read(message)
        assert [(reading.name, reading.value, reading.unit) for reading in pack.readings] == [(name, value, unit)]
        assert (pack.bad, pack.mended.keys()) == ([], {name})


@pytest.mark.parametrize("sent", ["1,234", "72 apples", "3 of 4", "12:30", "7²", "high", "72 bpm 73 bpm", "1.234,5"])
def test_what_may_be_two_numbers_or_none_is_no_reading(sent: str) -> None:
    pack = read([{"n": "steps", "v": sent}])
    assert (pack.readings, len(pack.bad)) == ([], 1)
