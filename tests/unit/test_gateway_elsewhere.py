"""What may be an alarm and came on another topic than `up/event`: who is told what, and what it costs."""

import asyncio
import gzip
import json
import time
import timeit
from datetime import UTC, datetime
from typing import Any

import pytest
from gateway_scene import PRESS, Scene
from hypothesis import given
from hypothesis import strategies as st

from contracts.alarm_kind import AlarmKind
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceEvent, DeviceStatus
from contracts.telemetry import decode_batch
from contracts.topics import DEAD_LETTER, DEVICE_EVENT, DEVICE_STATUS, DEVICE_TELEMETRY
from ingest_gateway.decode.elsewhere import decode_elsewhere
from ingest_gateway.decode.lookout import Lookout
from tests.examples import examples

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PACK = b'[{"bn":"W-1/","bt":1795307335.0,"n":"heart_rate","u":"beat/min","v":72},{"n":"steps","u":"count","v":312}]'


def sos(**more: Any) -> bytes:
    return json.dumps({"specversion": "1.0", "id": "a1", "source": "/x", "type": "device.sos", **more}).encode()


async def test_a_press_among_readings_does_not_wait_for_them() -> None:
    scene = Scene(linger=60)
    scene.other("telemetry", PACK, sos(), PACK)
    await asyncio.sleep(0.05)
    assert scene.log.lines == [("bus", DEVICE_EVENT.name), ("receipt", "yian/v1/W-1/down/receipt"), ("ack", (2,))]
    await scene.settled()
    assert scene.connection.acknowledged == [2, 1, 3]
    assert [len(decode_batch(value)) for value in scene.bus.of(DEVICE_TELEMETRY.name)] == [2]
    assert (scene.held.messages, scene.held.bytes) == (0, 0)


async def test_readings_beside_a_press_in_one_message_are_kept_before_it_is_acknowledged() -> None:
    scene = Scene()
    payload = b"[" + PRESS + b", " + PACK[1:]
    scene.other("telemetry", payload)
    await scene.settled()
    assert [DeviceEvent.read(value).event_id for value in scene.bus.of(DEVICE_EVENT.name)] == ["a1"]
    assert [decode_batch(value)[0].payload for value in scene.bus.of(DEVICE_TELEMETRY.name)] == [payload]
    assert scene.log.lines[-1] == ("ack", (1,))


async def test_a_status_that_names_an_alarm_is_a_status_and_a_garbled_alarm() -> None:
    scene = Scene()
    scene.other("status", b'{"online": true, "sos": 1}')
    await scene.settled()
    assert [DeviceStatus.read(value).online for value in scene.bus.of(DEVICE_STATUS.name)] == [True]
    assert [DeviceEvent.read(value).kinds for value in scene.bus.of(DEVICE_EVENT.name)] == [(AlarmKind.GARBLED,)]
    [(_, [receipt])] = scene.connection.receipts
    assert "yian/v1/W-1/up/event" in str(receipt["detail"])


async def test_what_is_no_alarm_on_a_topic_of_its_own_is_a_dead_letter_and_is_answered() -> None:
    scene = Scene()
    scene.other("log", b'{"boot": 17}')
    await scene.settled()
    assert scene.bus.of(DEVICE_EVENT.name) == []
    [letter] = [DeadLetter.read(value) for value in scene.bus.of(DEAD_LETTER.name)]
    assert (letter.lane, letter.payload) == ("up/log", b'{"boot": 17}')
    [(topic, [receipt])] = scene.connection.receipts
    assert (topic, receipt["status"]) == ("yian/v1/W-1/down/receipt", "rejected")
    assert str(receipt["detail"]).startswith("sent on up/log: events belong on yian/v1/W-1/up/event")


async def test_a_press_that_both_connections_hear_is_one_press() -> None:
    """The filter of the bulk connection covers `up/event` too."""
    scene = Scene()
    scene.other("event", PRESS)
    await scene.settled()
    assert (scene.bus.records, scene.connection.receipts, scene.connection.acknowledged) == ([], [], [1])


async def test_a_retained_message_that_was_cleared_is_no_alarm() -> None:
    scene = Scene()
    scene.other("alarm", b"", retained=True)
    await scene.settled()
    assert (scene.bus.records, scene.connection.acknowledged) == ([], [1])


