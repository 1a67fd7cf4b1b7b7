"""The SQL of readings for whoever looks at them: whose device, what was noted of it, the course of one vital."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from services.accounts.model import Scope
from services.db.pool import Connection
from services.telemetry.catalogue import VITALS
from services.telemetry.model import Mark
from services.telemetry.store_latest import Latest, newest

LATEST_WITHIN = timedelta(days=30)
"""A vital older than this is no longer shown as the latest."""

_AHEAD = timedelta(days=1)
MAX_RAW_POINTS = 2000
MAX_REMARKS = 200
CHART_BUCKETS = 720
_MARKS = list(get_args(Mark))


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
            "      OR EXISTS (SELECT 1 FROM device_numbers n WHERE n.device_id = o.device_id))",
            {"device": device_id, **scope.params()},
        )
        row = await cursor.fetchone()
        return Worn(**row) if row else None

    async def latest(self, device: Worn, names: Sequence[str], now: datetime) -> list[Latest]:
        """The newest of each name that is not marked. Readings whose clock cannot be right count by when they came."""
        return await newest(self._tx, device.device_id, names, _from(device, now), now + _AHEAD, marked=False)

    async def latest_left_out(self, device: Worn, names: Sequence[str], now: datetime) -> list[Latest]:
        """The newest marked one of each name, which has no value."""
        return await newest(self._tx, device.device_id, names, _from(device, now), now + _AHEAD, marked=True)

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
        within = _within(device, name, since, until)
        points = _points(name)
        cursor = await self._tx.execute(f"{points} ORDER BY at LIMIT {MAX_RAW_POINTS + 1}".encode(), within)
        rows = await cursor.fetchall()
        if len(rows) > MAX_RAW_POINTS:
            within["span"] = (until - since) / CHART_BUCKETS
            cursor = await self._tx.execute(
                "SELECT date_bin(%(span)s, at, %(since)s) AS at, avg(value) AS value"  # noqa: S608
                f" FROM ({points}) AS p GROUP BY 1 ORDER BY 1".encode(),
                within,
            )
            rows = await cursor.fetchall()
        return [(row["at"], row["value"]) for row in rows]

    async def hourly(self, device: Worn, name: str, since: datetime, until: datetime) -> list[tuple[datetime, float]]:
        """Averages, by hours: what charts over many days need."""
        return await self._figures(_HOURS, device, name, since, until)

    async def daily(self, device: Worn, name: str, since: datetime, until: datetime) -> list[tuple[datetime, float]]:
        """Averages, by days of Asia/Shanghai."""
        return await self._figures(_DAYS, device, name, since, until)

    async def _figures(
        self, period: "_Period", device: Worn, name: str, since: datetime, until: datetime
    ) -> list[tuple[datetime, float]]:
        cursor = await self._tx.execute(period.averages(name).encode(), _within(device, name, since, until))
        return [(row["since"], row["average"]) for row in await cursor.fetchall()]


_NUMBER = "device = (SELECT n.device FROM device_numbers AS n WHERE n.device_id = %(device)s)"
_BESIDE = "extra -> %(name)s ->> 'value'"


def _value(name: str) -> str:
    """Of a row of `moments`. A `real` goes by its text, so that 36.6 stays 36.6."""
    return f"coalesce({_BESIDE}, {name}::text)::float8" if name in VITALS else f"({_BESIDE})::float8"


def _points(name: str) -> str:
    return f"""
SELECT * FROM (
    SELECT time AS at, {_value(name)} AS value FROM moments
     WHERE {_NUMBER} AND time BETWEEN %(since)s AND %(until)s
    UNION ALL
    SELECT received_at, value FROM suspect_readings
     WHERE {_NUMBER} AND name = %(name)s AND received_at BETWEEN %(since)s AND %(until)s
) AS one WHERE value IS NOT NULL
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class _Period:
    view: str
    column: str
    length: str
    of: str
    """Of a time `{}`, when its period began."""

    def averages(self, name: str) -> str:
        """A name that has no column has no figures that are kept: they are made when they are asked for."""
        of_moments = (
            f"SELECT {self.column}, {name}_n, {name}_avg::text::float8 FROM {self.view}"  # noqa: S608
            f" WHERE {_NUMBER} AND {self.column} BETWEEN %(since)s AND %(until)s AND {name}_n IS NOT NULL"
            if name in VITALS
            else f"SELECT {self.of.format('time')}, count(*), avg({_value(name)}) FROM moments WHERE {_NUMBER}"  # noqa: S608
            f" AND {self._during('time')} AND {_BESIDE} IS NOT NULL GROUP BY 1"
        )
        return f"""
SELECT since, CASE WHEN count(*) = 1 THEN max(average) ELSE sum(n * average) / sum(n) END AS average FROM (
    {of_moments}
    UNION ALL
    SELECT {self.of.format("measured_at")}, count(*), avg(value) FROM suspect_readings
     WHERE {_NUMBER} AND name = %(name)s AND value IS NOT NULL AND {self._during("measured_at")} GROUP BY 1
) AS figures (since, n, average)
WHERE since BETWEEN %(since)s AND %(until)s GROUP BY since ORDER BY since
"""  # noqa: S608

    def _during(self, time: str) -> str:
        return f"{time} >= %(since)s AND {time} < %(until)s::timestamptz + interval '{self.length}'"


_HOURS = _Period("moments_hourly", "hour", "1 hour", "date_trunc('hour', {})")
_DAYS = _Period("moments_daily", "day", "1 day", "date_trunc('day', {}, 'Asia/Shanghai')")


def _within(device: Worn, name: str, since: datetime, until: datetime) -> dict[str, object]:
    since = max(since, device.since) if device.since else since
    return {"device": device.device_id, "name": name, "since": since, "until": until}


def _from(device: Worn, now: datetime) -> datetime:
    since = now - LATEST_WITHIN
    return max(since, device.since) if device.since else since
