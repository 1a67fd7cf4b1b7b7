"""One stolen credential must not silence a city: the same attacks on every broker, judged from outside.

While each of them goes on, an honest device presses twenty times and all of it is heard; nothing foreign is said, heard
or kept; nobody else is thrown off. That the judge would notice is shown on the files of earlier releases.
"""

import random
import time
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import missing
from tests.contract import raw_mqtt
from tests.contract.mosquitto_before import MosquittoBefore
from tests.contract.raw_mqtt import V5, V311, RawClient, Will
from tests.contract.street import GATEWAY_ID, HONEST, INTRUDER, PRESSES, SECRETS, Intruder, Street, street_of
from yian.servers import ServerMissing
from yian.servers.mqtt import MqttServer

Attack = Callable[[Intruder], object]
FOREIGN_UP, FOREIGN_DOWN = f"yian/v1/{HONEST}/up/event", f"yian/v1/{HONEST}/down/receipt"


def join(group: str) -> Attack:
    def three_join(intruder: Intruder) -> None:
        for number in range(3):
            intruder.subscribes(f"$share/{group}/yian/v1/+/up/#", client_id=f"{INTRUDER}-{number}")

    return three_join


def leave_a_will(will: Will) -> Attack:
    def die(intruder: Intruder) -> None:
        intruder.connects(will=will).cut()
        time.sleep(will.delay_s + 0.3)

    return die


def hang_half_way(intruder: Intruder) -> None:
    for size in (1, 5, 12, 20):
        intruder.opens().send(raw_mqtt.connect(intruder.version, INTRUDER, INTRUDER, "x" * 30)[:size])
    intruder.opens().send(b"\x10\xff\xff\xff\x7f\x00\x04MQTT\x04\xc2")
    intruder.connects().send(b"\x32\xff\xff\xff\x7f" + b"x" * 100_000)


def never_release(intruder: Intruder) -> None:
    client = intruder.connects()
    for mid in range(1, 3_000):
        topic = raw_mqtt.text(f"yian/v1/{INTRUDER}/up/event") + raw_mqtt.word(mid)
        client.send(raw_mqtt.packet(0x34, topic + (b"\x00" if intruder.version == V5 else b"") + b"a lie" * 20))


def flap(intruder: Intruder) -> None:
    for _ in range(60):
        intruder.connects().cut()


ATTACKS: dict[str, Attack] = {
    "takes the gateway's client id": lambda intruder: intruder.connects(GATEWAY_ID),
    "takes it to go on with its session": lambda intruder: intruder.connects(GATEWAY_ID, clean=False),
    "takes another device's client id": lambda intruder: intruder.connects(HONEST),
    "takes it to go on with that session": lambda intruder: intruder.connects(HONEST, clean=False),
    "has no client id": lambda intruder: intruder.connects(""),
    "has no client id and wants a session": lambda intruder: intruder.connects("", clean=False),
    "has a client id of 65,535 bytes": lambda intruder: intruder.connects("x" * 65_535),
    "leaves a will on another's topic": leave_a_will(Will(FOREIGN_UP, b"a lie")),
    "leaves a will on another's topic, to be kept": leave_a_will(Will(FOREIGN_UP, b"a lie", retain=True)),
    "leaves a will on another's topic, QoS 2": leave_a_will(Will(FOREIGN_UP, b"a lie", qos=2)),
    "leaves a will to another device": leave_a_will(Will(FOREIGN_DOWN, b"a lie")),
    "leaves a will on a pattern": leave_a_will(Will(f"yian/v1/{INTRUDER}/up/#", b"a lie")),
    "leaves a will of its own, QoS 2": leave_a_will(Will(f"yian/v1/{INTRUDER}/up/event", b"a lie", qos=2)),
    "joins the group of earlier releases": join("gateway"),
    "joins any group": join("anything"),
    "joins a group for another's receipts": lambda intruder: intruder.subscribes(f"$share/any/{FOREIGN_DOWN}"),
    "subscribes to everything": lambda intruder: intruder.subscribes("#", "+/+/+/+/+", "yian/v1/+/up/#"),
    "subscribes to the broker's own words": lambda intruder: intruder.subscribes("$SYS/#", "$share/g/$SYS/#"),
    "subscribes to another's receipts": lambda intruder: intruder.subscribes(FOREIGN_DOWN, "yian/v1/+/down/#"),
    "subscribes to what no filter may be": lambda intruder: intruder.subscribes(
        "yian/#/up", "$share/", "$share//x", ""
    ),
    "speaks for another": lambda intruder: intruder.publishes(FOREIGN_UP),
    "speaks for another, QoS 0": lambda intruder: intruder.publishes(FOREIGN_UP, qos=0),
    "speaks for another, QoS 2": lambda intruder: intruder.publishes(FOREIGN_UP, qos=2),
    "speaks for another, to be kept": lambda intruder: intruder.publishes(FOREIGN_UP, retain=True),
    "answers another device": lambda intruder: intruder.publishes(FOREIGN_DOWN, retain=True),
    "speaks as a gateway's own probe": lambda intruder: intruder.publishes("yian/v1/yian.gateway/up/event"),
    "speaks as the broker": lambda intruder: intruder.publishes("$SYS/broker/uptime", retain=True),
    "hangs half-way": hang_half_way,
    "never releases its QoS 2": never_release,
    "connects and disconnects without pause": flap,
}


