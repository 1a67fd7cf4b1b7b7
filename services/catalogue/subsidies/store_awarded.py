"""The SQL of the list of awards: whose they are, the first to end first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.accounts.model import Scope
from services.catalogue.subsidies.model import Award
from services.catalogue.subsidies.store import AWARD
from services.db.pool import Connection

_IN_SCOPE = Scope.where(region="e.region_code", elder="e.id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Awarded:
    award: Award
    elder_name: str
    region_code: str


async def awarded(
    tx: Connection,
    scope: Scope,
    today: date,
    *,
    over: bool,
    scheme_code: str | None,
    name: str,
    after: tuple[date, UUID] | None,
    limit: int,
) -> Sequence[Awarded]:
    """Those that hold or will, the first to end first; with `over` those that have ended, the latest first.

    :param name: a part of the elder's; empty: anybody's
    """
    which, beyond, order = ("<", "<", "DESC") if over else (">=", ">", "ASC")
    columns = ", ".join(f"a.{column}" for column in AWARD.split(", "))
    cursor = await tx.execute(
        f"SELECT {columns}, e.name AS elder_name, e.region_code FROM awards a"  # noqa: S608
        f" JOIN elders e ON e.id = a.elder_id WHERE {_IN_SCOPE} AND a.until_day {which} %(today)s"
        " AND (%(scheme)s::text IS NULL OR a.scheme_code = %(scheme)s)"
        " AND strpos(e.name, %(name)s) > 0"
        f" AND (%(day)s::date IS NULL OR (a.until_day, a.id) {beyond} (%(day)s, %(id)s::uuid))"
        f" ORDER BY a.until_day {order}, a.id {order} LIMIT %(limit)s",
        {
            "today": today,
            "scheme": scheme_code,
            "name": name,
            "day": after[0] if after else None,
            "id": after[1] if after else None,
            "limit": limit,
            **scope.params(),
        },
    )
    found = []
    for row in await cursor.fetchall():
        elder_name, region_code = row.pop("elder_name"), row.pop("region_code")
        found.append(Awarded(award=Award(**row), elder_name=elder_name, region_code=region_code))
    return found
