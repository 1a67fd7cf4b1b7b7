"""Which devices there are, what they last reported, and what their silence means."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contracts.device_event import DeviceStatus
from services.db.pool import Connection

_REPORT = """
INSERT INTO device_states (device_id, online, status_at, last_seen_at, firmware, model)
SELECT device_id, online, at, CASE WHEN online THEN at END, firmware, model
  FROM unnest(%s::text[], %s::boolean[], %s::timestamptz[], %s::text[], %s::text[])
       AS r(device_id, online, at, firmware, model)
 ORDER BY device_id
ON CONFLICT (device_id) DO UPDATE
   SET online = EXCLUDED.online, status_at = EXCLUDED.status_at,
       last_seen_at = greatest(device_states.last_seen_at, EXCLUDED.last_seen_at),
       firmware = coalesce(EXCLUDED.firmware, device_states.firmware),
       model = coalesce(EXCLUDED.model, device_states.model)
 WHERE device_states.status_at IS NULL OR device_states.status_at <= EXCLUDED.status_at
"""

_SIGN = "greatest(s.last_seen_at, s.status_at, (SELECT max(ended_at) FROM broker_incidents))"
_SILENT = f"s.online AND {_SIGN} < clock_timestamp() - 3 * d.report_interval_seconds * interval '1 second'"

_LOOK = f"""
SELECT count(*) FILTER (WHERE s.online) AS online, count(*) FILTER (WHERE {_SILENT}) AS silent,
       coalesce(max(s.last_seen_at) < clock_timestamp() - interval '60 seconds', false) AS nobody_heard,
       (SELECT began_at FROM broker_incidents WHERE ended_at IS NULL) AS incident_since
  FROM device_states s JOIN devices d USING (device_id) WHERE d.retired_at IS NULL
"""  # noqa: S608

_MARK_OFFLINE = f"""
WITH due AS (SELECT s.device_id FROM device_states s JOIN devices d USING (device_id)
              WHERE {_SILENT} ORDER BY s.device_id FOR UPDATE OF s SKIP LOCKED)
UPDATE device_states t SET online = false FROM due WHERE t.device_id = due.device_id
"""  # noqa: S608

_MARK_BACK = """
WITH due AS (SELECT s.device_id FROM device_states s JOIN devices d USING (device_id)
              WHERE NOT s.online AND s.last_seen_at > s.status_at
                AND s.last_seen_at > clock_timestamp() - 3 * d.report_interval_seconds * interval '1 second'
              ORDER BY s.device_id FOR UPDATE OF s SKIP LOCKED)
UPDATE device_states t SET online = true FROM due WHERE t.device_id = due.device_id
"""
"""Skips a row that the telemetry writer has locked; the next round handles it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What supervision finds in one round."""

    online: int
    silent: int
    """Counted as online, and silent for three of their intervals."""
    nobody_heard: bool
    """No device at all has been heard for a minute."""
    incident_since: datetime | None


class SupervisionStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def report(self, statuses: Iterable[DeviceStatus]) -> None:
        """The latest of each device counts; an older one that arrives late does not change it."""
        latest = {s.device_id: s for s in sorted(statuses, key=lambda status: status.received_at)}.values()
        await self._tx.execute(
            _REPORT,
            (
                [s.device_id for s in latest],
                [s.online for s in latest],
                [s.received_at for s in latest],
                [s.firmware for s in latest],
                [s.model for s in latest],
            ),
        )

    async def look(self) -> Silence:
        row = await (await self._tx.execute(_LOOK.encode())).fetchone()
        assert row is not None
        return Silence(**row)

    async def mark_offline(self) -> int:
        return (await self._tx.execute(_MARK_OFFLINE.encode())).rowcount

    async def mark_back(self) -> int:
        return (await self._tx.execute(_MARK_BACK)).rowcount

    async def incident_since(self) -> datetime | None:
        """When half of the devices or all of them fell silent together; None while they are heard."""
        row = await (await self._tx.execute("SELECT began_at FROM broker_incidents WHERE ended_at IS NULL")).fetchone()
        return None if row is None else row["began_at"]

    async def begin_incident(self, devices: int) -> None:
        await self._tx.execute("INSERT INTO broker_incidents (devices) VALUES (%s) ON CONFLICT DO NOTHING", (devices,))

    async def end_incident(self) -> None:
        await self._tx.execute("UPDATE broker_incidents SET ended_at = clock_timestamp() WHERE ended_at IS NULL")
