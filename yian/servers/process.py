"""A server as a child process: started, waited for, paused, killed, and never left behind."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import psutil

from yian.servers.ports import free_port, holder_of

_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


class ServerError(RuntimeError):
    """A server could not be started, in one sentence that names the thing and the mend."""


class ServerMissing(ServerError):
    """The server's program is not on this machine."""


def dies_with_parent(death_signal: int) -> Callable[[], None]:
    """For Popen's preexec_fn: the kernel sends `death_signal` when the parent is gone, however it went.

    Linux ties this to the *thread* that started the child: start servers from a thread that lives as long as they.
    """
    parent = os.getpid()

    def ask() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
            if os.getppid() != parent:  # it died between fork and prctl
                os.kill(os.getpid(), signal.SIGKILL)

    return ask


class ServerProcess(ABC):
    """One child process in a directory of its own. Subclasses say what to write, what to run and when it is ready."""

    name = "server"
    start_timeout_s = 60.0
    stop_signal = signal.SIGTERM
    supports_others = True
    """Other servers need it: it is started before them and ended after them."""

    def __init__(self, *, directory: Path | None = None, port: int | None = None) -> None:
        """`directory`: kept when given; else a temporary one that goes away with stop(). `port`: else a free one."""
        self._own_directory = directory is None
        if directory is None:
            directory = Path(
                tempfile.mkdtemp(prefix=f"yian-{self.name}-", dir="/tmp")
            )  # short: socket paths end at 107 bytes
        self.directory = directory.resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self._child: subprocess.Popen[bytes] | None = None
        self._log_offset = 0

    # what a subclass gives

    def prepare(self) -> None:  # noqa: B027  most have something to write, not all
        """Write configuration and make data directories. Runs before every start, so it must be repeatable."""

    @abstractmethod
    def command(self) -> Sequence[str]: ...

    @abstractmethod
    def is_ready(self) -> bool: ...

    def environment(self) -> Mapping[str, str]:
        return {}

    def spawn_options(self) -> dict[str, Any]:
        """Extra arguments for Popen: user, group."""
        return {}

    def working_directory(self) -> Path:
        return self.directory

    def needs_port(self) -> bool:
        return True

    # what everyone uses

    @property
    def log_path(self) -> Path:
        return self.directory / f"{self.name}.log"

    @property
    def pid(self) -> int:
        if self._child is None:
            raise ServerError(f"{self.name} is not running.")
        return self._child.pid

    @property
    def exit_code(self) -> int | None:
        """Negative: the signal that killed it. None: it runs, or was never started."""
        return None if self._child is None else self._child.poll()

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self) -> Self:
        """Launch it and wait until it is ready."""
        if not self.running:
            self.launch()
            self.wait_until_ready()
        return self

    def launch(self) -> None:
        """Start it without waiting; is_ready() tells when it can be used."""
        if self.needs_port() and (holder := holder_of(self.port)):
            raise ServerError(f"Port {self.port} of {self.name} is taken by {holder}: end that or choose another.")
        self.prepare()
        self._log_offset = self.log_path.stat().st_size if self.log_path.exists() else 0
        self._child = self.spawn()
        (self.directory / "pid").write_text(f"{self._child.pid}\n")

    def spawn(self) -> subprocess.Popen[bytes]:
        return self._spawned(stdin=subprocess.DEVNULL)

    def _spawned(self, *, stdin: int, **more: str) -> subprocess.Popen[bytes]:
        """`more` of its environment."""
        with self.log_path.open("ab") as log:
            return subprocess.Popen(
                list(self.command()),
                cwd=self.working_directory(),
                env={**os.environ, **self.environment(), **more},
                stdin=stdin,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in a terminal reaches the parent only, which ends us in order
                preexec_fn=dies_with_parent(self.stop_signal),  # noqa: PLW1509
                **self.spawn_options(),
            )

    def stand_by(self) -> None:  # noqa: B027  few have a spare
        """Called from time to time while it is well: it may get ready for the worst."""

    def wait_until_ready(self) -> None:
        """:raises ServerError: when it ends, or is not ready in time; it is dead then."""
        deadline = time.monotonic() + self.start_timeout_s
        while not self.is_ready():
            if not self.running:
                raise ServerError(f"{self.name} ended while starting: {self.last_log_line()} (see {self.log_path})")
            if time.monotonic() > deadline:
                self.kill()
                raise ServerError(
                    f"{self.name} was not ready after {self.start_timeout_s:.0f} s: {self.last_log_line()} "
                    f"(all of it: {self.log_path})"
                )
            time.sleep(0.05)

    def log_since_start(self) -> str:
        if not self.log_path.exists():
            return ""
        with self.log_path.open("rb") as log:
            log.seek(self._log_offset)
            return log.read().decode(errors="replace")

    def last_log_line(self) -> str:
        lines = self.log_since_start().splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def stop(self, timeout_s: float = 20.0) -> None:
        """End it politely, then for sure. A temporary directory goes with it."""
        self.halt(timeout_s)
        if self._own_directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def halt(self, timeout_s: float = 20.0) -> None:
        """End it politely, then for sure; its directory stays."""
        if self._child is None:
            return
        if self.running:
            self.signal(signal.SIGCONT)
            self.signal(self.stop_signal)
            try:
                self._child.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.kill()
        self._child = None
        (self.directory / "pid").unlink(missing_ok=True)

    def kill(self) -> None:
        """SIGKILL to it and to all its children, as a power cut would."""
        if self._child is None:
            return
        victims: list[psutil.Process] = []
        try:
            root = psutil.Process(self._child.pid)
            victims = [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            pass  # it has ended by itself: there is nobody to kill, and wait() below collects it
        for victim in victims:
            try:
                victim.kill()
            except psutil.NoSuchProcess:
                continue
        self._child.wait(10)
        psutil.wait_procs(victims[1:], timeout=10)
        self._child = None

    def pause(self) -> None:
        """SIGSTOP: there, but silent, as a machine that swaps."""
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    def restart(self) -> Self:
        """Stop politely (a no-op after kill()) and start again on the same port with the same data."""
        self.halt()
        return self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()
