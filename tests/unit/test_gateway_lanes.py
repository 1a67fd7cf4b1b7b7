"""The lanes between a broker and a bus of the test's own: in which order who is told what."""

import asyncio

import pytest
from gateway_scene import NOW, PRESS, FakeConnection, Scene

from backbone.bus import BusUnavailable
from contracts.alarm_kind import AlarmKind
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceEvent, DeviceStatus
from contracts.telemetry import decode_batch
from contracts.topics import DEAD_LETTER, DEVICE_EVENT, DEVICE_STATUS, DEVICE_TELEMETRY
from ingest_gateway.mqtt import bulk_lane
from ingest_gateway.mqtt.model import Publish


async def test_the_bus_first_then_the_device_then_the_broker() -> None:
    scene = Scene()
    scene.event(PRESS)
    await scene.settled()
    assert scene.log.lines == [
        ("bus", DEVICE_EVENT.name),
        ("receipt", "yian/v1/W-1X/down/receipt"),
        ("ack", (1,)),
    ]
    assert scene.connection.receipts[0][1] == [{"id": "a1", "status": "accepted", "at": "2026-11-22T00:00:00.000Z"}]


async def test_nothing_is_said_before_the_bus_has_it() -> None:
    scene = Scene()
    scene.bus.open.clear()
    scene.event(PRESS)
    scene.other("telemetry", b"[]")
    scene.bulk.close_batch()
    await asyncio.sleep(0.02)
    assert scene.log.lines == []
    assert scene.held.messages == 2
    scene.bus.open.set()
    await scene.settled()
    assert sorted(scene.connection.acknowledged) == [1, 1]
    assert (scene.held.messages, scene.held.bytes) == (0, 0)


async def test_a_bus_that_refuses_is_asked_until_it_does_not() -> None:
    scene = Scene()
    scene.bus.troubles = [BusUnavailable("away"), BusUnavailable("still away")]
    scene.event(PRESS)
    await asyncio.sleep(0.02)
    assert scene.durable.trouble is not None
    await scene.settled()
    assert scene.connection.acknowledged == [1]
    assert scene.durable.trouble is None


async def test_garbage_is_three_things_before_it_is_answered() -> None:
    scene = Scene()
    scene.event(b"garbage")
    await scene.settled()
    assert [DeviceEvent.read(value).garbled_code for value in scene.bus.of(DEVICE_EVENT.name)] == ["event.not_json"]
    assert [DeadLetter.read(value).payload for value in scene.bus.of(DEAD_LETTER.name)] == [b"garbage"]
    assert [kind for kind, _ in scene.log.lines] == ["bus", "bus", "receipt", "ack"]
    [(_, [receipt])] = scene.connection.receipts
    assert (receipt["id"], receipt["status"], receipt["code"]) == (None, "rejected", "event.not_json")


async def test_the_case_of_a_sentence_is_told_what_it_seems_to_say() -> None:
    scene = Scene()
    scene.event("老人摔倒了，请尽快联系".encode())
    await scene.settled()
    [garbled] = [DeviceEvent.read(value) for value in scene.bus.of(DEVICE_EVENT.name)]
    assert garbled.kinds == (AlarmKind.GARBLED,)
    assert str(garbled.garbled_detail).startswith("it seems to say fall; ")


async def test_several_devices_in_one_piece_each_hear_their_own() -> None:
    scene = Scene()
    scene.event(PRESS, PRESS, device="W-1")
    scene.event(PRESS, device="W-2", start=3)
    await scene.settled()
    heard = {topic: len(items) for topic, items in scene.connection.receipts}
    assert heard == {"yian/v1/W-1X/down/receipt": 2, "yian/v1/W-2X/down/receipt": 1}


async def test_what_cannot_be_kept_for_a_fault_of_ours_is_not_acknowledged() -> None:
    scene = Scene()
    scene.bus.troubles = [ValueError("a bug")]
    scene.event(PRESS)
    await scene.settled()
    assert scene.connection.acknowledged == []
    assert scene.held.messages == 0


async def test_a_cleared_retained_event_is_no_garbage() -> None:
    scene = Scene()
    scene.event(b"", retained=True)
    await scene.settled()
    assert scene.bus.records == []
    assert scene.connection.acknowledged == [1]


async def test_telemetry_of_many_messages_is_one_record_and_one_publish() -> None:
    scene = Scene()
    scene.other("telemetry", *[b"[%d]" % n for n in range(100)])
    scene.other("telemetry", *[b"[%d]" % n for n in range(100, 150)], start=101)
    await scene.settled()
    [value] = scene.bus.of(DEVICE_TELEMETRY.name)
    batch = decode_batch(value)
    assert [message.payload for message in batch] == [b"[%d]" % n for n in range(150)]
    assert {message.received_us for message in batch} == {int(NOW.timestamp() * 1_000_000)}
    assert scene.connection.acknowledged == list(range(1, 151))
    assert scene.bus.publishes == 1


