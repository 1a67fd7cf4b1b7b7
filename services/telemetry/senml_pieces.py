"""The bytes of a message of readings → its records, also where firmware writes JSON wrongly, one document a line, SenML
in CBOR, or packs it. Pure."""

import json
import re
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from contracts.device_cbor import cbor_documents_in, looks_like_cbor
from contracts.device_json import documents_in, mended
from contracts.device_packing import unpacked
from services.telemetry.senml_mend import records_of, spread

MAX_LOST = 16
"""So often reading goes on behind something that is no JSON."""
_AROUND = "\ufeff" + "".join(map(chr, range(0x21)))
_ERASED = b"\0\xff"
"""What is in flash where nothing was written."""
_BASES = re.compile(rb'"(bt|bv|ts|time|timestamp)"')

_decode_raw = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_any = msgspec.json.Decoder().decode
_reader = json.JSONDecoder()
"""Takes numbers beyond a float and the NaN that some firmware prints; a record it had to read is not told byte for
byte."""


@dataclass(frozen=True, slots=True)
class Piece:
    raw: bytes
    fields: Any = None
    begins: bool = False
    """Base fields of earlier records do not hold from here on: a pack begins."""
    lost: bool = False
    """It could not be read at all."""

    @property
    def loses_time(self) -> bool:
        return any(told != b"bv" for told in _BASES.findall(self.raw))

    @property
    def loses_value(self) -> bool:
        return b"bv" in _BASES.findall(self.raw)


def pieces_of(payload: bytes) -> tuple[list[Piece], str | None]:
    """(the records, what was tolerated to find them: `shape`, `json`, `cbor`, `packed`).

    :raises ValueError: there are none; `TooLarge` where they are too many bytes when they are unpacked.
    """
    inner, layers = unpacked(payload)
    pieces, how = _pieces(inner)
    return pieces, "packed" if layers else how


def _pieces(payload: bytes) -> tuple[list[Piece], str | None]:
    try:
        return _of_pack([(bytes(raw), _decode_any(raw)) for raw in _decode_raw(payload)]), None
    except (msgspec.DecodeError, UnicodeError):
        pass  # not one array in JSON
    if looks_like_cbor(payload):
        return _of_cbor(payload), "cbor"
    text, how = _text(payload)
    pieces, other = _of_text(text)
    return pieces, how or other


def _of_text(text: str) -> tuple[list[Piece], str]:
    try:
        documents, rest = documents_in(text, _reader)
    except json.JSONDecodeError as error:
        return _mended(text, error), "json"
    if rest or len(documents) > 1:
        return _mended(text, ValueError("there is no record in it")), "json"
    if isinstance(documents[0], str):
        return _of_text(documents[0].strip(_AROUND))[0], "shape"
    return _of_document(documents[0]), "shape"


def _of_cbor(payload: bytes) -> list[Piece]:
    """:raises ValueError:"""
    documents, rest = cbor_documents_in(payload)
    pieces: list[Piece] = []
    _add(pieces, documents)
    if rest.strip(_ERASED):
        pieces.append(Piece(rest, lost=True))
    if not any(isinstance(piece.fields, dict) for piece in pieces):
        raise ValueError("there is no record in it")
    return pieces


def _text(payload: bytes) -> tuple[str, str | None]:
    """:raises UnicodeDecodeError:"""
    encoding = json.detect_encoding(payload)
    try:
        return payload.decode(encoding).strip(_AROUND), None if encoding.startswith("utf-8") else "json"
    except UnicodeDecodeError:
        return payload.decode("gb18030").strip(_AROUND), "json"


def _of_pack(records: list[tuple[bytes, Any]]) -> list[Piece]:
    spread_out = [(raw, record) for raw, fields in records for record in spread(fields)]
    return [Piece(raw, record, begins=nth == 0) for nth, (raw, record) in enumerate(spread_out)]


def _of_document(document: Any) -> list[Piece]:
    records = records_of(document)
    if records is None:
        raise ValueError("an array of records is needed")
    return _of_pack([(json.dumps(fields, default=str).encode(), fields) for fields in records])


def _mended(text: str, error: ValueError) -> list[Piece]:
    """:raises ValueError: `error`, when nothing of it is a record."""
    pieces: list[Piece] = []
    try:
        documents, rest = documents_in(mended(text), _reader)
    except json.JSONDecodeError:
        documents, rest = [], text
    _add(pieces, documents)
    while rest := rest.strip(_AROUND).lstrip(_AROUND + ",[]}"):
        if sum(piece.lost for piece in pieces) >= MAX_LOST:
            pieces.append(Piece(rest.encode(errors="replace"), lost=True))
            break
        try:
            documents, rest = documents_in(rest, _reader)
            _add(pieces, documents)
        except json.JSONDecodeError:
            end = rest.find("{", 1)
            lost, rest = (rest, "") if end < 0 else (rest[:end], rest[end:])
            pieces.append(Piece(lost.encode(errors="replace"), lost=True))
    if all(piece.lost or not isinstance(piece.fields, dict) for piece in pieces):
        raise error
    return pieces


def _add(pieces: list[Piece], documents: list[Any]) -> None:
    """An array is a pack of its own; objects one after the other are the records of one."""
    for document in documents:
        records = records_of(document)
        found = _of_pack([(json.dumps(one).encode(), one) for one in (records if records is not None else [document])])
        if found and not isinstance(document, list):
            found[0] = replace(found[0], begins=not pieces)
        pieces += found
