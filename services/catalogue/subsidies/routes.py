"""The schemes of the city: read by everybody, written by civil affairs; and who has been awarded one."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Path, Response

from services.accounts.conditions import IdempotencyKey, IfMatch, IfMatchNeeded, digest_of, etag, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission, Role
from services.accounts.store_requests import Filed
from services.business_day import business_day
from services.catalogue import rules as catalogue
from services.catalogue.subsidies import handlers
from services.catalogue.subsidies.forms import AwardEndForm, AwardForm, SchemeForm
from services.catalogue.subsidies.model import Award
from services.catalogue.subsidies.store import SubsidyStore
from services.catalogue.subsidies.views import AwardList, AwardView, SchemeHistory, SchemeList, histories
from services.db.pool import Database
from services.elders.store import ElderStore
from services.errors import NotFound

SchemeCode = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,39}$")]


def scheme_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/schemes", tags=["subsidies"])

    async def told(code: str, response: Response) -> SchemeHistory:
        async with db.transaction() as tx:
            versions = (await SubsidyStore(tx).schemes(code)).get(code)
        if not versions:
            raise NotFound
        response.headers.update(etag(catalogue.newest(versions)))
        return SchemeHistory.of(versions, business_day(now()))

    @router.get("")
    async def list_schemes(_: Caller = guard.allows(Permission.CATALOGUE_READ)) -> SchemeList:
        """What the city pays of orders, also what has ended or not begun."""
        async with db.transaction() as tx:
            schemes = await SubsidyStore(tx).schemes()
        return SchemeList(histories(schemes, business_day(now())))

    @router.get("/{scheme_code}")
    async def get_scheme(
        scheme_code: SchemeCode, response: Response, _: Caller = guard.allows(Permission.CATALOGUE_READ)
    ) -> SchemeHistory:
        """Every version; the ETag is the newest."""
        return await told(scheme_code, response)

    @router.put("/{scheme_code}")
    async def set_scheme(
        scheme_code: SchemeCode,
        body: SchemeForm,
        response: Response,
        if_match: IfMatchNeeded,
        caller: Caller = guard.allows(Permission.CATALOGUE_WRITE),
    ) -> SchemeHistory:
        """Adds a version, which holds from a day on; `If-Match: "0"` for a new scheme. 412 names the newest."""
        async with db.transaction(actor=caller.id) as tx:
            await handlers.set_scheme(
                tx,
                scheme_code,
                body.terms.terms(),
                valid_from=body.valid_from,
                version=version_of(if_match),
                today=business_day(now()),
                by=caller,
            )
        return await told(scheme_code, response)

    return router


def award_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/elders/{elder_id}/awards", tags=["subsidies"])

    async def told(elder_id: UUID, caller: Caller) -> AwardList:
        async with db.transaction() as tx:
            if await ElderStore(tx, None).get(elder_id, caller.scope) is None:
                raise NotFound
            store = SubsidyStore(tx)
            awards, schemes = await store.awards(elder_id), await store.schemes()
        today, official = business_day(now()), caller.account.role is not Role.FAMILY
        return AwardList(
            [AwardView.of(one, schemes.get(one.scheme_code, []), today, official=official) for one in awards]
        )

    @router.get("")
    async def list_awards(elder_id: UUID, caller: Caller = guard.allows(Permission.AWARDS_READ)) -> AwardList:
        """What this elder has been awarded, the newest first, also what is over."""
        return await told(elder_id, caller)

    @router.post("", status_code=201)
    async def award_scheme(
        elder_id: UUID,
        body: AwardForm,
        idempotency_key: IdempotencyKey = None,
        caller: Caller = guard.allows(Permission.AWARDS_WRITE),
    ) -> AwardList:
        """For orders that are made from now on. 409 names the `award_id` that holds on some of these days already."""
        digest = digest_of("award_scheme", body.model_dump(mode="json") | {"elder_id": str(elder_id)})
        filed = Filed(by=caller.id, key=idempotency_key, digest=digest)
        award = Award(id=uuid4(), elder_id=elder_id, **body.model_dump())
        async with db.transaction(actor=caller.id) as tx:
            await handlers.award(tx, award, by=caller, filed=filed)
        return await told(elder_id, caller)

    @router.post("/{award_id}/end")
    async def end_award(
        elder_id: UUID,
        award_id: UUID,
        body: AwardEndForm,
        if_match: IfMatch = None,
        caller: Caller = guard.allows(Permission.AWARDS_WRITE),
    ) -> AwardList:
        """Earlier than it was to; orders that are made already keep what was said."""
        async with db.transaction(actor=caller.id) as tx:
            await handlers.end_award(
                tx, elder_id, award_id, body.last_day, body.reason,
                version=version_of(if_match), today=business_day(now()), by=caller,
            )  # fmt: skip
        return await told(elder_id, caller)

    return router
