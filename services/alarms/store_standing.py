"""How cases stand at this moment, and who sits at a console: for what must not act on what it heard before."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.alarms.rules import GONE
from services.db.pool import Connection

_STANDING = """
SELECT c.id, c.version, c.state,
       (SELECT max(t.recorded_at) FROM alarm_timeline t
         WHERE t.case_id = c.id AND t.move IN ('open', 'claim', 'release', 'lapse', 'close', 'reopen')) AS since
  FROM alarm_cases c WHERE c.id = ANY (%s)
"""
_AT_CONSOLES = """
SELECT a.id, a.role, array_agg(DISTINCT r.region_code) AS region_codes
  FROM console_connections k JOIN accounts a ON a.id = k.account_id JOIN account_regions r ON r.account_id = a.id
 WHERE k.seen_at > clock_timestamp() - %s AND a.active
 GROUP BY a.id, a.role
"""


class CaseStanding(NamedTuple):
    version: int
    state: str
    since: datetime
    """Since then nobody holds it, or this operator does, or it is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtConsole:
    role: str
    region_codes: tuple[str, ...]


async def standings(tx: Connection, case_ids: Collection[UUID]) -> dict[UUID, CaseStanding]:
    """No row is locked: whoever takes the next case skips locked ones."""
    cursor = await tx.execute(_STANDING, (list(case_ids),))
    return {row["id"]: CaseStanding(row["version"], row["state"], row["since"]) for row in await cursor.fetchall()}


async def at_consoles(tx: Connection) -> list[AtConsole]:
    cursor = await tx.execute(_AT_CONSOLES, (GONE,))
    return [AtConsole(role=row["role"], region_codes=tuple(row["region_codes"])) for row in await cursor.fetchall()]
