"""MQTT 5.0 and 3.1.1 on the bytes: only what a gateway says and hears. Pure; knows no socket.

Source: OASIS MQTT 5.0 (2019) and 3.1.1 (2014), chapters 2 and 3.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

V5 = 5
V311 = 4
CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
PINGREQ = b"\xc0\x00"
PINGRESP, DISCONNECT = 13, 14
GOODBYE = b"\xe0\x00"

RECEIVE_MAXIMUM = 0x21
SERVER_KEEP_ALIVE = 0x13
SHARED_SUBSCRIPTION_AVAILABLE = 0x2A
_ONE_BYTE = {0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, SHARED_SUBSCRIPTION_AVAILABLE}
_TWO_BYTES = {SERVER_KEEP_ALIVE, RECEIVE_MAXIMUM, 0x22, 0x23}
_FOUR_BYTES = {0x02, 0x11, 0x18, 0x27}
_TEXTS = {0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F}
_USER_PROPERTY = 0x26


class Malformed(Exception):
    """The peer did not speak MQTT; the connection is of no use any more."""


class Publish(msgspec.Struct, frozen=True, gc=False):
    topic: bytes
    payload: bytes
    mid: int
    """0 for QoS 0, which is not acknowledged."""
    retained: bool


@dataclass(frozen=True, slots=True)
class Connack:
    code: int
    session_present: bool
    properties: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Puback:
    mid: int
    code: int


@dataclass(frozen=True, slots=True)
class Suback:
    mid: int
    codes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pingresp:
    pass


@dataclass(frozen=True, slots=True)
class Disconnect:
    code: int


Packet = Publish | Connack | Puback | Suback | Pingresp | Disconnect


class Reader:
    """Bytes as they come from the socket, in pieces of any size → packets."""

    def __init__(self, version: int, *, max_packet_bytes: int) -> None:
        self._version = version
        self._max = max_packet_bytes
        self._rest = b""

    def read(self, data: bytes) -> list[Packet]:
        """Every packet that is now complete.

        :raises Malformed: also when a packet is larger than was agreed.
        """
        if self._rest:
            data = self._rest + data
        packets: list[Packet] = []
        pos, end = 0, len(data)
        try:
            while end - pos >= 2:
                start, length = _remaining_length(data, pos + 1)
                if length > self._max:
                    raise Malformed(f"a packet of {length} bytes; at most {self._max} were agreed")
                if start < 0 or start + length > end:
                    break
                packets.append(self._packet(data[pos], data, start, start + length))
                pos = start + length
        except (IndexError, struct.error) as error:
            raise Malformed("a packet ends within a field") from error
        self._rest = data[pos:]
        return packets

    def _packet(self, first: int, data: bytes, pos: int, end: int) -> Packet:
        kind = first >> 4
        if kind == PUBLISH:
            return self._publish(first, data, pos, end)
        body = data[pos:end]
        if kind == PUBACK:
            return Puback((body[0] << 8) | body[1], body[2] if len(body) > 2 else 0)
        if kind == CONNACK:
            properties = _properties(body, 2) if self._version == V5 and len(body) > 2 else {}
            return Connack(body[1], bool(body[0] & 1), properties)
        if kind == SUBACK:
            codes = 2 if self._version != V5 else _skip_properties(body, 2)
            return Suback((body[0] << 8) | body[1], tuple(body[codes:]))
        if kind == PINGRESP:
            return Pingresp()
        if kind == DISCONNECT:
            return Disconnect(body[0] if body else 0)
        raise Malformed(f"packet type {kind} was not expected")

    def _publish(self, first: int, data: bytes, pos: int, end: int) -> Publish:
        length = (data[pos] << 8) | data[pos + 1]
        pos += 2
        topic = data[pos : pos + length]
        pos += length
        mid = 0
        if first & 0x06:
            mid = (data[pos] << 8) | data[pos + 1]
            pos += 2
        if self._version == V5:
            if data[pos] == 0:
                pos += 1
            else:
                pos = _skip_properties(data, pos)
        if pos > end:
            raise Malformed("a PUBLISH ends within a field")
        return Publish(topic, data[pos:end], mid, bool(first & 1))


def _remaining_length(data: bytes, pos: int) -> tuple[int, int]:
    """(where the packet's body starts, its length); the start is −1 when the length itself is not complete yet."""
    length = shift = 0
    for i in range(pos, min(pos + 4, len(data))):
        byte = data[i]
        length |= (byte & 127) << shift
        if byte < 128:
            return i + 1, length
        shift += 7
    if len(data) >= pos + 4:
        raise Malformed("a remaining length of more than four bytes")
    return -1, 0


def _skip_properties(data: bytes, pos: int) -> int:
    start, length = _remaining_length(data, pos)
    if start < 0 or start + length > len(data):
        raise Malformed("properties longer than their packet")
    return start + length


def _properties(data: bytes, pos: int) -> dict[int, int]:
    """The numbers among the properties; texts are passed over."""
    found: dict[int, int] = {}
    end = _skip_properties(data, pos)
    pos, _ = _remaining_length(data, pos)
    while pos < end:
        name = data[pos]
        pos += 1
        if name in _ONE_BYTE:
            found[name] = data[pos]
            pos += 1
        elif name in _TWO_BYTES:
            (found[name],) = struct.unpack_from("!H", data, pos)
            pos += 2
        elif name in _FOUR_BYTES:
            (found[name],) = struct.unpack_from("!I", data, pos)
            pos += 4
        elif name in _TEXTS or name == _USER_PROPERTY:
            for _ in range(2 if name == _USER_PROPERTY else 1):
                (length,) = struct.unpack_from("!H", data, pos)
                pos += 2 + length
        else:
            raise Malformed(f"property {name:#x} is unknown")
    return found


def connect(
    version: int,
    client_id: str,
    *,
    username: str | None,
    password: str | None,
    keep_alive: int,
    session_expiry: int,
    receive_maximum: int,
    max_packet_bytes: int,
) -> bytes:
    """Goes on with the session of this client id, if there is one. Times in seconds."""
    flags = (0x80 if username is not None else 0) | (0x40 if password is not None else 0)
    head = _text("MQTT") + bytes((version, flags)) + struct.pack("!H", keep_alive)
    if version == V5:
        properties = struct.pack("!BIBHBI", 0x11, session_expiry, 0x21, receive_maximum, 0x27, max_packet_bytes)
        head += _variable(len(properties)) + properties
    texts = (client_id, username, password)
    return _packet(CONNECT << 4, head + b"".join(_text(text) for text in texts if text is not None))


def subscribe(version: int, mid: int, filters: Sequence[str]) -> bytes:
    """QoS 1; the retain flag then tells what is old from what is said now."""
    body = struct.pack("!H", mid) + (b"\x00" if version == V5 else b"")
    return _packet((SUBSCRIBE << 4) | 2, body + b"".join(_text(text) + b"\x01" for text in filters))


def publish(version: int, topic: str, payload: bytes, mid: int, *, expiry_seconds: int | None = None) -> bytes:
    """QoS 1, not retained. The expiry is said to MQTT 5 brokers only; 3.1.1 has no word for it."""
    head = _text(topic) + struct.pack("!H", mid)
    if version == V5:
        head += b"\x00" if expiry_seconds is None else struct.pack("!BBI", 5, 0x02, expiry_seconds)
    return _packet((PUBLISH << 4) | 2, head + payload)


def pubacks(mids: Iterator[int] | Sequence[int]) -> bytes:
    return b"".join([struct.pack("!BBH", PUBACK << 4, 2, mid) for mid in mids])


def _packet(first: int, body: bytes) -> bytes:
    return bytes((first,)) + _variable(len(body)) + body


def _variable(number: int) -> bytes:
    out = bytearray()
    while True:
        number, byte = divmod(number, 128)
        out.append(byte | 128 if number else byte)
        if not number:
            return bytes(out)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("!H", len(data)) + data
