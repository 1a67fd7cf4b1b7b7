"""Grants: a family asks and gives up; operators, supervisors and officials confirm, refuse, revoke in their regions."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.accounts.conditions import IdempotencyKey, digest_of, etag
from services.accounts.grants import handlers
from services.accounts.grants.forms import Confirmation, Decision, GivingUp, GrantAsk
from services.accounts.grants.handlers import FindElder
from services.accounts.grants.model import GrantState
from services.accounts.grants.store import GrantStore
from services.accounts.grants.views import GrantDetail, GrantMovedView, GrantPage, GrantView
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.accounts.store_requests import Filed
from services.db.paging import BadCursor, cursor_of, place_in
from services.db.pool import Database
from services.errors import NotFound

Told = Callable[[Response, UUID, Caller], Awaitable[GrantDetail]]


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every route here uses."""

    db: Database
    guard: Guard
    now: Callable[[], datetime]
    told: Told


def grant_routes(db: Database, guard: Guard, find: FindElder, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(tags=["grants"])
    ground = _Ground(db, guard, now, _telling(db))
    _asking(router, ground, find)
    _reading(router, ground)
    _deciding(router, ground)
    return router


def _telling(db: Database) -> Told:
    """The grant as it is now, and its version as ETag."""

    async def told(response: Response, grant_id: UUID, caller: Caller) -> GrantDetail:
        async with db.transaction() as tx:
            store = GrantStore(tx)
            seen = await store.get(grant_id, caller)
            if seen is None:
                raise NotFound
            history = await store.history(grant_id)
        response.headers.update(etag(seen.grant.version))
        return GrantDetail(
            grant=GrantView.of(seen, caller), history=[GrantMovedView.of(moved, caller) for moved in history]
        )

    return told


def _asking(router: APIRouter, on: _Ground, find: FindElder) -> None:
    @router.post("/grants", status_code=201)
    async def ask_grant(
        body: GrantAsk,
        response: Response,
        idempotency_key: IdempotencyKey = None,
        caller: Caller = on.guard.allows(Permission.GRANTS_ASK),
    ) -> GrantDetail:
        """The answer is the same whether or not there is such an elder. 429 after a few within a day."""
        filed = Filed(by=caller.id, key=idempotency_key, digest=digest_of("ask_grant", body.model_dump(mode="json")))
        async with on.db.transaction(actor=caller.id) as tx:
            grant_id = await handlers.ask(
                tx,
                body.described(),
                relation=body.relation,
                kinds=body.kinds,
                find=find,
                by=caller,
                filed=filed,
                now=on.now(),
            )
        return await on.told(response, grant_id, caller)


def _reading(router: APIRouter, on: _Ground) -> None:
    @router.get("/grants")
    async def list_grants(
        state: GrantState | None = None,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        caller: Caller = on.guard.allows(Permission.GRANTS_READ),
    ) -> GrantPage:
        """A family's own; everybody else's: those of their regions. Who has waited longest comes first."""
        after = _after(cursor) if cursor else None
        async with on.db.transaction() as tx:
            found = await GrantStore(tx).page(caller, state=state, after=after, limit=limit + 1)
        more, found = len(found) > limit, found[:limit]
        last = found[-1] if more else None
        items = [GrantView.of(seen, caller) for seen in found]
        return GrantPage(items, cursor_of(last.asked_at.isoformat(), str(last.grant.id)) if last else None)

    @router.get("/grants/{grant_id}")
    async def get_grant(
        grant_id: UUID, response: Response, caller: Caller = on.guard.allows(Permission.GRANTS_READ)
    ) -> GrantDetail:
        return await on.told(response, grant_id, caller)

    @router.get("/elders/{elder_id}/grants")
    async def list_grants_for_elder(
        elder_id: UUID, caller: Caller = on.guard.allows(Permission.GRANTS_READ)
    ) -> list[GrantView]:
        """Who may do what for her: to her family what holds today, to the staff what was asked and what is over too.
        Newest first."""
        async with on.db.transaction() as tx:
            found = await handlers.for_elder(tx, elder_id, by=caller, now=on.now())
        return [GrantView.of(seen, caller) for seen in found]


def _deciding(router: APIRouter, on: _Ground) -> None:
    @router.post("/grants/{grant_id}/decision")
    async def decide_grant(
        grant_id: UUID,
        body: Decision,
        response: Response,
        caller: Caller = on.guard.allows(Permission.GRANTS_DECIDE),
    ) -> GrantDetail:
        """Confirm, with the elder's will known, or refuse. 409 names the `state` in which nothing is to be decided."""
        async with on.db.transaction(actor=caller.id) as tx:
            if isinstance(body, Confirmation):
                await handlers.confirm(
                    tx,
                    grant_id,
                    kinds=body.kinds,
                    until=body.until,
                    how=body.how,
                    note=body.note,
                    by=caller,
                    now=on.now(),
                )
            else:
                await handlers.refuse(tx, grant_id, note=body.reason, by=caller)
        return await on.told(response, grant_id, caller)

    @router.post("/grants/{grant_id}/end")
    async def end_grant(
        grant_id: UUID, body: GivingUp, response: Response, caller: Caller = on.guard.allows(Permission.GRANTS_END)
    ) -> GrantDetail:
        """Withdraw what one has asked for, give back or revoke what was confirmed. It holds for the next request;
        open streams of the account end, and tell nothing that moves after this is answered."""
        async with on.db.transaction(actor=caller.id) as tx:
            await handlers.give_up(tx, grant_id, note=body.reason, by=caller)
        return await on.told(response, grant_id, caller)


def _after(cursor: str) -> tuple[datetime, UUID]:
    """:raises BadCursor:"""
    at, grant_id = place_in(cursor, 2)
    try:
        return datetime.fromisoformat(at), UUID(grant_id)
    except ValueError:
        raise BadCursor from None
