"""What one device makes the broker keep, and work through, has a bound: else one credential would stop it for all."""

import time

import pytest

from ingest_gateway.mqtt.share import group_name
from tests.conftest import missing
from tests.contract import raw_mqtt
from tests.contract.raw_mqtt import V5, V311, RawClient, Will
from tests.contract.street import HONEST, INTRUDER, SECRETS, Intruder
from yian.servers.mqtt import MqttServer

SPOKEN = [("mosquitto", V5), ("mosquitto", V311), ("amqtt", V311)]
MANY = 300
SUBSCRIPTIONS, RETAINED, QOS_2_AT_ONCE = 32, 16, 2 * 1024 * 1024
GRANTED = 1
PACK = b"[" + b" " * 60_000 + b"]"
AT_ONCE, A_SECOND = {"telemetry": 16 * 1024 * 1024, "event": 8 * 1024 * 1024}, 1024 * 1024
"""Bytes that the plugin lets through of one device: enough for a gateway to see that it floods (FLOOD messages)."""
FLOOD = 100


@pytest.fixture
def intruder(request: pytest.FixtureRequest) -> Intruder:
    name, version = request.param
    broker: MqttServer = request.getfixturevalue(name)
    if name == "mosquitto" and not (broker.directory / "door" / "door.so").exists():
        missing("there is no C compiler here: Mosquitto's plugin for its devices' door could not be built")
    if not broker.knows(SECRETS):
        broker.add_devices(SECRETS)
        time.sleep(0.3)
    return Intruder(broker, version)


def granted(intruder: Intruder, client: RawClient, filters: list[str]) -> int:
    """How many of them the broker grants, asked for in one packet."""
    client.answers.clear()
    client.send(raw_mqtt.subscribe(intruder.version, filters))
    answer = client.answer(raw_mqtt.SUBACK)
    return 0 if answer is None else answer[-len(filters) :].count(GRANTED)


def retained_by(intruder: Intruder) -> int:
    """How many retained messages a newcomer is sent."""
    gateway = RawClient(intruder.broker.inside_port, V311)
    user, secret = intruder.broker.gateway_user, intruder.broker.gateway_password
    gateway.send(raw_mqtt.connect(V311, "yian.gateway.count", user, secret))
    assert gateway.let_in()
    gateway.send(raw_mqtt.subscribe(V311, [f"yian/v1/{intruder.user}/up/#"]))
    time.sleep(0.5)
    gateway.cut()
    return len({topic for topic, _ in gateway.heard})


def one_more(intruder: Intruder, device_id: str) -> Intruder:
    """With budgets that no test has used before."""
    intruder.broker.add_devices({device_id: "third-secret"})
    time.sleep(0.3)
    return Intruder(intruder.broker, intruder.version, device_id, "third-secret")


def gateway_hearing(intruder: Intruder, *device_ids: str) -> RawClient:
    gateway = RawClient(intruder.broker.inside_port, V311)
    user, secret = intruder.broker.gateway_user, intruder.broker.gateway_password
    gateway.send(raw_mqtt.connect(V311, "yian.gateway.hears", user, secret))
    gateway.send(raw_mqtt.subscribe(V311, [f"yian/v1/{one}/up/#" for one in device_ids]))
    assert gateway.answer(raw_mqtt.SUBACK)
    return gateway


@pytest.mark.parametrize("intruder", SPOKEN, indirect=True)
def test_a_device_has_some_subscriptions_and_no_more_however_often_it_asks(intruder: Intruder) -> None:
    receipts = f"yian/v1/{INTRUDER}/down/#"
    client = intruder.connects()
    assert granted(intruder, client, [receipts]) == 1
    asked = [[f"yian/v1/{INTRUDER}/down/{packet}/{number}" for number in range(MANY)] for packet in range(3)]
    assert sum(granted(intruder, client, filters) for filters in asked) <= SUBSCRIPTIONS
    client.cut()
    again = intruder.connects()
    assert granted(intruder, again, [receipts]) == 1
    intruder.leaves()


@pytest.mark.parametrize("intruder", [one for one in SPOKEN if one[0] == "mosquitto"], indirect=True)
def test_reconnecting_gives_a_device_no_further_subscriptions(intruder: Intruder) -> None:
    told = 0
    for turn in range(5):
        client = intruder.connects(clean=False)
        told += granted(intruder, client, [f"yian/v1/{INTRUDER}/down/again/{turn}/{number}" for number in range(MANY)])
        client.cut()
    assert told <= SUBSCRIPTIONS


@pytest.mark.parametrize("intruder", [one for one in SPOKEN if one[0] == "mosquitto"], indirect=True)
def test_no_device_joins_a_group_of_gateways_even_if_it_knows_its_name(intruder: Intruder) -> None:
    group = group_name(intruder.broker.gateway_password)
    client = intruder.connects()
    assert granted(intruder, client, [f"$share/{group}/yian/v1/+/up/#", "$share/any/yian/v1/+/up/#"]) == 0
    intruder.leaves()


@pytest.mark.parametrize("intruder", SPOKEN, indirect=True)
def test_a_device_has_some_retained_topics_and_no_more(intruder: Intruder) -> None:
    client = intruder.connects()
    for number in range(MANY):
        topic = f"yian/v1/{INTRUDER}/up/kept/{number}"
        client.send(raw_mqtt.publish(intruder.version, topic, b"a lie" * 100, retain=True))
    time.sleep(0.5)
    assert retained_by(intruder) <= RETAINED
    client.cut()


