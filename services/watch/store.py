"""The SQL of the watch: who was not met at her meal today, what her devices told, and of whom it was told already."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from uuid import UUID

from services.business_day import day_starts_at
from services.db.pool import Connection
from services.watch.model import Sight, Watcher

LOOKED_BACK = timedelta(hours=24)
KNOWN = timedelta(days=14)
"""A device that told movement in this time would tell it."""

_NOT_MET = """
SELECT o.elder_id, max(coalesce(v.ends_at, o.moved_at)) AS not_met_at
  FROM orders o JOIN visits v ON v.order_id = o.id
 WHERE o.wished_from >= %(start)s AND o.wished_from < %(end)s AND o.day = %(day)s AND o.kitchen_id IS NOT NULL
   AND v.state = 'not_met'
   AND NOT EXISTS (SELECT 1 FROM silences_told t WHERE t.elder_id = o.elder_id AND t.day = o.day)
 GROUP BY o.elder_id ORDER BY o.elder_id
"""
_WATCHERS = """
SELECT b.elder_id, b.device_id, d.report_interval_seconds, s.last_seen_at,
       (SELECT max(m.time) FROM moments m
         WHERE m.device = n.device AND m.time > %(since)s AND m.time <= %(now)s
           AND (m.motion IS NOT NULL OR m.door IS NOT NULL OR m.texts ?| ARRAY['motion', 'door'])) AS moved_at,
       (SELECT max(time) FROM (
            SELECT m.time, m.steps <> lag(m.steps) OVER (ORDER BY m.time) AS others FROM moments m
             WHERE m.device = n.device AND m.time > %(since)s AND m.time <= %(now)s AND m.steps IS NOT NULL) AS walked
         WHERE others) AS walked_at
  FROM device_bindings b JOIN devices d ON d.device_id = b.device_id AND d.retired_at IS NULL
  JOIN device_numbers n ON n.device_id = b.device_id
  JOIN vitals_heard h ON h.device = n.device AND NOT h.marked AND greatest(h.motion, h.door, h.steps) > %(known)s
  LEFT JOIN device_states s ON s.device_id = b.device_id
 WHERE b.unbound_at IS NULL AND b.elder_id = ANY (%(elders)s)
 ORDER BY b.elder_id, b.device_id
"""


async def clock(tx: Connection) -> datetime:
    row = await (await tx.execute("SELECT clock_timestamp() AS now")).fetchone()
    assert row is not None
    now: datetime = row["now"]
    return now


async def sights(tx: Connection, day: date, now: datetime) -> list[Sight]:
    """Of everybody who was not met at a meal of this day and of whom nothing was told yet."""
    start = day_starts_at(day)
    cursor = await tx.execute(_NOT_MET, {"day": day, "start": start, "end": start + timedelta(days=1)})
    not_met = {row["elder_id"]: row["not_met_at"] for row in await cursor.fetchall()}
    if not not_met:
        return []
    since, watchers = now - LOOKED_BACK, defaultdict[UUID, list[Watcher]](list)
    values = {"elders": list(not_met), "since": since, "now": now, "known": now - KNOWN}
    for row in await (await tx.execute(_WATCHERS, values)).fetchall():
        moved = [at for at in (row["moved_at"], row["walked_at"]) if at is not None]
        watchers[row["elder_id"]].append(
            Watcher(
                device_id=row["device_id"],
                every=timedelta(seconds=row["report_interval_seconds"]),
                heard_at=row["last_seen_at"],
                moved_at=max(moved, default=None),
            )
        )
    return [
        Sight(elder_id=elder_id, not_met_at=at, looked_from=since, watchers=tuple(watchers[elder_id]))
        for elder_id, at in not_met.items()
    ]


async def note_told(tx: Connection, elder_ids: list[UUID], day: date) -> None:
    await tx.execute(
        "INSERT INTO silences_told (elder_id, day) SELECT unnest(%s::uuid[]), %s ON CONFLICT DO NOTHING",
        (elder_ids, day),
    )
