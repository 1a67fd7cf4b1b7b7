"""The SQL of looking at devices and desks: who was not heard, which batteries are low, who was on shift."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from services.db.pool import Connection
from services.metrics.facts_load import OnShift
from services.metrics.store_facts import EARLIER

LOW_PCT, CHARGED_PCT = 20, 50
"""Below this a battery is low, as on the pages; from this on it was charged, and has not only warmed up."""
ON_SHIFT = timedelta(minutes=5)
"""So much of ten minutes an operator has a console open to have been on shift."""
KEPT = timedelta(days=10)
"""So long it is remembered which hours and ten minutes were looked at."""


async def clock(tx: Connection) -> datetime:
    row = await (await tx.execute("SELECT clock_timestamp() AS now")).fetchone()
    assert row is not None
    now: datetime = row["now"]
    return now


# --- an hour of all devices


async def begin_hour(tx: Connection, hour: datetime) -> tuple[bool, datetime | None]:
    """Whether it is ours to look at, and when was looked the last time."""
    before = await (await tx.execute("SELECT max(looked_at) AS at FROM device_looks")).fetchone()
    cursor = await tx.execute("INSERT INTO device_looks (hour) VALUES (%s) ON CONFLICT DO NOTHING", (hour,))
    return cursor.rowcount == 1, before["at"] if before else None


_LEAST = "%(hour)s + interval '1 hour' - greatest(1.0, d.report_interval_seconds / 1200.0) * interval '1 hour'"
_NOTE_SILENT = f"""
INSERT INTO silent_devices (hour, device_id)
SELECT %(hour)s, d.device_id
  FROM devices d
  JOIN device_bindings b ON b.device_id = d.device_id AND b.unbound_at IS NULL AND b.bound_at <= %(hour)s
  LEFT JOIN device_states s ON s.device_id = d.device_id
 WHERE d.retired_at IS NULL AND coalesce(s.last_seen_at, '-infinity') < {_LEAST}
   AND NOT EXISTS (SELECT 1 FROM press_facts p WHERE p.device_id = d.device_id AND p.happened_at >= %(earliest)s
                      AND p.received_at >= {_LEAST})
"""  # noqa: S608
"""Of one that reports less often than every 20 minutes three of its intervals count, as for supervision."""


async def note_silent(tx: Connection, hour: datetime) -> int:
    """Right after the hour: those in service all the hour that were not heard in it. Returns how many."""
    cursor = await tx.execute(_NOTE_SILENT.encode(), {"hour": hour, "earliest": hour - EARLIER})
    return cursor.rowcount


# --- batteries


@dataclass(frozen=True, slots=True, kw_only=True)
class Low:
    device_id: str
    device_model: str
    elder_id: UUID
    region_code: str
    low_since: datetime
    event_id: str | None
    """None: its reading says so."""


_NEWLY_LOW = f"""
SELECT DISTINCT ON (d.device_id) d.device_id, d.model AS device_model, b.elder_id, b.region_code, low.low_since,
       low.event_id
  FROM (SELECT device_id, happened_at AS low_since, event_id FROM press_facts
         WHERE low_battery AND stored_at > %(since)s AND happened_at >= %(earliest)s
         UNION ALL
        SELECT device_id, %(now)s, NULL FROM device_states WHERE battery_pct < {LOW_PCT}) low
  JOIN devices d ON d.device_id = low.device_id AND d.retired_at IS NULL
  JOIN bound_elders b ON b.device_id = d.device_id
 WHERE NOT EXISTS (SELECT 1 FROM low_batteries l WHERE l.device_id = d.device_id)
 ORDER BY d.device_id, low.low_since
"""  # noqa: S608


async def newly_low(tx: Connection, since: datetime, now: datetime) -> list[Low]:
    """Devices in service that said so since, by an event or by a reading, and were not low before."""
    values = {"since": since, "now": now, "earliest": since - EARLIER}
    return [Low(**row) for row in await (await tx.execute(_NEWLY_LOW.encode(), values)).fetchall()]


async def keep_low(tx: Connection, low: Sequence[Low], names: Sequence[UUID]) -> None:
    async with tx.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO low_batteries (device_id, battery_id, low_since, elder_id, region_code)"
            " VALUES (%s, %s, %s, %s, %s)",
            [
                (one.device_id, battery_id, one.low_since, one.elder_id, one.region_code)
                for one, battery_id in zip(low, names, strict=True)
            ],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    device_id: str
    device_model: str
    battery_id: UUID
    region_code: str
    low_since: datetime
    state: str
    ended_at: datetime


_ENDED = f"""
WITH gone AS (
    SELECT l.device_id, b.id IS NULL OR d.retired_at IS NOT NULL AS taken_off,
           greatest(l.low_since, coalesce((SELECT max(o.unbound_at) FROM device_bindings o
                                            WHERE o.device_id = l.device_id AND o.elder_id = l.elder_id),
                                          d.retired_at, %(now)s)) AS taken_off_at
      FROM low_batteries l JOIN devices d USING (device_id)
      LEFT JOIN device_bindings b ON b.device_id = l.device_id AND b.elder_id = l.elder_id AND b.unbound_at IS NULL
      LEFT JOIN device_states s ON s.device_id = l.device_id
     WHERE b.id IS NULL OR d.retired_at IS NOT NULL OR s.battery_pct >= {CHARGED_PCT})
