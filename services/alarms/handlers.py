"""Everything that can happen to a case, one transaction each. The caller opened the transaction and commits it.

Open it `pipelined`: then a move costs two round trips to the database, whatever it writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from backbone.bus import Record
from contracts import topics
from contracts.alarm_case import CaseMoved
from contracts.alarm_kind import AlarmKind, Note
from contracts.device_event import DeviceEvent
from contracts.downlink import ReceiptsDue, ReceiptStatus
from contracts.envelope import headers
from services.accounts.model import Scope
from services.alarms import falls, joining, rules
from services.alarms.joining import Joined, OpenCases
from services.alarms.model import Actor, AlarmCase, AlarmMove, CallResult, Entry, Moved, Outcome
from services.alarms.store import AlarmStore
from services.db import outbox
from services.db.pool import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who moves a case, of which cases, and under which conditions."""

    actor: Actor
    scope: Scope
    if_version: int | None = None
    """`If-Match`: refuse when the case has moved on since."""
    idempotency_key: str | None = None
    """The same key again on the same case has no second effect."""


# --- what devices do -----------------------------------------------------------------------------------------------


async def raise_alarms(tx: Connection, events: Sequence[DeviceEvent]) -> list[Moved]:
    """A batch of events becomes cases: those heard before have no effect, the others open a case or join theirs."""
    store = AlarmStore(tx)
    heard = await store.hear(events)
    if heard is None:
        return []
    fresh, cases = heard.fresh, OpenCases(heard.open_cases)
    moves, joined, notes = list[Moved](), list[Joined](), list[tuple[DeviceEvent, Note]]()
    for event in events:
        if (event.device_id, event.event_id) not in fresh:
            continue
        fresh.discard((event.device_id, event.event_id))
        notes += [(event, note) for note in joining.notes_of(event)]
        bearer = heard.bearers.get(event.device_id)
        done = joining.apply(event, bearer, cases, heard.now)
        moves += done.moves
        joined += done.joined
    for event, note in notes:
        await store.write_note(event, note)
    for moved in moves:
        await store.save(moved, _told(moved))
    await store.join(joined)
    await outbox.append(tx, _answered_at_once(joined))
    return moves + await _annotate_falls(tx, cases, moves, notes, heard.now)


