"""Argon2id, off the event loop, and with so few at once that the loop keeps a core."""

import asyncio

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher


class Passwords:
    def __init__(self, *, at_once: int = 2, argon2: Argon2Hasher | None = None) -> None:
        """:param argon2: of another cost, where many accounts are made and none of them guards anything"""
        self._hasher = PasswordHash((argon2 or Argon2Hasher(parallelism=1),))
        self._slots = asyncio.Semaphore(at_once)
        self._decoy = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, password: str, hashed: str | None) -> bool:
        """If `hashed` is None (there is no such account) it takes as long, so that the time does not show which
        accounts exist."""
        async with self._slots:
            try:
                right = await asyncio.to_thread(self._hasher.verify, password, hashed or self._decoy)
            except UnknownHashError:
                return False
        return right and hashed is not None
