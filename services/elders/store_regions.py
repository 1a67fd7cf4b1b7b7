"""The SQL of regions, and where their list comes from."""

import csv
from collections.abc import Sequence
from importlib import resources

from services.db.pool import Connection
from services.elders.model import Region

_DATA = resources.files("services.elders") / "data"


def packaged_regions() -> list[Region]:
    """The example city; parents before children."""
    with (_DATA / "regions.csv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file)
        return [Region(**{**row, "parent_code": row["parent_code"] or None}) for row in rows]  # type: ignore[arg-type]


def county_outlines() -> bytes:
    """GeoJSON, for drawing: the datum of the source is not stated."""
    return (_DATA / "counties.geojson").read_bytes()


class RegionStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def children(self, parent_code: str | None) -> list[Region]:
        cursor = await self._tx.execute(
            "SELECT code, name, level, parent_code FROM regions"
            " WHERE parent_code IS NOT DISTINCT FROM %s ORDER BY code",
            (parent_code,),
        )
        return [Region(**row) for row in await cursor.fetchall()]

    async def find(self, code: str) -> Region | None:
        cursor = await self._tx.execute("SELECT code, name, level, parent_code FROM regions WHERE code = %s", (code,))
        row = await cursor.fetchone()
        return Region(**row) if row else None

    async def names(self, codes: Sequence[str]) -> dict[str, str]:
        cursor = await self._tx.execute("SELECT code, name FROM regions WHERE code = ANY (%s)", (list(codes),))
        return {row["code"]: row["name"] for row in await cursor.fetchall()}

    async def load(self, regions: Sequence[Region]) -> None:
        """Adds what is new and renames what is known by another name."""
        async with self._tx.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO regions (code, name, level, parent_code) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (code) DO UPDATE SET name = excluded.name WHERE regions.name <> excluded.name",
                [(r.code, r.name, r.level, r.parent_code) for r in regions],
            )
