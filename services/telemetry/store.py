"""The SQL of readings: many at once in, few out."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from psycopg import adapters
from psycopg.adapt import Dumper
from psycopg.errors import UniqueViolation
from psycopg.pq import Format

from services.accounts.model import Scope
from services.db.pool import Connection
from services.telemetry.model import Mark, Reading

LATEST_WITHIN = timedelta(days=30)
"""A vital older than this is no longer shown as the latest."""

_AHEAD = timedelta(days=1)
MAX_RAW_POINTS = 2000
MAX_LOOKED_THROUGH = 500
"""So many readings back a value is looked for: a device may send nothing but marked ones for weeks."""
MAX_REMARKS = 200
CHART_BUCKETS = 720

COLUMNS = (
    "device_id, name, unit, measured_at, received_at, value, time_suspect, text_value, sent_value, sent_unit, mark"
)
_TYPES = ("text", "text", "text", "timestamptz", "timestamptz", "float8", "bool", "text", "float8", "text", "text")
_MARKS = list(get_args(Mark))
_YEAR_2000_US = 946_684_800_000_000
_big_endian = struct.Struct("!q").pack
_STAGING = """
CREATE TEMP TABLE IF NOT EXISTS readings_staging (
    device_id text, name text, unit text, measured_at timestamptz, received_at timestamptz, value double precision,
    time_suspect boolean, text_value text, sent_value double precision, sent_unit text, mark text
) ON COMMIT DELETE ROWS
"""


class _Microseconds(Dumper):
    """Since 1970, to a timestamptz: a datetime for each would cost more than all the rest of a row."""

    format = Format.BINARY
    oid = adapters.types["timestamptz"].oid

    def dump(self, obj: int) -> bytes:
        return _big_endian(obj - _YEAR_2000_US)


async def write(tx: Connection, readings: Sequence[Reading]) -> int:
    """Keep what is new, return how many were: repeats, among the readings and of what is kept already, count once.

    Nearly every batch is new from end to end, so it is first copied straight into the table, which costs half
    (`python -m bench.store`). Where one reading is there already the copy is taken back and the batch goes through a
    staging table.
    """
    try:
        async with tx.transaction():
            await _copy(tx, "readings", readings)
    except UniqueViolation:
        return await write_through_staging(tx, readings)
    return len(readings)


async def write_through_staging(tx: Connection, readings: Sequence[Reading]) -> int:
    """Binary COPY into a staging table, from there what is new."""
    await tx.execute(_STAGING)
    await _copy(tx, "readings_staging", readings)
    cursor = await tx.execute(
        f"INSERT INTO readings ({COLUMNS}) SELECT {COLUMNS} FROM readings_staging ON CONFLICT DO NOTHING"  # noqa: S608
    )
    return cursor.rowcount


async def _copy(tx: Connection, table: str, readings: Sequence[Reading]) -> None:
    cursor = tx.cursor()
    cursor.adapters.register_dumper(None, _Microseconds)
    async with cursor, cursor.copy(f"COPY {table} ({COLUMNS}) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(_TYPES)
        for r in readings:
            when = (r.measured_us, r.received_us)
            sent = (r.sent_value, r.sent_unit, r.mark)
            await copy.write_row((r.device_id, r.name, r.unit, *when, r.value, r.time_suspect, r.text or "", *sent))


async def note_seen(tx: Connection, seen: Mapping[str, tuple[datetime, float | None]]) -> None:
    """Device → when last heard, and its battery if it told. An older report changes nothing."""
    await tx.execute(
        "INSERT INTO device_states AS s (device_id, last_seen_at, battery_pct)"
        " SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::real[]) AS t (device_id, at, pct) ORDER BY 1"
        " ON CONFLICT (device_id) DO UPDATE SET last_seen_at = excluded.last_seen_at,"
        " battery_pct = coalesce(excluded.battery_pct, s.battery_pct)"
        " WHERE s.last_seen_at IS NULL OR s.last_seen_at < excluded.last_seen_at",
        (list(seen), [at for at, _ in seen.values()], [pct for _, pct in seen.values()]),
    )


async def note_remarks(tx: Connection, remarks: Mapping[tuple[str, str, str], datetime]) -> None:
    """(device, name, remark) → when received."""
    keys = sorted(remarks)
    await tx.execute(
        "INSERT INTO reading_remarks AS r (device_id, name, remark, first_at, last_at)"
        " SELECT device_id, name, remark, at, at FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[])"
        " AS t (device_id, name, remark, at)"
        " ON CONFLICT (device_id, name, remark) DO UPDATE SET last_at = greatest(r.last_at, excluded.last_at)",
        (*(list(column) for column in zip(*keys, strict=True)), [remarks[key] for key in keys]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Worn:
    """A device, and from when on its readings are those of who carries it now."""

    device_id: str
    model: str | None
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRemark:
    """A habit of a device: such readings of it are not as in RFC 8428, and are read all the same; or they are kept and
    not shown (`unit`, `implausible`)."""

    name: str
    remark: Literal["shape", "label", "number", "time", "name", "json", "cbor", "packed", "unit", "implausible"]
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    device_id: str
    name: str
    unit: str | None
    value: float | None
    text_value: str | None
    measured_at: datetime
    received_at: datetime
    time_suspect: bool

    @property
    def ordered_at(self) -> datetime:
        return self.received_at if self.time_suspect else self.measured_at


class ReadingStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def worn_by(self, elder_id: UUID, scope: Scope) -> list[Worn] | None:
        """None: there is no such elder in the scope."""
        condition = Scope.where(region="e.region_code", elder="e.id")
        cursor = await self._tx.execute(
            "SELECT d.device_id, d.model, b.bound_at AS since FROM elders e"  # noqa: S608
            " LEFT JOIN device_bindings b ON b.elder_id = e.id AND b.unbound_at IS NULL"
            f" LEFT JOIN devices d ON d.device_id = b.device_id WHERE e.id = %(elder)s AND {condition}",
            {"elder": elder_id, **scope.params()},
        )
        rows = await cursor.fetchall()
        return [Worn(**row) for row in rows if row["device_id"] is not None] if rows else None

    async def device(self, device_id: str, scope: Scope) -> Worn | None:
        """A device bound to nobody is everybody's on duty; of a bound one, who may see its bearer may see it."""
        condition = Scope.where(region="e.region_code", elder="e.id")
        cursor = await self._tx.execute(
            "SELECT o.device_id, d.model, b.bound_at AS since FROM (SELECT %(device)s::text AS device_id) o"  # noqa: S608
            " LEFT JOIN devices d ON d.device_id = o.device_id"
            " LEFT JOIN device_bindings b ON b.device_id = o.device_id AND b.unbound_at IS NULL"
            f" LEFT JOIN elders e ON e.id = b.elder_id WHERE {condition}"
            " AND (d.device_id IS NOT NULL OR EXISTS (SELECT 1 FROM device_states s WHERE s.device_id = o.device_id)"
            "      OR EXISTS (SELECT 1 FROM readings r WHERE r.device_id = o.device_id))",
            {"device": device_id, **scope.params()},
        )
        row = await cursor.fetchone()
        return Worn(**row) if row else None

    async def latest(self, device: Worn, names: Sequence[str], now: datetime) -> list[Latest]:
        """The newest of each name that is not marked. Readings whose clock cannot be right count by when they came."""
        return await self._newest(_NEWEST.format(mark="mark IS NULL"), device, names, now)

    async def latest_left_out(self, device: Worn, names: Sequence[str], now: datetime) -> list[Latest]:
        """The newest marked one of each name, which has no value."""
        return await self._newest(_NEWEST.format(mark="mark IS NOT NULL"), device, names, now) if names else []

    async def _newest(self, query: str, device: Worn, names: Sequence[str], now: datetime) -> list[Latest]:
        within = {"names": list(names), "device": device.device_id, "until": now + _AHEAD, "from": _from(device, now)}
        cursor = await self._tx.execute(query.encode(), within)
        return [Latest(**{**row, "text_value": row["text_value"] or None}) for row in await cursor.fetchall()]

    async def mended(self, device: Worn, since: datetime) -> dict[str, str]:
        """Name of a reading → what was last read tolerantly of it."""
        return await self._last_remarks("remark <> ALL(%s)", device, since)

    async def left_out(self, device: Worn, since: datetime) -> dict[str, Mark]:
        """Name of a reading → why such readings were last marked, and so not shown."""
        last: dict[str, Mark] = await self._last_remarks(  # type: ignore[assignment]
            "remark = ANY(%s)", device, max(since, device.since) if device.since else since
        )
        return last

    async def _last_remarks(self, condition: str, device: Worn, since: datetime) -> dict[str, str]:
        cursor = await self._tx.execute(
            "SELECT DISTINCT ON (name) name, remark FROM reading_remarks WHERE device_id = %s AND last_at >= %s"  # noqa: S608
            f" AND {condition} ORDER BY name, last_at DESC".encode(),
            (device.device_id, since, _MARKS),
        )
        return {row["name"]: row["remark"] for row in await cursor.fetchall()}

    async def remarks(self, device_id: str) -> list[ReadingRemark]:
        """Of the last thirty days, the latest first."""
        cursor = await self._tx.execute(
            "SELECT name, remark, first_at, last_at FROM reading_remarks WHERE device_id = %s"
            " AND last_at > clock_timestamp() - interval '30 days'"
            " ORDER BY last_at DESC, name, remark LIMIT %s",
            (device_id, MAX_REMARKS),
        )
        return [ReadingRemark(**row) for row in await cursor.fetchall()]

    async def points(self, device: Worn, name: str, since: datetime, until: datetime) -> list[tuple[datetime, float]]:
        """Of more than MAX_RAW_POINTS, averages over equal spans."""
        within = {
            "device": device.device_id,
            "name": name,
            "since": max(since, device.since) if device.since else since,
            "until": until,
        }
        cursor = await self._tx.execute(f"{_POINTS} ORDER BY at LIMIT {MAX_RAW_POINTS + 1}", within)
        rows = await cursor.fetchall()
        if len(rows) > MAX_RAW_POINTS:
            within["span"] = (until - since) / CHART_BUCKETS
            cursor = await self._tx.execute(
                f"SELECT date_bin(%(span)s, at, %(since)s) AS at, avg(value) AS value"  # noqa: S608
                f" FROM ({_POINTS}) AS p GROUP BY 1 ORDER BY 1",
                within,
            )
            rows = await cursor.fetchall()
        return [(row["at"], row["value"]) for row in rows]

    async def hourly(self, device: Worn, name: str, since: datetime, until: datetime) -> list[tuple[datetime, float]]:
        """Averages from `readings_hourly`: what charts over many days need."""
        cursor = await self._tx.execute(
            "SELECT hour, avg_value FROM readings_hourly WHERE device_id = %s AND name = %s"
            " AND hour >= %s AND hour <= %s ORDER BY hour",
            (device.device_id, name, max(since, device.since) if device.since else since, until),
        )
        return [(row["hour"], row["avg_value"]) for row in await cursor.fetchall()]


