"""The catalogue: read by everybody, written by the city; and what one elder may be offered of it."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from services.accounts.conditions import IfMatchNeeded, etag, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.business_day import business_day
from services.catalogue import handlers, rules
from services.catalogue.offering import bookable_days, entries
from services.catalogue.store import CatalogueStore
from services.catalogue.store_offers import OfferStore
from services.catalogue.terms import STRICT, TermsForm
from services.catalogue.views import (
    BookableDayView,
    BookableService,
    CatalogueView,
    CategoryView,
    ElderCatalogue,
    OfferedService,
    ServiceView,
)
from services.db.pool import Database
from services.elders.store import ElderStore
from services.elders.vault import Vault
from services.errors import NotFound
from services.providers.store import ProviderStore

DAYS_SHOWN = 14

ServiceCode = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,39}$")]


class ServiceForm(BaseModel):
    model_config = STRICT
    valid_from: date
    terms: TermsForm


def catalogue_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/catalogue", tags=["catalogue"])

    @router.get("")
    async def list_services(
        day: Annotated[date | None, Query(description="a business day; none: today")] = None,
        _: Caller = guard.allows(Permission.CATALOGUE_READ),
    ) -> CatalogueView:
        """What is sold on that day."""
        day = day or business_day(now())
        async with db.transaction() as tx:
            store = CatalogueStore(tx)
            categories, services = await store.categories(), await store.all()
        held = [rules.in_force(versions, day) for versions in services.values()]
        return CatalogueView(
            day=day,
            categories=[CategoryView.of(category) for category in categories],
            items=[ServiceView.of(service) for service in held if service and service.terms.sold],
        )

    @router.get("/{service_code}")
    async def get_service(
        service_code: ServiceCode, response: Response, _: Caller = guard.allows(Permission.CATALOGUE_READ)
    ) -> list[ServiceView]:
        """Every version, newest first; the ETag is the newest."""
        return await told(service_code, response)

    @router.put("/{service_code}")
    async def set_service(
        service_code: ServiceCode,
        body: ServiceForm,
        response: Response,
        if_match: IfMatchNeeded,
        caller: Caller = guard.allows(Permission.CATALOGUE_WRITE),
    ) -> list[ServiceView]:
        """Adds a version, which holds from a day on; `If-Match: "0"` for a new service. 412 names the newest."""
        async with db.transaction(actor=caller.id) as tx:
            await handlers.set_service(
                tx,
                service_code,
                body.terms.terms(),
                valid_from=body.valid_from,
                version=version_of(if_match),
                today=business_day(now()),
                by=caller,
            )
        return await told(service_code, response)

    async def told(code: str, response: Response) -> list[ServiceView]:
        async with db.transaction() as tx:
            versions = await CatalogueStore(tx).versions(code)
        if not versions:
            raise NotFound
        response.headers.update(etag(rules.newest(versions)))
        return [ServiceView.of(version) for version in reversed(versions)]

    return router


def elder_catalogue_routes(db: Database, guard: Guard, vault: Vault, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/elders", tags=["catalogue"])

    @router.get("/{elder_id}/catalogue")
    async def get_elder_catalogue(
        elder_id: UUID, caller: Caller = guard.allows(Permission.CATALOGUE_FOR_ELDER)
    ) -> ElderCatalogue:
        """Every service with who offers it to this elder, at what price and from when, or the reasons why not."""
        async with db.transaction(pipelined=True) as tx:
            store = CatalogueStore(tx)
            elder, categories, services = await asyncio.gather(
                ElderStore(tx, vault).get(elder_id, caller.scope), store.categories(), store.all()
            )
            if elder is None:
                raise NotFound
            providers = await ProviderStore(tx).serving(elder.region_code)
            offers = await OfferStore(tx).of_providers([provider.id for provider in providers])
        found = entries(services, providers, offers, elder, now())
        return ElderCatalogue(
            categories=[CategoryView.of(category) for category in categories],
            items=[OfferedService.of(entry) for entry in found],
        )

    @router.get("/{elder_id}/catalogue/{service_code}")
    async def get_bookable_days(
        elder_id: UUID,
        service_code: ServiceCode,
        first: Annotated[date | None, Query(alias="from", le=date(9999, 12, 1), description="none: today")] = None,
        caller: Caller = guard.allows(Permission.CATALOGUE_FOR_ELDER),
    ) -> BookableService:
        """One service with the hours in which it may begin on each of fourteen days, and who offers it then. Whether
        somebody is free is not asked."""
        at = now()
        first = first or business_day(at)
        days = [first + timedelta(days=n) for n in range(DAYS_SHOWN)]
        async with db.transaction(pipelined=True) as tx:
            elder, versions = await asyncio.gather(
                ElderStore(tx, vault).get(elder_id, caller.scope), CatalogueStore(tx).versions(service_code)
            )
            if elder is None:
                raise NotFound
            providers = await ProviderStore(tx).serving(elder.region_code)
            offers = await OfferStore(tx).of_providers([provider.id for provider in providers], service_code)
        found = entries({service_code: versions}, providers, offers, elder, at)
        if not versions or not found:
            raise NotFound
        told = bookable_days(versions, providers, offers, elder, days=days, now=at)
        return BookableService(service=OfferedService.of(found[0]), days=[BookableDayView.of(day) for day in told])

    return router
