"""A folder outside a server's own directory, for what cannot be inside: a socket whose path would be too long, programs
that another user must reach. It is deleted with the server's directory."""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from yian.servers.process import ServerError

_LAST = Path("/tmp")  # noqa: S108 -- whose a folder there is, is looked at


def outside_of(directory: Path) -> Path:
    """Where it lies for this directory. Nothing is made."""
    return next(place for place in _places(directory) if _can_hold(place.parent))


def make_outside(directory: Path) -> Path:
    """:raises ServerError: when somebody else has put something there."""
    place = outside_of(directory)
    place.mkdir(exist_ok=True)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise ServerError(f"{place} belongs to somebody else: have it removed, or set TMPDIR to a folder of your own.")
    place.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return place


def forget_outside(directory: Path) -> None:
    for place in _places(directory):
        if place.is_dir() and not place.is_symlink() and place.lstat().st_uid == os.geteuid():
            shutil.rmtree(place)


def open_to_all(path: Path) -> bool:
    """May any user pass through every folder down to it, and use it?"""
    path = path.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))


def _places(directory: Path) -> list[Path]:
    name = f"yian-{hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]}"
    kept = [Path("/var/lib")] if os.geteuid() == 0 else []
    return [parent / name for parent in (*kept, Path(tempfile.gettempdir()), _LAST)]


def _can_hold(parent: Path) -> bool:
    """The last one is taken as it is: what is wrong with it is said when it is used."""
    if parent == _LAST:
        return True
    if not (parent.is_dir() and os.access(parent, os.W_OK)) or len(os.fsencode(parent)) > 40:
        return False
    return os.geteuid() != 0 or (open_to_all(parent) and not os.statvfs(parent).f_flag & os.ST_NOEXEC)
