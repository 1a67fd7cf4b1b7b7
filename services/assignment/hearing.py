"""Until when everything has been heard that people have to say. Pure.

While pages are away nobody can say that they have set out, begun or ended. Silence is then no lateness: nobody is
replaced for it, and no family is told a later time.
"""

from datetime import datetime, timedelta

CAUGHT_UP_AFTER = timedelta(minutes=10)
"""By then the telephones have sent what waited in them."""
STANDS_AT_MOST = timedelta(hours=2)
"""After so long people have found another way to speak, or it is not known whether pages are there."""


class Hearing:
    def __init__(self) -> None:
        self._stands_at: datetime | None = None
        self._back_at: datetime | None = None

    def until(self, now: datetime, *, served: bool) -> datetime:
        """`now`, or where time stands still for who is late: from when pages were away until a while after they were
        back. `served`: whether they are there now."""
        if not served:
            self._stands_at, self._back_at = self._stands_at or now, None
        elif self._stands_at is not None:
            self._back_at = self._back_at or now
            if now - self._back_at >= CAUGHT_UP_AFTER:
                self._stands_at = self._back_at = None
        return now if self._stands_at is None or now - self._stands_at > STANDS_AT_MOST else self._stands_at
