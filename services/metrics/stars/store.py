"""The SQL of stars: what was published of each provider and month, and the appeals."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.db.pool import Connection
from services.metrics.stars.model import AppealEntry, AppealMove, AppealState, Because, Judged, Published, Rating

Key = tuple[UUID, date]
"""A provider and a month."""


def _published(row: dict[str, Any]) -> Published:
    rating = Rating(
        formula=row["formula"],
        terms=tuple(Judged(**one) for one in row["terms"]),
        score=None if row["score"] is None else float(row["score"]),
        stars=None if row["stars"] is None else float(row["stars"]),
    )
    same = {name: row[name] for name in ("provider_id", "month", "version", "said_at")}
    return Published(**same, because=Because(row["because"]), rating=rating)


async def publish(
    tx: Connection, provider_id: UUID, month: date, rating: Rating, *, version: int, why: Because
) -> None:
    await tx.execute(
        "INSERT INTO star_ratings (provider_id, month, version, because, formula, stars, score, terms)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            provider_id, month, version, why, rating.formula, rating.stars, rating.score,
            Jsonb([asdict(one) for one in rating.terms]),
        ),
    )  # fmt: skip


async def published(
    tx: Connection, *, provider_ids: Sequence[UUID] | None = None, months: Sequence[date] | None = None
) -> list[Published]:
    """The last version of each, the newest month first. None: of all."""
    cursor = await tx.execute(
        "SELECT DISTINCT ON (month, provider_id) * FROM star_ratings"
        " WHERE (%(providers)s::uuid[] IS NULL OR provider_id = ANY (%(providers)s))"
        " AND (%(months)s::date[] IS NULL OR month = ANY (%(months)s))"
        " ORDER BY month DESC, provider_id, version DESC",
        {"providers": list(provider_ids) if provider_ids is not None else None,
         "months": list(months) if months is not None else None},
    )  # fmt: skip
    return [_published(row) for row in await cursor.fetchall()]


async def last_month(tx: Connection) -> date | None:
    """The newest one that is published."""
    cursor = await tx.execute("SELECT max(month) AS month FROM star_ratings")
    row = await cursor.fetchone()
    return row["month"] if row else None


async def add_entry(tx: Connection, key: Key, entry: AppealEntry, *, by: UUID) -> bool:
    """False, and nothing written: somebody else was first."""
    cursor = await tx.execute(
        "INSERT INTO star_appeal_moves (provider_id, month, version, move, state, reason, actor_id)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (*key, entry.version, entry.move, entry.state, entry.reason, by),
    )
    return cursor.rowcount == 1


async def appeals(tx: Connection, provider_ids: Sequence[UUID]) -> dict[Key, list[AppealEntry]]:
    """The first entry first."""
    cursor = await tx.execute(
        "SELECT m.*, a.name AS by FROM star_appeal_moves m LEFT JOIN accounts a ON a.id = m.actor_id"
        " WHERE m.provider_id = ANY (%s) ORDER BY m.version",
        (list(provider_ids),),
    )
    found: dict[Key, list[AppealEntry]] = defaultdict(list)
    for row in await cursor.fetchall():
        found[row["provider_id"], row["month"]].append(
            AppealEntry(
                version=row["version"],
                move=AppealMove(row["move"]),
                state=AppealState(row["state"]),
                reason=row["reason"],
                by=row["by"],
                at=row["at"],
            )
        )
    return dict(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRow:
    """What everybody may know of a provider and a month."""

    name: str
    stars: float | None
    formula: int
    n: int
    """Visits that the stars are of."""
    under_appeal: bool
    counties: list[str]
    """Codes of those in which it serves."""


async def public_rows(tx: Connection, month: date) -> list[PublicRow]:
    """Providers that have not left, by name."""
    cursor = await tx.execute(
        "SELECT p.name, r.stars, r.formula, r.terms,"
        " (SELECT state FROM star_appeal_moves m WHERE m.provider_id = p.id AND m.month = r.month"
        "   ORDER BY m.version DESC LIMIT 1) IS NOT DISTINCT FROM 'open' AS under_appeal,"
        " ARRAY(SELECT DISTINCT c.code FROM provider_regions g JOIN regions c ON length(c.code) = 6"
        "   AND (c.code ^@ g.region_code OR g.region_code ^@ c.code) WHERE g.provider_id = p.id ORDER BY 1) AS counties"
        " FROM (SELECT DISTINCT ON (provider_id) * FROM star_ratings WHERE month = %s"
        "        ORDER BY provider_id, version DESC) r"
        " JOIN providers p ON p.id = r.provider_id WHERE p.state <> 'left' ORDER BY p.name, p.id",
        (month,),
    )
    return [
        PublicRow(
            name=row["name"],
            stars=None if row["stars"] is None else float(row["stars"]),
            formula=row["formula"],
            n=max((one["n"] for one in row["terms"] if one["required"]), default=0),
            under_appeal=row["under_appeal"],
            counties=row["counties"],
        )
        for row in await cursor.fetchall()
    ]
