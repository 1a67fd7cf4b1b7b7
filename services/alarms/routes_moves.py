"""Every move an operator may make, over HTTP. The transaction ends before the answer is sent."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field, StringConstraints

from contracts.alarm_case import CaseView
from services.accounts.conditions import IdempotencyKey, IfMatch, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.alarms import handlers
from services.alarms.handlers import Hand
from services.alarms.model import Actor, CallResult, Outcome
from services.db.pool import Database
from services.db.text import StorableText

Text = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Label = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Call(BaseModel):
    contact_id: UUID | None = None
    number_label: Label = Field(description="who is called, as the page shows it; not the number itself")


class CallEnded(BaseModel):
    result: CallResult
    note: Text | None = None


class Responding(BaseModel):
    who: Label
    note: Text | None = None


class NoteText(BaseModel):
    text: Text


class Closing(BaseModel):
    outcome: Outcome
    note: Text | None = None


class Reopening(BaseModel):
    reason: Text


def actor_of(caller: Caller) -> Actor:
    return Actor(id=caller.id, name=caller.name, role=caller.account.role.value)


def hand_allowed(guard: Guard) -> Any:
    """A parameter default: who makes the move, with the conditions of the request."""

    def hand(
        caller: Caller = guard.allows(Permission.CASES_MOVE),
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Hand:
        return Hand(
            actor=actor_of(caller),
            scope=caller.scope,
            if_version=version_of(if_match),
            idempotency_key=idempotency_key,
        )

    return Depends(hand)


def routes(db: Database, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/cases")
    _holding(router, db, hand_allowed(guard))
    _working(router, db, hand_allowed(guard))
    _ending(router, db, hand_allowed(guard))
    _of_the_family(router, db, guard)
    return router


def _holding(router: APIRouter, db: Database, allowed: Any) -> None:
    @router.post("/claim-next", responses={204: {"description": "nothing waits"}})
    async def claim_next_case(response: Response, hand: Hand = allowed) -> CaseView | None:
        async with db.transaction(actor=hand.actor.id, pipelined=True) as tx:
            case = await handlers.claim_next(tx, hand)
        if case is None:
            response.status_code = 204
            return None
        return case.view()

    @router.post("/{case_id}/claim")
    async def claim_case(case_id: UUID, hand: Hand = allowed) -> CaseView:
        async with db.transaction(actor=hand.actor.id, pipelined=True) as tx:
            return (await handlers.claim(tx, case_id, hand)).view()

    @router.post("/{case_id}/touch")
    async def touch_case(case_id: UUID, hand: Hand = allowed) -> CaseView:
        """Records activity: the claim's 60 seconds begin again."""
        async with db.transaction(actor=hand.actor.id, pipelined=True) as tx:
            return (await handlers.touch(tx, case_id, hand)).view()

    @router.post("/{case_id}/release")
    async def release_case(case_id: UUID, hand: Hand = allowed) -> CaseView:
        async with db.transaction(actor=hand.actor.id, pipelined=True) as tx:
            return (await handlers.release(tx, case_id, hand)).view()


def _working(router: APIRouter, db: Database, allowed: Any) -> None:
    @router.post("/{case_id}/call")
    async def call_contact(case_id: UUID, body: Call, hand: Hand = allowed) -> CaseView:
        async with db.transaction(actor=hand.actor.id, pipelined=True) as tx:
            case = await handlers.call(tx, case_id, hand, contact_id=body.contact_id, number_label=body.number_label)
        return case.view()

    @router.post("/{case_id}/call-result")
    async def end_call(case_id: UUID, body: CallEnded, hand: Hand = allowed) -> CaseView:
        async with db.transaction(actor=hand.actor.id, pipelined=True) as tx:
            return (await handlers.call_done(tx, case_id, hand, result=body.result, note=body.note)).view()

    @router.post("/{case_id}/respond")
    async def send_someone(case_id: UUID, body: Responding, hand: Hand = allowed) -> CaseView:
        async with db.transaction(actor=hand.actor.id, pipelined=True) as tx:
            return (await handlers.respond(tx, case_id, hand, who=body.who, note=body.note)).view()

    @router.post("/{case_id}/note")
    async def write_note(case_id: UUID, body: NoteText, hand: Hand = allowed) -> CaseView:
        async with db.transaction(actor=hand.actor.id, pipelined=True) as tx:
            return (await handlers.note(tx, case_id, hand, text=body.text)).view()


def _ending(router: APIRouter, db: Database, allowed: Any) -> None:
    @router.post("/{case_id}/close")
    async def close_case(case_id: UUID, body: Closing, hand: Hand = allowed) -> CaseView:
        async with db.transaction(actor=hand.actor.id, pipelined=True) as tx:
            return (await handlers.close(tx, case_id, hand, outcome=body.outcome, note=body.note)).view()

    @router.post("/{case_id}/reopen")
    async def reopen_case(case_id: UUID, body: Reopening, hand: Hand = allowed) -> CaseView:
        async with db.transaction(actor=hand.actor.id, pipelined=True) as tx:
            return (await handlers.reopen(tx, case_id, hand, reason=body.reason)).view()


def _of_the_family(router: APIRouter, db: Database, guard: Guard) -> None:
    @router.post("/{case_id}/attend")
    async def attend_case(case_id: UUID, caller: Caller = guard.allows(Permission.CASES_ATTEND)) -> CaseView:
        """Somebody of the family says to be with her. The operator sees it and decides; it stops nothing. Once for each
        account and case."""
        async with db.transaction(actor=caller.id) as tx:
            hand = Hand(actor=actor_of(caller), scope=caller.scope)
            return (await handlers.attend(tx, case_id, hand)).view()
