"""The SQL of elders' photos."""

from dataclasses import dataclass
from uuid import UUID

from services.accounts.model import Scope
from services.db.pool import Connection
from services.elders.photo import Photo, Size


@dataclass(frozen=True, slots=True)
class Kept:
    digest: str
    jpeg: bytes


class PhotoStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def get(self, elder_id: UUID, size: Size, scope: Scope) -> Kept | None:
        condition = Scope.where(region="e.region_code", elder="e.id")
        cursor = await self._tx.execute(
            f"SELECT p.digest, p.{size} AS jpeg FROM elder_photos p JOIN elders e ON e.id = p.elder_id"  # noqa: S608
            f" WHERE p.elder_id = %(id)s AND {condition}",
            {"id": elder_id, **scope.params()},
        )
        row = await cursor.fetchone()
        return Kept(row["digest"], bytes(row["jpeg"])) if row else None

    async def put(self, elder_id: UUID, photo: Photo) -> None:
        await self._tx.execute(
            "INSERT INTO elder_photos (elder_id, digest, large, small) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (elder_id) DO UPDATE SET digest = EXCLUDED.digest, large = EXCLUDED.large,"
            " small = EXCLUDED.small, set_at = clock_timestamp()",
            (elder_id, photo.digest, photo.large, photo.small),
        )

    async def remove(self, elder_id: UUID) -> None:
        await self._tx.execute("DELETE FROM elder_photos WHERE elder_id = %s", (elder_id,))
