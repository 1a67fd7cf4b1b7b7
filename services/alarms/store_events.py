"""What devices do, in PostgreSQL: events taken once each, joined to cases, noted. The caller owns the transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

import msgspec

from backbone.bus import Record
from contracts.alarm_case import ElderOnCase
from contracts.alarm_kind import Note
from services.alarms import bounds
from services.alarms.bounds import NoteBound
from services.alarms.falls import FallSignal
from services.alarms.identity import Hearing, Known, Name, Named, versions_sent
from services.alarms.model import AlarmCase, Bearer, Moved
from services.alarms.store_moves import counted, written
from services.alarms.store_rows import case_of
from services.db.pipeline import Statement, Turns, as_array, as_text

_HEAR = Statement(
    "hear",
    """
WITH fresh AS (INSERT INTO inbox AS known (device_id, event_id, happening, versions)
               SELECT device_id, event_id, happening, string_to_array(nullif(versions, ''), ' ')
                 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
                      AS sent (device_id, event_id, happening, versions)
               ON CONFLICT (device_id, event_id, happening) DO UPDATE SET versions = known.versions || EXCLUDED.versions
                WHERE NOT known.versions @> EXCLUDED.versions AND cardinality(known.versions) < 100
               RETURNING device_id, event_id, happening, versions)
