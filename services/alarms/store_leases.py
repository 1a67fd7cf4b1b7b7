"""Leases and console connections. They are rows with times of the database's clock, so they outlive every process."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.alarms.model import AlarmCase
from services.alarms.rules import GONE, LEASE
from services.alarms.store_rows import case_of
from services.db.pool import Connection

HEARTBEAT_SECONDS = 2.0
"""How often an app process reports which consoles it serves; a few missed reports still lie within `GONE`."""

_OVERDUE = """
SELECT c.*, clock_timestamp() AS now, c.lease_until <= clock_timestamp() AS lease_over
  FROM alarm_cases c
 WHERE c.claimed_by IS NOT NULL
   AND (c.lease_until <= clock_timestamp()
        OR (SELECT max(k.seen_at) FROM console_connections k
             WHERE k.account_id = c.claimed_by AND k.seen_at > c.claimed_at - interval '5 seconds')
           < clock_timestamp() - %(gone)s)
 ORDER BY c.lease_until LIMIT %(limit)s FOR UPDATE OF c SKIP LOCKED
"""
"""A claim made without any console (by a program) ends only by its lease."""


@dataclass(frozen=True, slots=True)
class Overdue:
    case: AlarmCase
    reason: str
    """`lease` or `connection`."""
    now: datetime


class LeaseStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def lock_overdue(self, *, limit: int = 50) -> list[Overdue]:
        """Claims that have expired; those that another worker has locked are left to it."""
        cursor = await self._tx.execute(_OVERDUE, {"gone": GONE, "limit": limit})
        return [
            Overdue(case_of(row), "lease" if row["lease_over"] else "connection", row["now"])
            for row in await cursor.fetchall()
        ]

    async def renew_all(self, account_id: UUID) -> None:
        """The operator is at the console: every lease of theirs starts again."""
        await self._tx.execute(
            "UPDATE alarm_cases SET lease_until = clock_timestamp() + %s WHERE claimed_by = %s", (LEASE, account_id)
        )

    async def see(self, consoles: Mapping[UUID, UUID]) -> None:
        """Connection → account. They are alive, or, when this is called at a disconnect, were until now."""
        await self._tx.execute(
            """INSERT INTO console_connections (id, account_id) SELECT * FROM unnest(%s::uuid[], %s::uuid[])
                   ORDER BY 1 ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp()""",
            (list(consoles.keys()), list(consoles.values())),
        )

    async def forget_gone(self) -> int:
        cursor = await self._tx.execute(
            "DELETE FROM console_connections WHERE seen_at < clock_timestamp() - interval '1 hour'"
        )
        return cursor.rowcount