def alias_of_another(intruder: Intruder) -> None:
    client = intruder.publishes(FOREIGN_UP, alias=1)
    client.send(raw_mqtt.publish(V5, "", b"a lie", alias=1))
    client.send(raw_mqtt.publish(V5, "", b"a lie", alias=65_535))


ATTACKS_OF_5: dict[str, Attack] = {
    "leaves a delayed will on another's topic": leave_a_will(Will(FOREIGN_UP, b"a lie", delay_s=1)),
    "speaks for another by a topic alias": alias_of_another,
}
SPOKEN = [("mosquitto", V5), ("mosquitto", V311), ("amqtt", V311)]
TABLE = [(broker, version, name) for broker, version in SPOKEN for name in ATTACKS]
TABLE += [("mosquitto", V5, name) for name in ATTACKS_OF_5]


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Iterator[tuple[Street, Intruder]]:
    """The street of a broker, and one who has the credential of a device in it."""
    name, version = request.param
    broker: MqttServer = request.getfixturevalue(name)
    if not broker.knows(SECRETS):
        broker.add_devices(SECRETS)
        time.sleep(0.3)  # SIGHUP is taken between two turns of the broker's loop
    intruder = Intruder(broker, version)
    with street_of(broker) as street:
        yield street, intruder
        intruder.leaves()


@pytest.mark.parametrize(
    ("scene", "name"), [((broker, version), name) for broker, version, name in TABLE], indirect=["scene"]
)
def test_a_device_harms_nobody_when_it(scene: tuple[Street, Intruder], name: str) -> None:
    street, intruder = scene
    ({**ATTACKS, **ATTACKS_OF_5})[name](intruder)
    street.judge(intruder)


@pytest.mark.parametrize("scene", SPOKEN, indirect=True)
@pytest.mark.parametrize("client_id", [GATEWAY_ID, HONEST])
def test_what_waits_for_another_is_handed_to_nobody_else(scene: tuple[Street, Intruder], client_id: str) -> None:
    street, intruder = scene
    street.gateway.leaves()
    words = street.presses()
    time.sleep(0.5)
    thief = intruder.connects(client_id, clean=False)
    thief.send(raw_mqtt.subscribe(intruder.version, ["yian/v1/+/up/#"]))
    time.sleep(0.5)
    intruder.leaves()
    assert not intruder.overheard
    street.gateway = street.a_gateway()
    lost = street.gateway.hears(words, within_s=5.0)
    assert not lost, f"{len(lost)} of {PRESSES} presses were gone"


@pytest.mark.parametrize("scene", SPOKEN, indirect=True)
def test_a_wrong_password_harms_nobody_and_opens_nothing(scene: tuple[Street, Intruder]) -> None:
    street, intruder = scene
    for user, secret in ((HONEST, "guessed"), (INTRUDER, ""), ("yian.gateway", "guessed"), ("+", "x"), ("#", "")):
        intruder.user, intruder.secret = user, secret
        assert not intruder.connects(HONEST).let_in()
    intruder.user = INTRUDER
    street.judge(intruder)


