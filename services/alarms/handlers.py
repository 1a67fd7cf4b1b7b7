"""What people and time do to a case, one transaction each. The caller opens the transaction and commits it.

Opened `pipelined`, a move costs two round trips to the database, whatever it writes. What devices do is in `raising`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from contracts.downlink import ReceiptStatus
from services.accounts.model import Scope
from services.alarms import rules
from services.alarms.model import Actor, AlarmCase, AlarmMove, CallResult, Entry, Escalation, Moved, Outcome
from services.alarms.store import AlarmStore
from services.alarms.telling import owed, told
from services.db import outbox
from services.db.pool import Connection

EVERYWHERE = Scope(("",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who moves a case, which cases they may see, and the conditions of the request."""

    actor: Actor
    scope: Scope
    if_version: int | None = None
    """`If-Match`: refuse when the case has moved on since."""
    idempotency_key: str | None = None
    """The same key again on the same case has no second effect."""


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
    """Records activity on the case: the lease starts again. It is no move and makes no new version."""
    case, now = await AlarmStore(tx).lock(case_id, hand.scope)
    rules.check_hand(case, AlarmMove.CLAIM, hand.actor)
    if not case.held_by(hand.actor.id):
        raise rules.NotClaimed
    return await _renew(tx, case, now)


async def attend(tx: Connection, case_id: UUID, hand: Hand) -> AlarmCase:
    """Somebody of the family says to be with her. The operator sees it and decides; said again it changes nothing."""
    case, _ = await AlarmStore(tx).lock(case_id, hand.scope)
    if await AlarmStore(tx).has_attended(case_id, hand.actor.id):
        return case
    return await _move(tx, case_id, AlarmMove.ATTEND, hand)


# --- what time does ------------------------------------------------------------------------------------------------


async def lapse(tx: Connection, case: AlarmCase, *, reason: str, now: datetime) -> AlarmCase:
    """Claiming is not handling: back to the top of the queue, ringing. The caller has locked the case.

    :param reason: `lease` or `connection`
    """
    holder = case.claimed_by
    lapsed = replace(case.after(AlarmMove.LAPSE), rang_at=now)
    detail = {"reason": reason, "held_by": holder.name if holder else None}
    moved = Moved(case=lapsed, entry=_entry(lapsed, AlarmMove.LAPSE, now, detail=detail))
    await AlarmStore(tx).save(moved, told(moved))
    return lapsed


async def escalate(
    tx: Connection, case_id: UUID, *, reached: Escalation | None, detail: dict[str, Any]
) -> AlarmCase | None:
    """A step of its escalation plan was taken: everybody sees it. None: there is no such case.

    :param detail: who was told, by what, after how long
    """
    store = AlarmStore(tx)
    try:
        case, now = await store.lock(case_id, EVERYWHERE)
    except rules.CaseNotFound:
        return None
    escalated = rules.escalated(case, reached)
    moved = Moved(case=escalated, entry=_entry(escalated, AlarmMove.ESCALATE, now, detail=detail))
    await store.save(moved, told(moved))
    return escalated


# --- how a move is made --------------------------------------------------------------------------------------------

_OWES: dict[AlarmMove, ReceiptStatus] = {AlarmMove.CLAIM: "answered", AlarmMove.CLOSE: "closed"}
"""What devices are told about a move, for every event in the case."""


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
    events = await store.mark(_OWES[move], case.id, now) if move in _OWES else []
    due = rules.receipts(events, _OWES[move], case_id=case.id, at=now) if events else []
    entry = _entry(moved, move, now, detail=detail, actor=hand.actor, idempotency_key=hand.idempotency_key)
    line = Moved(case=moved, entry=entry)
    await store.save(line, told(line))
    await outbox.append(tx, [owed(receipts) for receipts in due])
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
