"""A device's password: made at random, shown once, kept only as the hash Mosquitto checks.

Mosquitto 2, lib/password_mosq.c: `$7$iterations$salt$hash`, PBKDF2-HMAC-SHA512, salt and hash in base64.
"""

import base64
import hashlib
import hmac
import secrets

ITERATIONS = 101
"""Mosquitto's own default. Enough here: the password has 192 random bits, nobody guesses it from the hash."""

_SALT_BYTES = 12
_HASH_BYTES = 64


def new_secret() -> str:
    return secrets.token_urlsafe(24)


def hash_secret(secret: str, *, salt: bytes | None = None, iterations: int = ITERATIONS) -> str:
    salt = salt or secrets.token_bytes(_SALT_BYTES)
    digest = _digest(secret, salt, iterations)
    return f"$7${iterations}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def fits(secret: str, hashed: str) -> bool:
    """:raises ValueError: when `hashed` is not of the form `$7$…`."""
    empty, version, iterations, salt, digest = hashed.split("$")
    if (empty, version) != ("", "7"):
        raise ValueError("not a $7$ hash")
    told = base64.b64decode(digest, validate=True)
    return hmac.compare_digest(told, _digest(secret, base64.b64decode(salt, validate=True), int(iterations)))


def _digest(secret: str, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, iterations, _HASH_BYTES)
