"""What a device sent that opened no case, for whoever looks after the device."""

from dataclasses import dataclass
from datetime import datetime

from services.accounts.model import Scope
from services.db.pool import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCount:
    """All notes of one kind of a device."""

    note: str
    times: int
    first_at: datetime
    last_at: datetime
    """When the latest was received, the gateway's clock."""
    event_id: str
    """Of the latest."""


class NoteStore:
    def __init__(self, tx: Connection, scope: Scope) -> None:
        self._tx = tx
        self._scope = scope
        self._in_scope = scope.where(region="e.region_code", elder="e.id")

    async def of_device(self, device_id: str) -> list[NoteCount] | None:
        """Of the last thirty days, the latest first; None: there is no such device in the scope."""
        cursor = await self._tx.execute(
            f"""
            SELECT n.* FROM (SELECT %(device)s::text AS device_id) o
              LEFT JOIN device_bindings b ON b.device_id = o.device_id AND b.unbound_at IS NULL
              LEFT JOIN elders e ON e.id = b.elder_id
              LEFT JOIN LATERAL (
                   SELECT note, sum(times)::int AS times, min(recorded_at) AS first_at, max(received_at) AS last_at,
                          (array_agg(event_id ORDER BY received_at DESC))[1] AS event_id
                     FROM device_notes
                    WHERE device_id = o.device_id AND recorded_at > clock_timestamp() - interval '30 days'
                    GROUP BY note) n ON true
             WHERE {self._in_scope}
               AND (n.note IS NOT NULL OR EXISTS (SELECT 1 FROM devices WHERE device_id = o.device_id))
             ORDER BY n.last_at DESC, n.note
            """.encode(),  # noqa: S608
            {"device": device_id, **self._scope.params()},
        )
        rows = await cursor.fetchall()
        return [NoteCount(**row) for row in rows if row["note"] is not None] if rows else None
