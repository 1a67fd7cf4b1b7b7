"""What a provider offers: written by itself, or by the city."""

from collections.abc import Callable
from datetime import date, datetime
from itertools import groupby
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from services.accounts.conditions import IfMatchNeeded, etag, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.business_day import business_day
from services.catalogue import handlers, rules
from services.catalogue.model import OfferVersion
from services.catalogue.routes import ServiceCode
from services.catalogue.store_offers import OfferStore
from services.catalogue.terms import STRICT, Fen
from services.catalogue.views import OfferHistory, OfferView
from services.db.pool import Database
from services.errors import NotFound
from services.providers.forms import RegionCodes
from services.providers.store import ProviderStore


class OfferForm(BaseModel):
    model_config = STRICT
    valid_from: date
    price_fen: Fen
    region_codes: RegionCodes


def offer_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/providers/{provider_id}/offers", tags=["catalogue"])

    async def told(provider_id: UUID, code: str | None, caller: Caller) -> list[OfferHistory]:
        async with db.transaction() as tx:
            if await ProviderStore(tx).get(provider_id, caller.scope) is None:
                raise NotFound
            offers = await OfferStore(tx).of_providers([provider_id], code)
        grouped = groupby(offers, key=lambda offer: offer.service_code)
        return [_history(code, list(versions), business_day(now())) for code, versions in grouped]

    async def told_one(provider_id: UUID, code: str, caller: Caller, response: Response) -> OfferHistory:
        found = await told(provider_id, code, caller)
        if not found:
            raise NotFound
        response.headers.update(etag(found[0].versions[0].version))
        return found[0]

    @router.get("")
    async def list_offers(
        provider_id: UUID, caller: Caller = guard.allows(Permission.PROVIDERS_READ)
    ) -> list[OfferHistory]:
        return await told(provider_id, None, caller)

    @router.put("/{service_code}")
    async def set_offer(
        provider_id: UUID,
        service_code: ServiceCode,
        body: OfferForm,
        response: Response,
        if_match: IfMatchNeeded,
        *,
        caller: Caller = guard.allows(Permission.OFFERS_WRITE),
    ) -> OfferHistory:
        """Adds a version, which holds from a day on; `If-Match: "0"` for a new offer. 422 above the ceiling names
        `price_fen`, `ceiling_fen` and `from_day`."""
        offer = OfferVersion(provider_id=provider_id, service_code=service_code, version=0, **body.model_dump())
        async with db.transaction(actor=caller.id) as tx:
            await handlers.set_offer(tx, offer, version=version_of(if_match), today=business_day(now()), by=caller)
        return await told_one(provider_id, service_code, caller, response)

    @router.delete("/{service_code}")
    async def withdraw_offer(
        provider_id: UUID,
        service_code: ServiceCode,
        response: Response,
        if_match: IfMatchNeeded,
        valid_from: Annotated[date | None, Query(description="the first day without it; none: today")] = None,
        *,
        caller: Caller = guard.allows(Permission.OFFERS_WRITE),
    ) -> OfferHistory:
        """Its versions stay: what was ordered keeps its price."""
        today = business_day(now())
        async with db.transaction(actor=caller.id) as tx:
            await handlers.withdraw_offer(
                tx,
                provider_id,
                service_code,
                valid_from=valid_from or today,
                version=version_of(if_match),
                today=today,
                by=caller,
            )
        return await told_one(provider_id, service_code, caller, response)

    return router


def _history(code: str, versions: list[OfferVersion], today: date) -> OfferHistory:
    held = rules.in_force(versions, today)
    return OfferHistory(
        service_code=code,
        in_force=OfferView.of(held) if held and not held.withdrawn else None,
        versions=[OfferView.of(version) for version in reversed(versions)],
    )