@pytest.mark.parametrize("intruder", SPOKEN, indirect=True)
def test_beside_that_another_device_has_its_own(intruder: Intruder) -> None:
    honest = Intruder(intruder.broker, intruder.version, HONEST, SECRETS[HONEST])
    client = honest.connects(HONEST, will=Will(f"yian/v1/{HONEST}/up/status", b"{}", retain=True))
    assert granted(honest, client, [f"yian/v1/{HONEST}/down/#"]) == 1
    client.send(raw_mqtt.publish(intruder.version, f"yian/v1/{HONEST}/up/status", b"{}", retain=True))
    time.sleep(0.3)
    assert retained_by(honest) == 1
    honest.leaves()


@pytest.mark.parametrize("intruder", SPOKEN, indirect=True)
def test_beyond_its_retained_topics_a_press_is_still_heard(intruder: Intruder) -> None:
    gateway = gateway_hearing(intruder, INTRUDER)
    client = intruder.connects()
    for number in range(MANY):
        topic = f"yian/v1/{INTRUDER}/up/more/{number}"
        client.send(raw_mqtt.publish(intruder.version, topic, b"a lie", retain=True))
    client.send(raw_mqtt.publish(intruder.version, f"yian/v1/{INTRUDER}/up/event", b"a press", retain=True))
    assert gateway.hears(b"a press", within_s=5)
    gateway.cut()
    intruder.leaves()


@pytest.mark.parametrize("intruder", SPOKEN, indirect=True)
def test_last_wills_keep_no_more_than_that_either(intruder: Intruder) -> None:
    for number in range(3 * RETAINED):
        will = Will(f"yian/v1/{INTRUDER}/up/will/{number}", b"a lie", retain=True)
        intruder.connects(will=will).cut()
    time.sleep(0.5)
    assert retained_by(intruder) <= 2 * RETAINED


@pytest.mark.parametrize("intruder", [one for one in SPOKEN if one[0] == "mosquitto"], indirect=True)
def test_a_device_that_has_used_up_its_subscriptions_still_hears_its_receipts(intruder: Intruder) -> None:
    client = intruder.connects()
    granted(intruder, client, [f"yian/v1/{INTRUDER}/down/used/{number}" for number in range(MANY)])
    client.cut()
    again = intruder.connects()
    for own in ("#", "+", "receipt", "command"):
        assert granted(intruder, again, [f"yian/v1/{INTRUDER}/down/{own}"]) == 1
    assert granted(intruder, again, [f"yian/v1/{INTRUDER}/down/one/more"]) == 0
    intruder.leaves()


@pytest.mark.parametrize("intruder", [one for one in SPOKEN if one[0] == "mosquitto"], indirect=True)
def test_what_a_device_may_never_release_has_a_bound(intruder: Intruder) -> None:
    """Long messages of QoS 2: the first are taken, and short ones always."""
    stranger = one_more(intruder, f"W-qos-{intruder.version}")
    gateway = gateway_hearing(intruder, stranger.user)
    client, topic = stranger.connects(), f"yian/v1/{stranger.user}/up/telemetry"
    for payload in (*[PACK] * 60, b"short"):
        client.answers.clear()
        client.send(raw_mqtt.publish(intruder.version, topic, payload, qos=2))
        assert client.answer(raw_mqtt.PUBREC)
        client.send(raw_mqtt.packet(0x62, raw_mqtt.word(9)))
    assert gateway.hears(b"short", within_s=10)
    taken = sum(len(body) > len(PACK) for _, body in gateway.heard)
    assert 0 < taken * len(PACK) <= QOS_2_AT_ONCE
    gateway.cut()
    stranger.leaves()


@pytest.mark.parametrize("intruder", [one for one in SPOKEN if one[0] == "mosquitto"], indirect=True)
@pytest.mark.parametrize("lane", AT_ONCE)
def test_long_messages_beyond_a_devices_pace_are_not_passed_on_but_its_press_is(intruder: Intruder, lane: str) -> None:
    """And another device's packs are: each has a pace of its own."""
    flooder, version = one_more(intruder, f"W-{lane}-{intruder.version}"), intruder.version
    flooder_id = flooder.user
    gateway = gateway_hearing(intruder, flooder_id, HONEST)
    honest = Intruder(intruder.broker, version, HONEST, SECRETS[HONEST])
    honest_client, client = honest.connects(HONEST), flooder.connects()
    began = time.monotonic()
    for number in range(600):
        client.send(raw_mqtt.publish(version, f"yian/v1/{flooder_id}/up/{lane}", PACK))
        if number % 100 == 0:
            honest_client.send(raw_mqtt.publish(version, f"yian/v1/{HONEST}/up/{lane}", PACK))
    client.send(raw_mqtt.publish(version, f"yian/v1/{flooder_id}/up/event", b"a press"))
    assert gateway.hears(b"a press", within_s=20)
    seconds = time.monotonic() - began
    heard = [topic for topic, body in gateway.heard if len(body) > len(PACK)]
    passed_on = heard.count(f"yian/v1/{flooder_id}/up/{lane}")
    assert AT_ONCE[lane] - len(PACK) <= passed_on * len(PACK) <= AT_ONCE[lane] + seconds * A_SECOND
    assert passed_on > FLOOD
    assert heard.count(f"yian/v1/{HONEST}/up/{lane}") == 6
    gateway.cut()
    flooder.leaves()
    honest.leaves()
