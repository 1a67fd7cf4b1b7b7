"""Where the machine code of the search is kept between runs.

It lies in a folder named after all it depends on: the text of the compiled functions, the compiler, the processor. So
it is found again by every checkout of the same sources, and never read back stale: numba's own cache looks at the one
file a function stands in, and does not see that another function, which it calls, has changed.
"""

import fcntl
import functools
import hashlib
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from llvmlite import binding

_COMPLETE = "complete"
_HAS_COMPILED = re.compile(rb"^@(compiled|inlined)$", re.MULTILINE)
_KEPT_S = 30 * 86_400
"""Versions older than this go when a new one is complete."""


def folder() -> Path | None:
    """The one that has the machine code, else the first that may be written; None where none may."""
    places = [root / "yian-kernel" / _key() for root in _roots()]
    found = next((place for place in places if is_complete(place)), None)
    return found or next((place for place in places if _can_write(place)), None)


@functools.cache
def chosen() -> Path | None:
    """`folder()` as this process found it first: each of a hundred functions asks, and a look is at every file."""
    return folder()


def is_complete(place: Path) -> bool:
    """All files are there, and nobody but root and us could have written them."""
    try:
        names = (place / _COMPLETE).read_text().splitlines()
        ours = all(_is_ours(path) for path in (place.parent, place, *(place / name for name in names)))
    except OSError:
        return False
    return bool(names) and ours


def complete(place: Path) -> None:
    names = sorted(path.name for path in place.iterdir() if path.suffix in (".nbi", ".nbc"))
    (place / _COMPLETE).write_text("".join(f"{name}\n" for name in names))
    for path in place.iterdir():
        path.chmod(0o644)
    for version_ in place.parent.iterdir():
        if time.time() - version_.stat().st_mtime > _KEPT_S:
            shutil.rmtree(version_, ignore_errors=True)


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Whoever wants to compile the same at the same time waits."""
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class InOneFolder:
    """numba's port for the place of a function's cache (`NUMBA_CACHE_LOCATOR_CLASSES`)."""

    def __init__(self, line: int) -> None:
        self._line = line

    @classmethod
    def from_function(cls, function: object, _file: str) -> "InOneFolder":
        return cls(function.__code__.co_firstlineno)  # type: ignore[attr-defined]

    def ensure_cache_path(self) -> None:
        """It exists: it was chosen because it may be written."""

    def get_cache_path(self) -> str:
        return str(chosen())

    def get_source_stamp(self) -> str:
        return _key()

    def get_disambiguator(self) -> str:
        return str(self._line)


@functools.cache
def _key() -> str:
    digest = hashlib.sha256()
    processor = (
        os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name() + binding.get_host_cpu_features().flatten()
    )
    for fact in (version("numba"), version("llvmlite"), version("numpy"), sys.version, processor):
        digest.update(fact.encode() + b"\0")
    for path in sorted(Path(__file__).parent.glob("*.py")):
        text = path.read_bytes()
        if _HAS_COMPILED.search(text) or path.stem in ("arrays", "compiled"):
            digest.update(path.name.encode() + b"\0" + text)
    return digest.hexdigest()[:16]


def _roots() -> list[Path]:
    """The operator's choice, the user's cache, the checkout's."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    users = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    own = Path(__file__).parents[2] / ".cache"
    return [Path(root) for root in (named, users, own) if root and Path(root).is_absolute()]


def _can_write(place: Path) -> bool:
    try:
        place.mkdir(parents=True, exist_ok=True)
        for path in (place.parent, place):
            if path.stat().st_uid == os.geteuid():
                path.chmod(0o755)
        return _is_ours(place) and os.access(place, os.W_OK)
    except OSError:
        return False


def _is_ours(path: Path) -> bool:
    found = path.stat()
    return found.st_uid in (0, os.geteuid()) and not found.st_mode & 0o022
