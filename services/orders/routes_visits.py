"""Visits: a worker's route, what whoever serves does, what a dispatcher decides."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter, Response

from contracts.order import OrderView
from services.accounts.conditions import IfMatch, etag, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.business_day import business_day, day_starts_at
from services.db.pool import Database
from services.errors import NotFound
from services.orders import answering, assigning, store_lists
from services.orders.forms import AssignForm, LockForm, ReleaseForm, VisitMoveForm
from services.orders.handlers import Hand
from services.orders.model import Order
from services.orders.routes import actor_of
from services.orders.views import VisitOnRoute, seen_by
from services.providers.workers.store import WorkerStore


def visit_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/visits", tags=["visits"])
    _serving(router, db, guard, now)
    _deciding(router, db, guard, now)
    return router


def _hand(caller: Caller, if_match: str | None, reason: str | None) -> Hand:
    return Hand(actor=actor_of(caller), scope=caller.scope, if_version=version_of(if_match), reason=reason)


def _told(response: Response, order: Order, caller: Caller) -> OrderView:
    response.headers.update(etag(order.version))
    return seen_by(order, caller.account.role)


def _serving(router: APIRouter, db: Database, guard: Guard, now: Callable[[], datetime]) -> None:
    @router.get("")
    async def list_visits(
        worker_id: UUID | None = None,
        day: date | None = None,
        caller: Caller = guard.allows(Permission.VISITS_READ),
    ) -> list[VisitOnRoute]:
        """Of one worker's day (theirs, of today, if none is named), of which they have been told, with all they need at
        the door. A worker sees today and later."""
        today = business_day(now())
        day, worker_id = day or today, worker_id or caller.scope.worker_id
        if worker_id is None or not 2000 <= day.year <= 2199:
            return []
        if caller.scope.worker_id is not None and day < today:
            return []
        async with db.reading() as tx:
            theirs = worker_id == caller.scope.worker_id
            if not theirs and await WorkerStore(tx).get(worker_id, caller.scope) is None:
                raise NotFound
            return await store_lists.route(tx, caller.scope, worker_id, day_starts_at(day))

    @router.post("/{visit_id}/moves")
    async def move_visit(
        visit_id: UUID,
        body: VisitMoveForm,
        response: Response,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.VISITS_MOVE),
    ) -> OrderView:
        """Also later, from what a phone did without network: `device_at` says when. 409 names the `state` from which
        the `move` is not possible."""
        hand = Hand(
            actor=actor_of(caller), scope=caller.scope, if_version=version_of(if_match), move_id=body.move_id,
            device_at=body.device_at, reason=body.reason,
        )  # fmt: skip
        async with db.transaction(actor=caller.id) as tx:
            order = await answering.moved(tx, visit_id, body.move, hand, now=now())
        return _told(response, order, caller)


def _deciding(router: APIRouter, db: Database, guard: Guard, now: Callable[[], datetime]) -> None:
    @router.post("/{visit_id}/assign")
    async def assign_visit(
        visit_id: UUID,
        body: AssignForm,
        response: Response,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.DISPATCH_DECIDE),
    ) -> OrderView:
        """A person decides who goes: the visit is locked, its worker told at once. 409 gives the `reason` why not."""
        async with db.transaction(actor=caller.id) as tx:
            order = await assigning.assign_by_hand(
                tx, visit_id, _hand(caller, if_match, body.reason), worker_id=body.worker_id,
                starts_at=body.starts_at, travel_min=body.travel_min, now=now(),
            )  # fmt: skip
        return _told(response, order, caller)

    @router.post("/{visit_id}/release")
    async def release_visit(
        visit_id: UUID,
        body: ReleaseForm,
        response: Response,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.DISPATCH_DECIDE),
    ) -> OrderView:
        """Takes it from its worker, who is not asked again; dispatch looks for another."""
        async with db.transaction(actor=caller.id) as tx:
            order = await assigning.release(tx, visit_id, _hand(caller, if_match, body.reason), now=now())
        return _told(response, order, caller)

    @router.post("/{visit_id}/lock")
    async def lock_visit(
        visit_id: UUID,
        body: LockForm,
        response: Response,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.DISPATCH_DECIDE),
    ) -> OrderView:
        """A locked visit stays where it is until a person moves it."""
        async with db.transaction(actor=caller.id) as tx:
            order = await assigning.lock(tx, visit_id, _hand(caller, if_match, None), locked=body.locked, now=now())
        return _told(response, order, caller)
