"""The SQL of who is on the register and was not visited in a month: the names behind what a figure lacks."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.accounts.model import Scope
from services.db.pool import Connection
from services.metrics.store_figures import CITY

_OF = "day = %(month)s AND state IN ('due', 'not_visited') AND (%(city)s OR region_code ^@ %(region)s)"
_MINE = Scope.where(region="e.region_code", elder="e.id")
_PAGE = f"""
SELECT * FROM (
    SELECT r.elder_id, r.region_code, r.part = 'weekly' AS weekly, r.state, r.code,
           (SELECT min(f.due_from) FROM due_facts f WHERE f.register_id = r.id) AS due_from,
           e.name, e.address
      FROM (SELECT * FROM counted_register WHERE {_OF}) r
      LEFT JOIN elders e ON e.id = r.elder_id AND {_MINE}) m
 WHERE %(due_from)s::date IS NULL OR (NOT weekly, due_from, elder_id) > (NOT %(weekly)s, %(due_from)s, %(elder_id)s)
 ORDER BY NOT weekly, due_from, elder_id LIMIT %(limit)s
"""  # noqa: S608

Place = tuple[bool, date, UUID]
"""Weekly, since when it is due, and who."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    elder_id: UUID
    region_code: str
    """Where she was on the register."""
    weekly: bool
    state: str
    """`due`, or `not_visited`: the time is over."""
    code: str | None
    """Why the last try came to nothing."""
    due_from: date
    name: str | None
    """None: her home is not the caller's to see, or she is in no register of elders."""
    address: str | None


async def page(
    tx: Connection, scope: Scope, month: date, region: str, *, after: Place | None, limit: int
) -> list[Missing]:
    """Those to be visited weekly first, then who has waited longest."""
    weekly, due_from, elder_id = after or (False, None, None)
    cursor = await tx.execute(
        _PAGE.encode(),
        {
            **_asked(month, region), **scope.params(), "weekly": weekly, "due_from": due_from, "elder_id": elder_id,
            "limit": limit,
        },
    )  # fmt: skip
    return [Missing(**row) for row in await cursor.fetchall()]


async def count(tx: Connection, month: date, region: str) -> int:
    cursor = await tx.execute(
        f"SELECT count(*) AS n FROM counted_register WHERE {_OF}".encode(),  # noqa: S608
        _asked(month, region),
    )
    row = await cursor.fetchone()
    assert row is not None
    n: int = row["n"]
    return n


def _asked(month: date, region: str) -> dict[str, Any]:
    return {"month": month, "region": region, "city": len(region) <= CITY}
