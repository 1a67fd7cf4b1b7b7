"""Cases as they are read: the queue, the closed ones, the timeline. Every query is scoped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.accounts.model import Scope
from services.alarms.model import AlarmCase, AlarmState, Entry
from services.alarms.rules import CaseNotFound, queue_order
from services.alarms.store_rows import case_of, entry_of
from services.db.pool import Connection

_ORDER = "(c.state <> 'open', c.priority, c.rang_at <= c.opened_at, c.opened_at, c.id)"
"""`rules.queue_order` in SQL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which cases are wanted; None: this does not matter."""

    states: Sequence[AlarmState]
    worklist: bool | None = False
    elder_id: UUID | None = None
    device_id: str | None = None
    region: str | None = None


class QueueStore:
    def __init__(self, tx: Connection, scope: Scope) -> None:
        self._tx = tx
        self._scope = scope
        self._in_scope = scope.where(region="c.region_code", elder="c.elder_id")

    async def queue(self, wanted: Wanted, *, after: Sequence[Any] | None, limit: int) -> list[AlarmCase]:
        """In queue order. :param after: `position` of the last case one has"""
        beyond = f"AND {_ORDER} > (%(a0)s, %(a1)s, %(a2)s, %(a3)s, %(a4)s)" if after else ""
        return await self._cases(f"{_matching(wanted)} {beyond} ORDER BY {_ORDER}", wanted, after, limit)

    async def newest(self, wanted: Wanted, *, after: Sequence[Any] | None, limit: int) -> list[AlarmCase]:
        """The latest first. :param after: (opened_at, id) of the last case one has"""
        beyond = "AND (c.opened_at, c.id) < (%(a0)s, %(a1)s)" if after else ""
        order = "c.opened_at DESC, c.id DESC"
        return await self._cases(f"{_matching(wanted)} {beyond} ORDER BY {order}", wanted, after, limit)

    async def _cases(self, rest: str, wanted: Wanted, after: Sequence[Any] | None, limit: int) -> list[AlarmCase]:
        cursor = await self._tx.execute(
            f"SELECT c.* FROM alarm_cases c WHERE {self._in_scope} {rest} LIMIT %(limit)s".encode(),  # noqa: S608
            {
                "states": list(wanted.states),
                "worklist": wanted.worklist,
                "elder": wanted.elder_id,
                "device": wanted.device_id,
                "region": wanted.region,
                "limit": limit,
                **{f"a{n}": value for n, value in enumerate(after or ())},
                **self._scope.params(),
            },
        )
        return [case_of(row) for row in await cursor.fetchall()]

    async def active(self) -> list[AlarmCase]:
        """All open and held cases, technical ones too, in queue order."""
        cursor = await self._tx.execute(
            f"""SELECT c.* FROM alarm_cases c WHERE c.state <> 'closed' AND {self._in_scope}
                 ORDER BY {_ORDER}""".encode(),  # noqa: S608
            self._scope.params(),
        )
        return [case_of(row) for row in await cursor.fetchall()]

    async def find(self, case_id: UUID) -> AlarmCase:
        """:raises CaseNotFound: also when it is out of scope"""
        cursor = await self._tx.execute(
            f"SELECT c.* FROM alarm_cases c WHERE id = %(id)s AND {self._in_scope}".encode(),  # noqa: S608
            {"id": case_id, **self._scope.params()},
        )
        row = await cursor.fetchone()
        if row is None:
            raise CaseNotFound
        return case_of(row)

    async def timeline(self, case_id: UUID) -> list[Entry]:
        """Of a case that `find` has returned, so the caller may see it."""
        cursor = await self._tx.execute("SELECT * FROM alarm_timeline WHERE case_id = %s ORDER BY seq", (case_id,))
        return [entry_of(row) for row in await cursor.fetchall()]

    async def counts(self) -> dict[tuple[int, str], int]:
        """(priority, state) → how many cases that are not closed."""
        cursor = await self._tx.execute(
            f"""SELECT c.priority, c.state, count(*) AS n FROM alarm_cases c
                 WHERE state <> 'closed' AND {self._in_scope} GROUP BY 1, 2""".encode(),  # noqa: S608
            self._scope.params(),
        )
        return {(row["priority"], row["state"]): row["n"] for row in await cursor.fetchall()}

    async def versions_since(self, since: datetime, until: datetime) -> dict[UUID, int]:
        """Of the cases whose last move lies in this span of the database's clock, closed ones too."""
        cursor = await self._tx.execute(
            f"""SELECT c.id, c.version FROM alarm_cases c
                 WHERE moved_at > %(since)s AND moved_at <= %(until)s AND {self._in_scope}""".encode(),  # noqa: S608
            {"since": since, "until": until, **self._scope.params()},
        )
        return {row["id"]: row["version"] for row in await cursor.fetchall()}

    async def these(self, cases: Sequence[UUID]) -> list[AlarmCase]:
        cursor = await self._tx.execute(
            f"SELECT c.* FROM alarm_cases c WHERE id = ANY (%(ids)s) AND {self._in_scope} ORDER BY moved_at".encode(),  # noqa: S608
            {"ids": list(cases), **self._scope.params()},
        )
        return [case_of(row) for row in await cursor.fetchall()]


def position(case: AlarmCase) -> tuple[Any, ...]:
    """Where a case stands in the queue, for the next page."""
    return queue_order(case)


def _matching(wanted: Wanted) -> str:
    """A state by its partial index where closed ones are not asked for."""
    parts = ["c.state = ANY (%(states)s)"]
    if AlarmState.CLOSED not in wanted.states:
        parts.append("c.state <> 'closed'")
    if wanted.worklist is not None:
        parts.append("c.worklist = %(worklist)s")
    if wanted.elder_id is not None:
        parts.append("c.elder_id = %(elder)s")
    if wanted.device_id is not None:
        parts.append("c.device_id = %(device)s")
    if wanted.region is not None:
        parts.append("c.region_code ^@ %(region)s")
    return "AND " + " AND ".join(parts)
