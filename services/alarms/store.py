"""Cases in PostgreSQL: the SQL of cases, their events and their timeline. The caller owns the transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from backbone.bus import Record
from contracts.alarm_kind import Note
from contracts.device_event import DeviceEvent
from contracts.downlink import ReceiptStatus
from services.accounts.model import Scope
from services.alarms.falls import FallSignal
from services.alarms.joining import Joined
from services.alarms.model import (
    AlarmCase,
    AlarmMove,
    Bearer,
    Moved,
)
from services.alarms.rules import CaseNotFound
from services.alarms.store_rows import CASE_COLUMNS, FIXED, bearer_of, case_of, row_of
from services.db import outbox
from services.db.pool import Connection

_ENTRY = """
INSERT INTO alarm_timeline (case_id, seq, move, state, recorded_at, received_at, device_at,
                            actor_id, actor_name, actor_role, detail, idempotency_key)
VALUES (%(id)s, %(version)s, %(move)s, %(state)s, %(recorded_at)s, %(heard_at)s, %(device_at)s,
        %(actor_id)s, %(actor_name)s, %(actor_role)s, %(detail)s, %(idempotency_key)s)
"""
_VALUES = ", ".join(f"%({column})s" for column in CASE_COLUMNS)
_INSERT = f"INSERT INTO alarm_cases ({', '.join(CASE_COLUMNS)}) VALUES ({_VALUES})"  # noqa: S608
_UPDATE = f"""
UPDATE alarm_cases SET {", ".join(f"{c} = %({c})s" for c in CASE_COLUMNS if c not in FIXED)},
       moved_at = clock_timestamp()
 WHERE id = %(id)s
"""  # noqa: S608
_OPEN, _MOVE = (
    f"WITH written AS ({case}), line AS ({_ENTRY}) {outbox.APPEND_ONE}".encode() for case in (_INSERT, _UPDATE)
)
"""A move is one statement: the row of the case, the line of its timeline, and its telling."""

_HEAR: LiteralString = """
WITH fresh AS (INSERT INTO inbox (device_id, event_id)
               SELECT DISTINCT * FROM unnest(%s::text[], %s::text[]) ORDER BY 1, 2
               ON CONFLICT DO NOTHING RETURNING device_id, event_id)
SELECT f.device_id, f.event_id, clock_timestamp() AS now, b.elder_id, b.name, b.sex, b.ability_level, b.address,
       b.region_code, b.response_plan,
       date_part('year', age((clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date, b.birth_date))::int AS age
  FROM fresh f LEFT JOIN bound_elders b USING (device_id)
"""
"""Of the events those not heard before, and who carries their devices. Waits for another writer of the same event."""

_OPEN_FOR_DEVICES: LiteralString = """
SELECT * FROM alarm_cases
 WHERE state <> 'closed'
   AND (device_id = ANY (%(devices)s)
        OR elder_id = ANY (ARRAY(SELECT elder_id FROM bound_elders WHERE device_id = ANY (%(devices)s))))
 ORDER BY id FOR UPDATE
"""

_INSERT_JOINED: LiteralString = """
INSERT INTO alarm_case_events
       (case_id, device_id, event_id, occurred_at, device_time, received_at, owed, answered_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""

_INSERT_NOTE: LiteralString = """
INSERT INTO device_notes (device_id, event_id, note, occurred_at, device_time, received_at, data)
VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""

_MARK_ANSWERED: LiteralString = """
UPDATE alarm_case_events SET answered_at = %s WHERE case_id = %s AND owed AND answered_at IS NULL
RETURNING device_id, event_id
"""

_MARK_CLOSED: LiteralString = """
UPDATE alarm_case_events SET closed_at = %s WHERE case_id = %s AND owed AND closed_at IS NULL
RETURNING device_id, event_id
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the database knows of a batch of events, its rows locked."""

    fresh: set[tuple[str, str]]
    """(device_id, event_id)"""
    now: datetime
    bearers: dict[str, Bearer]
    open_cases: list[AlarmCase]


class AlarmStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def hear(self, events: Sequence[DeviceEvent]) -> Heard | None:
        """The inbox, the clock, who carries the devices, and the open cases they may join; None when nothing is new."""
        devices = [event.device_id for event in events]
        heard = await self._tx.execute(_HEAR, (devices, [event.event_id for event in events]))
        opened = await self._tx.execute(_OPEN_FOR_DEVICES, {"devices": sorted(set(devices))})
        rows = await heard.fetchall()
        if not rows:
            return None
        return Heard(
            fresh={(row["device_id"], row["event_id"]) for row in rows},
            now=rows[0]["now"],
            bearers={row["device_id"]: bearer_of(row) for row in rows if row["elder_id"] is not None},
            open_cases=[case_of(row) for row in await opened.fetchall()],
        )

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
        case, entry, actor = moved.case, moved.entry, moved.entry.actor
        line = {
            "move": entry.move, "recorded_at": entry.recorded_at, "heard_at": entry.received_at,
            "device_at": entry.device_at, "actor_id": actor.id if actor else None,
            "actor_name": actor.name if actor else None, "actor_role": actor.role if actor else None,
            "detail": Jsonb(entry.detail), "idempotency_key": entry.idempotency_key,
        }  # fmt: skip
        statement = _OPEN if entry.move == AlarmMove.OPEN else _MOVE
        await self._tx.execute(statement, row_of(case) | line | outbox.named(told))

    async def join(self, joined: Iterable[Joined]) -> None:
        for j in joined:
            values = (j.case_id, j.device_id, j.event_id, j.occurred_at, j.device_time, j.received_at, j.owed)
            await self._tx.execute(_INSERT_JOINED, (*values, j.answered_at))

    async def write_note(self, event: DeviceEvent, note: Note) -> None:
        times = (event.occurred_at, event.device_time, event.received_at)
        await self._tx.execute(_INSERT_NOTE, (event.device_id, event.event_id, note, *times, Jsonb(event.data)))

    async def falls_of(self, cases: Sequence[UUID]) -> tuple[dict[UUID, list[FallSignal]], list[FallSignal]]:
        """The falls in each of these cases, and every cancellation their devices have sent since the first of them."""
        falls: dict[UUID, list[FallSignal]] = {case_id: [] for case_id in cases}
        rows = await self._tx.execute(
            "SELECT case_id, device_id, occurred_at, device_time FROM alarm_case_events WHERE case_id = ANY (%s)",
            (list(cases),),
        )
        for row in await rows.fetchall():
            falls[row["case_id"]].append(_signal(row))
        devices = sorted({fall.device_id for of_case in falls.values() for fall in of_case})
        rows = await self._tx.execute(
            """SELECT device_id, occurred_at, device_time FROM device_notes
                WHERE note = 'fall_cancelled' AND device_id = ANY (%s)
                  AND recorded_at > clock_timestamp() - interval '7 days'""",
            (devices,),
        )
        return falls, [_signal(row) for row in await rows.fetchall()]

    async def mark(self, status: ReceiptStatus, case_id: UUID, at: datetime) -> list[tuple[str, str]]:
        """The events of the case that are owed this receipt and had none; they count as told from now on."""
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


def _signal(row: DictRow) -> FallSignal:
    return FallSignal(device_id=row["device_id"], occurred_at=row["occurred_at"], device_time=row["device_time"])
