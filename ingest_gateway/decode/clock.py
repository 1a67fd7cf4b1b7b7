"""The device's clock, which may be anything, beside the gateway's."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
FARTHEST = timedelta(days=1)
MAX_TEXT = 64


@dataclass(frozen=True, slots=True)
class ClockReading:
    device_time: datetime | None
    """As the device said, also when wrong; None when it said nothing that is a time."""
    occurred_at: datetime
    suspect: bool


def reading_of(sent: Any, received_at: datetime) -> ClockReading:
    """:param sent: the `time` attribute: RFC 3339 with an offset, or anything else."""
    if sent is None:
        return ClockReading(None, received_at, suspect=False)
    device_time = parse(sent)
    if device_time is None:
        return ClockReading(None, received_at, suspect=True)
    if device_time < EARLIEST or abs(device_time - received_at) > FARTHEST:
        return ClockReading(device_time, received_at, suspect=True)
    return ClockReading(device_time, device_time, suspect=False)


def parse(sent: Any) -> datetime | None:
    """In UTC. A time without an offset is no time: the hour could be Shanghai's or London's."""
    if not isinstance(sent, str) or len(sent) > MAX_TEXT:
        return None
    try:
        parsed = datetime.fromisoformat(sent)
        return parsed.astimezone(UTC) if parsed.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
