"""The SQL of escalation plans: versions that are only added."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from services.accounts.model import Scope
from services.db.pool import Connection
from services.response.model import PlanPlace, PlanTerms, PlanVersion

_VERSIONS = """
SELECT p.id, coalesce(e.region_code, p.region_code) AS region_code, p.elder_id,
       v.version, v.valid_from, v.terms, v.ended, v.written_at
  FROM escalation_plans p LEFT JOIN elders e ON e.id = p.elder_id JOIN escalation_plan_versions v ON v.plan_id = p.id
"""
_IN_SCOPE = Scope.where(region="coalesce(e.region_code, p.region_code)", elder="p.elder_id")


class PlanStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def of_cases(self, regions: Collection[str], elders: Collection[UUID]) -> list[PlanVersion]:
        """Every version of what may hold for somebody there: of these regions and of all around them, and of these
        elders."""
        around = sorted({region[:length] for region in regions for length in (4, 6, 9, 12)})
        cursor = await self._tx.execute(
            f"{_VERSIONS} WHERE (p.elder_id IS NULL AND p.region_code = ANY (%s)) OR p.elder_id = ANY (%s)",
            (around, list(elders)),
        )
        return [_version(row) for row in await cursor.fetchall()]

    async def listed(self, scope: Scope, *, plan_id: UUID | None = None) -> list[PlanVersion]:
        """Every version of the plans in the scope, or of one of them."""
        cursor = await self._tx.execute(
            f"{_VERSIONS} WHERE {_IN_SCOPE} AND (%(plan)s::uuid IS NULL OR p.id = %(plan)s)"
            " ORDER BY region_code, p.created_at, p.id, v.version DESC",
            {"plan": plan_id, **scope.params()},
        )
        return [_version(row) for row in await cursor.fetchall()]

    async def lock(self, plan_id: UUID, scope: Scope) -> PlanPlace | None:
        """Nobody else adds a version until the transaction ends."""
        cursor = await self._tx.execute(
            "SELECT p.id, coalesce(e.region_code, p.region_code) AS region_code, p.elder_id"  # noqa: S608
            f" FROM escalation_plans p LEFT JOIN elders e ON e.id = p.elder_id"
            f" WHERE p.id = %(plan)s AND {_IN_SCOPE} FOR UPDATE OF p",
            {"plan": plan_id, **scope.params()},
        )
        row = await cursor.fetchone()
        return PlanPlace(**row) if row else None

    async def newest(self, plan_id: UUID) -> int:
        cursor = await self._tx.execute(
            "SELECT max(version) AS version FROM escalation_plan_versions WHERE plan_id = %s", (plan_id,)
        )
        row = await cursor.fetchone()
        return (row["version"] if row else None) or 0

    async def staff(self, region_code: str) -> tuple[int, int]:
        """How many operators and how many supervisors answer for this place."""
        cursor = await self._tx.execute(
            "SELECT count(*) FILTER (WHERE role = 'operator') AS operators,"
            " count(*) FILTER (WHERE role = 'supervisor') AS supervisors FROM accounts a WHERE active AND EXISTS"
            " (SELECT 1 FROM account_regions r WHERE r.account_id = a.id AND %s ^@ r.region_code)",
            (region_code,),
        )
        row = await cursor.fetchone()
        return (row["operators"], row["supervisors"]) if row else (0, 0)

    async def names(self, plans: Collection[PlanPlace]) -> tuple[dict[str, str], dict[UUID, str]]:
        """What the regions and the elders of these plans are called."""
        cursor = await self._tx.execute(
            "SELECT code, name FROM regions WHERE code = ANY (%s)", ([one.region_code for one in plans],)
        )
        regions = {row["code"]: row["name"] for row in await cursor.fetchall()}
        cursor = await self._tx.execute(
            "SELECT id, name FROM elders WHERE id = ANY (%s)", ([one.elder_id for one in plans if one.elder_id],)
        )
        return regions, {row["id"]: row["name"] for row in await cursor.fetchall()}

    async def add_plan(self, place: PlanPlace) -> None:
        await self._tx.execute(
            "INSERT INTO escalation_plans (id, region_code, elder_id) VALUES (%s, %s, %s)",
            (place.id, place.region_code, place.elder_id),
        )

    async def add_version(
        self, plan_id: UUID, version: int, *, valid_from: date, terms: PlanTerms, ended: bool, by: UUID | None
    ) -> None:
        await self._tx.execute(
            "INSERT INTO escalation_plan_versions (plan_id, version, valid_from, terms, ended, written_by)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (plan_id, version, valid_from, Jsonb(msgspec.to_builtins(terms)), ended, by),
        )


def _version(row: dict[str, Any]) -> PlanVersion:
    return PlanVersion(
        place=PlanPlace(id=row["id"], region_code=row["region_code"], elder_id=row["elder_id"]),
        version=row["version"],
        valid_from=row["valid_from"],
        written_at=row["written_at"],
        terms=msgspec.convert(row["terms"], PlanTerms),
        ended=row["ended"],
    )
