"""The SQL of lists of welfare visits: who was visited, who is urgent, who could not be visited and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.accounts.model import Scope
from services.db.pool import Connection
from services.orders.welfare.model import Due
from services.orders.welfare.store import due_of

_FROM = "welfare_dues d JOIN elders e ON e.id = d.elder_id"
_WHERE = (
    f"d.month = %(month)s AND {Scope.where(region='e.region_code', elder='e.id')}"
    " AND (%(region)s::text IS NULL OR e.region_code ^@ %(region)s)"
)
_URGENT = "(d.state IN ('planned', 'ordered') AND d.due_until - %(today)s < (SELECT urgent_days FROM welfare_rules))"
_COULD_NOT = "(d.state = 'not_visited' OR (d.state = 'planned' AND d.code IS NOT NULL))"


class Standing(StrEnum):
    """Which of them are listed."""

    PLANNED = "planned"  # 已排期
    ORDERED = "ordered"  # 已派单
    VISITED = "visited"  # 已探访
    COULD_NOT = "could_not"  # 未能探访
    URGENT = "urgent"  # 临期


_STANDING: Mapping[Standing, str] = {
    Standing.PLANNED: "d.state = 'planned' AND d.code IS NULL",
    Standing.ORDERED: "d.state = 'ordered'",
    Standing.VISITED: "d.state = 'visited'",
    Standing.COULD_NOT: _COULD_NOT,
    Standing.URGENT: _URGENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    due: Due
    elder_name: str
    address: str
    urgent: bool
    could_not: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    elders: int
    """On the register, with a visit due in the month."""
    elders_visited: int
    """At least once."""
    due: int
    planned: int
    ordered: int
    visited: int
    could_not: int
    urgent: int


async def page(
    tx: Connection,
    scope: Scope,
    *,
    month: date,
    region: str | None,
    standing: Standing | None,
    today: date,
    after: tuple[str, UUID, date] | None,
    limit: int,
) -> list[Listed]:
    """By region, so that neighbours stand together."""
    cursor = await tx.execute(
        f"SELECT d.*, e.region_code, e.name, e.address, {_URGENT} AS urgent, {_COULD_NOT} AS could_not"  # noqa: S608
        f" FROM {_FROM} WHERE {_WHERE} AND {_STANDING[standing] if standing else 'true'}"
        " AND (%(place)s::text IS NULL OR (e.region_code, e.id, d.due_from) > (%(place)s, %(id)s, %(due_from)s))"
        " ORDER BY e.region_code, e.id, d.due_from LIMIT %(limit)s",
        {
            "place": after[0] if after else None,
            "id": after[1] if after else None,
            "due_from": after[2] if after else None,
            "limit": limit,
            **_asked(scope, month, region, today),
        },
    )
    return [
        Listed(
            due=due_of(row),
            elder_name=row["name"],
            address=row["address"],
            urgent=row["urgent"],
            could_not=row["could_not"],
        )
        for row in await cursor.fetchall()
    ]


async def counts(tx: Connection, scope: Scope, *, month: date, region: str | None, today: date) -> Counts:
    counted = ", ".join(f"count(*) FILTER (WHERE {one}) AS {standing}" for standing, one in _STANDING.items())
    cursor = await tx.execute(
        "SELECT count(DISTINCT d.elder_id) AS elders,"  # noqa: S608
        " count(DISTINCT d.elder_id) FILTER (WHERE d.state = 'visited') AS elders_visited,"
        f" count(*) AS due, {counted} FROM {_FROM} WHERE {_WHERE}",
        _asked(scope, month, region, today),
    )
    row = await cursor.fetchone()
    assert row is not None
    return Counts(**row)


def _asked(scope: Scope, month: date, region: str | None, today: date) -> dict[str, Any]:
    return {"month": month, "region": region, "today": today, **scope.params()}
