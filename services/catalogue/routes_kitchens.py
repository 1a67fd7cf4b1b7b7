"""Kitchens and their dishes: written by their provider, or by the city."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Body, Response

from services.accounts.conditions import IdempotencyKey, IfMatchNeeded, digest_of, etag, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.accounts.store_requests import Filed
from services.catalogue import catering
from services.catalogue.allergies import LEXICON
from services.catalogue.forms_kitchens import DishForm, KitchenChange, KitchenForm, changes_in
from services.catalogue.kitchens import Kitchen
from services.catalogue.store_kitchens import KitchenStore
from services.catalogue.views import Text
from services.catalogue.views_kitchens import AllergenView, DishView, KitchenView
from services.db.pool import Database
from services.errors import NotFound
from services.providers.store import ProviderStore


def kitchen_routes(db: Database, guard: Guard) -> APIRouter:
    router = APIRouter(tags=["kitchens"])
    _kitchens(router, db, guard)
    _dishes(router, db, guard)

    @router.get("/allergens")
    async def list_allergens(_: Caller = guard.allows(Permission.CATALOGUE_READ)) -> list[AllergenView]:
        """The fixed list; words that mean the same are recognised as well."""
        return [AllergenView(one.code, Text.of(one.name)) for one in LEXICON.allergens.values()]

    return router


def _kitchens(router: APIRouter, db: Database, guard: Guard) -> None:
    async def told(response: Response, kitchen_id: UUID, caller: Caller) -> KitchenView:
        async with db.transaction() as tx:
            kitchen = await catering.kitchen_of(tx, kitchen_id, caller.scope)
        response.headers.update(etag(kitchen.version))
        return KitchenView.of(kitchen)

    @router.get("/providers/{provider_id}/kitchens")
    async def list_kitchens(
        provider_id: UUID, caller: Caller = guard.allows(Permission.PROVIDERS_READ)
    ) -> list[KitchenView]:
        async with db.transaction() as tx:
            if await ProviderStore(tx).get(provider_id, caller.scope) is None:
                raise NotFound
            kitchens = await KitchenStore(tx).of_providers([provider_id])
        return [KitchenView.of(kitchen) for kitchen in kitchens]

    @router.post("/providers/{provider_id}/kitchens", status_code=201)
    async def add_kitchen(
        provider_id: UUID,
        body: KitchenForm,
        response: Response,
        idempotency_key: IdempotencyKey = None,
        caller: Caller = guard.allows(Permission.OFFERS_WRITE),
    ) -> KitchenView:
        kitchen = Kitchen(
            id=uuid4(),
            provider_id=provider_id,
            name=body.name,
            address=body.address,
            location=body.location.location(),
            region_codes=body.region_codes,
        )
        digest = digest_of(f"add_kitchen {provider_id}", body.model_dump(mode="json"))
        filed = Filed(by=caller.id, key=idempotency_key, digest=digest)
        async with db.transaction(actor=caller.id) as tx:
            kitchen_id = await catering.add_kitchen(tx, kitchen, by=caller, filed=filed)
        return await told(response, kitchen_id, caller)

    @router.get("/kitchens/{kitchen_id}")
    async def get_kitchen(
        kitchen_id: UUID, response: Response, caller: Caller = guard.allows(Permission.PROVIDERS_READ)
    ) -> KitchenView:
        return await told(response, kitchen_id, caller)

    @router.patch("/kitchens/{kitchen_id}")
    async def change_kitchen(
        kitchen_id: UUID,
        body: Annotated[KitchenChange, Body()],
        response: Response,
        if_match: IfMatchNeeded,
        caller: Caller = guard.allows(Permission.OFFERS_WRITE),
    ) -> KitchenView:
        """What is not sent stays as it is. A kitchen that is not `open` is shown to no family."""
        changes, version = changes_in(body), version_of(if_match)
        async with db.transaction(actor=caller.id) as tx:
            await catering.change_kitchen(tx, kitchen_id, changes, version=version, by=caller)
        return await told(response, kitchen_id, caller)


def _dishes(router: APIRouter, db: Database, guard: Guard) -> None:
    async def told(response: Response, kitchen_id: UUID, dish_id: UUID) -> DishView:
        async with db.transaction() as tx:
            dish = await KitchenStore(tx).dish(kitchen_id, dish_id)
        if dish is None:
            raise NotFound
        response.headers.update(etag(dish.version))
        return DishView.of(dish)

    @router.get("/kitchens/{kitchen_id}/dishes")
    async def list_dishes(kitchen_id: UUID, caller: Caller = guard.allows(Permission.PROVIDERS_READ)) -> list[DishView]:
        async with db.transaction() as tx:
            await catering.kitchen_of(tx, kitchen_id, caller.scope)
            dishes = await KitchenStore(tx).dishes([kitchen_id])
        return [DishView.of(dish) for dish in dishes]

    @router.post("/kitchens/{kitchen_id}/dishes", status_code=201)
    async def add_dish(
        kitchen_id: UUID,
        body: DishForm,
        response: Response,
        idempotency_key: IdempotencyKey = None,
        caller: Caller = guard.allows(Permission.OFFERS_WRITE),
    ) -> DishView:
        digest = digest_of(f"add_dish {kitchen_id}", body.model_dump(mode="json"))
        filed = Filed(by=caller.id, key=idempotency_key, digest=digest)
        async with db.transaction(actor=caller.id) as tx:
            dish_id = await catering.add_dish(tx, body.dish(kitchen_id, uuid4()), by=caller, filed=filed)
        return await told(response, kitchen_id, dish_id)

    @router.put("/kitchens/{kitchen_id}/dishes/{dish_id}")
    async def change_dish(
        kitchen_id: UUID,
        dish_id: UUID,
        body: DishForm,
        response: Response,
        if_match: IfMatchNeeded,
        *,
        caller: Caller = guard.allows(Permission.OFFERS_WRITE),
    ) -> DishView:
        """All of it, on every menu it stands on."""
        dish, version = body.dish(kitchen_id, dish_id), version_of(if_match)
        async with db.transaction(actor=caller.id) as tx:
            await catering.change_dish(tx, dish, version=version, by=caller)
        return await told(response, kitchen_id, dish_id)
