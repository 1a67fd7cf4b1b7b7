"""What devices do to cases, a batch of events at a time. The caller opens the transaction and commits it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backbone.bus import Record
from contracts.alarm_kind import AlarmKind, Note
from contracts.device_event import DeviceEvent
from services.alarms import falls, identity, joining, rules
from services.alarms.identity import Hearing, News
from services.alarms.model import Moved
from services.alarms.open_cases import OpenCases
from services.alarms.store_events import EventStore
from services.alarms.telling import owed, told
from services.db import outbox
from services.db.pipeline import Turns


async def raise_alarms(turns: Turns, events: Sequence[DeviceEvent]) -> list[Moved]:
    """Turns a batch of events into cases. Known events have no effect; each of the others opens a case or joins one."""
    store = EventStore(turns)
    said = [identity.named(event) for event in events]
    heard = await store.hear(said)
    if heard is None:
        return []
    cases = OpenCases(heard.open_cases)
    moves, notes = list[Moved](), list[tuple[Hearing, Note]]()
    for hearing in identity.hearings(said, heard.known):
        notes += [(hearing, note) for note in joining.notes_of(hearing)]
        moves += joining.apply(hearing, heard.bearers.get(hearing.event.device_id), cases, heard.now)
        if hearing.news is News.REUSED:
            store.note_reused_id(hearing)
    for hearing, note in notes:
        store.write_note(hearing, note)
    for moved in moves:
        store.save(moved, told(moved))
    outbox.tell(turns, _answered_at_once(moves))
    moves += await _annotate_falls(store, cases, moves, notes, heard.now)
    for case in cases.untold():
        store.count(case)
    return moves


async def _annotate_falls(
    store: EventStore,
    cases: OpenCases,
    moves: Sequence[Moved],
    notes: Sequence[tuple[Hearing, Note]],
    now: datetime,
) -> list[Moved]:
    """Matches cancellations and falls in whichever order they came; both may be in the database already."""
    touched = any(m.case.kind == AlarmKind.FALL for m in moves) or any(n == Note.FALL_CANCELLED for _, n in notes)
    falls_open = {case.id: case for case in cases if case.kind == AlarmKind.FALL} if touched else {}
    if not falls_open:
        return []
    fallen, cancels = await store.falls_of(list(falls_open))
    annotated = [
        moved
        for case in falls_open.values()
        if (moved := falls.told_of_cancel(case, falls.fall_cancelled_at(fallen[case.id], cancels), now)) is not None
    ]
    for moved in annotated:
        cases.put(moved.case)
        store.save(moved, told(moved))
    return annotated


def _answered_at_once(moves: Sequence[Moved]) -> list[Record]:
    """A press that joins a case which somebody already holds is answered at once."""
    answered: dict[tuple[UUID, datetime], list[tuple[str, str]]] = {}
    for j in (moved.joined for moved in moves):
        if j is not None and j.answered_at is not None:
            answered.setdefault((j.case_id, j.answered_at), []).append((j.device_id, j.event_id))
    return [
        owed(due)
        for (case_id, at), events in answered.items()
        for due in rules.receipts(events, "answered", case_id=case_id, at=at)
    ]
