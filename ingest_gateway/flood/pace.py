"""How much of one device is read, and which of its events go to the bus singly. Pure.

Within its pace a device is treated as if there were no limit. Beyond it, events of one kind are counted together, and
messages beyond the reading budget are not read. The device then gets no `accepted` and repeats them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from backbone.recent import Recent
from contracts.alarm_kind import AlarmKind, Note
from ingest_gateway.flood.bucket import Bucket

SINGLY = 300
"""Events of one kind at once: enough for an array of 256 events, each on its own."""
SINGLY_A_SECOND = 0.5
SHORT_BYTES = 2 * 1024
SHORT_AT_ONCE, SHORT_A_SECOND = 4 * 1024 * 1024, 1024 * 1024
"""Bytes of messages up to SHORT_BYTES that are read: some 4,000 presses a second. So a press among garbage is read."""
LONG_AT_ONCE, LONG_A_SECOND = 1024 * 1024, 256 * 1024
"""Bytes of longer messages that are read: 16 full arrays, then four a second."""
OWN_TYPES = 16
"""So many kinds of one device have a pace of their own; further unknown types share one."""
REMEMBERED = 512
"""Events of a device that are remembered, to recognise a repeat beyond the pace."""


class Happening(Protocol):
    """What is known of an event both before and after it is read."""

    @property
    def device_id(self) -> str: ...
    @property
    def event_id(self) -> str: ...
    @property
    def wire_type(self) -> str | None: ...
    @property
    def kinds(self) -> tuple[AlarmKind | Note, ...]: ...
    @property
    def device_time(self) -> datetime | None: ...
    @property
    def data_digest(self) -> str | None: ...


def name_of(event: Happening) -> tuple[str, str | None, datetime | str | None]:
    """The same for every repeat: id, type and time; without a time, its data."""
    return event.event_id, event.wire_type, event.device_time or event.data_digest


class Sender:
    """One device."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        now = monotonic()
        self._monotonic = monotonic
        self._short = Bucket(SHORT_AT_ONCE, SHORT_A_SECOND, now)
        self._long = Bucket(LONG_AT_ONCE, LONG_A_SECOND, now)
        self._kinds: dict[str, Bucket] = {}
        self._kept: dict[int, None] = {}

    def may_be_read(self, size: int) -> bool:
        return (self._short if size <= SHORT_BYTES else self._long).take(size, self._monotonic())

    def goes_singly(self, event: Happening) -> bool:
        """True as soon as one of its kinds is within its pace."""
        now = self._monotonic()
        taken = [self._bucket(self.label(kind, event), now).take(1, now) for kind in event.kinds]
        return any(taken)

    def is_spent(self, event: Happening) -> bool:
        """Whether it would be counted together with others."""
        now = self._monotonic()
        buckets = [self._kinds.get(self.label(kind, event)) for kind in event.kinds]
        return all(bucket is not None and not bucket.holds(1, now) for bucket in buckets)

    def label(self, kind: AlarmKind | Note, event: Happening) -> str:
        """The key under which it is counted; beyond a few, all invented types share one."""
        if kind is not AlarmKind.UNKNOWN:
            return kind
        own = f"{kind} {event.wire_type}"
        return own if own in self._kinds or len(self._kinds) < OWN_TYPES else kind

    def _bucket(self, label: str, now: float) -> Bucket:
        bucket = self._kinds.get(label)
        if bucket is None:
            bucket = self._kinds[label] = Bucket(SINGLY, SINGLY_A_SECOND, now)
        return bucket

    def is_kept(self, event: Happening) -> bool:
        """Whether this event, or one that it repeats, is durable."""
        return hash(name_of(event)) in self._kept

    def keep(self, event: Happening) -> None:
        """Called when the event is durable."""
        mark = hash(name_of(event))
        self._kept.pop(mark, None)
        self._kept[mark] = None
        if len(self._kept) > REMEMBERED:
            del self._kept[next(iter(self._kept))]


class Pace:
    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._senders = Recent(lambda: Sender(monotonic))
        self.of = self._senders.of
        """The sender of a device id."""
