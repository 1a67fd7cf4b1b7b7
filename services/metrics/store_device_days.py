"""The SQL of what a day of all devices comes to: one by one those of which something is missing."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.db.pool import Connection

HOURS = 24
NEARLY_ALL = 0.9
"""A device from which so much of its readings came is told together with others."""

_BITS = "bit_count(({mask})::bit(32))"
_SERVED = """
served AS (
    SELECT b.device_id, d.model AS device_model, d.report_interval_seconds AS every_s, e.region_code,
           ((1 << h.until_h) - (1 << h.from_h)) AS mask,
           coalesce(l.state <> 'at_home' AND l.from_day <= %(day)s AND (l.until_day IS NULL OR %(day)s < l.until_day),
                    false) AS away
      FROM device_bindings b JOIN devices d USING (device_id) JOIN elders e ON e.id = b.elder_id
      LEFT JOIN elder_lives l ON l.elder_id = b.elder_id,
           LATERAL (SELECT ceil(extract(epoch FROM greatest(b.bound_at, %(start)s) - %(start)s) / 3600)::int AS from_h,
                           floor(extract(epoch FROM least(b.unbound_at, d.retired_at, %(end)s) - %(start)s) / 3600)::int
                           AS until_h) h
     WHERE b.bound_at < %(end)s AND (b.unbound_at IS NULL OR b.unbound_at > %(start)s)
       AND (d.retired_at IS NULL OR d.retired_at > %(start)s) AND h.until_h > h.from_h)
"""
"""Who wore what, in whole hours of the day: bit 0 of the mask is the first."""

_HEARD = f"""
WITH {_SERVED},
silent AS (
    SELECT device_id, bit_or(1 << (extract(epoch FROM hour - %(start)s) / 3600)::int) AS mask
      FROM silent_devices WHERE hour >= %(start)s AND hour < %(end)s GROUP BY device_id),
judged AS (
    SELECT s.*, coalesce(z.mask, 0) & s.mask & %(seen)s AS silent, s.mask & %(seen)s AS seen
      FROM served s LEFT JOIN silent z USING (device_id))
SELECT CASE WHEN away THEN 'away' ELSE 'counted' END AS state, region_code, device_model,
       CASE WHEN silent <> 0 AND NOT away THEN device_id ELSE '' END AS device_id, count(*)::int AS devices,
       sum({_BITS.format(mask="seen")})::bigint AS promised,
       sum(CASE WHEN away THEN 0 ELSE {_BITS.format(mask="seen & ~silent")} END)::bigint AS kept,
       bit_or(CASE WHEN away THEN 0 ELSE silent END) AS silent
  FROM judged WHERE seen <> 0 GROUP BY 1, 2, 3, 4
 UNION ALL
SELECT 'unseen', region_code, device_model, '', count(*)::int,
       sum({_BITS.format(mask="mask & ~%(seen)s")})::bigint, 0, 0
  FROM served WHERE mask & ~%(seen)s <> 0 GROUP BY 1, 2, 3, 4
"""  # noqa: S608

_MEASURED = f"""
WITH {_SERVED},
came AS (
    SELECT n.device_id, {{most}} AS readings FROM moments_daily m JOIN device_numbers n ON n.device = m.device
     WHERE m.day = %(start)s),
judged AS (
    SELECT s.*, {_BITS.format(mask="s.mask")} * 3600 / s.every_s AS promised, coalesce(c.readings, 0) AS readings
      FROM served s LEFT JOIN came c USING (device_id))
SELECT CASE WHEN away THEN 'away' ELSE 'counted' END AS state, region_code, device_model,
       CASE WHEN readings < {NEARLY_ALL} * promised AND NOT away THEN device_id ELSE '' END AS device_id,
       count(*)::int AS devices, sum(promised)::bigint AS promised,
       sum(CASE WHEN away THEN 0 ELSE least(readings, promised) END)::bigint AS kept, 0 AS silent
  FROM judged WHERE promised > 0 GROUP BY 1, 2, 3, 4
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    state: str
    region_code: str
    device_model: str
    device_id: str
    """'': several."""
    devices: int
    promised: int
    kept: int
    silent: int
    """Bit 0: the first hour of the day."""


async def seen_hours(tx: Connection, start: datetime) -> int:
    """The hours of a day that were looked at and in which not all devices were silent together, as bits."""
    cursor = await tx.execute(
        "SELECT coalesce(bit_or(1 << (extract(epoch FROM hour - %(start)s) / 3600)::int), 0) AS seen"
        " FROM device_looks k WHERE hour >= %(start)s AND hour < %(end)s AND NOT EXISTS ("
        "  SELECT 1 FROM broker_incidents i WHERE i.began_at < k.hour + interval '1 hour'"
        "   AND (i.ended_at IS NULL OR i.ended_at > k.hour))",
        {"start": start, "end": start + timedelta(hours=HOURS)},
    )
    row = await cursor.fetchone()
    return row["seen"] if row else 0


async def heard(tx: Connection, day: date, start: datetime) -> list[DeviceRow]:
    """In how many hours in service devices were heard. :param start: when the day began"""
    values = {"day": day, "start": start, "end": start + timedelta(hours=HOURS), "seen": await seen_hours(tx, start)}
    return [DeviceRow(**row) for row in await (await tx.execute(_HEARD.encode(), values)).fetchall()]


async def measured(tx: Connection, day: date, start: datetime) -> list[DeviceRow]:
    """How many readings of that day came, of the vital that each device sent most often."""
    cursor = await tx.execute("SELECT name FROM vital_columns ORDER BY name")
    most = f"greatest({', '.join(row['name'] + '_n' for row in await cursor.fetchall())})"
    values = {"day": day, "start": start, "end": start + timedelta(hours=HOURS)}
    return [
        DeviceRow(**row) for row in await (await tx.execute(_MEASURED.format(most=most).encode(), values)).fetchall()
    ]
