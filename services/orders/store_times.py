"""The SQL of the spans in which a worker is taken by visits. The database refuses an overlap."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg.errors import ExclusionViolation

from services.db.pool import Connection
from services.orders.model import Visit


async def release(tx: Connection, visit_ids: Sequence[UUID]) -> None:
    await tx.execute("DELETE FROM worker_times WHERE visit_id = ANY (%s)", (list(visit_ids),))


async def take(tx: Connection, visits: Sequence[Visit]) -> bool:
    """Each from setting out to its end, instead of what it took before; False, and nothing changed: somebody is taken
    already."""
    try:
        async with tx.transaction(), tx.pipeline():
            await release(tx, [visit.id for visit in visits])
            for visit in visits:
                assert visit.worker is not None
                await tx.execute(
                    "INSERT INTO worker_times (worker_id, worker_no, during, visit_id)"
                    " SELECT w.id, w.worker_no, tstzrange(%s, %s), %s FROM workers w WHERE w.id = %s",
                    (visit.sets_out_at, visit.ends_at, visit.id, visit.worker.id),
                )
    except ExclusionViolation:
        return False
    return True


async def taken(tx: Connection, visits: Sequence[Visit]) -> list[UUID]:
    """Which of their workers are taken by something else in that time."""
    ids = [visit.id for visit in visits]
    cursor = await tx.execute(
        "SELECT DISTINCT t.worker_id FROM worker_times t JOIN unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[])"
        " AS v(worker_id, sets_out_at, ends_at) ON v.worker_id = t.worker_id"
        " AND t.during && tstzrange(v.sets_out_at, v.ends_at)"
        " WHERE t.visit_id IS NULL OR t.visit_id <> ALL (%s) ORDER BY 1",
        (
            [visit.worker.id for visit in visits if visit.worker],
            [visit.sets_out_at for visit in visits if visit.worker],
            [visit.ends_at for visit in visits if visit.worker],
            ids,
        ),
    )
    return [row["worker_id"] for row in await cursor.fetchall()]


async def free_since(tx: Connection, worker_id: UUID, at: datetime, *, besides: UUID) -> datetime | None:
    """When what takes the worker before `at` ends; None: nothing does. :param besides: a visit that does not count"""
    cursor = await tx.execute(
        "SELECT max(upper(during)) AS since FROM worker_times WHERE worker_id = %s AND upper(during) <= %s"
        " AND visit_id IS DISTINCT FROM %s",
        (worker_id, at, besides),
    )
    row = await cursor.fetchone()
    return row["since"] if row else None


async def end(tx: Connection, visit_id: UUID, at: datetime) -> None:
    """The visit is over: the rest of its span is free."""
    await tx.execute("DELETE FROM worker_times WHERE visit_id = %s AND lower(during) >= %s", (visit_id, at))
    await tx.execute(
        "UPDATE worker_times SET during = tstzrange(lower(during), least(upper(during), %s)) WHERE visit_id = %s",
        (at, visit_id),
    )
