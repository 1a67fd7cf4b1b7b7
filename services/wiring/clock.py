"""What a process takes for the time: the clock on the wall. Only a simulated day passes another."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

LEAST_SECONDS = 0.5


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    now: Callable[[], datetime] = utc_now
    speed: float = 1.0
    """Seconds of this clock that pass in a second."""

    def every(self, seconds: float) -> float:
        """How long a loop sleeps that looks every so many seconds of this clock; never so short that it does nothing
        else."""
        return seconds if self.speed == 1.0 else max(LEAST_SECONDS, seconds / self.speed)


WALL = Clock()
