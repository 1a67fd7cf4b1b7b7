"""What the kitchens near an elder cook on a day, and what of it the elder may have."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from uuid import UUID

from services.catalogue.kitchens import SERVICE_OF
from services.catalogue.menus import Served, Taken, served
from services.catalogue.store import CatalogueStore
from services.catalogue.store_kitchens import KitchenStore
from services.db.pool import Connection
from services.elders.model import Elder
from services.providers.store import ProviderStore

TakenOf = Callable[[Connection, Sequence[UUID], date], Awaitable[Taken]]
"""Of these kitchens on a day: orders know it."""


async def served_to(tx: Connection, elder: Elder, day: date, *, now: datetime, taken_of: TakenOf) -> list[Served]:
    """In a pipeline its questions travel together."""
    providers = {one.id: one for one in await ProviderStore(tx).serving(elder.region_code)}
    store, catalogue = KitchenStore(tx), CatalogueStore(tx)
    kitchens = await store.of_providers(list(providers))
    ids = [kitchen.id for kitchen in kitchens]
    menus, dishes, taken, versions = await asyncio.gather(
        store.menus(ids, day, day),
        store.dishes(ids),
        taken_of(tx, ids, day),
        asyncio.gather(*(catalogue.versions(code) for code in SERVICE_OF.values())),
    )
    services = dict(zip(SERVICE_OF, versions, strict=True))
    whose = [(kitchen, providers[kitchen.provider_id]) for kitchen in kitchens]
    return served(whose, menus, dishes=dishes, services=services, elder=elder, day=day, now=now, taken=taken)
