"""Cases in PostgreSQL, as people move them. The caller owns the transaction."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg import AsyncRawCursor
from psycopg.rows import DictRow

from backbone.bus import Record
from contracts.downlink import ReceiptStatus
from services.accounts.model import Scope
from services.alarms.model import AlarmCase, Moved
from services.alarms.rules import CaseNotFound
from services.alarms.store_moves import written
from services.alarms.store_rows import case_of
from services.db.pool import Connection

_MARK_ANSWERED: LiteralString = """
UPDATE alarm_case_events SET answered_at = %s WHERE case_id = %s AND owed AND answered_at IS NULL
RETURNING device_id, event_id
"""

_MARK_CLOSED: LiteralString = """
UPDATE alarm_case_events SET closed_at = %s WHERE case_id = %s AND owed AND closed_at IS NULL
RETURNING device_id, event_id
"""


class AlarmStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def now(self) -> datetime:
        now: datetime = _one(await (await self._tx.execute("SELECT clock_timestamp() AS now")).fetchone())["now"]
        return now

    async def lock(self, case_id: UUID, scope: Scope) -> tuple[AlarmCase, datetime]:
        """The case, locked, and the database's clock. :raises CaseNotFound: also when it is out of scope."""
        found = await self._tx.execute(
            f"SELECT * FROM alarm_cases c WHERE id = %(id)s AND {_in(scope)} FOR UPDATE".encode(),  # noqa: S608
            {"id": case_id, **scope.params()},
        )
        clock = await self._tx.execute("SELECT clock_timestamp() AS now")
        row, now = await found.fetchone(), _one(await clock.fetchone())["now"]
        if row is None:
            raise CaseNotFound
        return case_of(row), now

    async def lock_next(self, scope: Scope) -> AlarmCase | None:
        """The top of the queue that nobody else is taking at this moment; `rules.queue_order` in SQL."""
        cursor = await self._tx.execute(
            f"""SELECT * FROM alarm_cases c WHERE state = 'open' AND NOT worklist AND {_in(scope)}
                ORDER BY priority, rang_at <= opened_at, opened_at, id LIMIT 1 FOR UPDATE SKIP LOCKED""".encode(),  # noqa: S608
            scope.params(),
        )
        row = await cursor.fetchone()
        return case_of(row) if row else None

    async def save(self, moved: Moved, told: Record) -> None:
        statement, values = written(moved, told)
        await AsyncRawCursor(self._tx).execute(
            statement.sql.encode(), [value.decode() if value is not None else None for value in values]
        )

    async def mark(self, status: ReceiptStatus, case_id: UUID, at: datetime) -> list[tuple[str, str]]:
        """The events of the case for which this receipt is still to be sent; they count as told from now on."""
        cursor = await self._tx.execute(_MARK_ANSWERED if status == "answered" else _MARK_CLOSED, (at, case_id))
        return [(row["device_id"], row["event_id"]) for row in await cursor.fetchall()]

    async def renew(self, case_id: UUID, until: datetime) -> None:
        await self._tx.execute("UPDATE alarm_cases SET lease_until = %s WHERE id = %s", (until, case_id))

    async def done_with(self, actor_id: UUID, key: str, case_id: UUID | None = None) -> UUID | None:
        """The case (this one, or any) that the actor has moved with this idempotency key before."""
        cursor = await self._tx.execute(
            """SELECT case_id FROM alarm_timeline
                WHERE actor_id = %(actor)s AND idempotency_key = %(key)s
                  AND (%(case)s::uuid IS NULL OR case_id = %(case)s)""",
            {"actor": actor_id, "key": key, "case": case_id},
        )
        row = await cursor.fetchone()
        return row["case_id"] if row else None

    async def has_attended(self, case_id: UUID, actor_id: UUID) -> bool:
        """Since the case was opened, or opened again."""
        cursor = await self._tx.execute(
            """SELECT 1 FROM alarm_timeline t WHERE case_id = %(case)s AND move = 'attend' AND actor_id = %(actor)s
                  AND NOT EXISTS (SELECT 1 FROM alarm_timeline r
                                   WHERE r.case_id = t.case_id AND r.move = 'reopen' AND r.seq > t.seq)""",
            {"case": case_id, "actor": actor_id},
        )
        return await cursor.fetchone() is not None

    async def open_rival(self, case: AlarmCase) -> UUID | None:
        """Another open case of the same alarm of the same person."""
        cursor = await self._tx.execute(
            "SELECT id FROM alarm_cases WHERE subject = %s AND join_key = %s AND state <> 'closed' AND id <> %s",
            (case.subject, case.join_key, case.id),
        )
        row = await cursor.fetchone()
        return row["id"] if row else None


def _in(scope: Scope) -> str:
    return scope.where(region="c.region_code", elder="c.elder_id")


def _one(row: DictRow | None) -> DictRow:
    assert row is not None
    return row
