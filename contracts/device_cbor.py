"""CBOR as some firmware sends it → the same as JSON has it. SenML's numbered labels get their names (RFC 8428,
table 4)."""

import base64
import json
from typing import Any, NoReturn

import cbor2

_LABELS = {
    **{-1: "bver", -2: "bn", -3: "bt", -4: "bu", -5: "bv", -6: "bs"},
    **{0: "n", 1: "u", 2: "v", 3: "vs", 4: "vb", 5: "s", 6: "t", 7: "ut", 8: "vd"},
}


def looks_like_cbor(payload: bytes) -> bool:
    """Whether it begins as an array or a map does; no JSON begins so."""
    return bool(payload) and 0x80 <= payload[0] < 0xC0


def document_of(payload: bytes) -> Any:
    """:raises ValueError: it is no array and no map, or JSON has no such value."""
    try:
        document = cbor2.loads(payload, semantic_decoders=_REFUSED)
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


def _plain(value: Any) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=") if isinstance(value, bytes) else str(value)


def _refuse(_: Any) -> NoReturn:
    raise ValueError("this tag")


_REFUSED = dict.fromkeys((4, 5, 25, 28, 29, 30, 35, 256), _refuse)
"""Tags that make much of few bytes: powers, expressions, and whatever is said once and meant many times."""
