"""The SQL of shift patterns, other hours and leave."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.accounts.model import Scope
from services.db.pool import Connection
from services.providers.shifts.model import Interval, Intervals, Leave, LeaveState, OtherHours, Pattern, Schedule
from services.providers.workers.store import IN_SCOPE

_LEAVE = "l.id, l.worker_id, l.from_at, l.until_at, l.whole_days, l.reason, l.state, l.decision"


def _read(shifts: list[list[int]]) -> Intervals:
    return tuple(Interval(*shift) for shift in shifts)


def _written(shifts: Intervals) -> list[list[int]]:
    return [[shift.from_min, shift.to_min] for shift in shifts]


def _pattern(row: dict[str, Any]) -> Pattern:
    shifts = tuple(_read(day) for day in row["shifts"])
    return Pattern(begins=row["begins"], shifts=shifts, on_holidays=row["on_holidays"])


def _leave(row: dict[str, Any]) -> Leave:
    return Leave(**row | {"state": LeaveState(row["state"])})


class ShiftStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def schedules(
        self, worker_ids: Sequence[UUID], first: date, last: date, from_at: datetime, until_at: datetime
    ) -> dict[UUID, Schedule]:
        """Of each of these workers, as far as it matters from the first day to the last, which are also these moments.
        Patterns: all."""
        ids = list(worker_ids)
        patterns = await self.patterns(ids)
        other: dict[UUID, dict[date, OtherHours]] = defaultdict(dict)
        leave: dict[UUID, list[Leave]] = defaultdict(list)
        cursor = await self._tx.execute(
            "SELECT * FROM shift_other_hours WHERE worker_id = ANY (%s) AND day BETWEEN %s AND %s ORDER BY day",
            (ids, first, last),
        )
        for row in await cursor.fetchall():
            hours = OtherHours(day=row["day"], shifts=_read(row["shifts"]), note=row["note"])
            other[row["worker_id"]][hours.day] = hours
        cursor = await self._tx.execute(
            f"SELECT {_LEAVE} FROM leaves l WHERE l.worker_id = ANY (%s)"  # noqa: S608
            " AND l.from_at < %s AND l.until_at > %s ORDER BY l.from_at, l.id",
            (ids, until_at, from_at),
        )
        for row in await cursor.fetchall():
            leave[row["worker_id"]].append(_leave(row))
        return {
            one: Schedule(patterns=tuple(patterns[one]), other_hours=other[one], leave=tuple(leave[one])) for one in ids
        }

    async def patterns(self, worker_ids: Sequence[UUID]) -> dict[UUID, list[Pattern]]:
        """Of each of these workers, the first to begin first."""
        cursor = await self._tx.execute(
            "SELECT * FROM shift_patterns WHERE worker_id = ANY (%s) ORDER BY begins", (list(worker_ids),)
        )
        found: dict[UUID, list[Pattern]] = {one: [] for one in worker_ids}
        for row in await cursor.fetchall():
            found[row["worker_id"]].append(_pattern(row))
        return found

    async def pattern(self, worker_id: UUID, begins: date) -> Pattern | None:
        cursor = await self._tx.execute(
            "SELECT * FROM shift_patterns WHERE worker_id = %s AND begins = %s", (worker_id, begins)
        )
        row = await cursor.fetchone()
        return _pattern(row) if row else None

    async def put_pattern(self, worker_id: UUID, pattern: Pattern) -> None:
        await self._tx.execute(
            "INSERT INTO shift_patterns (worker_id, begins, shifts, on_holidays) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (worker_id, begins) DO UPDATE"
            " SET shifts = excluded.shifts, on_holidays = excluded.on_holidays",
            (worker_id, pattern.begins, Jsonb([_written(day) for day in pattern.shifts]), pattern.on_holidays),
        )

    async def remove_pattern(self, worker_id: UUID, begins: date) -> None:
        await self._tx.execute("DELETE FROM shift_patterns WHERE worker_id = %s AND begins = %s", (worker_id, begins))

    async def put_other_hours(self, worker_id: UUID, hours: OtherHours) -> None:
        await self._tx.execute(
            "INSERT INTO shift_other_hours (worker_id, day, shifts, note) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (worker_id, day) DO UPDATE SET shifts = excluded.shifts, note = excluded.note",
            (worker_id, hours.day, Jsonb(_written(hours.shifts)), hours.note),
        )

    async def remove_other_hours(self, worker_id: UUID, day: date) -> None:
        await self._tx.execute("DELETE FROM shift_other_hours WHERE worker_id = %s AND day = %s", (worker_id, day))

    async def add_leave(self, leave: Leave, *, asked_by: UUID | None) -> None:
        await self._tx.execute(
            "INSERT INTO leaves (id, worker_id, from_at, until_at, whole_days, reason, state, asked_by)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (
                leave.id, leave.worker_id, leave.from_at, leave.until_at, leave.whole_days, leave.reason, leave.state,
                asked_by,
            ),
        )  # fmt: skip

    async def leave(self, leave_id: UUID, scope: Scope, *, to_edit: bool = False) -> Leave | None:
        lock = "FOR UPDATE OF l" if to_edit else ""
        cursor = await self._tx.execute(
            f"SELECT {_LEAVE} FROM leaves l JOIN workers w ON w.id = l.worker_id"  # noqa: S608
            f" WHERE l.id = %(id)s AND {IN_SCOPE} {lock}",
            {"id": leave_id, **scope.params()},
        )
        row = await cursor.fetchone()
        return _leave(row) if row else None

    async def leave_since(
        self, scope: Scope, since: datetime, *, state: LeaveState | None, limit: int
    ) -> list[tuple[Leave, str]]:
        """That is not over by then, with the worker's name; the first to begin first."""
        cursor = await self._tx.execute(
            f"SELECT {_LEAVE}, w.name FROM leaves l JOIN workers w ON w.id = l.worker_id"  # noqa: S608
            " WHERE l.until_at > %(since)s AND (%(state)s::text IS NULL OR l.state = %(state)s)"
            f" AND {IN_SCOPE} ORDER BY l.from_at, l.id LIMIT %(limit)s",
            {"since": since, "state": state, "limit": limit, **scope.params()},
        )
        found = []
        for row in await cursor.fetchall():
            name = row.pop("name")
            found.append((_leave(row), name))
        return found

    async def decide(self, leave: Leave, *, by: UUID) -> None:
        await self._tx.execute(
            "UPDATE leaves SET state = %s, decision = %s, decided_by = %s, decided_at = clock_timestamp()"
            " WHERE id = %s",
            (leave.state, leave.decision, by, leave.id),
        )
