"""Signs of an alarm in any JSON of a device: what names one is found wherever it stands, what is none is not."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.alarm_kind import AlarmKind, Note
from contracts.device_event import DeviceEvent
from ingest_gateway.decode.elsewhere import decode_elsewhere
from ingest_gateway.decode.event import decode
from ingest_gateway.decode.signs import rings, signs_in
from ingest_gateway.decode.words import flag_named, is_off, kinds_named
from ingest_gateway.flood.glance import glance_at

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LOW: dict[str, Any] = {"specversion": "1.0", "id": "a", "source": "/d", "type": "device.low_battery"}

harmless = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet="bcxyz", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="bcxyz", max_size=4), inner, max_size=3)
    ),
)
flags = st.sampled_from(
    ["sos", "isFall", "SOSFlag", "fall_status", "device.sos", "smoke", "gasAlarm", "跌倒", "SOS报警"]
)
on = st.sampled_from([True, 1, "1", "on", "alarm", "detected", "pressed"])
off = st.sampled_from([False, 0, -1, None, "", "0", "0000", "off", "idle", "Normal", "cleared", "not detected", "正常"])
wrapping = st.sampled_from(["status", "x", "values"])


def tables_in_tables(depth: int) -> Any:
    inner: Any = {"alarm": [{"alarm": 0, "k": "报警x"}] * 1_600}
    for _ in range(depth):
        inner = {"columns": ["a"], "rows": [[inner]]}
    return inner


def kinds_of_low(data: Any) -> set[AlarmKind | Note]:
    (event,) = decode(json.dumps({**LOW, "data": data}).encode(), "W-1", NOW).events
    return set(event.kinds)


@given(harmless, flags, on, st.lists(wrapping, max_size=3))
def test_a_flag_that_is_set_rings_wherever_it_stands(beside: Any, flag: str, value: Any, path: list[str]) -> None:
    data: Any = {"b": beside, flag: value}
    for key in path:
        data = {key: data}
    assert kinds_of_low(data) == {AlarmKind.LOW_BATTERY, flag_named(flag)}


@given(st.dictionaries(flags | st.just("alarm"), off), wrapping)
def test_what_is_plainly_no_alarm_does_not_ring(said: dict[str, Any], key: str) -> None:
    assert not any(map(rings, signs_in({**said, key: said})))
    assert kinds_of_low({**said, key: said}) == {AlarmKind.LOW_BATTERY}


@given(harmless)
def test_json_without_a_word_of_an_alarm_does_not_ring(said: Any) -> None:
    assert not any(map(rings, signs_in(said)))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("sos fall", {AlarmKind.SOS, AlarmKind.FALL}),
        ("help、跌倒", {AlarmKind.HELP_REQUEST, AlarmKind.FALL}),
        ("low battery", {AlarmKind.LOW_BATTERY}),
        ("防拆报警", {AlarmKind.TAMPER}),
        ("fall cancelled", {Note.FALL_CANCELLED}),
        ("sos disabled", set()),
        ("跌倒检测已开启", set()),
        ("检测到老人跌倒", {AlarmKind.FALL}),
    ],
)
def test_a_name_tells_every_alarm_in_it(name: str, kinds: set[AlarmKind | Note]) -> None:
    assert set(kinds_named(name)) == kinds


@pytest.mark.parametrize("text", ["no movement", "sos", "pressed", "30%", "跌倒", "emergency", "no response"])
def test_words_of_an_alarm_are_not_taken_for_off(text: str) -> None:
    assert not is_off(text)


@pytest.mark.parametrize(
    "text",
    [
        "已接警",
        "报警已确认",
        "已有人接听",
        "已受理",
        "误报",
        "closed",
        "call taken",
        "already dealt with",
        "answered by nurse",
    ],
)
def test_what_somebody_has_dealt_with_is_off(text: str) -> None:
    assert is_off(text)


@pytest.mark.parametrize(
    "text",
    [
        "未接警",
        "待确认",
        "待处理",
        "无法解除",
        "未能解除",
        "已上报",
        "not answered",
        "not yet been handled",
        "call",
        "open",
    ],
)
def test_what_nobody_has_dealt_with_is_not(text: str) -> None:
    assert not is_off(text)


@pytest.mark.parametrize("text", ["confirmed", "alarm confirmed", "verified", "confirmed by operator"])
def test_an_alarm_that_is_confirmed_rings(text: str) -> None:
    """It may be one that somebody has seen, or one that a second sensor has found to be real (EN 50131)."""
    assert not is_off(text)


def test_a_fall_that_is_confirmed_is_one() -> None:
    assert kinds_of_low({"fall": "已确认"}) == {AlarmKind.LOW_BATTERY, AlarmKind.FALL}
    assert kinds_of_low({"event": "fall confirmed"}) == {AlarmKind.LOW_BATTERY, AlarmKind.FALL}
    assert kinds_of_low({"sos": "已确认"}) == {AlarmKind.LOW_BATTERY}


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("老人摔倒了，请尽快联系", "fall"),
        ("厨房着火了，快来人啊", "smoke, sos"),
        ("[3G*8800000015*00CD*AL,180916,064153,A", "sos"),
        ("787825160b0b0f0e241dcf027ac8870c4657e60014020901cc00287d001f726506040101003656a40d0a", "sos"),
    ],
)
def test_of_what_cannot_be_read_the_case_is_told_what_it_seems_to_say(said: str, kinds: str) -> None:
    (rejection,) = decode(said.encode(), "W-1", NOW).rejections
    assert rejection.detail.startswith(f"it seems to say {kinds}; ")
    assert rejection.code == "event.not_json"


def test_beside_a_table_an_alarm_is_heard_too() -> None:
    table = {"columns": ["time", "fall"], "rows": [[1, 0]]}
    assert kinds_of_low(table) == {AlarmKind.LOW_BATTERY}
    assert kinds_of_low(table | {"data": {"sos": 1}}) == {AlarmKind.LOW_BATTERY, AlarmKind.SOS}
    assert kinds_of_low(table | {"rows": [[1, 0], [2, 1]]}) == {AlarmKind.LOW_BATTERY, AlarmKind.FALL}


def test_a_settings_key_is_no_flag() -> None:
    assert [flag_named(key) for key in ("sosNumber", "fallDetection", "fall_count", "gas_threshold", "island")] == [
        None
    ] * 5


def test_a_repeat_in_another_spelling_has_the_type_of_the_first() -> None:
    first, again = (decode(json.dumps({**LOW, "type": kind}).encode(), "W-1", NOW) for kind in ("device.sos", "SOS"))
    assert first.events[0].wire_type == again.events[0].wire_type == "device.sos"


def test_what_may_hide_an_alarm_is_read_in_full() -> None:
    """Also when a device floods, and most of its messages are only glanced at."""
    twice = json.dumps(LOW).replace('"device.low_battery"', '"device.sos", "type": "device.low_battery"').encode()
    measured = json.dumps({**LOW, "data": {"readings": [{"n": "sos", "v": 1}]}}).encode()
    assert glance_at(json.dumps(LOW).encode(), "W-1", NOW) is not None
    assert (glance_at(twice, "W-1", NOW), glance_at(measured, "W-1", NOW)) == (None, None)


@pytest.mark.parametrize(
    "said",
    [
        {f"k{i}": 1 for i in range(4_000)},
        {"is" * 20 + str(i): 1 for i in range(1_000)},
        {"alarms": [f"s{i}" for i in range(5_000)]},
        {"type": [f"状{i}" for i in range(3_000)]},
        {"n": "a", "v": {"n": "a", "v": {"n": "a", "v": [{"n": "b", "v": "{"}] * 2_000}}},
        {"alarm": {"alarm": {"alarm": [{"alarm": 0}] * 3_000}}},
        {"data": ["U09T"] * 7_000},
        {"data": {"raw": {"hex": ["534f53"] * 6_000}}},
        {"data": [["time", "fall"], *[["1", "已"]] * 4_000]},
        {"alarm": "报警已" * 7_000, "status": "已" * 7_000},
        tables_in_tables(7),
    ],
    ids=["keys", "long keys", "names", "types", "records", "alarms", "packed", "hex", "table", "dealt with", "tables"],
)
def test_what_is_built_to_be_slow_is_read_in_bounded_time(said: Any) -> None:
    payload = json.dumps(said, ensure_ascii=False).encode()
    started = time.process_time()
    decode_elsewhere("telemetry", payload, "W-1", NOW)
    decoded = decode(json.dumps({**LOW, "data": said}, ensure_ascii=False).encode(), "W-1", NOW)
    assert time.process_time() - started < 1.0
    assert all(DeviceEvent.read(event.value()) for event in decoded.events)
