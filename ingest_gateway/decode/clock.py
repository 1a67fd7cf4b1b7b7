"""The device's clock, which may be anything, beside the gateway's."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from contracts.remarks import RemarkCode
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.text import number, number_in_text

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
FARTHEST = timedelta(days=1)
MAX_TEXT = 64
_UNITS = ((1e8, 1e10, 1.0), (1e11, 1e13, 1e3), (1e14, 1e16, 1e6))
"""(from, below, how many of them are a second): seconds, milliseconds and microseconds since 1970 never overlap."""


class ClockReading(NamedTuple):
    device_time: datetime | None
    """As the device sent it, even if wrong; None when it sent nothing that is a time."""
    occurred_at: datetime
    suspect: bool


def reading_of(sent: Any, received_at: datetime, noted: Noted) -> ClockReading:
    """:param sent: the `time` attribute: RFC 3339 with an offset, or anything else."""
    if sent is None:
        return ClockReading(None, received_at, suspect=False)
    device_time = parse(sent)
    if device_time is None and (device_time := _counted(sent)) is not None:
        noted.add(RemarkCode.TIME_RESPELLED, sent)
    if device_time is None:
        noted.add(RemarkCode.TIME_UNREADABLE, sent)
        return ClockReading(None, received_at, suspect=True)
    if device_time < EARLIEST or abs(device_time - received_at) > FARTHEST:
        return ClockReading(device_time, received_at, suspect=True)
    return ClockReading(device_time, device_time, suspect=False)


def parse(sent: Any) -> datetime | None:
    """In UTC. A time without an offset is no time: the hour could be Shanghai's or London's."""
    if not isinstance(sent, str) or len(sent) > MAX_TEXT:
        return None
    try:
        parsed = datetime.fromisoformat(sent if sent[-1:] != "z" else sent.upper())
        return parsed.astimezone(UTC) if parsed.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _counted(sent: Any) -> datetime | None:
    """Since 1970, in whatever unit the size of the number tells."""
    count = number_in_text(sent) if isinstance(sent, str) else number(sent)
    if count is None:
        return None
    seconds = next((count / unit for low, below, unit in _UNITS if low <= count < below), None)
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None
