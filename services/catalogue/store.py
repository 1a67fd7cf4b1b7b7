"""The SQL of services and their versions, and where the first ones come from."""

import json
from collections import defaultdict
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Any
from uuid import UUID

from psycopg.errors import ForeignKeyViolation
from psycopg.types.json import Jsonb

from services.catalogue.model import Category, ServiceTerms, ServiceVersion, Words
from services.catalogue.rules import UnknownCategory
from services.catalogue.terms import TermsForm
from services.db.pool import Connection

_DATA = resources.files("services.catalogue") / "data"


def packaged() -> tuple[list[Category], list[ServiceVersion]]:
    """The example city's."""
    kept: dict[str, Any] = json.loads((_DATA / "services.json").read_text("utf-8"))
    categories = [Category(code=one["code"], name=Words(**one["name"])) for one in kept["categories"]]
    valid_from = date.fromisoformat(kept["valid_from"])
    services = [
        ServiceVersion(
            code=one["code"],
            version=1,
            valid_from=valid_from,
            terms=TermsForm.model_validate(one["terms"]).terms(),
        )
        for one in kept["services"]
    ]
    return categories, services


@lru_cache(maxsize=1_000)
def _terms(text: str) -> ServiceTerms:
    """The same text says the same: of each it is read once."""
    return TermsForm.model_validate_json(text).terms()


def _version(row: dict[str, Any]) -> ServiceVersion:
    terms = _terms(row["terms"])
    return ServiceVersion(code=row["code"], version=row["version"], valid_from=row["valid_from"], terms=terms)


class CatalogueStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def categories(self) -> list[Category]:
        cursor = await self._tx.execute("SELECT code, name_zh, name_en FROM service_categories ORDER BY position, code")
        return [
            Category(code=row["code"], name=Words(row["name_zh"], row["name_en"])) for row in await cursor.fetchall()
        ]

    async def versions(self, code: str) -> list[ServiceVersion]:
        """Oldest first; empty: there is no such service."""
        return (await self.all(code)).get(code, [])

    async def all(self, code: str | None = None) -> dict[str, list[ServiceVersion]]:
        """Every version of every service (of one, with `code`), by code."""
        cursor = await self._tx.execute(
            "SELECT v.code, v.version, v.valid_from, v.terms::text AS terms FROM service_versions v"
            " JOIN service_categories c ON c.code = v.category"
            " WHERE %(code)s::text IS NULL OR v.code = %(code)s ORDER BY c.position, v.code, v.version",
            {"code": code},
        )
        found: defaultdict[str, list[ServiceVersion]] = defaultdict(list)
        for row in await cursor.fetchall():
            found[row["code"]].append(_version(row))
        return dict(found)

    async def add(self, service: ServiceVersion, *, by: UUID | None) -> bool:
        """False, and nothing written: there is this version already. :raises UnknownCategory:"""
        try:
            cursor = await self._tx.execute(
                "INSERT INTO service_versions (code, version, valid_from, category, terms, made_by)"
                " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                (
                    service.code,
                    service.version,
                    service.valid_from,
                    service.terms.category,
                    Jsonb(TermsForm.of(service.terms).model_dump(mode="json")),
                    by,
                ),
            )
        except ForeignKeyViolation:
            raise UnknownCategory(service.terms.category) from None
        return cursor.rowcount == 1

    async def load(self, categories: list[Category], services: list[ServiceVersion]) -> None:
        """Adds what is new; what the city has changed since stays changed."""
        for position, category in enumerate(categories, start=1):
            await self._tx.execute(
                "INSERT INTO service_categories (code, position, name_zh, name_en) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                (category.code, position, category.name.zh, category.name.en),
            )
        for service in services:
            await self.add(service, by=None)
