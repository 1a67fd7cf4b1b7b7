"""The SQL of whom elders never want again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.db.pool import Connection
from services.orders.states import AGREED


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedWorker:
    worker_id: UUID
    worker_name: str
    said_by: str
    """The name of the account."""
    said_at: datetime


async def of_elders(tx: Connection, elder_ids: Collection[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    cursor = await tx.execute(
        "SELECT elder_id, array_agg(worker_id ORDER BY said_at, worker_id) AS workers FROM refused_workers"
        " WHERE elder_id = ANY (%s) GROUP BY 1",
        (list(elder_ids),),
    )
    return {row["elder_id"]: tuple(row["workers"]) for row in await cursor.fetchall()}


async def listed(tx: Connection, elder_id: UUID) -> list[RefusedWorker]:
    """The last said first."""
    cursor = await tx.execute(
        "SELECT r.worker_id, w.name AS worker_name, a.name AS said_by, r.said_at FROM refused_workers r"
        " JOIN workers w ON w.id = r.worker_id JOIN accounts a ON a.id = r.said_by"
        " WHERE r.elder_id = %s ORDER BY r.said_at DESC, r.worker_id",
        (elder_id,),
    )
    return [RefusedWorker(**row) for row in await cursor.fetchall()]


async def has_been_there(tx: Connection, elder_id: UUID, worker_id: UUID) -> bool:
    """The worker has, or has had, a visit with her to which they agreed."""
    cursor = await tx.execute(
        "SELECT 1 FROM orders o JOIN visits v ON v.order_id = o.id"
        " WHERE o.elder_id = %s AND v.worker_id = %s AND v.state = ANY (%s) LIMIT 1",
        (elder_id, worker_id, [state.value for state in AGREED]),
    )
    return await cursor.fetchone() is not None


async def add(tx: Connection, elder_id: UUID, worker_id: UUID, *, by: UUID) -> None:
    """Said again it stays as it was."""
    await tx.execute(
        "INSERT INTO refused_workers (elder_id, worker_id, said_by) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (elder_id, worker_id, by),
    )


async def remove(tx: Connection, elder_id: UUID, worker_id: UUID) -> None:
    await tx.execute("DELETE FROM refused_workers WHERE elder_id = %s AND worker_id = %s", (elder_id, worker_id))
