"""A token bucket: so much at once, and so much a second after that."""


class Bucket:
    __slots__ = ("_at", "_level", "_rate", "_size")

    def __init__(self, size: float, rate: float, now: float) -> None:
        """Full. :param rate: what comes in a second"""
        self._size, self._rate = size, rate
        self._level, self._at = size, now

    def holds(self, amount: float, now: float) -> bool:
        self._level = min(self._size, self._level + max(0.0, now - self._at) * self._rate)
        self._at = now
        return amount <= self._level

    def take(self, amount: float, now: float) -> bool:
        """Whether there was as much; if not, nothing is taken."""
        there = self.holds(amount, now)
        if there:
            self._level -= amount
        return there