SELECT json_agg(h)
  FROM (SELECT f.device_id, f.event_id, f.happening, f.versions,
               (SELECT bool_or(happening = ANY (ARRAY['', split_part(f.happening, ' #', 1)]))
                  FROM (SELECT happening FROM inbox WHERE device_id = f.device_id AND event_id = f.event_id
                           AND happening <> f.happening LIMIT 20) other) AS perhaps_heard,
               clock_timestamp() AS now, b.elder_id, b.name, b.sex, b.ability_level,
               b.address, b.region_code, b.response_plan,
               date_part('year', age((clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date, b.birth_date))::int AS age,
               coalesce((SELECT true FROM alarm_cases WHERE state <> 'closed' AND device_id = f.device_id LIMIT 1),
                        (SELECT true FROM alarm_cases
                          WHERE state <> 'closed' AND subject = 'elder:' || b.elder_id LIMIT 1),
                        false) AS may_join,
               coalesce((SELECT from_day <= day AND (until_day IS NULL OR day < until_day)
                           FROM elder_lives, CAST(clock_timestamp() AT TIME ZONE 'Asia/Shanghai' AS date) AS day
                          WHERE elder_id = b.elder_id LIMIT 1), false) AS not_there
          FROM fresh f LEFT JOIN LATERAL (SELECT * FROM bound_elders WHERE device_id = f.device_id LIMIT 1) b ON true) h
""",
)
"""Of the happenings those not heard before, or not with these data: with all the versions there are now, and whether
the id was heard of another; and who carries their devices. Waits for another writer of the same happening. A case that
opens in this moment is not seen: `alarm_cases_one_open` refuses its double, and the next try finds it.

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
WITH latest AS (SELECT ctid, count(*) OVER () >= $10::int AS full
                  FROM (SELECT ctid, recorded_at FROM device_notes
                         WHERE device_id = $1 AND note = $4 AND recorded_at > clock_timestamp() - $11::interval
                         ORDER BY recorded_at DESC LIMIT $10::int) n
                 ORDER BY recorded_at DESC LIMIT 1),
     counted AS (UPDATE device_notes n
                    SET times = n.times + $9::int, data = $8,
                        (occurred_at, device_time, received_at) = (
                            SELECT occurred_at, device_time, received_at
                              FROM (VALUES (n.occurred_at, n.device_time, n.received_at),
                                           ($5::timestamptz, $6::timestamptz, $7::timestamptz))
                                   AS told (occurred_at, device_time, received_at)
                             ORDER BY 1 DESC LIMIT 1)
                   FROM latest WHERE n.ctid = latest.ctid AND latest.full)
INSERT INTO device_notes (device_id, event_id, happening, note, occurred_at, device_time, received_at, data, times)
SELECT $1, $2, $3, $4, $5::timestamptz, $6::timestamptz, $7::timestamptz, $8::jsonb, $9::int
 WHERE NOT coalesce((SELECT latest.full FROM latest), false) ON CONFLICT DO NOTHING
""",
)
"""Where a device has had its notes of this kind, the latest counts this one too, and tells the newer of both."""

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
    happening: str
    versions: list[str] | None
    perhaps_heard: bool | None
    """None: the id was not heard of another happening. True: of one not known by its time or data, perhaps of this."""
    now: datetime
    may_join: bool
    not_there: bool
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
    counted_from: datetime | None
    counted_to: datetime | None


class _Signal(msgspec.Struct):
    device_id: str
    occurred_at: datetime
    device_time: datetime | None
    case_id: UUID | None = None


_heard = msgspec.json.Decoder(list[_Heard])
_signals = msgspec.json.Decoder(list[_Signal])


@dataclass(frozen=True, slots=True)
class Heard:
    """What the database knows about a batch of events, its rows locked."""

    known: dict[Name, Known]
    """For each happening that brings something new."""
    now: datetime
    bearers: dict[str, Bearer]
    open_cases: list[AlarmCase]


class EventStore:
    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def hear(self, said: Iterable[Named]) -> Heard | None:
        """The inbox, the clock, who carries the devices, and the open cases they may join; None when nothing is new."""
        sent = versions_sent(said)
        columns = [as_array([name[n] for name in sent]) for n in range(3)]
        answer = await self._turns.ask(_HEAR, *columns, as_array(map(" ".join, sent.values())))
        if answer is None:
            return None
        rows = _heard.decode(answer)
        known = _known(rows, sent)
        grew = {device_id for (device_id, _, _), before in known.items() if before.versions}  # its case may be new
        joinable = sorted(grew | {row.device_id for row in rows if row.may_join})
        return Heard(
            known=known,
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

    def count(self, case: AlarmCase) -> None:
        statement, values = counted(case)
        self._turns.tell(statement, *values)

    def write_note(self, hearing: Hearing, note: Note) -> None:
        self._note(hearing, note, hearing.event.data, bounds.NOTES)

    def note_reused_id(self, hearing: Hearing) -> None:
        """For whoever looks after the device."""
        self._note(hearing, "id_reused", {"wire_type": hearing.event.wire_type}, bounds.REUSED_IDS)

    def _note(self, hearing: Hearing, note: str, data: dict[str, Any], bound: NoteBound) -> None:
        event = hearing.event
        name = (event.device_id, event.event_id, hearing.happening)
        moments = (event.occurred_at, event.device_time, event.received_at)
        values = (*name, note, *moments, data, event.times, bound.notes, bound.within)
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


def _known(rows: Iterable[_Heard], sent: dict[Name, list[str]]) -> dict[Name, Known]:
    known: dict[Name, Known] = {}
    for row in rows:
        name, versions = (row.device_id, row.event_id, row.happening), row.versions or []
        before = versions[: len(versions) - len(sent[name])]
        if before or not row.perhaps_heard:
            known[name] = Known(tuple(before), id_heard=row.perhaps_heard is not None)
    return known


def _bearer(row: _Heard) -> Bearer:
    elder = ElderOnCase.model_validate(
        {
            "id": row.elder_id, "name": row.name, "age": row.age, "sex": row.sex, "ability_level": row.ability_level,
            "address": row.address,
        }
    )  # fmt: skip
    return Bearer(
        elder=elder, region_code=row.region_code, response_plan=row.response_plan or {}, not_there=row.not_there
    )


def _case(row: dict[str, Any]) -> AlarmCase:
    return case_of(row | msgspec.convert(row, _CaseRow))


def _signal(row: _Signal) -> FallSignal:
    return FallSignal(device_id=row.device_id, occurred_at=row.occurred_at, device_time=row.device_time)
