"""What can go wrong on a user's machine, in one sentence that names the cause and how to fix it."""

import errno
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from yian.servers.ports import holder_of

_LEAST_FREE_BYTES = 600 * 1024 * 1024
_LOW_BYTES, _ROOMY_BYTES = 100 * 1024 * 1024, 200 * 1024 * 1024


class Trouble(RuntimeError):
    """Printed as it is, without a traceback."""


class Usage(Protocol):
    @property
    def free(self) -> int: ...


def check_space(directory: Path, usage: Callable[[Path], Usage] = shutil.disk_usage) -> None:
    free = usage(directory).free
    if free < _LEAST_FREE_BYTES:
        raise Trouble(
            f"The disk of {directory} has {free // 2**20} MB left and Yian needs {_LEAST_FREE_BYTES // 2**20}: "
            "free some, or name a directory on another disk with --data."
        )


class SpaceWatch:
    """Says once that the disk fills up while the city runs, and once that there is room again.

    Looking never ends the city: a disk that cannot be looked at is said once, too.
    """

    def __init__(
        self, directory: Path, say: Callable[[str], None], usage: Callable[[Path], Usage] = shutil.disk_usage
    ) -> None:
        self._directory = directory
        self._say = say
        self._usage = usage
        self._low = False
        self._blind = False

    def look(self) -> None:
        try:
            free = self._usage(self._directory).free
        except OSError as error:
            if not self._blind:
                self._blind = True
                self._say(f"  ! {sentence_of(error)} What keeps its data there will fail; end with Ctrl-C and mend it.")
            return
        self._blind = False
        if not self._low and free < _LOW_BYTES:
            self._low = True
            self._say(
                f"  ! The disk of {self._directory} has {free // 2**20} MB left: free some. When it is full, "
                "devices get no receipts; they keep their calls and repeat them."
            )
        elif self._low and free > _ROOMY_BYTES:
            self._low = False
            self._say(f"  ✓ The disk of {self._directory} has room again ({free // 2**20} MB).")


def check_ports(wanted: Sequence[tuple[str, str, int]]) -> None:
    """`wanted`: option, what it is for, port."""
    for option, what, port in wanted:
        if holder := holder_of(port):
            raise Trouble(f"Port {port} ({what}) is taken by {holder}: end that, or choose another with {option}.")


def sentence_of(error: OSError) -> str:
    where = error.filename or "the disk"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"No space left for {where}: free some, or name a directory on another disk with --data."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{where} may not be written by you: make it yours, or name another directory with --data."
    return f"{error.strerror or error}: {where}."
