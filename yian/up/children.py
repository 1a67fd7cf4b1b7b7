"""Our own processes, as children of `yian up`: started, waited for, watched."""

import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from yian.servers import ServerProcess
from yian.servers.places import CHECKOUT


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
    ) -> None:
        """`port`: where it answers /readyz; None: it answers nowhere and is ready when it runs. `awaited`: False where
        it may take minutes the first time, and all else works without it."""
        self.name, self.awaited = name, awaited
        super().__init__(directory=directory, port=port)
        self._words = list(words)
        self._environment = dict(environment)
        self._answers = port is not None

    def needs_port(self) -> bool:
        return self._answers

    def command(self) -> Sequence[str]:
        return [sys.executable, "-m", "yian", *self._words]

    def environment(self) -> Mapping[str, str]:
        return self._environment

    def working_directory(self) -> Path:
        return CHECKOUT

    def is_ready(self) -> bool:
        return self.running and (not self._answers or self._ready_at_its_port())

    def _ready_at_its_port(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
