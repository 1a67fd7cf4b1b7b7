"""The figures of a device that exceeds its pace: since when, how fast, and when to report it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from contracts.alarm_kind import AlarmKind
from contracts.device_event import DeviceEvent

BEGINS_SECONDS = 1.0
BEGINS_BEYOND = 100
"""So many events and messages beyond its pace are no flood yet: a hub that was offline for days sends much at once, but
soon ends."""
TELL_SECONDS = 60.0
OVER_SECONDS = 60.0
"""After so long with nothing beyond its pace, the next time is another flood."""


@dataclass(slots=True)
class Flood:
    """Of one device. Times are of a monotonic clock, except `since`."""

    since: datetime
    began: float
    last: float = 0.0
    told_at: float | None = None
    told: int = 0
    """How often."""
    counted: int = 0
    """Events that were stored together with others."""
    unread: int = 0
    """Messages that were not read."""
    messages: int = 0
    bytes: int = 0
    """Everything that arrived since the last report."""

    def is_due(self, now: float) -> bool:
        if self.told_at is not None:
            return now - self.told_at >= TELL_SECONDS and self.last > self.told_at
        return now - self.began >= BEGINS_SECONDS and self.counted + self.unread >= BEGINS_BEYOND

    def is_over(self, now: float) -> bool:
        return now - self.last > OVER_SECONDS

    def tell(self, device_id: str, now: float, at: datetime) -> DeviceEvent:
        """What opens the case of it, or is added to it."""
        seconds = max(BEGINS_SECONDS, min(now, self.last) - (self.began if self.told_at is None else self.told_at))
        figures = {
            "messages_per_s": round(self.messages / seconds, 1),
            "bytes_per_s": round(self.bytes / seconds),
            "since": self.since.isoformat(),
            "counted": self.counted,
            "unread": self.unread,
        }
        event = DeviceEvent(
            device_id=device_id,
            event_id=f"flood-{self.since.timestamp():.3f}-{self.told}",
            kinds=(AlarmKind.FLOOD,),
            received_at=at,
            occurred_at=at,
            data=figures,
        )
        self.told_at, self.messages, self.bytes = now, 0, 0
        self.told += 1
        return event
