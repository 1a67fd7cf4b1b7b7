"""What firmware packs a message in → what it packed: gzip, zlib, Base64, hex, also one within the other. Bounded."""

import base64
import binascii
import re
import zlib

MAX_BYTES = 64 * 1024
_ZLIB_OR_GZIP = 47
_ZLIB_SECOND_BYTES = (b"\x01", b"\x5e", b"\x9c", b"\xda")
_BASE64_OF_JSON = re.compile(rb"(?:eyJ|eyI|W3si|ewo|Wwo|W3sK|H4sI|eJ[wxyz])[A-Za-z0-9+/_=\s-]+")
"""Or of gzip or zlib."""
_HEX_OF_MESSAGE = re.compile(rb"\s*(?:7b|5b|1f8b|789c|78da|785e|7878|7979|7e0200)", re.IGNORECASE)
_HEX = re.compile(rb"\s*(?:[0-9a-f]{2}[ \r\n]?){4,}\s*", re.IGNORECASE)
_MOST_LAYERS = 4


class BadlyPacked(ValueError):
    """In plain words: what cannot be unpacked, and the mend."""


class TooLarge(BadlyPacked):
    """More than a message may have, when it is unpacked."""


def unpacked(payload: bytes) -> tuple[bytes, list[str]]:
    """(what was packed, how, the outermost first); the payload itself where it is not packed. :raises BadlyPacked:"""
    layers: list[str] = []
    while len(layers) < _MOST_LAYERS and (how := _packed_how(payload)) is not None:
        payload = _UNPACK[how](payload)
        layers.append(how)
    return payload, layers


def _packed_how(payload: bytes) -> str | None:
    start = payload[:2]
    if start == b"\x1f\x8b":
        return "gzip"
    if start[:1] == b"\x78" and start[1:] in _ZLIB_SECOND_BYTES:
        return "zlib"
    if _BASE64_OF_JSON.fullmatch(payload):
        return "base64"
    return "hex" if is_hex(payload) else None


def is_hex(payload: bytes) -> bool:
    """Whether it is the hexadecimal text of JSON, of gzip or of a known frame; any digits may be hexadecimal."""
    return _HEX_OF_MESSAGE.match(payload) is not None and _HEX.fullmatch(payload) is not None


def _inflated(payload: bytes) -> bytes:
    """At most one byte more than a message may have, so that a small archive cannot fill the memory."""
    try:
        inflated = zlib.decompressobj(_ZLIB_OR_GZIP).decompress(payload, MAX_BYTES + 1)
    except zlib.error:
        raise BadlyPacked("gzip that cannot be unpacked; send JSON in UTF-8, not packed") from None
    if len(inflated) > MAX_BYTES:
        raise TooLarge(f"more than {MAX_BYTES} bytes when unpacked: send less in a message")
    return inflated


def from_base64(packed: bytes) -> bytes:
    """With either alphabet and any padding; the packed bytes themselves where they are no Base64."""
    bare = b"".join(packed.split()).replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    try:
        return base64.b64decode(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        return packed


def _from_hex(payload: bytes) -> bytes:
    return bytes.fromhex(payload.decode())


_UNPACK = {"gzip": _inflated, "zlib": _inflated, "base64": from_base64, "hex": _from_hex}
