"""CBOR as some firmware sends it → the same as JSON has it. SenML's numbered labels get their names (RFC 8428,
table 4)."""

import base64
import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any, NoReturn

import cbor2

MAX_DOCUMENTS = 600
_SELF_DESCRIBED = b"\xd9\xd9\xf7"
"""RFC 8949, 3.4.6: "this is CBOR"."""
_LABELS = {
    **{-1: "bver", -2: "bn", -3: "bt", -4: "bu", -5: "bv", -6: "bs"},
    **{0: "n", 1: "u", 2: "v", 3: "vs", 4: "vb", 5: "s", 6: "t", 7: "ut", 8: "vd"},
}


def looks_like_cbor(payload: bytes) -> bool:
    """Whether it begins as an array or a map does; no JSON begins so."""
    start = payload.removeprefix(_SELF_DESCRIBED)
    return bool(start) and 0x80 <= start[0] < 0xC0


def cbor_documents_in(payload: bytes) -> tuple[list[Any], bytes]:
    """(the documents that stand one after the other (RFC 8742), what followed them and is none).

    :raises ValueError: the first is no array and no map, or JSON has no such value.
    """
    documents: list[Any] = []
    rest = payload
    while len(documents) < MAX_DOCUMENTS and (not documents or looks_like_cbor(rest)):
        stream = BytesIO(rest.removeprefix(_SELF_DESCRIBED))
        try:
            documents.append(_document_of(stream))
        except ValueError:
            if not documents:
                raise
            break  # cut off, or bytes that only begin so
        rest = stream.read()
    return documents, rest


def _document_of(stream: BytesIO) -> Any:
    """:raises ValueError:"""
    try:
        document = cbor2.load(stream, semantic_decoders=_REFUSED)
        records = document if isinstance(document, list) else [document]
        named = [_labelled(record) if isinstance(record, dict) else record for record in records]
        plain = json.dumps(named if isinstance(document, list) else named[0], default=_plain)
    except Exception as error:  # whatever its tags end in
        raise ValueError(f"CBOR that cannot be read: {type(error).__name__}") from None
    return json.loads(plain)


def _labelled(record: dict[Any, Any]) -> dict[str, Any]:
    return {
        _LABELS.get(label, str(label)) if isinstance(label, int) else str(label): told for label, told in record.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, cbor2.CBORTag):
        return value.value  # whatever the tag means, what it stands before is told
    if isinstance(value, Mapping):
        return dict(value)
    return base64.urlsafe_b64encode(value).decode().rstrip("=") if isinstance(value, bytes) else str(value)


def _refuse(_: Any) -> NoReturn:
    raise ValueError("this tag")


_REFUSED = dict.fromkeys((4, 5, 25, 28, 29, 30, 35, 256), _refuse)
"""Tags that make much of few bytes: powers, expressions, and whatever is said once and meant many times."""
