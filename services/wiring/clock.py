"""What a process takes for the time: the clock on the wall. Only a simulated day passes another."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

LEAST_SECONDS = 0.5
MOST_OFTEN = 15.0


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    now: Callable[[], datetime] = utc_now
    speed: float = 1.0
    """Seconds of this clock that pass in a second."""

    def every(self, seconds: float) -> float:
        """How long a loop sleeps that looks every so many seconds of this clock: only so much more often that it leaves
        others their turn."""
        return seconds if self.speed == 1.0 else max(LEAST_SECONDS, seconds / min(self.speed, MOST_OFTEN))


WALL = Clock()
