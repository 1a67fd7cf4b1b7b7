"""One `yian up` a data directory."""

import fcntl
import os
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Self

from yian.up.trouble import Trouble


@dataclass(slots=True)
class Lock:
    """A lock of the kernel's: it is free again when its holder is gone, however it went."""

    path: Path
    left_behind_by: int | None = None
    """Pid of a run that ended without tidying up; nothing needs to be done about it."""
    _file: TextIOWrapper | None = None

    def __enter__(self) -> Self:
        self._file = open(self.path, "a+", opener=lambda path, flags: os.open(path, flags, 0o600))
        self._file.seek(0)
        holder = self._file.read().strip()
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(
                f"Another `yian up` (pid {holder or 'unknown'}) runs on {self.path.parent}: "
                f"end it with Ctrl-C or `kill {holder or 'PID'}`, or give this one another directory with --data."
            ) from None
        self.left_behind_by = int(holder) if holder.isdigit() else None
        self._write(str(os.getpid()))
        return self

    def _write(self, text: str) -> None:
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()
            self._file.write(text)
            self._file.flush()

    def __exit__(self, *_exc: object) -> None:
        if self._file is not None:
            self._write("")
            self._file.close()
