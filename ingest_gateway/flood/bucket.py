"""A token bucket: a capacity that can be used at once, and a rate at which it fills again."""


class Bucket:
    __slots__ = ("_at", "_level", "_rate", "_size")

    def __init__(self, size: float, rate: float, now: float) -> None:
        """Starts full.

        :param rate: what is added in a second
        """
        self._size, self._rate = size, rate
        self._level, self._at = size, now

    def holds(self, amount: float, now: float) -> bool:
        if self._level < self._size:
            self._level = min(self._size, self._level + max(0.0, now - self._at) * self._rate)
        self._at = now
        return amount <= self._level

    def take(self, amount: float, now: float) -> bool:
        """Takes the amount if there is as much, and says whether; otherwise takes nothing."""
        there = self.holds(amount, now)
        if there:
            self._level -= amount
        return there
