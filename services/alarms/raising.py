"""What devices do to cases, a batch of events at a time. The caller opened the transaction and commits it."""

from collections.abc import Sequence
from datetime import datetime

from backbone.bus import Record
from contracts.alarm_kind import AlarmKind, Note
from contracts.device_event import DeviceEvent
from services.alarms import falls, joining, rules
from services.alarms.joining import OpenCases
from services.alarms.model import Moved
from services.alarms.store_events import EventStore
from services.alarms.telling import owed, told
from services.db import outbox
from services.db.pipeline import Turns


async def raise_alarms(turns: Turns, events: Sequence[DeviceEvent]) -> list[Moved]:
    """A batch of events becomes cases: those heard before have no effect, the others open a case or join theirs."""
    store = EventStore(turns)
    heard = await store.hear(events)
    if heard is None:
        return []
    fresh, cases = heard.fresh, OpenCases(heard.open_cases)
    moves, notes = list[Moved](), list[tuple[DeviceEvent, Note]]()
    for event in events:
        if (event.device_id, event.event_id) not in fresh:
            continue
        fresh.discard((event.device_id, event.event_id))
        notes += [(event, note) for note in joining.notes_of(event)]
        moves += joining.apply(event, heard.bearers.get(event.device_id), cases, heard.now)
    for event, note in notes:
        store.write_note(event, note)
    for moved in moves:
        store.save(moved, told(moved))
    outbox.tell(turns, _answered_at_once(moves))
    return moves + await _annotate_falls(store, cases, moves, notes, heard.now)


async def _annotate_falls(
    store: EventStore,
    cases: OpenCases,
    moves: Sequence[Moved],
    notes: Sequence[tuple[DeviceEvent, Note]],
    now: datetime,
) -> list[Moved]:
    """A cancellation and its fall find each other whichever came first; both may lie in the database already."""
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
        store.save(moved, told(moved))
    return annotated


def _answered_at_once(moves: Sequence[Moved]) -> list[Record]:
    """A press that joins a case somebody already holds is answered as soon as it is there."""
    records: list[Record] = []
    for j in (moved.joined for moved in moves):
        if j is not None and j.answered_at is not None:
            due = rules.receipts([(j.device_id, j.event_id)], "answered", case_id=j.case_id, at=j.answered_at)
            records += [owed(receipts) for receipts in due]
    return records
