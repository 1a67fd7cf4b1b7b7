"""The SQL of photos: a table for each kind of person, all of one form."""

from typing import Any, Literal
from uuid import UUID

from services.db.pool import Connection
from services.photos.model import Kept, Photo, Size


class PhotoStore:
    def __init__(self, tx: Connection, whose: Literal["elder", "worker"]) -> None:
        self._tx = tx
        self._table, self._id = f"{whose}_photos", f"{whose}_id"

    async def get(self, person_id: UUID, size: Size, seen: str, values: dict[str, Any]) -> Kept | None:
        """:param seen: a condition over `p.person_id` with these values; of who may not see them there is none"""
        cursor = await self._tx.execute(
            f"SELECT p.digest, p.jpeg FROM (SELECT {self._id} AS person_id, digest, {size} AS jpeg"  # noqa: S608
            f" FROM {self._table}) p WHERE p.person_id = %(person)s AND {seen}",
            {"person": person_id, **values},
        )
        row = await cursor.fetchone()
        return Kept(row["digest"], bytes(row["jpeg"])) if row else None

    async def set(self, person_id: UUID, photo: Photo | None) -> None:
        """None: there is none any more."""
        if photo is None:
            await self._tx.execute(f"DELETE FROM {self._table} WHERE {self._id} = %s", (person_id,))  # noqa: S608
            return
        await self._tx.execute(
            f"INSERT INTO {self._table} ({self._id}, digest, large, small) VALUES (%s, %s, %s, %s)"  # noqa: S608
            f" ON CONFLICT ({self._id}) DO UPDATE SET digest = EXCLUDED.digest, large = EXCLUDED.large,"
            " small = EXCLUDED.small, set_at = clock_timestamp()",
            (person_id, photo.digest, photo.large, photo.small),
        )
