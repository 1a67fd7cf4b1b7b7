"""Who may do what to a case, what follows from it, and which receipts devices get. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from msgspec.structs import replace

from contracts.alarm_case import OperatorOnCase
from contracts.downlink import Receipt, ReceiptsDue, ReceiptStatus
from services.alarms.model import (
    Actor,
    AlarmCase,
    AlarmMove,
    AlarmState,
    Escalation,
    Outcome,
)
from services.errors import DomainError, NotFound

LEASE = timedelta(seconds=60)
"""A claim without activity lasts this long."""

GONE = timedelta(seconds=10)
"""A claim outlives its operator's last console connection by this much."""

RECEIPTS_A_MESSAGE = 100
"""Keeps a receipt message far below the 64 KiB that a device must be able to read."""


class CaseNotFound(NotFound):
    code = "alarms.case_not_found"
    title = "There is no such case, or it is not yours to see"


class ClaimedByOther(DomainError):
    code = "alarms.claimed_by_other"
    status = 409
    title = "Another operator holds this case"


class NotClaimed(DomainError):
    code = "alarms.not_claimed"
    status = 409
    title = "Claim the case first"


class StaleVersion(DomainError):
    code = "alarms.stale_version"
    status = 412
    title = "The case has moved on since you read it"


class OpenElsewhere(DomainError):
    code = "alarms.open_elsewhere"
    status = 409
    title = "The same alarm has rung again and has an open case of its own"


class NoteNeeded(DomainError):
    code = "alarms.note_needed"
    status = 422
    title = "This outcome needs a note that says what was tried"


OF_THE_HOLDER = frozenset({AlarmMove.CALL, AlarmMove.CALL_DONE, AlarmMove.RESPOND, AlarmMove.RELEASE, AlarmMove.CLOSE})
OF_A_SUPERVISOR_TOO = frozenset({AlarmMove.RELEASE})


def check_hand(case: AlarmCase, move: AlarmMove, actor: Actor) -> None:
    """Whether this person may make this move of this case now; whether the state allows it is `after`'s to say.

    :raises ClaimedByOther: someone else holds it, and is named
    :raises NotClaimed: nobody holds it
    """
    holder = case.claimed_by
    if move == AlarmMove.CLAIM or move in OF_THE_HOLDER:
        if holder is not None and holder.id != actor.id:
            if move in OF_A_SUPERVISOR_TOO and actor.role == "supervisor":
                return
            raise ClaimedByOther(
                f"{holder.name} holds this case", claimed_by={"id": str(holder.id), "name": holder.name}
            )
        if holder is None and move in OF_THE_HOLDER and case.state == AlarmState.OPEN:
            raise NotClaimed()


def moved(case: AlarmCase, move: AlarmMove, *, by: Actor, now: datetime, outcome: Outcome | None = None) -> AlarmCase:
    """The case after an operator's move; any move of the one who holds it renews the lease.

    :raises IllegalMove:
    """
    after = case.after(move)
    if move == AlarmMove.CLAIM:
        holder, first = OperatorOnCase(id=by.id, name=by.name), case.first_claimed_at or now
        after = replace(after, claimed_by=holder, claimed_at=now, first_claimed_at=first)
    elif move == AlarmMove.CLOSE:
        after = replace(after, closed_at=now, outcome=outcome)
    elif move == AlarmMove.REOPEN:
        after = replace(after, closed_at=None, outcome=None, rang_at=now, attended_by=None)
    elif move == AlarmMove.ATTEND:
        after = replace(after, attended_by=by.name)
    return replace(after, lease_until=now + LEASE) if after.held_by(by.id) else after


def escalated(case: AlarmCase, reached: Escalation | None) -> AlarmCase:
    """The case after a step of its escalation plan. It goes up, never down; one that somebody holds by now, or that is
    closed, only keeps the line.

    :param reached: None: a step that reaches nobody higher
    """
    after = case.after(AlarmMove.ESCALATE)
    if reached is None or case.state is not AlarmState.OPEN or case.escalation is Escalation.SUPERVISOR:
        return after
    return replace(after, escalation=reached)


def needs_note(outcome: Outcome) -> bool:
    return outcome == Outcome.UNREACHABLE


def receipts(
    owed: Iterable[tuple[str, str]], status: ReceiptStatus, *, case_id: UUID, at: datetime
) -> list[ReceiptsDue]:
    """:param owed: (device_id, event_id) of the receipts to send"""
    due: list[ReceiptsDue] = []
    for device_id, pairs in groupby(sorted(set(owed)), key=lambda pair: pair[0]):
        entries = [Receipt(id=event_id, status=status, at=at, case_id=str(case_id)) for _, event_id in pairs]
        for start in range(0, len(entries), RECEIPTS_A_MESSAGE):
            due.append(ReceiptsDue(device_id=device_id, receipts=tuple(entries[start : start + RECEIPTS_A_MESSAGE])))
    return due


def queue_order(case: AlarmCase) -> tuple[bool, int, bool, datetime, UUID]:
    """Sorts the queue: unclaimed cases first, then by urgency, then those that rang again, then the oldest."""
    return (case.state != AlarmState.OPEN, case.priority, case.rang_at <= case.opened_at, case.opened_at, case.id)


FEW_DEVICES = 10


def is_broker_wide(*, online: int, silent: int, nobody_heard: bool) -> bool:
    """If half of the devices fall silent together, or all, the platform is at fault and not the devices."""
    return silent >= FEW_DEVICES and (nobody_heard or 2 * silent >= online)
