"""What the gateway packs by itself, as a device's own reader understands it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_sim import packets
from ingest_gateway.mqtt.model import V5, V311
from ingest_gateway.mqtt.paho import Paho

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
    paho = Paho(wire, version, "x", lambda mid, reason: None)  # type: ignore[arg-type]
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
    paho = Paho(Wire(), version, "x", lambda mid, reason: heard.append((mid, reason)))  # type: ignore[arg-type]
    paho._in_packet["packet"] = bytearray(packet)
    paho._handle_pubackcomp("PUBACK")
    assert heard == [told]
