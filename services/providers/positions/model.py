"""Where a worker was, as their phone said."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.errors import DomainError
from services.places import Location

AHEAD, BEHIND = timedelta(minutes=2), timedelta(hours=1)
"""A time of the phone's that is further from ours than this is not believed."""
AFTER_VISIT = timedelta(hours=1)
"""A visit may take so much longer than planned: its worker is still on duty."""


class OffDuty(DomainError):
    code = "workers.off_duty"
    status = 409
    title = "Where somebody is, is kept only while they are on duty or on a visit: nothing was kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    worker_id: UUID
    place: Location
    at: datetime
    accuracy_m: float | None = None


def believed(device_at: datetime | None, now: datetime) -> datetime:
    """When it was there."""
    if device_at is None or not now - BEHIND <= device_at <= now + AHEAD:
        return now
    return min(device_at, now)
