"""Identity numbers in the database: encrypted with AES-256-GCM, and searched through a keyed digest (blind index)."""

import hashlib
import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_FORMAT = b"\x01"
"""First byte of what is stored, so that a later key or cipher can be told apart."""


class SealBroken(Exception):
    """The value was encrypted with another key, for another person, or changed since."""


def derive_key(secret: bytes, purpose: str) -> bytes:
    """One platform secret, a key of its own for each purpose (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"yian {purpose}".encode()).derive(secret)


class Vault:
    """:param secret: the platform's secret key; losing it loses every identity number."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(derive_key(secret, "identity number encryption"))
        self._index_key = derive_key(secret, "identity number index")

    def seal(self, identity_number: str, elder_id: UUID) -> bytes:
        """Bound to the elder: copied to another row, it does not open."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, identity_number.encode(), elder_id.bytes)

    def open(self, sealed: bytes, elder_id: UUID) -> str:
        """:raises SealBroken:"""
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _FORMAT or len(nonce) < _NONCE_BYTES:
            raise SealBroken
        try:
            return self._cipher.decrypt(nonce, body, elder_id.bytes).decode()
        except InvalidTag:
            raise SealBroken from None

    def blind_index(self, identity_number: str) -> bytes:
        """Equal for equal numbers, and of no use without the key."""
        return hmac.new(self._index_key, identity_number.encode(), hashlib.sha256).digest()
