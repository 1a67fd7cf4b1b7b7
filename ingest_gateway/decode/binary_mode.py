"""An event in the binary mode of CloudEvents' MQTT binding (attributes as user properties of MQTT 5, the data as
payload) → the same event as JSON. All that comes after reads and stores only that. Pure."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from contracts.alarm_kind import AlarmKind, Note
from ingest_gateway.decode.documents import each_key_once
from ingest_gateway.decode.words import is_of_device, kinds_named

MODE = {"contentmode": "binary"}
"""An extension attribute of what was rewritten, so that the case notes it."""
_OF_READINGS = ("/up/telemetry", "/up/status")
_PREFIX = re.compile(r"(?:ce|cloudevents)[-_:]", re.IGNORECASE)
_encode, _decode = msgspec.json.encode, msgspec.json.decode


def structured(topic: str, payload: bytes, properties: Sequence[tuple[str, str]]) -> bytes:
    """The payload itself where the properties make no event of it.

    :param properties: of the message: its user properties
    """
    attributes = each_key_once([(_PREFIX.sub("", name, 1).lower(), value) for name, value in properties])
    named = attributes.get("type", "")
    kinds = _kinds(named)
    if not kinds and ("specversion" not in attributes or topic.endswith(_OF_READINGS)):
        return payload
    inner = _json(payload)
    if isinstance(inner, dict) and isinstance(inner.get("type"), str) and not {"id", "specversion"}.isdisjoint(inner):
        if kinds <= _kinds(inner["type"]):
            return payload  # an event in full, whatever properties are beside it
        return _encode([msgspec.Raw(payload), attributes | MODE])
    return _encode(attributes | MODE | _data_of(payload, is_json=inner is not None))


def _json(payload: bytes) -> Any:
    try:
        return _decode(payload) if payload else None
    except (ValueError, RecursionError):
        return None


def _kinds(name: str) -> set[AlarmKind | Note]:
    return set(kinds_named(name)) or ({AlarmKind.UNKNOWN} if is_of_device(name) else set())


def _data_of(payload: bytes, *, is_json: bool) -> dict[str, Any]:
    """As the JSON format of CloudEvents has it."""
    if is_json:
        return {"data": msgspec.Raw(payload)}
    try:
        return {"data": payload.decode()} if payload else {}
    except UnicodeDecodeError:
        return {"data_base64": payload}