_SHOWN = "device_id, name, unit, value, text_value, measured_at, received_at, time_suspect"
_NEWEST = f"""
SELECT r.* FROM unnest(%(names)s::text[]) AS n (name)
CROSS JOIN LATERAL (
    SELECT * FROM (
        (SELECT {_SHOWN} FROM (
             SELECT * FROM readings
              WHERE device_id = %(device)s AND name = n.name AND NOT time_suspect
                AND measured_at >= %(from)s AND measured_at <= %(until)s
              ORDER BY measured_at DESC LIMIT {MAX_LOOKED_THROUGH}) AS lately
          WHERE {{mark}} ORDER BY measured_at DESC LIMIT 1)
        UNION ALL
        (SELECT {_SHOWN} FROM (
             SELECT * FROM readings
              WHERE device_id = %(device)s AND name = n.name AND time_suspect
                AND received_at >= %(from)s AND received_at <= %(until)s
              ORDER BY received_at DESC LIMIT {MAX_LOOKED_THROUGH}) AS lately
          WHERE {{mark}} ORDER BY received_at DESC LIMIT 1)
    ) AS newest
    ORDER BY CASE WHEN time_suspect THEN received_at ELSE measured_at END DESC LIMIT 1
) AS r
"""  # noqa: S608
_POINTS = """
SELECT * FROM (
    SELECT measured_at AS at, value FROM readings
     WHERE device_id = %(device)s AND name = %(name)s AND measured_at BETWEEN %(since)s AND %(until)s
       AND NOT time_suspect AND value IS NOT NULL
    UNION ALL
    SELECT received_at AS at, value FROM readings
     WHERE device_id = %(device)s AND name = %(name)s AND received_at BETWEEN %(since)s AND %(until)s
       AND time_suspect AND value IS NOT NULL
) AS one
"""


def _from(device: Worn, now: datetime) -> datetime:
    since = now - LATEST_WITHIN
    return max(since, device.since) if device.since else since
