"""Argon2id, off the event loop, and never so many at once that the loop is starved of cores."""

import asyncio

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher


class Passwords:
    def __init__(self, *, at_once: int = 2) -> None:
        self._hasher = PasswordHash((Argon2Hasher(parallelism=1),))
        self._slots = asyncio.Semaphore(at_once)
        self._decoy = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, password: str, hashed: str | None) -> bool:
        """`hashed` None (there is no such account) takes as long, so that time does not tell who exists."""
        async with self._slots:
            try:
                right = await asyncio.to_thread(self._hasher.verify, password, hashed or self._decoy)
            except UnknownHashError:
                return False
        return right and hashed is not None
