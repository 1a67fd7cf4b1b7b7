"""What presses or sends load, in processes of its own; and the latencies of what was pressed."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

from backbone.process import let_alarms_go_first
from bench.tables import percentile
from yian.servers.process import dies_with_parent

LOWEST = 19

Row = dict[str, Any]


class Generator:
    """A process of its own that ends with a line of JSON: with presses, or with load.

    The line goes into a file. Of a pipe that nobody reads yet 64 KiB are taken, and what Python writes beyond that
    without a buffer (PYTHONUNBUFFERED) may be lost: 3,000 presses are twice as much.
    """

    def __init__(self, words: list[str], *, gives_way: bool = False, **environment: str) -> None:
        """:param gives_way: at the lowest priority: it stands for phones, which are no load on this machine"""
        self._line = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the last who knows it
        command = [sys.executable, *words]
        self._process = subprocess.Popen(
            command,
            stdout=self._line,
            env={**os.environ, **environment},
            start_new_session=gives_way,  # a priority counts only within a session
            preexec_fn=_at_lowest_priority(dies_with_parent(signal.SIGTERM)) if gives_way else None,  # noqa: PLW1509
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


def _at_lowest_priority(before: Callable[[], None]) -> Callable[[], None]:
    def begin() -> None:
        before()
        let_alarms_go_first(LOWEST)

    return begin


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