DELETE FROM low_batteries l USING gone g, devices d WHERE l.device_id = g.device_id AND d.device_id = g.device_id
RETURNING l.device_id, d.model AS device_model, l.battery_id, l.region_code, l.low_since,
          CASE WHEN taken_off THEN 'replaced' ELSE 'charged' END AS state,
          CASE WHEN taken_off THEN taken_off_at ELSE greatest(l.low_since, %(now)s) END AS ended_at
"""  # noqa: S608


async def end_low(tx: Connection, now: datetime) -> list[Ended]:
    """Those that were charged or taken off meanwhile; they are not low any more."""
    return [Ended(**row) for row in await (await tx.execute(_ENDED.encode(), {"now": now})).fetchall()]


# --- ten minutes at the desks


async def begin_window(tx: Connection, begins_at: datetime) -> bool:
    """Whether it is ours to look at."""
    cursor = await tx.execute("INSERT INTO load_looks (begins_at) VALUES (%s) ON CONFLICT DO NOTHING", (begins_at,))
    return cursor.rowcount == 1


_ON_SHIFT = """
WITH standing AS MATERIALIZED (
    SELECT region_code FROM alarm_cases WHERE state <> 'closed' AND NOT worklist AND opened_at < %(end)s
     UNION ALL
    SELECT region_code FROM alarm_cases
     WHERE moved_at >= %(end)s AND state = 'closed' AND closed_at >= %(end)s AND NOT worklist AND opened_at < %(end)s),
there AS (
    SELECT account_id FROM console_connections WHERE opened_at < %(end)s AND seen_at > %(begin)s
     GROUP BY account_id HAVING sum(least(seen_at, %(end)s) - greatest(opened_at, %(begin)s)) >= %(least)s),
on_shift AS (
    SELECT a.id AS operator_id, array_agg(r.region_code ORDER BY r.region_code) AS regions
      FROM there t JOIN accounts a ON a.id = t.account_id AND a.role = 'operator'
      JOIN account_regions r ON r.account_id = a.id GROUP BY a.id)
SELECT o.operator_id, o.regions, (SELECT count(*)::int FROM standing s
                                   WHERE s.region_code IS NULL OR s.region_code ^@ ANY (o.regions)) AS standing
  FROM on_shift o ORDER BY o.operator_id
"""


async def on_shift(tx: Connection, begin: datetime, end: datetime) -> list[OnShift]:
    """Operators whose consoles were open for most of that time; a shift leader who looks in is none."""
    cursor = await tx.execute(_ON_SHIFT, {"begin": begin, "end": end, "least": ON_SHIFT})
    return [OnShift(**row) for row in await cursor.fetchall()]


async def forget(tx: Connection, now: datetime) -> None:
    await tx.execute("DELETE FROM load_looks WHERE begins_at < %s", (now - KEPT,))
    await tx.execute("DELETE FROM device_looks WHERE hour < %s", (now - KEPT,))
    await tx.execute("DELETE FROM silent_devices WHERE hour < %s", (now - KEPT,))


# --- which days


async def days_due(tx: Connection, look: str, last: date) -> list[date]:
    """Up to this day those whose facts are not written, the oldest first; none from before the first look."""
    cursor = await tx.execute(
        "SELECT generate_series(coalesce((SELECT max(day) + 1 FROM device_days WHERE look = %(look)s),"
        " (SELECT min(hour AT TIME ZONE 'Asia/Shanghai')::date FROM device_looks))::timestamp, %(last)s::timestamp,"
        " interval '1 day')::date AS day",
        {"look": look, "last": last},
    )
    return [row["day"] for row in await cursor.fetchall()]


async def begin_day(tx: Connection, look: str, day: date) -> bool:
    """Whether it is ours to write."""
    cursor = await tx.execute("INSERT INTO device_days (look, day) VALUES (%s, %s) ON CONFLICT DO NOTHING", (look, day))
    return cursor.rowcount == 1
