"""What pages and telephones send of orders, in the tests of them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.catalogue.kitchens import Meal, Menu, MenuItem
from services.catalogue.store_kitchens import KitchenStore
from tests.integration.order_desk import OrderDesk


def form(desk: OrderDesk, at: datetime, **fields: Any) -> dict[str, Any]:
    return {
        "elder_id": str(desk.world.elders["north"]),
        "provider_id": str(desk.world.providers["north"]),
        "service_code": "cleaning_home",
        "wished_from": at.isoformat(),
        "price_fen": 4000,
    } | fields


async def a_menu(desk: OrderDesk, day: date, portions: int) -> UUID:
    """Greens for 12.00 yuan at lunch. Returns the kitchen, whose dish has the same id."""
    kitchen_id = desk.world.kitchens["north"]
    item = MenuItem(meal=Meal.LUNCH, dish_id=kitchen_id, price_fen=1200, portions=portions)
    async with desk.db.transaction() as tx:
        await KitchenStore(tx).put_menu(Menu(kitchen_id=kitchen_id, day=day, items=(item,), version=1))
    return kitchen_id


def lunch(desk: OrderDesk, at: datetime, kitchen_id: UUID, portions: int = 1, **fields: Any) -> dict[str, Any]:
    dishes = [{"dish_id": str(kitchen_id), "portions": portions}]
    meal = {"service_code": "meal_lunch", "kitchen_id": str(kitchen_id), "dishes": dishes, "price_fen": 1200 * portions}
    return form(desk, at, **meal | fields)


async def move(client: httpx.AsyncClient, order: Any, name: str, **fields: Any) -> httpx.Response:
    body = {"move": name, "move_id": str(uuid4())} | fields
    return await client.post(f"/visits/{order.visits[0].id}/moves", json=body)
