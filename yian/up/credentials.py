"""Keeps the broker's password file as the database has it, for devices that a supervisor revokes on a page.

The app has no access to the broker's files, so it only marks the device in the database; this carries the mark on.
"""

import asyncio
from collections.abc import Callable
from threading import Event, Thread

from yian import devices
from yian.plain_errors import sentence
from yian.surroundings import Surroundings

EVERY_S = 10.0


class CredentialsWatch:
    """In a thread: a database that is away must not delay the watch over the processes."""

    def __init__(self, around: Surroundings, say: Callable[[str], None], every_s: float = EVERY_S) -> None:
        self._around = around
        self._say = say
        self._every_s = every_s
        self._ended = Event()
        self._thread = Thread(target=self._run, name="credentials", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join(timeout=2.0)

    def _run(self) -> None:
        while not self._ended.wait(self._every_s):
            try:
                self.look()
            except Exception as error:
                # A server that is away comes back: the supervisor says so, and the next look catches up.
                if sentence(error) is None:
                    self._say(f"  ! The broker was not told which devices are revoked: {error!r}")

    def look(self) -> None:
        broker = devices.broker_of(self._around)
        if broker is not None:
            asyncio.run(devices.carry(self._around, *broker))