async def test_a_full_batch_does_not_wait_and_a_lone_message_waits_no_longer_than_the_linger() -> None:
    scene = Scene(linger=0.05, max_messages=5000)
    scene.other("telemetry", *[b"[]"] * bulk_lane.BATCH_MESSAGES)
    scene.other("telemetry", b"[]", start=2000)
    await asyncio.sleep(0.02)
    assert len(scene.connection.acknowledged) == bulk_lane.BATCH_MESSAGES
    await asyncio.sleep(0.08)
    assert len(scene.connection.acknowledged) == bulk_lane.BATCH_MESSAGES + 1


async def test_a_batch_is_acknowledged_on_the_connection_it_came_from() -> None:
    scene = Scene(linger=10)
    first = scene.connection
    scene.other("telemetry", b"[1]")
    scene.connection = FakeConnection(scene.log)
    scene.other("telemetry", b"[2]", start=7)
    await scene.settled()
    assert (first.acknowledged, scene.connection.acknowledged) == ([1], [7])


async def test_statuses_and_letters_travel_beside_the_telemetry() -> None:
    scene = Scene()
    scene.other("status", b'{"online": true, "at": "2026-11-22T00:00:00Z", "model": "W3"}', retained=True)
    scene.other("status", b"on", b"", b'{"online": "yes"}', start=2)
    scene.other("telemetry", b"x" * 70_000, b"", start=5)
    await scene.settled()
    [status] = [DeviceStatus.read(value) for value in scene.bus.of(DEVICE_STATUS.name)]
    assert (status.online, status.at, status.model, status.retained) == (True, NOW, "W3", True)
    letters = [DeadLetter.read(value) for value in scene.bus.of(DEAD_LETTER.name)]
    assert [letter.code for letter in letters] == ["status.bad", "status.bad", "telemetry.too_large"]
    assert scene.connection.acknowledged == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("topic", ["yian/v1/x/up/event", "yian/v1/é\x00/up/event", "yian/v1/W 1/up/event", "\ufffd"])
async def test_a_topic_that_names_no_device_is_a_letter_and_nobody_is_answered(topic: str) -> None:
    scene = Scene()
    scene.events.on_messages(scene.connection, [Publish(topic, PRESS, 1, False)])  # type: ignore[arg-type]
    scene.bulk.on_messages(scene.connection, [Publish(topic, PRESS, 2, False)])  # type: ignore[arg-type]
    await scene.settled()
    letters = [DeadLetter.read(value) for value in scene.bus.of(DEAD_LETTER.name)]
    both = 1 if topic.endswith("/up/event") else 2  # there the event lane alone says it
    assert [(letter.code, letter.payload) for letter in letters] == [("topic.bad_device", PRESS)] * both
    assert scene.connection.receipts == []
    assert sorted(scene.connection.acknowledged) == [1, 2]


async def test_the_copy_of_an_event_on_the_other_connection_is_acknowledged_at_once_and_makes_nothing() -> None:
    scene = Scene()
    scene.other("event", PRESS, PRESS)
    assert (scene.connection.acknowledged, scene.held.messages, scene.bulk.under_way) == ([1, 2], 0, set())
    scene.other("telemetry", b"[]", start=3)
    await scene.settled()
    assert [kind for kind, _ in scene.log.lines] == ["ack", "bus", "ack"]


@pytest.mark.parametrize("topic", ["SENSOR01/up/event", "a/b/up/event", "up/event"])
async def test_what_a_hub_sends_below_its_own_topics_is_no_copy_even_if_it_ends_like_one(topic: str) -> None:
    scene = Scene()
    scene.other(topic, PRESS)
    await scene.settled()
    [event] = [DeviceEvent.read(value) for value in scene.bus.of(DEVICE_EVENT.name)]
    assert event.kinds == ("sos",)
    assert scene.connection.receipts[0][1][0]["status"] == "accepted"


async def test_silence_on_a_topic_of_alarms_is_answered_and_elsewhere_it_is_none() -> None:
    scene = Scene()
    scene.other("alarm", b"")
    scene.other("notes", b"", start=2)
    await scene.settled()
    assert [DeadLetter.read(value).payload for value in scene.bus.of(DEAD_LETTER.name)] == [b""]
    assert [told[0]["status"] for _, told in scene.connection.receipts] == ["rejected"]


async def test_a_lane_that_holds_too_much_reads_no_more_until_it_holds_less() -> None:
    for scene in (Scene(max_messages=3), Scene(max_bytes=200)):
        scene.bus.open.clear()
        scene.event(PRESS, PRESS)
        assert scene.connection.paused == (scene.held.bytes > 200)
        scene.event(PRESS, PRESS, start=3)
        assert scene.connection.paused
        scene.bus.open.set()
        await scene.settled()
        assert not scene.connection.paused
