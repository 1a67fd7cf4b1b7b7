"""What presses or sends load, in processes of its own; and the latencies of what was pressed."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

from bench.tables import percentile

Row = dict[str, Any]


class Generator:
    """A process of its own that ends with a line of JSON: with presses, or with load.

    The line goes into a file. Of a pipe that nobody reads yet 64 KiB are taken, and what Python writes beyond that
    without a buffer (PYTHONUNBUFFERED) may be lost: 3,000 presses are twice as much.
    """

    def __init__(self, words: list[str], **environment: str) -> None:
        self._line = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the last who knows it
        command = [sys.executable, *words]
        self._process = subprocess.Popen(
            command,
            stdout=self._line,
            env={**os.environ, **environment},
        )
        self.pid = self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def answer(self) -> Row:
        """Once it has ended. :raises RuntimeError: it failed"""
        if self._process.wait():
            raise RuntimeError(f"{self._process.args!r} ended with {self._process.returncode}")
        self._line.seek(0)
        found: Row = json.loads(self._line.read())
        return found


def latencies(found: Sequence[Row]) -> Row:
    accepted = [ms for one in found for ms in one["accepted_ms"]]
    shown = [ms for one in found for ms in one["shown_ms"]]
    presses = sum(one["presses"] for one in found)
    return {
        "presses": presses,
        "not shown": presses - len(shown),
        "accepted p50 ms": percentile(accepted, 0.5),
        "accepted p99 ms": percentile(accepted, 0.99),
        "on screen p50 ms": percentile(shown, 0.5),
        "on screen p99 ms": percentile(shown, 0.99),
    }
