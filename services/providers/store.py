"""The SQL of providers, their regions and their history."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from services.accounts.model import Scope
from services.db.pool import Connection
from services.providers.model import Provider, ProviderMove, ProviderMoved, ProviderState

_IN_SCOPE = (
    "(CASE WHEN %(scope_elders)s::uuid[] IS NOT NULL THEN p.id = %(scope_provider)s::uuid"
    " ELSE EXISTS (SELECT 1 FROM provider_regions r, unnest(%(scope_regions)s::text[]) AS mine"
    "   WHERE r.provider_id = p.id AND (r.region_code ^@ mine OR mine ^@ r.region_code)) END)"
)
"""A condition over `providers p`, with the scope's `params()`; the same rule as `Scope.reaches`."""

_COLUMNS = (
    "p.id, p.name, p.licence_number, p.licence_until, p.phone, p.state, p.version,"
    " ARRAY(SELECT region_code FROM provider_regions r WHERE r.provider_id = p.id ORDER BY 1) AS region_codes"
)


def _provider(row: dict[str, Any]) -> Provider:
    kept = {name: row[name] for name in ("id", "name", "licence_number", "licence_until", "phone", "version")}
    return Provider(**kept, state=ProviderState(row["state"]), region_codes=tuple(row["region_codes"]))


class ProviderStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def get(self, provider_id: UUID, scope: Scope, *, to_edit: bool = False) -> Provider | None:
        """`to_edit`: nobody else changes or moves it until the transaction ends."""
        lock = "FOR UPDATE OF p" if to_edit else ""
        cursor = await self._tx.execute(
            f"SELECT {_COLUMNS} FROM providers p WHERE p.id = %(id)s AND {_IN_SCOPE} {lock}",  # noqa: S608
            {"id": provider_id, **scope.params()},
        )
        row = await cursor.fetchone()
        return _provider(row) if row else None

    async def active(self, provider_ids: Collection[UUID]) -> set[UUID]:
        """Those of them that are in business."""
        cursor = await self._tx.execute(
            "SELECT id FROM providers WHERE id = ANY (%s) AND state = %s", (list(provider_ids), ProviderState.ACTIVE)
        )
        return {row["id"] for row in await cursor.fetchall()}

    async def page(
        self,
        scope: Scope,
        *,
        query: str | None,
        region: str | None,
        state: ProviderState | None,
        after: tuple[str, UUID] | None,
        limit: int,
    ) -> list[Provider]:
        """By name. `query`: a part of the name or of the licence number."""
        cursor = await self._tx.execute(
            f"SELECT {_COLUMNS} FROM providers p WHERE {_IN_SCOPE}"  # noqa: S608
            " AND (%(state)s::text IS NULL OR p.state = %(state)s)"
            " AND (%(query)s::text IS NULL OR strpos(p.name, %(query)s) > 0"
            "   OR strpos(p.licence_number, upper(%(query)s)) > 0)"
            " AND (%(region)s::text IS NULL OR EXISTS (SELECT 1 FROM provider_regions r WHERE r.provider_id = p.id"
            "   AND (r.region_code ^@ %(region)s OR %(region)s ^@ r.region_code)))"
            " AND (%(name)s::text IS NULL OR (p.name, p.id) > (%(name)s, %(id)s))"
            " ORDER BY p.name, p.id LIMIT %(limit)s",
            {
                "query": query,
                "region": region,
                "state": state,
                "name": after[0] if after else None,
                "id": after[1] if after else None,
                "limit": limit,
                **scope.params(),
            },
        )
        return [_provider(row) for row in await cursor.fetchall()]

    async def serving(self, region_code: str) -> list[Provider]:
        """Active ones that serve this place, by name; whoever asks."""
        cursor = await self._tx.execute(
            f"SELECT {_COLUMNS} FROM providers p WHERE p.state = 'active' AND EXISTS (SELECT 1 FROM provider_regions r"  # noqa: S608
            "  WHERE r.provider_id = p.id AND %s ^@ r.region_code) ORDER BY p.name, p.id",
            (region_code,),
        )
        return [_provider(row) for row in await cursor.fetchall()]

    async def having(self, licence_number: str) -> UUID | None:
        cursor = await self._tx.execute("SELECT id FROM providers WHERE licence_number = %s", (licence_number,))
        row = await cursor.fetchone()
        return row["id"] if row else None

    async def add(self, provider: Provider) -> bool:
        """False, and nothing written: the licence number is there already. :raises ForeignKeyViolation: no such
        region"""
        cursor = await self._tx.execute(
            "INSERT INTO providers (id, name, licence_number, licence_until, phone, state) VALUES (%s, %s, %s, %s, %s,"
            " %s) ON CONFLICT (licence_number) DO NOTHING",
            (
                provider.id, provider.name, provider.licence_number, provider.licence_until, provider.phone,
                provider.state,
            ),
        )  # fmt: skip
        if cursor.rowcount == 0:
            return False
        await self._set_regions(provider)
        return True

    async def change(self, provider: Provider) -> None:
        """With its version. :raises UniqueViolation: the licence number :raises ForeignKeyViolation: no such region"""
        await self._tx.execute(
            "UPDATE providers SET name = %s, licence_number = %s, licence_until = %s, phone = %s, state = %s,"
            " version = %s, updated_at = clock_timestamp() WHERE id = %s",
            (
                provider.name, provider.licence_number, provider.licence_until, provider.phone, provider.state,
                provider.version, provider.id,
            ),
        )  # fmt: skip
        await self._set_regions(provider)

    async def _set_regions(self, provider: Provider) -> None:
        codes = list(provider.region_codes)
        await self._tx.execute(
            "DELETE FROM provider_regions WHERE provider_id = %s AND region_code <> ALL (%s)", (provider.id, codes)
        )
        await self._tx.execute(
            "INSERT INTO provider_regions SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING", (provider.id, codes)
        )

    async def note_move(self, provider: Provider, move: ProviderMove, *, reason: str, by: UUID | None) -> None:
        """:param provider: as it is after the move"""
        await self._tx.execute(
            "INSERT INTO provider_moves (provider_id, move, state, reason, actor_id) VALUES (%s, %s, %s, %s, %s)",
            (provider.id, move, provider.state, reason, by),
        )

    async def history(self, provider_id: UUID) -> list[ProviderMoved]:
        """Newest first."""
        cursor = await self._tx.execute(
            "SELECT m.move, m.state, m.reason, m.at, a.name AS by FROM provider_moves m"
            " LEFT JOIN accounts a ON a.id = m.actor_id WHERE m.provider_id = %s ORDER BY m.id DESC",
            (provider_id,),
        )
        return [
            ProviderMoved(
                move=ProviderMove(row["move"]),
                state=ProviderState(row["state"]),
                reason=row["reason"],
                by=row["by"],
                at=row["at"],
            )
            for row in await cursor.fetchall()
        ]
