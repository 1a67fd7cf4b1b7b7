"""Matches a fall and the device's cancellation of it, in whichever order they arrive. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from msgspec.structs import replace

from services.alarms import bounds
from services.alarms.model import AlarmCase, AlarmMove, Entry, Moved

CANCEL_WINDOW = timedelta(minutes=15)
"""A cancellation applies to a fall of the same device within this time; a later one belongs to something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FallSignal:
    """A fall, or the device cancelling one."""

    device_id: str
    occurred_at: datetime
    device_time: datetime | None


def fall_cancelled_at(falls: Sequence[FallSignal], cancels: Sequence[FallSignal]) -> datetime | None:
    """When every device of the case had cancelled its last fall; None while one of them stands."""
    taken_back: list[datetime] = []
    for device_id, of_device in groupby(sorted(falls, key=lambda f: f.device_id), key=lambda f: f.device_id):
        last = max(of_device, key=lambda fall: fall.occurred_at)
        matching = [c.occurred_at for c in cancels if c.device_id == device_id and takes_back(c, last)]
        if not matching:
            return None
        taken_back.append(max(matching))
    return max(taken_back, default=None)


def takes_back(cancel: FallSignal, fall: FallSignal) -> bool:
    """By the time the platform trusts, or by the device's own clock: even a wrong clock puts the device's own two
    signals in order."""
    if timedelta(0) <= cancel.occurred_at - fall.occurred_at <= CANCEL_WINDOW:
        return True
    if cancel.device_time is None or fall.device_time is None:
        return False
    return timedelta(0) <= cancel.device_time - fall.device_time <= CANCEL_WINDOW


def told_of_cancel(case: AlarmCase, at: datetime | None, now: datetime) -> Moved | None:
    """Adds an annotation: a cancelled fall stays in the queue until a person has looked."""
    if at is not None and case.counted_to is not None and at < case.counted_to:
        at = None  # it fell again, and that fall was only counted
    if case.fall_cancelled_at == at or (at is not None and _said_often(case, now)):
        return None
    moved = replace(case.after(AlarmMove.CANCEL_REPORTED), fall_cancelled_at=at)
    detail = {"fall_cancelled_at": at.isoformat() if at else None}
    entry = Entry(
        seq=moved.version,
        move=AlarmMove.CANCEL_REPORTED,
        state=moved.state,
        recorded_at=now,
        device_at=at,
        detail=detail,
    )
    return Moved(case=moved, entry=entry)


def _said_often(case: AlarmCase, now: datetime) -> bool:
    """A device that falls and cancels again and again: its case shows a cancellation only now and then; otherwise the
    fall stands."""
    return bounds.is_full(case) and (case.fall_cancelled_at is not None or bounds.rang_lately(case, now))
