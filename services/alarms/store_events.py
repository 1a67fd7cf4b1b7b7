"""What devices do, in PostgreSQL: heard once each, joined to cases, noted. The caller owns the transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

import msgspec

from backbone.bus import Record
from contracts.alarm_case import ElderOnCase
from contracts.alarm_kind import Note
from contracts.device_event import DeviceEvent
from services.alarms.falls import FallSignal
from services.alarms.model import AlarmCase, Bearer, Moved
from services.alarms.store_moves import written
from services.alarms.store_rows import case_of
from services.db.pipeline import Statement, Turns, as_array, as_text

_HEAR = Statement(
    "hear",
    """
WITH fresh AS (INSERT INTO inbox (device_id, event_id)
               SELECT * FROM unnest($1::text[], $2::text[])
               ON CONFLICT DO NOTHING RETURNING device_id, event_id)
SELECT json_agg(h)
  FROM (SELECT f.device_id, f.event_id, clock_timestamp() AS now, b.elder_id, b.name, b.sex, b.ability_level,
               b.address, b.region_code, b.response_plan,
               date_part('year', age((clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date, b.birth_date))::int AS age,
               coalesce((SELECT true FROM alarm_cases WHERE state <> 'closed' AND device_id = f.device_id LIMIT 1),
                        (SELECT true FROM alarm_cases
                          WHERE state <> 'closed' AND subject = 'elder:' || b.elder_id LIMIT 1),
                        false) AS may_join
          FROM fresh f LEFT JOIN LATERAL (SELECT * FROM bound_elders WHERE device_id = f.device_id LIMIT 1) b ON true) h
""",
)
"""Of the events those not heard before, and who carries their devices. Waits for another writer of the same event. A
case that opens in this moment is not seen: `alarm_cases_one_open` refuses its double, and the next try finds it.

Each LIMIT leaves PostgreSQL no plan but looking up: one made while the tables were empty hashed every case and device.
"""

_LOCK_OPEN = Statement(
    "lock_open",
    """
SELECT json_agg(c)
  FROM unnest(ARRAY(SELECT c.id
                      FROM unnest($1::text[]) d (id),
                           LATERAL (SELECT id FROM alarm_cases WHERE state <> 'closed' AND device_id = d.id OFFSET 0) c
                     UNION
                    SELECT c.id
                      FROM unnest($1::text[]) d (id),
                           LATERAL (SELECT elder_id FROM bound_elders WHERE device_id = d.id LIMIT 1) b,
                           LATERAL (SELECT id FROM alarm_cases
                                     WHERE state <> 'closed' AND subject = 'elder:' || b.elder_id OFFSET 0) c
                     ORDER BY 1)) asked (id),
       LATERAL (SELECT * FROM alarm_cases WHERE id = asked.id LIMIT 1 FOR UPDATE) c
 WHERE c.state <> 'closed'
""",
)
"""The open cases of these devices and of who carries them, locked in the order of their ids: no two workers wait for
each other in a circle. One that was closed while we waited is not among them. Looked up, by OFFSET and LIMIT, as above.
"""

_NOTE = Statement(
    "note",
    """
INSERT INTO device_notes (device_id, event_id, note, occurred_at, device_time, received_at, data)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
""",
)

_FALLS = Statement(
    "falls",
    """
SELECT json_agg(f)
  FROM (SELECT case_id, device_id, occurred_at, device_time FROM alarm_case_events
         WHERE case_id = ANY ($1::uuid[])) f
""",
)

_CANCELS = Statement(
    "cancels",
    """
SELECT json_agg(n)
  FROM (SELECT device_id, occurred_at, device_time FROM device_notes
         WHERE note = 'fall_cancelled' AND recorded_at > clock_timestamp() - interval '7 days'
           AND device_id = ANY ($1::text[])) n
""",
)


class _Heard(msgspec.Struct):
    device_id: str
    event_id: str
    now: datetime
    may_join: bool
    elder_id: UUID | None
    name: str | None
    age: int | None
    sex: str | None
    ability_level: str | None
    address: str | None
    region_code: str | None
    response_plan: dict[str, Any] | None


class _CaseRow(TypedDict):
    """A row of `alarm_cases` as JSON; what is not text, number or truth is named by its kind."""

    id: UUID
    elder_id: UUID | None
    claimed_by: UUID | None
    opened_at: datetime
    occurred_at: datetime
    received_at: datetime
    rang_at: datetime
    located_at: datetime | None
    battery_at: datetime | None
    fall_cancelled_at: datetime | None
    claimed_at: datetime | None
    lease_until: datetime | None
    first_claimed_at: datetime | None
    closed_at: datetime | None


class _Signal(msgspec.Struct):
    device_id: str
    occurred_at: datetime
    device_time: datetime | None
    case_id: UUID | None = None


_heard = msgspec.json.Decoder(list[_Heard])
_signals = msgspec.json.Decoder(list[_Signal])


@dataclass(frozen=True, slots=True)
class Heard:
    """What the database knows of a batch of events, its rows locked."""

    fresh: set[tuple[str, str]]
    """(device_id, event_id)"""
    now: datetime
    bearers: dict[str, Bearer]
    open_cases: list[AlarmCase]


class EventStore:
    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def hear(self, events: Sequence[DeviceEvent]) -> Heard | None:
        """The inbox, the clock, who carries the devices, and the open cases they may join; None when nothing is new."""
        named = sorted({(event.device_id, event.event_id) for event in events})  # two workers wait in the same order
        answer = await self._turns.ask(
            _HEAR, as_array(device for device, _ in named), as_array(event for _, event in named)
        )
        if answer is None:
            return None
        rows = _heard.decode(answer)
        joinable = sorted({row.device_id for row in rows if row.may_join})
        return Heard(
            fresh={(row.device_id, row.event_id) for row in rows},
            now=rows[0].now,
            bearers={row.device_id: _bearer(row) for row in rows if row.elder_id is not None},
            open_cases=await self._lock_open(joinable) if joinable else [],
        )

    async def _lock_open(self, devices: Sequence[str]) -> list[AlarmCase]:
        answer = await self._turns.ask(_LOCK_OPEN, as_array(devices))
        return [_case(row) for row in msgspec.json.decode(answer)] if answer else []

    def save(self, moved: Moved, told: Record) -> None:
        statement, values = written(moved, told)
        self._turns.tell(statement, *values)

    def write_note(self, event: DeviceEvent, note: Note) -> None:
        times = (event.occurred_at, event.device_time, event.received_at)
        values = (event.device_id, event.event_id, note, *times, event.data)
        self._turns.tell(_NOTE, *map(as_text, values))

    async def falls_of(self, cases: Sequence[UUID]) -> tuple[dict[UUID, list[FallSignal]], list[FallSignal]]:
        """The falls in each of these cases, and every cancellation their devices have sent in the last days."""
        falls: dict[UUID, list[FallSignal]] = {case_id: [] for case_id in cases}
        for row in _signals.decode(await self._turns.ask(_FALLS, as_array(cases)) or b"[]"):
            if row.case_id is not None:
                falls[row.case_id].append(_signal(row))
        devices = sorted({fall.device_id for of_case in falls.values() for fall in of_case})
        cancels = _signals.decode(await self._turns.ask(_CANCELS, as_array(devices)) or b"[]")
        return falls, [_signal(row) for row in cancels]


def _bearer(row: _Heard) -> Bearer:
    elder = ElderOnCase.model_validate(
        {
            "id": row.elder_id, "name": row.name, "age": row.age, "sex": row.sex, "ability_level": row.ability_level,
            "address": row.address,
        }
    )  # fmt: skip
    return Bearer(elder=elder, region_code=row.region_code, response_plan=row.response_plan or {})


def _case(row: dict[str, Any]) -> AlarmCase:
    return case_of(row | msgspec.convert(row, _CaseRow))


def _signal(row: _Signal) -> FallSignal:
    return FallSignal(device_id=row.device_id, occurred_at=row.occurred_at, device_time=row.device_time)
