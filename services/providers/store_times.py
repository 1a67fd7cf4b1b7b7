"""The SQL of the spans in which leave takes a worker, and of the counties that must hear of staff."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.db.pool import Connection


async def set_leave(tx: Connection, worker_id: UUID) -> None:
    """The spans of all leave that is granted, each moment once. :raises ExclusionViolation: a visit has them"""
    await tx.execute("DELETE FROM worker_times WHERE worker_id = %s AND visit_id IS NULL", (worker_id,))
    await tx.execute(
        "INSERT INTO worker_times (worker_id, worker_no, during)"
        " SELECT w.id, w.worker_no, unnest(range_agg(tstzrange(l.from_at, l.until_at)))"
        " FROM leaves l JOIN workers w ON w.id = l.worker_id"
        " WHERE l.worker_id = %s AND l.state = 'granted' GROUP BY 1, 2",
        (worker_id,),
    )


async def release_visits(tx: Connection, worker_id: UUID, from_at: datetime, until_at: datetime | None) -> list[UUID]:
    """Visits that took the worker in this span no longer do. Where it has begun, neither does what should have been
    over today: who is late has not begun it. :param until_at: None: for good"""
    cursor = await tx.execute(
        "DELETE FROM worker_times WHERE worker_id = %(worker)s AND visit_id IS NOT NULL"
        " AND (during && tstzrange(%(from)s, %(until)s::timestamptz)"
        "      OR tstzrange(%(from)s, %(until)s::timestamptz) @> clock_timestamp()"
        "     AND during && tstzrange(clock_timestamp() - interval '12 hours', clock_timestamp())) RETURNING visit_id",
        {"worker": worker_id, "from": from_at, "until": until_at},
    )
    return sorted(row["visit_id"] for row in await cursor.fetchall())


async def regions_of(tx: Connection, provider_id: UUID) -> list[str]:
    cursor = await tx.execute("SELECT region_code FROM provider_regions WHERE provider_id = %s", (provider_id,))
    return [row["region_code"] for row in await cursor.fetchall()]


async def counties(tx: Connection, region_codes: Sequence[str]) -> list[str]:
    """In which these regions lie, or which lie in them."""
    cursor = await tx.execute(
        "SELECT code FROM regions WHERE level = 'county' AND EXISTS (SELECT 1 FROM unnest(%s::text[]) AS mine"
        " WHERE code ^@ mine OR mine ^@ code) ORDER BY 1",
        (list(region_codes),),
    )
    return [row["code"] for row in await cursor.fetchall()]
