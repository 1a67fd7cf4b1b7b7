"""Progress for a person at a terminal, and plain lines for a file."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO


@dataclass(slots=True)
class Step:
    """One line of progress; `note` is what it ended with."""

    note: str = ""


@dataclass(slots=True)
class Progress:
    out: TextIO = field(default_factory=lambda: sys.stdout)
    began: float = field(default_factory=time.monotonic)

    @property
    def live(self) -> bool:
        return self.out.isatty()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @contextmanager
    def step(self, what: str) -> Iterator[Step]:
        """Says what is being done, then how long it took."""
        began, step = time.monotonic(), Step()
        if self.live:
            self._write(f"  … {what}")
        try:
            yield step
        except BaseException:
            self._write(f"{self._again()}  ✗ {what}\n")
            raise
        note = f" — {step.note}" if step.note else ""
        self._write(f"{self._again()}  ✓ {what}{note} ({time.monotonic() - began:.1f} s)\n")

    def detail(self, what: str) -> None:
        """Of the step under way; seen on a terminal only, where it is overwritten."""
        if self.live:
            self._write(f"\r\x1b[K  … {what}")

    def line(self, text: str = "") -> None:
        self._write(text + "\n")

    def _again(self) -> str:
        return "\r\x1b[K" if self.live else ""

    def _write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()
