"""What is packed inside a text of a JSON message: Base64 or hex, as gateways of radio networks pass on what they do not
read (`frmPayload`, `payload_raw`). Bounded."""

import base64
import binascii
import re
from collections.abc import Iterator

_SPELLED = (
    "data|payload|payload_?raw|raw_?payload|frm_?payload|payload_?hex|payload_?base64|raw|raw_?data|hex|bytes|body"
)
_KEY = re.compile(f"{_SPELLED}|text|content", re.IGNORECASE)
_PACKED = re.compile(r"[A-Za-z0-9+/_-]{4,8192}={0,2}")
_HOLDER = re.compile(rf'"(?:{_SPELLED})"\s*:\s*"'.encode(), re.IGNORECASE)
_HELD = re.compile(_HOLDER.pattern + rb"([A-Za-z0-9+/_=-]{4,8192})", re.IGNORECASE)
_HINTS = (b'data"', b"payload", b'raw"', b'hex"', b'bytes"', b'body"', b'base64"')
"""Quick to search for; one of them is in whatever `_HOLDER` finds."""
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")


def is_holder(key: str) -> bool:
    """Whether something may be packed under this key."""
    return len(key) <= 16 and _KEY.fullmatch(key) is not None


def has_holder(payload: bytes) -> bool:
    lower = payload.lower()
    return any(hint in lower for hint in _HINTS) and _HOLDER.search(payload) is not None


def held_in(payload: bytes) -> Iterator[bytes]:
    """What is packed in any text of a message."""
    for held in _HELD.finditer(payload):
        yield from unpacked(held[1].decode())


def unpacked(text: str) -> list[bytes]:
    """Hex may be Base64 too: both."""
    if not _PACKED.fullmatch(text):
        return []
    found = [bytes.fromhex(text)] if _HEX.fullmatch(text) else []
    bare = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return [*found, base64.b64decode(bare + "=" * (-len(bare) % 4))]
    except binascii.Error:
        return found
