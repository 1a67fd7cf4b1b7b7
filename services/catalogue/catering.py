"""What can happen to kitchens, dishes and menus. The caller owns the transaction."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.errors import ForeignKeyViolation

from services.accounts.model import Caller, Scope
from services.accounts.store_requests import Filed, made_before
from services.catalogue import menus, rules
from services.catalogue.allergies import LEXICON
from services.catalogue.kitchens import SERVICE_OF, Dish, Kitchen, Menu
from services.catalogue.store import CatalogueStore
from services.catalogue.store_kitchens import KitchenStore
from services.db.pool import Connection
from services.elders.store_regions import RegionStore
from services.errors import NotFound, check_version
from services.providers.handlers import to_decide_about
from services.providers.model import Provider
from services.providers.store import ProviderStore


async def kitchen_of(tx: Connection, kitchen_id: UUID, scope: Scope) -> Kitchen:
    """:raises NotFound: also for a kitchen of a provider outside the scope"""
    kitchen = await KitchenStore(tx).get(kitchen_id)
    if kitchen is None or await ProviderStore(tx).get(kitchen.provider_id, scope) is None:
        raise NotFound
    return kitchen


async def add_kitchen(tx: Connection, kitchen: Kitchen, *, by: Caller, filed: Filed) -> UUID:
    """:raises NotFound: :raises WiderThanYours: :raises OutsideProvider: :raises KeyReused:"""
    provider = await to_decide_about(tx, kitchen.provider_id, by)
    if before := await made_before(tx, filed, kitchen.id):
        return before
    await _check_regions(tx, kitchen, provider)
    await KitchenStore(tx).add(kitchen)
    return kitchen.id


async def change_kitchen(
    tx: Connection, kitchen_id: UUID, changes: Mapping[str, Any], *, version: int | None, by: Caller
) -> None:
    """:raises NotFound: :raises WiderThanYours: :raises StaleVersion: :raises OutsideProvider:"""
    before, provider = await _to_edit(tx, kitchen_id, by)
    check_version(before.version, version)
    after = replace(before, **changes)
    if after == before:
        return
    if after.region_codes != before.region_codes:
        await _check_regions(tx, after, provider)
    await KitchenStore(tx).change(replace(after, version=before.version + 1))


async def add_dish(tx: Connection, dish: Dish, *, by: Caller, filed: Filed) -> UUID:
    """:raises NotFound: :raises WiderThanYours: :raises UnknownAllergen: :raises KeyReused:"""
    await _to_edit(tx, dish.kitchen_id, by)
    if before := await made_before(tx, filed, dish.id):
        return before
    menus.check_allergens(dish, LEXICON)
    await KitchenStore(tx).put_dish(dish)
    return dish.id


async def change_dish(tx: Connection, dish: Dish, *, version: int | None, by: Caller) -> None:
    """The kitchen's row is locked: nobody else changes a dish of it meanwhile.

    :param dish: as it should be; its own `version` is not looked at

    :raises NotFound: :raises WiderThanYours: :raises StaleVersion: :raises UnknownAllergen:
    """
    await _to_edit(tx, dish.kitchen_id, by)
    store = KitchenStore(tx)
    before = await store.dish(dish.kitchen_id, dish.id)
    if before is None:
        raise NotFound
    check_version(before.version, version)
    menus.check_allergens(dish, LEXICON)
    if replace(dish, version=before.version) != before:
        await store.put_dish(replace(dish, version=before.version + 1))


async def set_menu(tx: Connection, menu: Menu, *, version: int | None, today: date, by: Caller) -> None:
    """The whole day. :param version: that was read, 0 where none is written yet

    :raises NotFound: :raises WiderThanYours: :raises BeforeToday: :raises StaleVersion: :raises NotSold:
    :raises AboveCeiling: :raises UnknownDish: :raises DishTwice:
    """
    await _to_edit(tx, menu.kitchen_id, by)
    rules.check_valid_from(menu.day, today)
    store = KitchenStore(tx)
    written = await store.menus([menu.kitchen_id], menu.day, menu.day)
    before = written[0] if written else Menu(kitchen_id=menu.kitchen_id, day=menu.day)
    check_version(before.version, version)
    services = {meal: await CatalogueStore(tx).versions(code) for meal, code in SERVICE_OF.items()}
    names = {dish.id: dish.name.zh for dish in await store.dishes([menu.kitchen_id])}
    menus.check_menu(menu, services, names)
    if set(menu.items) == set(before.items) and before.version:
        return
    try:
        await store.put_menu(replace(menu, version=before.version + 1))
    except ForeignKeyViolation:
        raise menus.UnknownDish from None


async def _to_edit(tx: Connection, kitchen_id: UUID, by: Caller) -> tuple[Kitchen, Provider]:
    """Locks the provider first, then the kitchen, as all here do."""
    kitchen = await kitchen_of(tx, kitchen_id, by.scope)
    provider = await to_decide_about(tx, kitchen.provider_id, by)
    locked = await KitchenStore(tx).get(kitchen_id, to_edit=True)
    assert locked is not None
    return locked, provider


async def _check_regions(tx: Connection, kitchen: Kitchen, provider: Provider) -> None:
    known = await RegionStore(tx).names(kitchen.region_codes)
    outside = [code for code in kitchen.region_codes if code not in known or not code.startswith(provider.region_codes)]
    if outside:
        raise rules.OutsideProvider(", ".join(outside), region_codes=outside)
