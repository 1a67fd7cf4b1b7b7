"""Clocks: which moments can be kept, and which cannot be right. Pure."""

from datetime import UTC, datetime, timedelta

MICRO = 1_000_000
EARLIEST_US = 2**28 * MICRO
"""1978: SenML cannot say an earlier moment."""
LATEST_US = 4_102_444_800 * MICRO
"""2100-01-01. Beyond, a number is in other units than seconds."""

_BEFORE_2020_US = 1_577_836_800 * MICRO
_BUFFERED_US = 72 * 3600 * MICRO
_AHEAD_US = 24 * 3600 * MICRO


def is_suspect(measured_us: int, received_us: int) -> bool:
    """Before 2020, over a day ahead of the gateway, or longer ago than devices keep readings."""
    return measured_us < _BEFORE_2020_US or not -_BUFFERED_US <= measured_us - received_us <= _AHEAD_US


def moment_at(us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
