"""Mosquitto's password file, which the embedded broker reads too."""

import os
from collections.abc import Mapping
from pathlib import Path

from services.elders.credentials import fits

GATEWAY_USER = "yian.gateway"
"""With a dot: no device id has one, so no device can be provisioned under this name."""


def password_matches(password: str, password_hash: str) -> bool:
    """False too for a hash of another form."""
    try:
        return fits(password, password_hash)
    except ValueError:
        return False


def write_password_file(path: Path, password_hashes: Mapping[str, str]) -> None:
    """One `user:hash` a line, readable by the owner only; replaced in one step, so that no broker reads half of it."""
    fresh = path.with_name(path.name + ".new")
    fresh.touch(mode=0o600)
    fresh.chmod(0o600)
    fresh.write_text("".join(f"{user}:{password_hash}\n" for user, password_hash in password_hashes.items()))
    if path.exists() and os.geteuid() == 0:  # a broker that has become another user must be able to read it again
        owner = path.stat()
        os.chown(fresh, owner.st_uid, owner.st_gid)
    fresh.replace(path)


def read_password_file(path: Path) -> dict[str, str]:
    pairs = (line.strip().split(":", maxsplit=1) for line in path.read_text().splitlines() if ":" in line)
    return {user: password_hash for user, password_hash in pairs}  # noqa: C416 the names say what they are
