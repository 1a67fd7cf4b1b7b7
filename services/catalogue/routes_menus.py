"""Menus: of a kitchen for its days, and for one elder what may be ordered of them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.accounts.conditions import IfMatchNeeded, etag, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.business_day import business_day
from services.catalogue import catering
from services.catalogue.elder_menu import TakenOf, served_to
from services.catalogue.forms_kitchens import MenuForm
from services.catalogue.kitchens import Menu
from services.catalogue.store_kitchens import KitchenStore
from services.catalogue.views_kitchens import ElderMenu, MenuView, ServedDish
from services.db.pool import Database
from services.elders.store import ElderStore
from services.elders.vault import Vault
from services.errors import NotFound

WEEK = 7
FirstDay = Annotated[date | None, Query(alias="from", le=date(9999, 12, 1), description="a business day; none: today")]


def menu_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/kitchens/{kitchen_id}/menus", tags=["kitchens"])

    @router.get("")
    async def list_menus(
        kitchen_id: UUID, first: FirstDay = None, caller: Caller = guard.allows(Permission.PROVIDERS_READ)
    ) -> list[MenuView]:
        """Seven days; those that nobody has written have version 0."""
        first = first or business_day(now())
        days = [first + timedelta(days=n) for n in range(WEEK)]
        async with db.transaction() as tx:
            await catering.kitchen_of(tx, kitchen_id, caller.scope)
            written = {menu.day: menu for menu in await KitchenStore(tx).menus([kitchen_id], days[0], days[-1])}
        return [MenuView.of(written.get(day, Menu(kitchen_id=kitchen_id, day=day))) for day in days]

    @router.put("/{day}")
    async def set_menu(
        kitchen_id: UUID,
        day: date,
        body: MenuForm,
        response: Response,
        if_match: IfMatchNeeded,
        *,
        caller: Caller = guard.allows(Permission.OFFERS_WRITE),
    ) -> MenuView:
        """The whole day; `If-Match: "0"` where nothing is written yet. 422 above the ceiling of the meal's service."""
        menu = Menu(kitchen_id=kitchen_id, day=day, items=tuple(item.item() for item in body.items))
        async with db.transaction(actor=caller.id) as tx:
            await catering.set_menu(tx, menu, version=version_of(if_match), today=business_day(now()), by=caller)
            (kept,) = await KitchenStore(tx).menus([kitchen_id], day, day)
        response.headers.update(etag(kept.version))
        return MenuView.of(kept)

    return router


def elder_menu_routes(
    db: Database, guard: Guard, vault: Vault, now: Callable[[], datetime], taken_of: TakenOf
) -> APIRouter:
    router = APIRouter(prefix="/elders", tags=["kitchens"])

    @router.get("/{elder_id}/menus")
    async def get_elder_menu(
        elder_id: UUID,
        day: Annotated[date | None, Query(description="a business day; none: today")] = None,
        caller: Caller = guard.allows(Permission.CATALOGUE_FOR_ELDER),
    ) -> ElderMenu:
        """Every dish of the kitchens that deliver there, with as many portions as are left and the reasons why this
        elder is not given it: an allergy by name, or that somebody must be asked."""
        day = day or business_day(now())
        async with db.transaction(pipelined=True) as tx:
            elder = await ElderStore(tx, vault).get(elder_id, caller.scope)
            if elder is None:
                raise NotFound
            found = await served_to(tx, elder, day, now=now(), taken_of=taken_of)
        return ElderMenu(day=day, items=[ServedDish.of(one) for one in found])

    return router
