"""How much telemetry of one device is accepted, and how often its status is passed on. Pure."""

from collections.abc import Callable

from backbone.bus import Record
from backbone.recent import Recent
from ingest_gateway.flood.bucket import Bucket

TELEMETRY_AT_ONCE, TELEMETRY_A_SECOND = 8 * 1024 * 1024, 512 * 1024
"""Bytes: what one device may make us write at once. A hub on a mobile line is slower."""
BACKLOG, BACKLOG_A_SECOND = 64 * 1024 * 1024, 4 * 1024
"""Bytes: three days of a hub of thirty elders, three times over; then some hundred readings a second for ever."""
STATUSES_AT_ONCE, STATUSES_A_SECOND = 20, 0.2
"""A connection may break and come back this often; beyond that only the last status of some seconds counts."""


class _Sender:
    def __init__(self, now: float) -> None:
        self.telemetry = Bucket(TELEMETRY_AT_ONCE, TELEMETRY_A_SECOND, now)
        self.backlog = Bucket(BACKLOG, BACKLOG_A_SECOND, now)
        self.statuses = Bucket(STATUSES_AT_ONCE, STATUSES_A_SECOND, now)


class BulkPace:
    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._senders = Recent(lambda: _Sender(monotonic()))
        self._latest: dict[str, Record] = {}
        """Statuses that are passed on later, the last one of each device."""

    def takes_telemetry(self, device_id: str, size: int) -> bool:
        sender, now = self._senders.of(device_id), self._monotonic()
        return sender.backlog.holds(size, now) and sender.telemetry.take(size, now) and sender.backlog.take(size, now)

    def tells_status(self, device_id: str, status: Record) -> bool:
        """Whether it is passed on now. If not, it is later, unless a newer one arrives first."""
        if self._senders.of(device_id).statuses.take(1, self._monotonic()):
            self._latest.pop(device_id, None)
            return True
        self._latest[device_id] = status
        return False

    def late_statuses(self) -> list[Record]:
        latest, self._latest = self._latest, {}
        return list(latest.values())
