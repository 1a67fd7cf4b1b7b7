"""The SQL of schemes, of awards, and of what they pay already."""

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.catalogue.subsidies.forms import SchemeTermsForm
from services.catalogue.subsidies.model import Award, SchemeVersion
from services.db.pool import Connection

AWARD = "id, elder_id, scheme_code, from_day, until_day, monthly_fen, reason, version"


def _version(row: dict[str, Any]) -> SchemeVersion:
    terms = SchemeTermsForm.model_validate(row["terms"]).terms()
    return SchemeVersion(code=row["code"], version=row["version"], valid_from=row["valid_from"], terms=terms)


class SubsidyStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def schemes(self, code: str | None = None) -> dict[str, list[SchemeVersion]]:
        """Every version of every scheme (of one, with `code`), by code, oldest first."""
        cursor = await self._tx.execute(
            "SELECT code, version, valid_from, terms FROM scheme_versions"
            " WHERE %(code)s::text IS NULL OR code = %(code)s ORDER BY code, version",
            {"code": code},
        )
        found: defaultdict[str, list[SchemeVersion]] = defaultdict(list)
        for row in await cursor.fetchall():
            found[row["code"]].append(_version(row))
        return dict(found)

    async def add_scheme(self, scheme: SchemeVersion, *, by: UUID | None) -> bool:
        """False, and nothing written: there is this version already."""
        cursor = await self._tx.execute(
            "INSERT INTO scheme_versions (code, version, valid_from, terms, made_by) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (
                scheme.code, scheme.version, scheme.valid_from,
                Jsonb(SchemeTermsForm.of(scheme.terms).model_dump(mode="json")), by,
            ),
        )  # fmt: skip
        return cursor.rowcount == 1

    async def awards(self, elder_id: UUID, *, from_day: date | None = None) -> list[Award]:
        """The newest first. :param from_day: those that are over before it are left out"""
        cursor = await self._tx.execute(
            f"SELECT {AWARD} FROM awards WHERE elder_id = %(elder)s"  # noqa: S608
            " AND (%(day)s::date IS NULL OR until_day >= %(day)s) ORDER BY from_day DESC, made_at DESC, id",
            {"elder": elder_id, "day": from_day},
        )
        return [Award(**row) for row in await cursor.fetchall()]

    async def add_award(self, award: Award, *, by: UUID | None) -> None:
        await self._tx.execute(
            "INSERT INTO awards (id, elder_id, scheme_code, from_day, until_day, monthly_fen, reason, made_by)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (
                award.id, award.elder_id, award.scheme_code, award.from_day, award.until_day, award.monthly_fen,
                award.reason, by,
            ),
        )  # fmt: skip

    async def change_award(self, award: Award) -> None:
        """:param award: its row, or the elder's, is locked"""
        await self._tx.execute(
            "UPDATE awards SET until_day = %s, reason = %s, version = %s WHERE id = %s",
            (award.until_day, award.reason, award.version, award.id),
        )
