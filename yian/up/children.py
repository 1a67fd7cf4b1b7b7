"""Our own processes, as children of `yian up`: started, waited for, watched."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from yian.servers import ServerProcess
from yian.servers.places import CHECKOUT
from yian.spare import SPARE

SPARE_AT_MOST_EVERY_S = 60.0


class OwnProcess(ServerProcess):
    """`yian WORDS…` with its settings in the environment; ready when its /readyz says so."""

    supports_others = False

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        *,
        directory: Path,
        port: int | None,
        environment: Mapping[str, str],
        awaited: bool = True,
        has_spare: bool = False,
    ) -> None:
        """`port`: where it answers /readyz; None: it answers nowhere and is ready when it runs. `awaited`: False where
        it may take minutes the first time, and all else works without it. `has_spare`: while it is well, another one
        is loaded and waits to take its place."""
        self.name, self.awaited = name, awaited
        super().__init__(directory=directory, port=port)
        self._words = list(words)
        self._environment = dict(environment)
        self._answers = port is not None
        self._has_spare = has_spare
        self._spare: subprocess.Popen[bytes] | None = None
        self._spare_at = -SPARE_AT_MOST_EVERY_S

    def needs_port(self) -> bool:
        return self._answers

    def command(self) -> Sequence[str]:
        return [sys.executable, "-m", "yian", *self._words]

    def environment(self) -> Mapping[str, str]:
        return self._environment

    def working_directory(self) -> Path:
        return CHECKOUT

    def spawn(self) -> subprocess.Popen[bytes]:
        child, self._spare = self._spare, None
        if child is None or child.stdin is None or child.poll() is not None:
            return super().spawn()
        try:
            child.stdin.write(b"\n")
            child.stdin.close()
        except BrokenPipeError:  # it has ended just now
            child.wait()
            return super().spawn()
        return child

    def stand_by(self) -> None:
        if not self._has_spare or (self._spare is not None and self._spare.poll() is None):
            return
        if time.monotonic() - self._spare_at > SPARE_AT_MOST_EVERY_S:  # one that cannot load ends at once
            self._spare_at = time.monotonic()
            self._spare = self._spawned(stdin=subprocess.PIPE, **{SPARE: "1"})

    def halt(self, timeout_s: float = 20.0) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.kill()  # it holds nothing
            spare.wait()
        super().halt(timeout_s)

    def is_ready(self) -> bool:
        return self.running and (not self._answers or self._ready_at_its_port())

    def _ready_at_its_port(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
