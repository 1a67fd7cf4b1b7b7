"""The SQL of whom a provider has served."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.db.pool import Connection
from services.elders.searching import Word


@dataclass(frozen=True, slots=True)
class Served:
    id: UUID
    name: str
    region_name: str


_SERVED = """SELECT e.id, e.name, coalesce(r.name, '') AS region_name
    FROM elders e LEFT JOIN regions r ON r.code = e.region_code"""
_BY_IT = "EXISTS (SELECT 1 FROM orders o WHERE o.elder_id = e.id AND o.provider_id = %(provider)s)"


async def served_named(tx: Connection, provider_id: UUID, word: Word, *, limit: int) -> list[Served]:
    """Whose name has it, or has these initials; by name."""
    cursor = await tx.execute(
        f"{_SERVED} JOIN elder_search s ON s.elder_id = e.id WHERE {_BY_IT}"
        " AND (s.keys @> %(name)s::text[] AND strpos(lower(e.name), %(text)s) > 0 OR s.keys @> %(initials)s::text[])"
        " ORDER BY e.name, e.id LIMIT %(limit)s",
        {
            "provider": provider_id,
            "name": list(word.name),
            "initials": list(word.initials),
            "text": word.text,
            "limit": limit,
        },
    )
    return [Served(**row) for row in await cursor.fetchall()]


async def served_of(tx: Connection, provider_id: UUID, elder_ids: Sequence[UUID]) -> list[Served]:
    """Of these; by name."""
    cursor = await tx.execute(
        f"{_SERVED} WHERE e.id = ANY (%(ids)s) AND {_BY_IT} ORDER BY e.name, e.id",
        {"provider": provider_id, "ids": list(elder_ids)},
    )
    return [Served(**row) for row in await cursor.fetchall()]
