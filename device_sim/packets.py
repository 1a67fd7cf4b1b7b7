"""MQTT packets as bytes, versions 5.0 and 3.1.1, as far as a small device needs them.

Written by hand because one process plays thousands of devices: paho needs a thread or a poll
loop a client, this needs one asyncio transport and about 10 µs a message.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from struct import pack, unpack_from

CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP, DISCONNECT = 2, 3, 4, 9, 13, 14
PING = b"\xc0\x00"
GOODBYE = b"\xe0\x00"
NO_MATCHING_SUBSCRIBERS = 0x10
MAX_PACKET_BYTES = 256 * 1024


class Version(IntEnum):
    V311 = 4
    V5 = 5


class ProtocolError(Exception):
    """The other side sent something that is not MQTT."""


@dataclass(frozen=True, slots=True)
class Will:
    topic: str
    payload: bytes
    retain: bool = True


@dataclass(frozen=True, slots=True)
class Packet:
    kind: int
    flags: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    payload: bytes
    packet_id: int
    """0 for a message of QoS 0, which wants no acknowledgement."""


def connect(
    client_id: str,
    username: str,
    password: str,
    *,
    version: Version,
    keepalive_s: int,
    will: Will | None,
    session_expiry_s: int,
) -> bytes:
    """A session that outlives the link where session_expiry_s > 0, a clean one otherwise."""
    flags = 0xC0 | (0 if session_expiry_s else 0x02)
    if will is not None:
        flags |= 0x04 | 0x08 | (0x20 if will.retain else 0)
    head = _text("MQTT") + pack(">BBH", version, flags, keepalive_s)
    if version is Version.V5:
        head += b"\x05\x11" + pack(">I", session_expiry_s)
    body = _text(client_id)
    if will is not None:
        body += (b"\x00" if version is Version.V5 else b"") + _text(will.topic)
        body += pack(">H", len(will.payload)) + will.payload
    body += _text(username) + _text(password)
    return _framed(0x10, head + body)


def publish(
    topic: str, payload: bytes, packet_id: int, *, version: Version, retain: bool = False, again: bool = False
) -> bytes:
    """QoS 1. `again` marks a redelivery of the same packet id within a session."""
    first = 0x32 | (0x01 if retain else 0) | (0x08 if again else 0)
    properties = b"\x00" if version is Version.V5 else b""
    return _framed(first, _text(topic) + pack(">H", packet_id) + properties + payload)


def subscribe(topics: list[str], packet_id: int, *, version: Version) -> bytes:
    properties = b"\x00" if version is Version.V5 else b""
    wanted = b"".join(_text(topic) + b"\x01" for topic in topics)
    return _framed(0x82, pack(">H", packet_id) + properties + wanted)


def puback(packet_id: int) -> bytes:
    return b"\x40\x02" + pack(">H", packet_id)


def read_publish(packet: Packet, version: Version) -> Message:
    body = packet.body
    topic_length = unpack_from(">H", body)[0]
    at = 2 + topic_length
    topic = body[2:at].decode("utf-8", "replace")
    packet_id = 0
    if packet.flags & 0x06:
        packet_id = unpack_from(">H", body, at)[0]
        at += 2
    if version is Version.V5:
        length, at = _varint(body, at)
        at += length
    return Message(topic, body[at:], packet_id)


def read_connack(packet: Packet) -> tuple[bool, int]:
    """(a session was kept, reason code); 0 is success in both versions."""
    return bool(packet.body[0] & 1), packet.body[1]


def read_puback(packet: Packet) -> tuple[int, int]:
    """(packet id, reason code)."""
    return unpack_from(">H", packet.body)[0], packet.body[2] if len(packet.body) > 2 else 0


def read_suback(packet: Packet, version: Version) -> list[int]:
    at = 2
    if version is Version.V5:
        length, at = _varint(packet.body, at)
        at += length
    return list(packet.body[at:])


class Reader:
    """Cuts a byte stream into packets."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> Iterator[Packet]:
        held = self._held + data if self._held else data
        at = 0
        while True:
            framed = _frame_at(held, at)
            if framed is None:
                break
            start, end = framed
            yield Packet(held[at] >> 4, held[at] & 0x0F, held[start:end])
            at = end
        self._held = held[at:]


def _frame_at(held: bytes, at: int) -> tuple[int, int] | None:
    """Where the body of the packet at `at` starts and ends; None while it is incomplete."""
    length, shift = 0, 0
    for position in range(at + 1, min(at + 5, len(held))):
        byte = held[position]
        length |= (byte & 0x7F) << shift
        if not byte & 0x80:
            if length > MAX_PACKET_BYTES:
                raise ProtocolError(f"a packet of {length} bytes")
            end = position + 1 + length
            return (position + 1, end) if end <= len(held) else None
        shift += 7
    if len(held) - at > 4:
        raise ProtocolError("a length of more than four bytes")
    return None


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        if at >= len(body) or shift > 21:
            raise ProtocolError("a broken variable length")
        byte = body[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
        shift += 7


def _text(value: str) -> bytes:
    raw = value.encode()
    return pack(">H", len(raw)) + raw


def _framed(first: int, body: bytes) -> bytes:
    length = len(body)
    sized = bytearray((first,))
    while True:
        length, byte = divmod(length, 128)
        sized.append(byte | 0x80 if length else byte)
        if not length:
            return bytes(sized) + body
