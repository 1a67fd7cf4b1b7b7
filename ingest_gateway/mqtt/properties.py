"""The user properties of a PUBLISH of MQTT 5. Nearly every message has no properties at all."""

import struct

_SIZES = {0x01: 1, 0x02: 4, 0x23: 2}
"""Payload format, message expiry, topic alias."""
_TEXTS = (0x03, 0x08, 0x09)
"""Content type, response topic, correlation data: two bytes of length, then so many bytes."""
_SUBSCRIPTION, _USER = 0x0B, 0x26
_short = struct.Struct("!H").unpack_from

Pairs = list[tuple[str, str]]


def length_at(packet: bytes | bytearray, at: int) -> tuple[int, int]:
    """(a number of one to four bytes (MQTT 5, 1.5.5), where it ends)."""
    number = shift = 0
    for here in range(at, at + 4):
        number |= (packet[here] & 0x7F) << shift
        if packet[here] < 0x80:
            return number, here + 1
        shift += 7
    raise ValueError("a number of more than four bytes")


def user_properties(packet: bytes | bytearray, start: int, end: int) -> Pairs:
    """As many as there are: a name may come twice. What follows a property unknown here is not read."""
    pairs, at = Pairs(), start
    while at < end:
        kind, at = packet[at], at + 1
        if kind in _SIZES:
            at += _SIZES[kind]
        elif kind in _TEXTS:
            at += 2 + _short(packet, at)[0]
        elif kind == _SUBSCRIPTION:
            _, at = length_at(packet, at)
        elif kind == _USER:
            name, at = _text(packet, at)
            value, at = _text(packet, at)
            pairs.append((name, value))
        else:
            break
    return pairs


def _text(packet: bytes | bytearray, at: int) -> tuple[str, int]:
    end = at + 2 + int(_short(packet, at)[0])
    return packet[at + 2 : end].decode(errors="replace"), end
