"""Mosquitto's password format, which the embedded broker reads too."""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

GATEWAY_USER = "yian.gateway"
# Mosquitto's own number: device passwords are random and long, and ten thousand devices may reconnect at once.
_ITERATIONS = 101
_SALT_BYTES = 12
_HASH_BYTES = 64


def new_password() -> str:
    """144 random bits in 24 characters that need no quoting anywhere."""
    return secrets.token_urlsafe(18)


def hash_password(password: str, *, salt: bytes | None = None) -> str:
    """`$7$iterations$salt$hash`: PBKDF2-HMAC-SHA512, salt and hash in base64."""
    salt = salt or os.urandom(_SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS, _HASH_BYTES)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def password_matches(password: str, password_hash: str) -> bool:
    """False too for a hash that is not of this format."""
    try:
        _, kind, iterations, salt, expected = password_hash.split("$")
        if kind != "7":
            return False
        digest = hashlib.pbkdf2_hmac(
            "sha512", password.encode(), base64.b64decode(salt, validate=True), int(iterations), _HASH_BYTES
        )
        return hmac.compare_digest(digest, base64.b64decode(expected, validate=True))
    except ValueError:
        return False


def write_password_file(path: Path, password_hashes: Mapping[str, str]) -> None:
    """One `user:hash` a line, readable by the owner only; replaced in one step, so that no broker reads half of it."""
    fresh = path.with_name(path.name + ".new")
    fresh.touch(mode=0o600)
    fresh.chmod(0o600)
    fresh.write_text("".join(f"{user}:{password_hash}\n" for user, password_hash in password_hashes.items()))
    fresh.replace(path)


def read_password_file(path: Path) -> dict[str, str]:
    pairs = (line.strip().split(":", maxsplit=1) for line in path.read_text().splitlines() if ":" in line)
    return {user: password_hash for user, password_hash in pairs}  # noqa: C416 the names say what they are
