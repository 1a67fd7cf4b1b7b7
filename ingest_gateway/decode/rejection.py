"""What could not be read, and why."""

from dataclasses import dataclass

from contracts.downlink import RejectCode


@dataclass(frozen=True, slots=True)
class Rejection:
    """One event, or a whole message, that could not be read."""

    id: str | None
    """As the device sent it, if it could be told."""
    code: RejectCode
    detail: str


class Unreadable(Exception):
    def __init__(self, code: RejectCode, detail: str, event_id: str | None = None) -> None:
        super().__init__(detail)
        self.rejection = Rejection(event_id, code, detail)
