"""A clock that a test sets by hand."""

from datetime import UTC, datetime, timedelta

AT = datetime(2026, 11, 22, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def date(self) -> datetime:
        return AT + timedelta(seconds=self.now)
