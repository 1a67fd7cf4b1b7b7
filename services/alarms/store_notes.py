"""What a device sent that opened no case, and what nobody could read: for whoever looks after the device."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from services.accounts.model import Scope
from services.db.pool import Connection

KEPT = timedelta(days=31)
"""A day longer than pages show."""
KEPT_NOTES = 2_000


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Messages of a device that could not be read, for one reason."""

    code: str
    times: int
    detail: str
    """Of the latest, in plain words: the field and the mend."""
    first_at: datetime
    last_at: datetime
    """When the latest was received, the gateway's clock."""


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

    async def unreadable(self, device_id: str) -> list[Unreadable] | None:
        """As `of_device`."""
        cursor = await self._tx.execute(
            f"""
            SELECT u.code, u.times, u.detail, u.first_at, u.last_at FROM (SELECT %(device)s::text AS device_id) o
              LEFT JOIN device_bindings b ON b.device_id = o.device_id AND b.unbound_at IS NULL
              LEFT JOIN elders e ON e.id = b.elder_id
              LEFT JOIN unreadable_messages u
                     ON u.device_id = o.device_id AND u.last_at > clock_timestamp() - interval '30 days'
             WHERE {self._in_scope}
               AND (u.code IS NOT NULL OR EXISTS (SELECT 1 FROM devices WHERE device_id = o.device_id))
             ORDER BY u.last_at DESC, u.code
            """.encode(),  # noqa: S608
            {"device": device_id, **self._scope.params()},
        )
        rows = await cursor.fetchall()
        return [Unreadable(**row) for row in rows if row["code"] is not None] if rows else None


async def count_unreadable(tx: Connection, found: Iterable[tuple[str, Unreadable]]) -> None:
    """Of each (device, what was found): adds to what is known of the last thirty days. What was counted already and
    comes again, perhaps after a crash, does not count twice."""
    columns = zip(*((device_id, *astuple(one)) for device_id, one in found), strict=True)
    await tx.execute(
        """
        INSERT INTO unreadable_messages AS known (device_id, code, times, detail, first_at, last_at)
        SELECT t.device_id, t.code, sum(t.times), (array_agg(t.detail ORDER BY t.last_at DESC))[1], min(t.first_at),
               max(t.last_at)
          FROM unnest(%s::text[], %s::text[], %s::int[], %s::text[], %s::timestamptz[], %s::timestamptz[])
               AS t (device_id, code, times, detail, first_at, last_at)
          LEFT JOIN unreadable_messages u ON u.device_id = t.device_id AND u.code = t.code
         WHERE t.times > 1 OR u.last_at IS NULL OR t.last_at > u.last_at
         GROUP BY t.device_id, t.code ORDER BY 1, 2
            ON CONFLICT (device_id, code) DO UPDATE
           SET times = excluded.times + CASE WHEN known.last_at > excluded.last_at - interval '30 days'
                                             THEN known.times ELSE 0 END,
               first_at = CASE WHEN known.last_at > excluded.last_at - interval '30 days'
                               THEN known.first_at ELSE excluded.first_at END,
               detail = excluded.detail, last_at = greatest(known.last_at, excluded.last_at)
        """,
        [list(column) for column in columns],
    )


async def purge(tx: Connection, *, at_most: int = 5_000) -> int:
    """Deletes what no page shows any more, a limited number at a time; returns how many. Of one kind and device the
    newest `KEPT_NOTES` are kept."""
    old = await tx.execute(
        "DELETE FROM device_notes WHERE ctid IN (SELECT ctid FROM device_notes"
        " WHERE recorded_at < clock_timestamp() - %s LIMIT %s)",
        (KEPT, at_most),
    )
    many = await tx.execute(
        "DELETE FROM device_notes WHERE ctid IN (SELECT n.ctid"
        " FROM (SELECT device_id, note FROM device_notes GROUP BY 1, 2 HAVING count(*) > %(kept)s) full_of,"
        " LATERAL (SELECT ctid FROM device_notes WHERE device_id = full_of.device_id AND note = full_of.note"
        "          ORDER BY recorded_at DESC OFFSET %(kept)s LIMIT %(at_most)s) n)",
        {"kept": KEPT_NOTES, "at_most": at_most},
    )
    await tx.execute("DELETE FROM unreadable_messages WHERE last_at < clock_timestamp() - %s", (KEPT,))
    return old.rowcount + many.rowcount
