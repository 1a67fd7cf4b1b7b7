"""What the gateway packs by itself, as a device's own reader understands it; and what it reads by itself."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from device_sim import packets
from ingest_gateway.mqtt.model import V5, V311, Publish
from ingest_gateway.mqtt.paho import Paho
from ingest_gateway.mqtt.properties import length_at, user_properties

DEVICES_VERSION = {V5: packets.Version.V5, V311: packets.Version.V311}


class Wire:
    """In place of the socket."""

    def __init__(self) -> None:
        self.sent = b""

    def send(self, data: bytes) -> None:
        self.sent += data


@given(
    st.sampled_from([V5, V311]),
    st.text(min_size=1, max_size=40),
    st.sampled_from([0, 1, 100, 127, 128, 16_383, 20_000, 70_000]),
    st.none() | st.integers(1, 2**32 - 1),
)
def test_what_is_sent_is_one_publish_of_qos_1_with_its_own_number(
    version: Any, topic: str, size: int, expiry_seconds: int | None
) -> None:
    wire = Wire()
    paho = Paho(wire, version, "x", print, lambda mid, reason: None)  # type: ignore[arg-type]
    numbers = [paho.send(topic, b"p" * size, expiry_seconds) for _ in range(2)]
    read = [(p.flags, packets.read_publish(p, DEVICES_VERSION[version])) for p in packets.Reader().feed(wire.sent)]
    assert read == [(0x02, packets.Message(topic, b"p" * size, number)) for number in numbers]
    assert numbers == [1, 2]
    if expiry_seconds is not None:
        assert (b"\x05\x02" + expiry_seconds.to_bytes(4) in wire.sent) == (version == V5)


@pytest.mark.parametrize(
    ("version", "packet", "told"),
    [
        (V5, b"\x00\x07", (7, 0)),
        (V5, b"\x00\x07\x10", (7, 0x10)),
        (V5, b"\x00\x07\x87\x00", (7, 0x87)),
        (V311, b"\x01\x00", (256, 0)),
    ],
    ids=["no reason is none to complain of", "nobody listens", "refused, with properties", "3.1.1 gives no reasons"],
)
def test_the_brokers_answer_is_told_with_its_reason(version: Any, packet: bytes, told: tuple[int, int]) -> None:
    heard: list[tuple[int, int]] = []
    paho = Paho(Wire(), version, "x", print, lambda mid, reason: heard.append((mid, reason)))  # type: ignore[arg-type]
    paho._in_packet["packet"] = bytearray(packet)
    paho._handle_pubackcomp("PUBACK")
    assert heard == [told]


def heard(version: Any, flags: int, packet: bytes) -> Publish:
    """The message that a PUBLISH becomes."""
    messages: list[Publish] = []
    paho = Paho(Wire(), version, "x", messages.append, lambda mid, reason: None)  # type: ignore[arg-type]
    paho._in_packet["command"], paho._in_packet["packet"] = 0x30 | flags, bytearray(packet)
    paho._handle_publish()
    [message] = messages
    return message


TOPIC = "yian/v1/W-000123/up/event"
NAMED = len(TOPIC).to_bytes(2) + TOPIC.encode()


@given(st.sampled_from([V5, V311]), st.sampled_from([0, 1]), st.booleans(), st.integers(1, 65_535), st.binary())
def test_a_message_is_heard_as_it_was_sent(version: Any, qos: int, retain: bool, mid: int, payload: bytes) -> None:
    packet = NAMED + (mid.to_bytes(2) if qos else b"") + (b"\0" if version == V5 else b"") + payload
    assert heard(version, qos << 1 | retain, packet) == Publish(TOPIC, payload, mid if qos else 0, retain)


@given(
    st.lists(st.tuples(st.text(max_size=200), st.text(max_size=200)), max_size=5).filter(
        lambda pairs: "\0" not in str(pairs)
    ),
    st.booleans(),
)
def test_user_properties_are_found_among_all_others(pairs: list[tuple[str, str]], with_others: bool) -> None:
    properties: Any = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    if with_others:
        properties.PayloadFormatIndicator, properties.MessageExpiryInterval, properties.TopicAlias = 1, 300, 7
        properties.ResponseTopic, properties.CorrelationData = "answer/here", b"\x26\0\1a\0\1b"
        properties.SubscriptionIdentifier, properties.ContentType = 300, "application/json"
    for pair in pairs:
        properties.UserProperty = pair
    packed = properties.pack()
    length, start = length_at(packed, 0)
    assert start + length == len(packed)
    assert sorted(user_properties(packed, start, len(packed))) == sorted(pairs)


def test_the_attributes_of_an_event_may_be_properties_and_its_data_the_payload() -> None:
    properties: Any = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = 300
    properties.UserProperty = ("type", "device.sos")
    message = heard(V5, 0x02, NAMED + b"\0\1" + properties.pack() + b'{"battery_pct": 41}')
    said = json.loads(message.payload)
    assert (said["type"], said["data"]) == ("device.sos", {"battery_pct": 41})


def test_properties_of_no_event_change_nothing() -> None:
    properties: Any = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ContentType = "application/json"
    properties.UserProperty = ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    assert heard(V5, 0x02, NAMED + b"\0\1" + properties.pack() + b"any\xffthing").payload == b"any\xffthing"
