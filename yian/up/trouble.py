"""What can go wrong on a stranger's machine, said in one sentence that names the thing and the mend."""

import errno
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from yian.servers.ports import holder_of

_LEAST_FREE_BYTES = 600 * 1024 * 1024


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