@pytest.mark.parametrize("scene", SPOKEN, indirect=True)
def test_no_credential_of_one_door_opens_the_other(scene: tuple[Street, Intruder]) -> None:
    street, intruder = scene
    gateway = street.broker
    as_gateway = Intruder(street.broker, intruder.version, gateway.gateway_user, gateway.gateway_password)
    assert not as_gateway.connects().let_in()
    inside = RawClient(street.broker.inside_port, intruder.version)
    inside.send(raw_mqtt.connect(intruder.version, INTRUDER, INTRUDER, SECRETS[INTRUDER]))
    assert not inside.let_in()
    street.judge(intruder)


@pytest.mark.parametrize("scene", SPOKEN, indirect=True)
def test_a_device_that_is_let_in_no_more_is_thrown_off_at_once_and_nobody_else_is(
    scene: tuple[Street, Intruder],
) -> None:
    street, intruder = scene
    there = intruder.subscribes(f"yian/v1/{INTRUDER}/down/#")
    assert there.let_in()
    street.broker.set_password_hashes({})
    street.broker.add_devices({HONEST: SECRETS[HONEST]})
    assert there.closed.wait(5.0)
    assert not intruder.connects().let_in()


@pytest.mark.parametrize("scene", SPOKEN, indirect=True)
def test_bytes_that_are_no_mqtt_end_their_own_connection_only(scene: tuple[Street, Intruder]) -> None:
    street, intruder = scene
    chance = random.Random(12)
    for _ in range(150):
        client = intruder.opens()
        if chance.random() < 0.7:
            client.send(raw_mqtt.connect(intruder.version, INTRUDER, INTRUDER, SECRETS[INTRUDER]))
        for _ in range(chance.randint(1, 4)):
            client.send(broken(chance, intruder.version))
        if chance.random() < 0.5:
            client.cut()
    street.judge(intruder)


def broken(chance: random.Random, version: int) -> bytes:
    """A packet that was right until some of its bytes were changed, taken out or put in."""
    topic = f"yian/v1/{INTRUDER}/up/event"
    right = chance.choice(
        [
            raw_mqtt.connect(version, INTRUDER, INTRUDER, SECRETS[INTRUDER], will=Will(topic, b"a lie")),
            raw_mqtt.subscribe(version, [f"yian/v1/{INTRUDER}/down/#"]),
            raw_mqtt.publish(version, topic, b"a lie", qos=chance.randint(0, 3), retain=chance.random() < 0.5),
            *(raw_mqtt.packet(kind << 4 | chance.randint(0, 15), raw_mqtt.word(1)) for kind in range(16)),
            chance.randbytes(chance.randint(1, 300)),
        ]
    )
    bent = bytearray(right)
    for _ in range(chance.randint(0, 4)):
        place = chance.randrange(len(bent))
        match chance.randint(0, 2):
            case 0:
                bent[place] = chance.randint(0, 255)
            case 1 if len(bent) > 1:
                del bent[place]
            case _:
                bent.insert(place, chance.randint(0, 255))
    return bytes(bent)


SEEN_BEFORE = [
    "takes the gateway's client id",
    "takes another device's client id",
    "joins the group of earlier releases",
]


@pytest.mark.parametrize("name", SEEN_BEFORE)
@pytest.mark.parametrize("version", [V5, V311])
def test_the_judge_sees_what_the_files_of_earlier_releases_let_through(name: str, version: int) -> None:
    before = MosquittoBefore(SECRETS)
    try:
        before.start()
    except ServerMissing as gone:
        missing(str(gone))
    intruder = Intruder(before, version)
    try:
        with street_of(before, group="gateway") as street:
            ATTACKS[name](intruder)
            with pytest.raises(AssertionError, match=r"thrown off|heard by nobody"):
                street.judge(intruder)
    finally:
        intruder.leaves()
        before.stop()
