"""A device that sends without pause, through a real broker and bus: all of it counts, little of it is stored."""

import asyncio
import json
import queue
import time
from collections.abc import Iterator
from typing import Any

import pytest
from bus_watcher import Watcher, a_press, create_topics
from gateway_stack import Device, GatewayProcess, Stack

from backbone.connect import connect_bus
from backbone.letter_bounds import WHOLE_LETTERS
from contracts.alarm_kind import AlarmKind
from contracts.device_event import DeviceEvent
from ingest_gateway.flood.pace import SINGLY
from yian.servers import KafkaServer, MosquittoServer

pytestmark = pytest.mark.real
FLOOD = 4000
TRIES = 10
QUICK_SECONDS = 2.0


@pytest.fixture(scope="module")
def stack(mosquitto: MosquittoServer, kafka: KafkaServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    asyncio.run(create_topics(kafka.address))
    gateway = GatewayProcess(mosquitto, kafka.address, tmp_path_factory.mktemp("gateway") / "gateway.log").start()
    yield Stack(mosquitto, kafka, kafka.address, gateway)
    gateway.stop()


def flood(device: Device, payloads: list[bytes], topic: str = "event") -> None:
    for payload in payloads:
        device._client.publish(f"yian/v1/{device.id}/up/{topic}", payload, qos=1)


def answers(device: Device, *, quiet: float = 4.0) -> list[dict[str, Any]]:
    """Receipts, until none has come for a while."""
    heard = []
    while True:
        try:
            heard.append(device.heard.get(timeout=quiet)[1])
        except queue.Empty:
            return heard


def flood_until_accepted(device: Device, payloads: dict[str, bytes]) -> set[str]:
    """As firmware does: what is not accepted is said again. Where the machine is slow not all of a flood is read."""
    accepted = set[str]()
    for _ in range(TRIES):
        flood(device, [payload for event_id, payload in payloads.items() if event_id not in accepted])
        accepted |= {receipt["id"] for receipt in answers(device) if receipt["status"] == "accepted"}
        if len(accepted) == len(payloads):
            break
    return accepted


def counted(events: list[DeviceEvent], kind: AlarmKind) -> int:
    return sum(event.times for event in events if event.kinds == (kind,))


async def test_every_press_of_a_flood_is_accepted_and_counted_and_another_device_does_not_wait(stack: Stack) -> None:
    bus = connect_bus(stack.bus_url, client="test")
    watcher = await Watcher.of(bus)
    with stack.device() as flooder, stack.device() as honest:
        presses = {f"f{number}": a_press(f"f{number}", type="device.help_request") for number in range(FLOOD)}
        flooding = asyncio.create_task(asyncio.to_thread(flood_until_accepted, flooder, presses))
        waits = []
        for number in range(20):
            pressed = time.monotonic()
            honest.say("event", a_press(f"h{number}"))
            await asyncio.to_thread(honest.hears, 1)
            waits.append(time.monotonic() - pressed)
        accepted = await flooding
        flooder.say("event", a_press("fallen", type="device.fall"))
        [(_, fall)] = await asyncio.to_thread(flooder.hears, 1)
        await watcher.sees(lambda: [e for e in watcher.events(flooder) if AlarmKind.FLOOD in e.kinds], 1)
    assert accepted == set(presses)
    assert (fall["id"], fall["status"]) == ("fallen", "accepted")
    assert max(waits) < QUICK_SECONDS
    events = watcher.events(flooder)
    assert counted(events, AlarmKind.HELP_REQUEST) == FLOOD
    assert SINGLY < len(events) < SINGLY + FLOOD / 8
    [told] = [event for event in events if event.kinds == (AlarmKind.FLOOD,)]
    assert told.data["messages_per_s"] > 50
    assert len(watcher.events(honest)) == 20
    await bus.close()


async def test_of_garbage_without_pause_the_first_is_kept_and_the_rest_is_counted_when_the_gateway_ends(
    stack: Stack,
) -> None:
    bus = connect_bus(stack.bus_url, client="test")
    watcher = await Watcher.of(bus)
    with stack.device() as device:
        flood(device, [b"garbage %d" % number for number in range(1000)])
        heard = await asyncio.to_thread(answers, device)
        stack.gateway.stop()
        stack.gateway.start()
        await watcher.sees(lambda: [letter for letter in watcher.letters(device) if letter.counted], 1)
        await watcher.rest()
    assert {receipt["code"] for receipt in heard} == {"event.not_json"}
    letters = watcher.letters(device)
    assert len([letter for letter in letters if letter.payload]) == WHOLE_LETTERS
    counts = {letter.code: letter.counted.letters for letter in letters if letter.counted}
    assert sum(counts.values()) == 1000 - WHOLE_LETTERS
    assert counted(watcher.events(device), AlarmKind.GARBLED) == len(heard) == 1000 - counts.get("event.unread", 0)
    await bus.close()


async def test_a_line_that_flaps_without_pause_is_told_by_its_last_word(stack: Stack) -> None:
    bus = connect_bus(stack.bus_url, client="test")
    watcher = await Watcher.of(bus)
    with stack.device() as device:
        words = [json.dumps({"online": n % 2 == 1, "firmware": f"{n}"}).encode() for n in range(300)]
        flood(device, words, "status")
        await watcher.sees(lambda: [s for s in watcher.statuses(device) if s.firmware == "299"], 1, within=20)
    statuses = watcher.statuses(device)
    assert len(statuses) < 30
    assert statuses[-1].online is True
    await bus.close()
