"""CPU time and memory of running processes, children included."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import psutil


@dataclass(frozen=True, slots=True)
class Usage:
    cpu_s: float
    rss_mb: float
    """The highest seen, shared pages counted once (PSS) where a part is several processes."""


class Watch:
    """Between entering and leaving: what each part has used. Samples memory once in two seconds."""

    def __init__(self, parts: Mapping[str, psutil.Process]) -> None:
        self._parts = dict(parts)
        self._before: dict[str, float] = {}
        self._memory: dict[str, float] = dict.fromkeys(parts, 0.0)
        self._done = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self.usage: dict[str, Usage] = {}
        self.seconds = 0.0

    def __enter__(self) -> Self:
        self._before = {name: _cpu_s(process) for name, process in self._parts.items()}
        self._started = time.monotonic()
        self._sampler.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.monotonic() - self._started
        self._done.set()
        self._sampler.join()
        self.usage = {
            name: Usage(_cpu_s(process) - self._before[name], self._memory[name])
            for name, process in self._parts.items()
        }

    def _sample(self) -> None:
        while True:
            for name, process in self._parts.items():
                self._memory[name] = max(self._memory[name], _memory_mb(process))
            if self._done.wait(2.0):
                return


def _cpu_s(process: psutil.Process) -> float:
    """Own time, that of living children, and that of children already gone."""
    total = 0.0
    try:
        own = process.cpu_times()
        total = own.user + own.system + own.children_user + own.children_system
        for child in process.children(recursive=True):
            try:
                spent = child.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += spent.user + spent.system
    except psutil.NoSuchProcess:
        pass
    return total


def _memory_mb(process: psutil.Process) -> float:
    try:
        children = process.children(recursive=True)
        if not children:
            return float(process.memory_info().rss) / 1e6
        return sum(float(one.memory_full_info().pss) for one in (process, *children)) / 1e6
    except psutil.Error:
        return 0.0
