"""The bytes of a payload → its text: undoes gzip, Base64, CBOR, UTF-16, GB 18030, and removes what firmware puts around
it. Bounded."""

import base64
import binascii
import json
import re
import zlib

from contracts.device_cbor import cbor_documents_in, looks_like_cbor
from contracts.remarks import RemarkCode
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.rejection import Unreadable

MAX_BYTES = 64 * 1024
_ZLIB_OR_GZIP = 47
_ZLIB_SECOND_BYTES = (b"\x01", b"\x5e", b"\x9c", b"\xda")
_BASE64_OF_JSON = re.compile(rb"(?:eyJ|eyI|W3si|ewo|Wwo|W3sK|H4sI|eJ[wxyz])[A-Za-z0-9+/_=\s-]+")
"""Or of gzip or zlib."""
_HEX_OF_MESSAGE = re.compile(rb"\s*(?:7b|5b|1f8b|789c|78da|785e|7878|7979|7e0200)", re.IGNORECASE)
_HEX = re.compile(rb"\s*(?:[0-9a-f]{2}[ \r\n]?){4,}\s*", re.IGNORECASE)
_MOST_LAYERS = 4
_AROUND = "\ufeff" + "".join(map(chr, range(0x21)))
"""Byte order mark, NUL, STX, ETX, record separator, line ends: around JSON they mean nothing."""


def texts_of(payload: bytes, noted: Noted) -> list[str]:
    """What the bytes say, the likeliest reading first; never empty. :raises Unreadable:"""
    if len(payload) > MAX_BYTES:
        raise Unreadable("event.too_large", f"{len(payload)} bytes: send at most {MAX_BYTES} in a message")
    payload = unpacked(payload, noted)
    if looks_like_cbor(payload) and (text := _from_cbor(payload)) is not None:
        noted.add(RemarkCode.PAYLOAD_PACKED, "cbor")
        return [text]
    wide = _wide_encoding(payload)
    if wide is not None:
        noted.add(RemarkCode.PAYLOAD_ENCODING, wide)
        return [_bare(payload.decode(wide, errors="replace"))]
    try:
        return [_bare(payload.decode())]
    except UnicodeDecodeError:
        pass  # noted in the next line, and tried in another encoding
    noted.add(RemarkCode.PAYLOAD_ENCODING, "not UTF-8")
    replaced = _bare(payload.decode(errors="replace"))
    try:
        return [_bare(payload.decode("gb18030")), replaced]
    except UnicodeDecodeError:
        return [replaced]


def unpacked(payload: bytes, noted: Noted) -> bytes:
    """Also where it was packed twice: gzip in Base64, hex of gzip. :raises Unreadable:"""
    for _ in range(_MOST_LAYERS):
        inner = _one_layer_less(payload, noted)
        if inner is payload:
            break
        payload = inner
    return payload


def _one_layer_less(payload: bytes, noted: Noted) -> bytes:
    start = payload[:2]
    if start == b"\x1f\x8b" or (start[:1] == b"\x78" and start[1:] in _ZLIB_SECOND_BYTES):
        noted.add(RemarkCode.PAYLOAD_PACKED, "gzip" if start == b"\x1f\x8b" else "zlib")
        return _inflated(payload)
    if _BASE64_OF_JSON.fullmatch(payload):
        noted.add(RemarkCode.PAYLOAD_PACKED, "base64")
        return _from_base64(payload)
    if is_hex(payload):
        noted.add(RemarkCode.PAYLOAD_PACKED, "hex")
        return bytes.fromhex(payload.decode())
    return payload


def is_hex(payload: bytes) -> bool:
    """Whether it is the hexadecimal text of JSON, of gzip or of a frame (`frames`); any digits may be hexadecimal."""
    return _HEX_OF_MESSAGE.match(payload) is not None and _HEX.fullmatch(payload) is not None


def _inflated(payload: bytes) -> bytes:
    """At most one byte more than a message may have, so that a small archive cannot fill the memory."""
    try:
        inflated = zlib.decompressobj(_ZLIB_OR_GZIP).decompress(payload, MAX_BYTES + 1)
    except zlib.error:
        raise Unreadable("event.not_json", "gzip that cannot be unpacked; send JSON in UTF-8, not packed") from None
    if len(inflated) > MAX_BYTES:
        raise Unreadable("event.too_large", f"more than {MAX_BYTES} bytes when unpacked: send less in a message")
    return inflated


def _from_base64(payload: bytes) -> bytes:
    packed = b"".join(payload.split()).replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4))
    except binascii.Error:
        return payload


def json_in_base64(packed: str) -> str:
    """The text that a Base64 text holds; the packed text itself when it holds none."""
    try:
        return _from_base64(packed.encode()).decode()
    except UnicodeError:
        return packed


def _from_cbor(payload: bytes) -> str | None:
    try:
        documents, rest = cbor_documents_in(payload)
    except ValueError:
        return None  # other bytes that only begin so
    told = [json.dumps(document, ensure_ascii=False) for document in documents]
    return _bare("\n".join((*told, rest.decode(errors="replace"))))


def _wide_encoding(payload: bytes) -> str | None:
    """UTF-32 and UTF-16, by their byte order mark or by the NULs between ASCII letters."""
    if payload[:4] in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"):
        return "utf-32"
    if payload[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    nuls = [byte == 0 for byte in payload[:4]]
    if nuls == [False, True, False, True]:
        return "utf-16-le"
    if nuls == [True, False, True, False]:
        return "utf-16-be"
    return None


def _bare(text: str) -> str:
    return text.strip(_AROUND)
