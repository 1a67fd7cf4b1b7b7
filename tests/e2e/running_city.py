"""A city that `yian up` runs for tests: on data and ports of its own, embedded or on real servers."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from yian.servers.outside import forget_outside
from yian.servers.places import CHECKOUT

STARTS_IN_S = 90.0
ROWS_FROM, ROWS_EACH, ROWS = 11_000, 1_000, 9
"""Rows of ports: from where, how many for each test process, for how many of them."""


@dataclass
class City:
    """One data directory and its ports; `up()` runs the command on it."""

    root: Path
    http_port: int
    mqtt_port: int
    metrics_port: int
    options: tuple[str, ...] = ("--no-pages", "--devices", "20")
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def said(self) -> str:
        return (self.root / "said").read_text()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def command(self) -> list[str]:
        ports = ["--http-port", str(self.http_port), "--mqtt-port", str(self.mqtt_port)]
        ports += ["--metrics-port", str(self.metrics_port), "--data", str(self.data)]
        return [sys.executable, "-m", "yian", "up", *ports, *self.options]

    def up(self) -> None:
        with (self.root / "said").open("wb") as said:
            self.process = subprocess.Popen(self.command(), cwd=CHECKOUT, stdout=said, stderr=subprocess.STDOUT)
        until(lambda: "is up after" in self.said or self.process.poll() is not None, seconds=STARTS_IN_S)  # type: ignore[union-attr]
        assert "is up after" in self.said, self.said
        until(lambda: "Ctrl-C" in self.said)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def again(self) -> "subprocess.CompletedProcess[str]":
        """The command once more, while the first may be running."""
        return subprocess.run(self.command(), cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60)

    def passwords(self) -> dict[str, str]:
        return dict(re.findall(r"^    (\S+)\s+(\w{4}-\w{4}-\w{4})", self.said, flags=re.MULTILINE))

    def children(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    @property
    def broker(self) -> str:
        """Mosquitto, where it is on this machine."""
        return next(name for name in ("mosquitto", "amqtt") if (self.data / name).exists())

    def pid_of(self, name: str) -> int:
        return int((self.data / name / "pid").read_text())


def until(condition: Callable[[], bool], *, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def free_ports(count: int) -> int:
    """The first of so many in a row, out of a range of this test process: a server that takes any free port
    (`yian.servers.ports.OWN`) never takes one of them before the city does."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    begin = ROWS_FROM + ROWS_EACH * (number % ROWS)
    while True:
        first = begin + random.randrange(ROWS_EACH - count)
        if all(_is_free(first + step) for step in range(count)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@contextmanager
def running_city(*options: str) -> Iterator[City]:
    """`options` of `yian up`, e.g. "--real"; ended and forgotten with the block."""
    with tempfile.TemporaryDirectory(prefix="yian-up-", dir="/tmp", ignore_cleanup_errors=True) as root:
        first = free_ports(11)
        city = City(Path(root), first + 9, first + 10, first)
        city.options = (*city.options, *options)
        try:
            city.up()
            yield city
        finally:
            city.end()
            forget_outside(city.data / "postgres")
