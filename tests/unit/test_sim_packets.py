"""The bytes of MQTT as simulated devices write and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_sim import packets
from device_sim.packets import Packet, ProtocolError, Reader, Version, Will


@given(
    st.text(min_size=1, max_size=60).filter(lambda topic: "\0" not in topic),
    st.binary(max_size=20_000),
    st.integers(1, 65535),
    st.sampled_from(list(Version)),
    st.integers(1, 500),
)
def test_a_publish_is_read_back_however_the_stream_is_cut(
    topic: str, payload: bytes, packet_id: int, version: Version, cut: int
) -> None:
    stream = packets.publish(topic, payload, packet_id, version=version) + packets.PING + packets.puback(packet_id)
    reader = Reader()
    found = [packet for at in range(0, len(stream), cut) for packet in reader.feed(stream[at : at + cut])]
    assert [packet.kind for packet in found] == [packets.PUBLISH, 12, packets.PUBACK]
    message = packets.read_publish(found[0], version)
    assert (message.topic, message.payload, message.packet_id) == (topic, payload, packet_id)
    assert packets.read_puback(found[2]) == (packet_id, 0)


def test_properties_of_version_5_are_skipped() -> None:
    body = b"\x00\x01t" + b"\x00\x07" + b"\x05" + b"\x02\x00\x00\x00\x0a" + b"payload"
    message = packets.read_publish(Packet(packets.PUBLISH, 0x02, body), Version.V5)
    assert (message.topic, message.payload, message.packet_id) == ("t", b"payload", 7)


def test_a_connect_carries_will_and_session() -> None:
    made = packets.connect(
        "W-1-x",
        "W-1",
        "secret",
        version=Version.V5,
        keepalive_s=60,
        will=Will("yian/v1/W-1/up/status", b"{}"),
        session_expiry_s=3600,
    )
    assert made[0] == 0x10
    assert made[2:9] == b"\x00\x04MQTT\x05"
    assert made[9] == 0xC0 | 0x20 | 0x08 | 0x04
    assert made[10:12] == b"\x00\x3c"
    assert made.endswith(b"\x00\x03W-1\x00\x06secret")


@pytest.mark.parametrize("stream", [b"\x30\xff\xff\xff\xff\x01", b"\x30\xff\xff\xff\x7f"])
def test_an_absurd_length_is_an_error_and_not_a_wait_forever(stream: bytes) -> None:
    with pytest.raises(ProtocolError):
        list(Reader().feed(stream))
