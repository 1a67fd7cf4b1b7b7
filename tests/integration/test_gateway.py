"""The gateway between real brokers and real buses, judged from outside: what devices hear, what the bus holds."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from bus_watcher import Watcher, a_press, create_topics
from gateway_stack import Device, GatewayProcess, Stack, wait_until
from paho.mqtt.client import CallbackAPIVersion, Client

from backbone.bus import Bus, Record
from backbone.connect import connect_bus
from contracts.alarm_kind import AlarmKind
from contracts.downlink import CommandDue, Receipt, ReceiptsDue
from contracts.envelope import headers
from contracts.topics import DEVICE_DOWNLINK, DEVICE_TELEMETRY
from ingest_gateway.mqtt.routes import EVERY_UP, UP_EVENT
from tests.wire_table import payloads, wire_cases

pytestmark = pytest.mark.real
EVENTS_KEPT = 'yian_gateway_events_total{outcome="accepted"}'
TELEMETRY_KEPT = 'yian_gateway_bulk_messages_total{lane="telemetry"}'
OTHER_ID = "other"
"""Of every second gateway: the broker deals to the session of one that has gone, until another takes it over."""


@pytest.fixture(scope="module", params=["mosquitto+kafka", "amqtt+postgres"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    broker_name, _, bus_name = request.param.partition("+")
    broker = request.getfixturevalue(broker_name)
    bus_server = request.getfixturevalue(bus_name)
    url = request.getfixturevalue("postgres_dsn") if bus_name == "postgres" else bus_server.address
    asyncio.run(create_topics(url))
    gateway = GatewayProcess(broker, url, tmp_path_factory.mktemp("gateway") / "gateway.log").start()
    yield Stack(broker, bus_server, url, gateway)
    gateway.stop()


@pytest.fixture
async def bus(stack: Stack) -> AsyncIterator[Bus]:
    bus = connect_bus(stack.bus_url, client="test")
    yield bus
    await bus.close()


def heard_as_expected(heard: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    for topic, receipt in heard:
        assert topic == "receipt"
        assert abs(datetime.fromisoformat(receipt["at"]) - datetime.now(UTC)) < timedelta(seconds=30)
    return [{key: receipt[key] for key in ("id", "status", "code") if key in receipt} for _, receipt in heard]


async def test_every_wire_case_gets_its_receipts_and_reaches_the_bus(stack: Stack, bus: Bus) -> None:
    watcher = await Watcher.of(bus)
    for case in wire_cases():
        with stack.device() as device:
            sent = payloads(case, device.id, datetime.now(UTC))
            for payload in sent:
                device.say(case["topic"], payload)
            receipts = case.get("receipts", [])
            assert heard_as_expected(device.hears(len(receipts))) == receipts, case["name"]
            device.hears_nothing(within=0.05)
            if case["topic"] == "telemetry":
                await watcher.sees(lambda d=device: watcher.telemetry(d), 1)
                assert [message.payload for message in watcher.telemetry(device)] == [sent[0]]
            else:
                await watcher.sees(lambda d=device: watcher.events(d), 1)
                kinds = {kind for event in watcher.events(device) for kind in event.kinds}
                assert kinds >= set(case["cases"]), case["name"]
                rejected = any(receipt["status"] == "rejected" for receipt in receipts)
                await watcher.sees(lambda d=device: watcher.letters(d), int(rejected))
                assert [letter.payload for letter in watcher.letters(device)] == ([sent[0]] if rejected else [])


async def test_a_message_too_large_is_kept_whole_and_rejected(stack: Stack, bus: Bus) -> None:
    watcher = await Watcher.of(bus)
    payload = a_press("big", data={"x": "y" * 70_000})
    with stack.device() as device:
        device.say("event", payload)
        [(_, receipt)] = device.hears(1)
        assert (receipt["id"], receipt["code"]) == (None, "event.too_large")
        await watcher.sees(lambda: watcher.letters(device), 1)
        assert watcher.letters(device)[0].payload == payload
        await watcher.sees(lambda: watcher.events(device), 1)
        assert watcher.events(device)[0].kinds == (AlarmKind.GARBLED,)


async def test_telemetry_travels_in_batches_and_each_message_once(stack: Stack, bus: Bus) -> None:
    watcher = await Watcher.of(bus)
    with stack.device() as device:
        packs = [json.dumps([{"n": "steps", "v": i}]).encode() for i in range(300)]
        for pack in packs:
            device._client.publish(f"yian/v1/{device.id}/up/telemetry", pack, qos=1)
        await watcher.sees(lambda: watcher.telemetry(device), 300)
        await watcher.rest()
        assert sorted(message.payload for message in watcher.telemetry(device)) == sorted(packs)
        assert len(watcher.values(DEVICE_TELEMETRY)) < 300
        device.hears_nothing(within=0.05)


async def test_status_and_last_will_reach_the_bus(stack: Stack, bus: Bus) -> None:
    watcher = await Watcher.of(bus)
    with stack.device().will("status", b'{"online": false}') as device:
        said = {"online": True, "at": datetime.now(UTC).isoformat(), "firmware": "1.4.2", "model": "W3"}
        device.say("status", json.dumps(said), retain=True)
        await watcher.sees(lambda: watcher.statuses(device), 1)
        device.say("status", b"", retain=True)
        device.say("status", b"on", retain=False)
        await watcher.sees(lambda: watcher.letters(device), 1)
        device.drop()
        await watcher.sees(lambda: watcher.statuses(device), 2)
    online, offline = watcher.statuses(device)
    assert (online.online, online.firmware, online.model, online.retained) == (True, "1.4.2", "W3", False)
    assert online.at == datetime.fromisoformat(str(said["at"]))
    assert offline.online is False
    assert [letter.code for letter in watcher.letters(device)] == ["status.bad"]


async def test_receipts_and_commands_of_the_platform_reach_the_device_and_expired_ones_do_not(
    stack: Stack, bus: Bus
) -> None:
    with stack.device() as device:
        at = datetime.now(UTC)
        receipt = Receipt(id="a1", status="answered", at=at, case_id="c-1")
        orders = [
            ReceiptsDue(device_id=device.id, receipts=(receipt,)),
            a_command(device, "old", at - timedelta(seconds=1)),
            a_command(device, "new", at + timedelta(hours=1)),
        ]
        await bus.publish([Record(DEVICE_DOWNLINK.name, b"{", key=device.id, headers=headers("nonsense", "/test"))])
        await bus.publish([downlink(order) for order in orders])
        heard = dict(await asyncio.to_thread(device.hears, 2, within=20))
        assert {key: heard["receipt"][key] for key in ("id", "status", "case_id")} == {
            "id": "a1",
            "status": "answered",
            "case_id": "c-1",
        }
        assert (heard["command"]["id"], heard["command"]["type"]) == ("new", "command.ring")
        assert heard["command"]["data"] == {"seconds": 5}
        assert datetime.fromisoformat(heard["command"]["expires_at"]) > at
        device.hears_nothing()


def a_command(device: Device, command_id: str, expires_at: datetime) -> CommandDue:
    return CommandDue(
        device_id=device.id, command_id=command_id, type="command.ring", expires_at=expires_at, data={"seconds": 5}
    )


def downlink(order: ReceiptsDue | CommandDue) -> Record:
    return Record(DEVICE_DOWNLINK.name, order.value(), key=order.device_id, headers=headers(order.TYPE, order.SOURCE))


async def test_while_the_bus_is_away_nothing_is_accepted_and_afterwards_everything_is(stack: Stack) -> None:
    with stack.device() as device:
        stack.bus_server.kill()
        try:
            device.say("event", a_press("during"))
            device.say("telemetry", b'[{"n": "steps", "v": 1}]')
            wait_until(lambda: stack.gateway.readiness()[0] == 503, within=20, what=lambda: "not ready")
            assert "bus" in stack.gateway.readiness()[1]
            assert stack.gateway.metric("yian_gateway_bus_down") == 1
            assert stack.gateway.metric('yian_gateway_held_messages{lane="event"}') == 1
            device.hears_nothing()
        finally:
            stack.bus_server.start()
        [(_, receipt)] = device.hears(1, within=60)
        assert (receipt["id"], receipt["status"]) == ("during", "accepted")
        stack.gateway.wait_ready()
        wait_until(
            lambda: stack.gateway.metric('yian_gateway_held_messages{lane="bulk"}') == 0,
            within=20,
            what=lambda: "telemetry kept",
        )


async def test_a_killed_gateway_leaves_its_unkept_messages_to_the_next(stack: Stack) -> None:
    with stack.device() as device:
        stack.bus_server.kill()
        device.say("event", a_press("left"))
        wait_until(
            lambda: stack.gateway.metric('yian_gateway_held_messages{lane="event"}') == 1,
            within=20,
            what=lambda: "held",
        )
        stack.gateway.kill()
        stack.bus_server.start()
        stack.gateway.start()
        if not stack.redelivers:
            device.say("event", a_press("left"))
        [(_, receipt)] = device.hears(1, within=60)
        assert (receipt["id"], receipt["status"]) == ("left", "accepted")


async def test_a_broker_that_was_killed_is_found_again(stack: Stack) -> None:
    stack.broker.kill()
    wait_until(lambda: stack.gateway.readiness()[0] == 503, within=20, what=lambda: "not ready")
    assert set(stack.gateway.readiness()[1]) == {"mqtt_event", "mqtt_bulk"}
    stack.broker.start()
    stack.gateway.wait_ready(within=20)
    with stack.device() as device:
        device.say("event", a_press("after"))
        [(_, receipt)] = device.hears(1)
        assert receipt["status"] == "accepted"


async def test_a_press_on_another_topic_is_answered_and_reaches_the_bus_once(stack: Stack, bus: Bus) -> None:
    watcher = await Watcher.of(bus)
    topics = ("event", "alarm", "events", "event/sos", "a/b/c", "telemetry", "status")
    with stack.device() as device:
        for topic in topics:
            device.say(topic, a_press(f"on {topic}"))
        heard = device.hears(len(topics))
        assert {(receipt["id"], receipt["status"]) for _, receipt in heard} == {(f"on {t}", "accepted") for t in topics}
        await watcher.sees(lambda: watcher.events(device), len(topics))
        await watcher.rest()
        assert len(watcher.events(device)) == len(topics)
        remarks = {event.event_id: [remark.sent for remark in event.remarks] for event in watcher.events(device)}
        assert remarks == {f"on {topic}": ([f"up/{topic}"] if topic != "event" else []) for topic in topics}
        assert (watcher.telemetry(device), watcher.statuses(device), watcher.letters(device)) == ([], [], [])
        device.hears_nothing()


async def twenty_of_each_arrive_once(stack: Stack, bus: Bus) -> None:
    watcher = await Watcher.of(bus)
    with stack.device() as device:
        for i in range(20):
            device.say("event", a_press(f"shared-{i}"))
        for i in range(20):  # not in turns with the events: a broker that deals in turns would deal one kind to each
            device.say("telemetry", json.dumps([{"n": "steps", "v": i}]))
        heard = device.hears(20)
        await watcher.sees(lambda: watcher.events(device), 20)
        await watcher.sees(lambda: watcher.telemetry(device), 20)
        await watcher.rest()
    assert {receipt["id"] for _, receipt in heard} == {f"shared-{i}" for i in range(20)}
    assert len(watcher.events(device)) == len(watcher.telemetry(device)) == 20


async def test_two_gateways_share_the_devices_between_them(stack: Stack, bus: Bus) -> None:
    if not stack.redelivers:
        pytest.skip("the embedded broker knows no sharing: there is one gateway")
    log = stack.gateway.log_path.with_name("other.log")
    other = GatewayProcess(stack.broker, stack.bus_url, log, OTHER_ID).start()
    try:
        await twenty_of_each_arrive_once(stack, bus)
        assert other.metric(EVENTS_KEPT) > 0
        assert other.metric(TELEMETRY_KEPT) > 0
    finally:
        other.stop()


async def test_alarms_and_telemetry_may_each_have_a_process_of_their_own(stack: Stack, bus: Bus) -> None:
    if not stack.redelivers:
        pytest.skip("the embedded broker knows no sharing: there is one gateway")
    logs = stack.gateway.log_path
    event, bulk = (
        GatewayProcess(
            stack.broker, stack.bus_url, logs.with_name(f"{lane}.log"), OTHER_ID, {"YIAN_GATEWAY_LANES": lane}
        ).start()
        for lane in ("event", "bulk")
    )
    try:
        await twenty_of_each_arrive_once(stack, bus)
        assert (event.metric(EVENTS_KEPT) > 0, event.metric(TELEMETRY_KEPT)) == (True, 0)
        assert (bulk.metric(EVENTS_KEPT), bulk.metric(TELEMETRY_KEPT) > 0) == (0, True)
    finally:
        event.stop()
        bulk.stop()


async def test_one_that_is_removed_for_good_takes_what_waits_for_it_and_is_dealt_nothing_more(
    stack: Stack, bus: Bus
) -> None:
    if not stack.redelivers:
        pytest.skip("the embedded broker knows no sharing: there is one gateway")
    log = stack.gateway.log_path.with_name("removed.log")
    removed = GatewayProcess(stack.broker, stack.bus_url, log, OTHER_ID).start()
    watcher = await Watcher.of(bus)
    with stack.device() as device:  # the broker reads its files while all are there (decision 15)
        removed.kill()
        for i in range(40):
            device.say("telemetry", json.dumps([{"n": "steps", "v": i}]))
        await watcher.rest()
        await watcher.rest()
        assert 0 < len(watcher.telemetry(device)) < 40  # the rest was dealt to whom nobody will start again
        removed.settings = {"YIAN_GATEWAY_RETIRES": "true"}
        removed.start(ready=False)
        assert await asyncio.to_thread(removed.ended) == 0
        for i in range(40, 80):
            device.say("telemetry", json.dumps([{"n": "steps", "v": i}]))
        await watcher.sees(lambda: watcher.telemetry(device), 80)


async def test_what_a_session_subscribed_to_in_no_group_does_not_come_twice(stack: Stack, bus: Bus) -> None:
    """As a gateway does that spoke MQTT 3.1.1 for a while."""
    if not stack.redelivers:
        pytest.skip("the embedded broker knows no sharing, and so no group")
    stack.gateway.stop()
    for lane, topic_filter in (("event", UP_EVENT), ("bulk", EVERY_UP)):
        session_of_before(stack, f"yian.gateway.{stack.gateway.gateway_id}.{lane}", topic_filter)
    stack.gateway.start()
    await twenty_of_each_arrive_once(stack, bus)
    assert stack.gateway.metric(TELEMETRY_KEPT) == 20


def session_of_before(stack: Stack, client_id: str, topic_filter: str) -> None:
    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False)
    client.username_pw_set(stack.broker.gateway_user, stack.broker.gateway_password)
    granted = threading.Event()
    client.on_connect = lambda *_: client.subscribe(topic_filter, qos=1)
    client.on_subscribe = lambda *_: granted.set()
    address = urlsplit(stack.broker.inside_address)
    client.connect(address.hostname or "", address.port or 1883)
    client.loop_start()
    assert granted.wait(10)
    client.disconnect()
    client.loop_stop()


async def test_after_a_change_of_the_gateways_password_nothing_comes_twice(stack: Stack, bus: Bus) -> None:
    """Its sessions go on, and with them what they subscribed to under the password before. The last one at this broker:
    a Mosquitto before 2.1 takes it badly when sessions of who is away are not let in any more (decision 15)."""
    if not stack.redelivers:
        pytest.skip("the embedded broker knows no sharing, and so no group")
    broker, before = stack.broker, stack.broker.gateway_password
    stack.gateway.stop()
    broker.change_gateway_password("another-one")
    stack.gateway.settings = {"YIAN_MQTT_FORMER_PASSWORD": before}
    stack.gateway.start()
    await twenty_of_each_arrive_once(stack, bus)
    assert stack.gateway.metric(TELEMETRY_KEPT) == 20


async def test_a_gateway_of_telemetry_alone_says_why_it_cannot_stand_beside_another(stack: Stack) -> None:
    if stack.redelivers:
        pytest.skip("Mosquitto shares subscriptions")
    log = stack.gateway.log_path.with_name("bulk-alone.log")
    alone = GatewayProcess(stack.broker, stack.bus_url, log, OTHER_ID, settings={"YIAN_GATEWAY_LANES": "bulk"})
    alone.start(ready=False)
    try:
        wait_until(
            lambda: "YIAN_GATEWAY_LANES=all" in alone.readiness()[1].get("mqtt_bulk", ""),
            within=30,
            what=lambda: f"the mend: {alone.readiness()}",
        )
    finally:
        alone.stop()