async def test_an_empty_message_of_readings_is_left_to_be_counted_as_unreadable() -> None:
    scene = Scene()
    scene.other("telemetry", b"")
    scene.other("telemetry", b"", retained=True, start=2)
    await scene.settled()
    [batch] = scene.bus.of(DEVICE_TELEMETRY.name)
    assert [message.payload for message in decode_batch(batch)] == [b""]
    assert sorted(scene.connection.acknowledged) == [1, 2]


def test_what_is_packed_in_a_message_is_not_known_by_its_shape() -> None:
    """In hex the digits say what it is."""
    lookout = Lookout()
    assert not lookout.may_be_alarm(b'{"devEUI": "01", "payload": "534f55"}')
    assert lookout.may_be_alarm(b'{"devEUI": "01", "payload": "534f53"}')


def test_readings_are_known_again_whatever_their_figures() -> None:
    lookout = Lookout()
    assert not lookout.may_be_alarm(PACK)
    assert not lookout.may_be_alarm(PACK.replace(b"72", b"118.5").replace(b"W-1", b"W-77"))
    assert not lookout.may_be_alarm(PACK.replace(b"steps", b"co"))
    assert lookout.may_be_alarm(PACK.replace(b"steps", b"sos"))
    assert lookout.may_be_alarm(sos().decode().encode("utf-16"))


def test_looking_at_readings_costs_a_fraction_of_parsing_them() -> None:
    """At 7,000 a second nothing else can be afforded; the two are measured beside each other."""
    lookout = Lookout()
    look, parse = (
        min(timeit.repeat(work, number=200, repeat=20, timer=time.process_time))
        for work in (lambda: lookout.may_be_alarm(PACK), lambda: json.loads(PACK))
    )
    assert look < parse / 3


topics = st.sampled_from(["telemetry", "status", "alarm", "log", "", "event/sos", "\ud800"]) | st.text(max_size=10)
pieces = st.sampled_from(
    [
        *(
            b"[{",
            b"}]",
            b'"sos":1,',
            b'"alarms":',
            b'"specversion":"1.0"',
            b'"id":"a"',
            b'"type":"fall"',
            b"{",
            b",",
            b"\\u",
        )
    ]
)


@given(topics, st.binary(max_size=200) | st.lists(pieces, max_size=12).map(b"".join))
def test_any_bytes_on_any_topic_are_read_without_an_exception(topic: str, payload: bytes) -> None:
    Lookout().may_be_alarm(payload)
    found = decode_elsewhere(topic, payload, "W-1", NOW)
    for event in found.decoded.events:
        assert DeviceEvent.read(event.value()).event_id == event.event_id
    for rejection in found.decoded.rejections:
        rejection.detail.encode()
    found.decoded.lane.encode()


@examples(20)
@given(
    st.sampled_from(
        ["[", '{"a":', '{"sos":', '"\\\\"', ",", '{"n":"sos","v":1},', "[3G*", "x", "xx\x16", "~\x02\0a", "5b", "倒"]
    ),
    st.integers(1, 65_000),
)
def test_a_bomb_on_another_topic_is_read_in_bounded_time(piece: str, times: int) -> None:
    payload = (piece * times)[:65_000].encode()
    started = time.process_time()
    Lookout().may_be_alarm(payload)
    decode_elsewhere("telemetry", payload, "W-1", NOW)
    decode_elsewhere("alarm", payload, "W-1", NOW)
    assert time.process_time() - started < 2.0


async def test_a_topic_may_be_as_long_as_a_message() -> None:
    scene = Scene()
    scene.other("x" * 60_000, b"help")
    await scene.settled()
    assert {record.topic for record in scene.bus.records} == {DEVICE_EVENT.name, DEAD_LETTER.name}
    assert max(len(record.value) for record in scene.bus.records) < 2_000


@pytest.mark.parametrize("level", [1, 9])
def test_gzip_that_unpacks_to_a_city_is_not_unpacked(level: int) -> None:
    bomb = gzip.compress(b" " * 50_000_000, level)
    if len(bomb) > 60_000:
        bomb = bomb[:60_000]
    started = time.process_time()
    found = decode_elsewhere("alarm", bomb, "W-1", NOW)
    assert [bad.code for bad in found.decoded.rejections] == ["event.too_large"]
    assert time.process_time() - started < 0.5
