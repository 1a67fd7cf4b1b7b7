"""The SQL of positions: the latest of each worker, and whether a visit has them now."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.db.pool import Connection
from services.places import Location
from services.providers.positions.model import AFTER_VISIT, Position


class PositionStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def put(self, position: Position) -> None:
        """One that is older than what is there changes nothing."""
        await self._tx.execute(
            "INSERT INTO worker_positions AS p (worker_id, lat, lon, accuracy_m, at) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (worker_id) DO UPDATE SET lat = excluded.lat, lon = excluded.lon,"
            " accuracy_m = excluded.accuracy_m, at = excluded.at, received_at = clock_timestamp()"
            " WHERE p.at <= excluded.at",
            (position.worker_id, position.place.lat, position.place.lon, position.accuracy_m, position.at),
        )

    async def latest(self, worker_ids: Sequence[UUID]) -> dict[UUID, Position]:
        cursor = await self._tx.execute(
            "SELECT worker_id, lat, lon, accuracy_m, at FROM worker_positions WHERE worker_id = ANY (%s)",
            (list(worker_ids),),
        )
        return {
            row["worker_id"]: Position(
                worker_id=row["worker_id"],
                place=Location(lat=row["lat"], lon=row["lon"]),
                accuracy_m=row["accuracy_m"],
                at=row["at"],
            )
            for row in await cursor.fetchall()
        }

    async def has_visit(self, worker_id: UUID, now: datetime) -> bool:
        """Also a while after it should have ended."""
        cursor = await self._tx.execute(
            "SELECT 1 FROM worker_times WHERE worker_id = %s AND visit_id IS NOT NULL"
            " AND during && tstzrange(%s, %s, '[]') LIMIT 1",
            (worker_id, now - AFTER_VISIT, now),
        )
        return await cursor.fetchone() is not None