async def _annotate_falls(
    tx: Connection,
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
    fallen, cancels = await AlarmStore(tx).falls_of(list(falls_open))
    told = [
        moved
        for case in falls_open.values()
        if (moved := falls.told_of_cancel(case, falls.fall_cancelled_at(fallen[case.id], cancels), now)) is not None
    ]
    for moved in told:
        await AlarmStore(tx).save(moved, _told(moved))
    return told


def _answered_at_once(joined: Sequence[Joined]) -> list[Record]:
    """A press that joins a case somebody already holds is answered as soon as it is there."""
    records: list[Record] = []
    for j in joined:
        if j.answered_at is not None:
            due = rules.receipts([(j.device_id, j.event_id)], "answered", case_id=j.case_id, at=j.answered_at)
            records += [_owed(receipts) for receipts in due]
    return records


# --- what operators do ---------------------------------------------------------------------------------------------


async def claim(tx: Connection, case_id: UUID, hand: Hand) -> AlarmCase:
    """Exactly one gets it. Claiming what one holds already renews the lease.

    :raises ClaimedByOther: naming who holds it
    """
    return await _move(tx, case_id, AlarmMove.CLAIM, hand)


async def claim_next(tx: Connection, hand: Hand) -> AlarmCase | None:
    """The top of the queue, or None when nothing waits. Two operators asking at once get two different cases."""
    store = AlarmStore(tx)
    if hand.idempotency_key and (done := await store.done_with(hand.actor.id, hand.idempotency_key)) is not None:
        return (await store.lock(done, hand.scope))[0]
    case = await store.lock_next(hand.scope)
    return None if case is None else await _move(tx, case.id, AlarmMove.CLAIM, hand)


async def call(tx: Connection, case_id: UUID, hand: Hand, *, contact_id: UUID | None, number_label: str) -> AlarmCase:
    detail = {"contact_id": str(contact_id) if contact_id else None, "number_label": number_label}
    return await _move(tx, case_id, AlarmMove.CALL, hand, detail=detail)


async def call_done(
    tx: Connection, case_id: UUID, hand: Hand, *, result: CallResult, note: str | None = None
) -> AlarmCase:
    return await _move(tx, case_id, AlarmMove.CALL_DONE, hand, detail={"result": result.value, "note": note})


async def respond(tx: Connection, case_id: UUID, hand: Hand, *, who: str, note: str | None = None) -> AlarmCase:
    return await _move(tx, case_id, AlarmMove.RESPOND, hand, detail={"who": who, "note": note})


async def note(tx: Connection, case_id: UUID, hand: Hand, *, text: str) -> AlarmCase:
    return await _move(tx, case_id, AlarmMove.NOTE, hand, detail={"text": text})


async def release(tx: Connection, case_id: UUID, hand: Hand) -> AlarmCase:
    return await _move(tx, case_id, AlarmMove.RELEASE, hand)


async def close(tx: Connection, case_id: UUID, hand: Hand, *, outcome: Outcome, note: str | None = None) -> AlarmCase:
    """:raises NoteNeeded: for outcomes that must say what was tried"""
    if rules.needs_note(outcome) and not (note and note.strip()):
        raise rules.NoteNeeded
    detail = {"outcome": outcome.value, "note": note}
    return await _move(tx, case_id, AlarmMove.CLOSE, hand, detail=detail, outcome=outcome)


async def reopen(tx: Connection, case_id: UUID, hand: Hand, *, reason: str) -> AlarmCase:
    """:raises OpenElsewhere: when the same alarm has rung again since and has an open case of its own"""
    return await _move(tx, case_id, AlarmMove.REOPEN, hand, detail={"reason": reason})


async def touch(tx: Connection, case_id: UUID, hand: Hand) -> AlarmCase:
    """Activity on the case: the lease begins anew; no move, no new version."""
    case, now = await AlarmStore(tx).lock(case_id, hand.scope)
    rules.check_hand(case, AlarmMove.CLAIM, hand.actor)
    if not case.held_by(hand.actor.id):
        raise rules.NotClaimed
    return await _renew(tx, case, now)


# --- what time does ------------------------------------------------------------------------------------------------


async def lapse(tx: Connection, case: AlarmCase, *, reason: str, now: datetime) -> AlarmCase:
    """Claiming is not handling: back to the top of the queue, ringing. The caller has locked the case.

    :param reason: `lease` or `connection`
    """
    holder = case.claimed_by
    lapsed = replace(case.after(AlarmMove.LAPSE), rang_at=now)
    detail = {"reason": reason, "held_by": holder.name if holder else None}
    moved = Moved(case=lapsed, entry=_entry(lapsed, AlarmMove.LAPSE, now, detail=detail))
    await AlarmStore(tx).save(moved, _told(moved))
    return lapsed


# --- how a move is made --------------------------------------------------------------------------------------------

_OWES: dict[AlarmMove, ReceiptStatus] = {AlarmMove.CLAIM: "answered", AlarmMove.CLOSE: "closed"}
"""What devices are told of a move, for every event in the case."""


async def _move(
    tx: Connection,
    case_id: UUID,
    move: AlarmMove,
    hand: Hand,
    *,
    detail: dict[str, Any] | None = None,
    outcome: Outcome | None = None,
) -> AlarmCase:
    store = AlarmStore(tx)
    case, now = await store.lock(case_id, hand.scope)
    if hand.idempotency_key and await store.done_with(hand.actor.id, hand.idempotency_key, case.id):
        return case
    if hand.if_version not in (None, case.version):
        raise rules.StaleVersion(f"the case is at version {case.version}", version=case.version)
    rules.check_hand(case, move, hand.actor)
    if move == AlarmMove.CLAIM and case.held_by(hand.actor.id):
        return await _renew(tx, case, now)
    moved = rules.moved(case, move, by=hand.actor, now=now, outcome=outcome)
    if move == AlarmMove.REOPEN and (rival := await store.open_rival(moved)) is not None:
        raise rules.OpenElsewhere(case_id=str(rival))
    owed = await store.mark(_OWES[move], case.id, now) if move in _OWES else []
    due = rules.receipts(owed, _OWES[move], case_id=case.id, at=now) if owed else []
    entry = _entry(moved, move, now, detail=detail, actor=hand.actor, idempotency_key=hand.idempotency_key)
    line = Moved(case=moved, entry=entry)
    await store.save(line, _told(line))
    await outbox.append(tx, [_owed(receipts) for receipts in due])
    return moved


async def _renew(tx: Connection, case: AlarmCase, now: datetime) -> AlarmCase:
    renewed = replace(case, lease_until=now + rules.LEASE)
    await AlarmStore(tx).renew(case.id, now + rules.LEASE)
    return renewed


def _entry(
    case: AlarmCase,
    move: AlarmMove,
    now: datetime,
    *,
    detail: dict[str, Any] | None = None,
    actor: Actor | None = None,
    idempotency_key: str | None = None,
) -> Entry:
    return Entry(
        seq=case.version,
        move=move,
        state=case.state,
        recorded_at=now,
        actor=actor,
        detail={name: value for name, value in (detail or {}).items() if value is not None},
        idempotency_key=idempotency_key,
    )


def _told(moved: Moved) -> Record:
    case, entry = moved.case, moved.entry
    told = CaseMoved.model_construct(
        move=entry.move.value,
        at=entry.recorded_at,
        actor_name=entry.actor.name if entry.actor else None,
        case=case.view(),
    )
    return Record(
        topic=topics.ALARM_CASE.name,
        key=str(case.id),
        headers=headers(CaseMoved.TYPE, CaseMoved.SOURCE, event_id=f"{case.id}:{case.version}", at=entry.recorded_at),
        value=told.value(),
    )


def _owed(due: ReceiptsDue) -> Record:
    return Record(
        topic=topics.DEVICE_DOWNLINK.name,
        key=due.device_id,
        headers=headers(ReceiptsDue.TYPE, ReceiptsDue.SOURCE),
        value=due.value(),
    )
