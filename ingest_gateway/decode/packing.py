"""The bytes of a payload → its text: undoes gzip, Base64, CBOR, UTF-16, GB 18030, and removes what firmware puts around
it. Bounded."""

import json

from contracts import device_packing
from contracts.device_cbor import cbor_documents_in, looks_like_cbor
from contracts.device_packing import MAX_BYTES, BadlyPacked, TooLarge, from_base64
from contracts.remarks import RemarkCode
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.rejection import Unreadable

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
    try:
        inner, layers = device_packing.unpacked(payload)
    except TooLarge as error:
        raise Unreadable("event.too_large", str(error)) from None
    except BadlyPacked as error:
        raise Unreadable("event.not_json", str(error)) from None
    if layers:
        noted.add(RemarkCode.PAYLOAD_PACKED, layers[0])
    return inner


def json_in_base64(packed: str) -> str:
    """The text that a Base64 text holds; the packed text itself when it holds none."""
    try:
        return from_base64(packed.encode()).decode()
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
