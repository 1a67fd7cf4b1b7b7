"""MQTT on the bytes, against the examples of the standard, paho's own packets, and whatever hypothesis finds."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_gateway import mqtt_packets as mqtt
from ingest_gateway.mqtt_packets import (
    V5,
    V311,
    Connack,
    Disconnect,
    Malformed,
    Packet,
    Pingresp,
    Puback,
    Publish,
    Reader,
    Suback,
)


def read(data: bytes, version: int = V5) -> list[Packet]:
    return Reader(version, max_packet_bytes=300_000).read(data)


def incoming(version: int, topic: bytes, payload: bytes, mid: int, *, retained: bool = False) -> bytes:
    """A PUBLISH as a broker sends it, with a property under MQTT 5."""
    body = struct.pack("!H", len(topic)) + topic + (struct.pack("!H", mid) if mid else b"")
    if version == V5:
        body += b"\x05\x02\x00\x00\x00\x3c"
    body += payload
    length, out = len(body), bytearray()
    while True:
        length, byte = divmod(length, 128)
        out.append(byte | (128 if length else 0))
        if not length:
            return bytes((0x30 | (2 if mid else 0) | retained,)) + bytes(out) + body


def test_a_connect_says_what_the_standard_says() -> None:
    data = mqtt.connect(
        V311, "g1", username="u", password="p", keep_alive=15, session_expiry=9, receive_maximum=7, max_packet_bytes=5
    )
    assert data == b"\x10\x14\x00\x04MQTT\x04\xc0\x00\x0f\x00\x02g1\x00\x01u\x00\x01p"
    data = mqtt.connect(
        V5, "g1", username=None, password=None, keep_alive=15, session_expiry=9, receive_maximum=7, max_packet_bytes=5
    )
    properties = b"\x0d\x11\x00\x00\x00\x09\x21\x00\x07\x27\x00\x00\x00\x05"
    assert data == b"\x10\x1c\x00\x04MQTT\x05\x00\x00\x0f" + properties + b"\x00\x02g1"


def test_a_subscribe_asks_for_qos_1() -> None:
    assert mqtt.subscribe(V5, 10, ["a/+", "b"]) == b"\x82\x0d\x00\x0a\x00\x00\x03a/+\x01\x00\x01b\x01"
    assert mqtt.subscribe(V311, 10, ["b"]) == b"\x82\x06\x00\x0a\x00\x01b\x01"


def test_a_publish_carries_its_expiry_where_the_version_has_one() -> None:
    assert (
        mqtt.publish(V5, "a/b", b"hi", 10, expiry_seconds=60)
        == b"\x32\x0f\x00\x03a/b\x00\x0a\x05\x02\x00\x00\x00\x3chi"
    )
    assert mqtt.publish(V5, "a/b", b"hi", 10) == b"\x32\x0a\x00\x03a/b\x00\x0a\x00hi"
    assert mqtt.publish(V311, "a/b", b"hi", 10, expiry_seconds=60) == b"\x32\x09\x00\x03a/b\x00\x0ahi"


def test_acknowledgements_of_many_are_one_piece() -> None:
    assert mqtt.pubacks([1, 65_535]) == b"\x40\x02\x00\x01\x40\x02\xff\xff"
    assert mqtt.pubacks([]) == b""


@pytest.mark.parametrize(
    ("version", "data", "packet"),
    [
        (V311, b"\x20\x02\x01\x00", Connack(0, True)),
        (V311, b"\x20\x02\x00\x01", Connack(1, False)),
        (
            V5,
            b"\x20\x10\x00\x00\x0d\x21\x07\xd0\x13\x00\x1e\x1f\x00\x02no\x2a\x01",
            Connack(0, False, {0x21: 2000, 0x13: 30, 0x2A: 1}),
        ),
        (V5, b"\x20\x02\x00\x84", Connack(0x84, False)),
        (V5, b"\x40\x02\x00\x07", Puback(7, 0)),
        (V5, b"\x40\x04\x00\x07\x10\x00", Puback(7, 0x10)),
        (V311, b"\x90\x04\x00\x01\x01\x80", Suback(1, (1, 0x80))),
        (V5, b"\x90\x05\x00\x01\x00\x01\x87", Suback(1, (1, 0x87))),
        (V5, b"\xd0\x00", Pingresp()),
        (V5, b"\xe0\x02\x8e\x00", Disconnect(0x8E)),
        (V5, b"\xe0\x00", Disconnect(0)),
    ],
)
def test_what_a_broker_says_is_read(version: int, data: bytes, packet: Packet) -> None:
    assert read(data, version) == [packet]


@pytest.mark.parametrize("version", [V5, V311])
def test_a_message_is_read_with_its_topic_payload_and_id(version: int) -> None:
    data = incoming(version, b"yian/v1/W-1/up/event", b"{}", 9, retained=True) + incoming(version, b"t", b"", 0)
    assert read(data, version) == [Publish(b"yian/v1/W-1/up/event", b"{}", 9, True), Publish(b"t", b"", 0, False)]


@given(
    st.lists(
        st.tuples(st.binary(min_size=1, max_size=40), st.binary(max_size=400), st.integers(0, 65_535)), max_size=6
    ),
    st.lists(st.integers(1, 60), min_size=1, max_size=20),
    st.sampled_from([V5, V311]),
)
def test_packets_cut_anywhere_are_read_whole(
    messages: list[tuple[bytes, bytes, int]], cuts: list[int], version: int
) -> None:
    stream = b"".join(incoming(version, topic, payload, mid) for topic, payload, mid in messages)
    reader = Reader(version, max_packet_bytes=100_000)
    found: list[Packet] = []
    turn = pos = 0
    while pos < len(stream):
        size = cuts[turn % len(cuts)]
        found += reader.read(stream[pos : pos + size])
        pos, turn = pos + size, turn + 1
    assert found == [Publish(topic, payload, mid, False) for topic, payload, mid in messages]


@given(st.binary(max_size=200), st.sampled_from([V5, V311]))
def test_any_bytes_are_packets_or_malformed(data: bytes, version: int) -> None:
    reader = Reader(version, max_packet_bytes=150)
    try:
        reader.read(data)
    except Malformed:
        return
    # What is left waits for more, and is never more than one packet.
    assert len(reader._rest) <= 155


@given(
    st.binary(min_size=2, max_size=60),
    st.sampled_from([0x20, 0x30, 0x32, 0x40, 0x90, 0xE0]),
    st.sampled_from([V5, V311]),
)
def test_any_body_of_a_packet_is_read_or_malformed(body: bytes, first: int, version: int) -> None:
    try:
        assert len(read(bytes((first, len(body))) + body, version)) == 1
    except Malformed:
        return


def test_a_packet_larger_than_agreed_is_refused_before_it_has_come() -> None:
    with pytest.raises(Malformed, match="at most 300000"):
        read(b"\x32\xff\xff\xff\x7f")


def test_a_length_of_five_bytes_is_none() -> None:
    with pytest.raises(Malformed, match="four bytes"):
        read(b"\x32\xff\xff\xff\xff\x01")
