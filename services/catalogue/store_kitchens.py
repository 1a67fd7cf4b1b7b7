"""The SQL of kitchens, dishes and menus."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.catalogue.kitchens import Dish, Kitchen, Meal, Menu, MenuItem, Texture
from services.catalogue.model import Words
from services.db.pool import Connection
from services.places import Location

_KITCHEN = "id, provider_id, name, address, lat, lon, source_datum, region_codes, open, version"
_DISH = "id, kitchen_id, name_zh, name_en, allergens, other_allergens, texture, low_salt, low_sugar, fresh_min, version"


def _kitchen(row: dict[str, Any]) -> Kitchen:
    location = Location(lat=row["lat"], lon=row["lon"], source_datum=row["source_datum"])
    kept = {name: row[name] for name in ("id", "provider_id", "name", "address", "open", "version")}
    return Kitchen(**kept, location=location, region_codes=tuple(row["region_codes"]))


def _dish(row: dict[str, Any]) -> Dish:
    same = ("id", "kitchen_id", "other_allergens", "low_salt", "low_sugar", "fresh_min", "version")
    kept = {name: row[name] for name in same}
    return Dish(
        **kept,
        name=Words(row["name_zh"], row["name_en"]),
        allergens=tuple(row["allergens"]),
        texture=Texture(row["texture"]),
    )


class KitchenStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def get(self, kitchen_id: UUID, *, to_edit: bool = False) -> Kitchen | None:
        """Whose it is says the provider. `to_edit`: nobody else changes it or its menus until the transaction ends."""
        lock = "FOR UPDATE" if to_edit else ""
        cursor = await self._tx.execute(f"SELECT {_KITCHEN} FROM kitchens WHERE id = %s {lock}", (kitchen_id,))  # noqa: S608
        row = await cursor.fetchone()
        return _kitchen(row) if row else None

    async def of_providers(self, provider_ids: Sequence[UUID]) -> list[Kitchen]:
        """By name."""
        cursor = await self._tx.execute(
            f"SELECT {_KITCHEN} FROM kitchens WHERE provider_id = ANY (%s) ORDER BY name, id",  # noqa: S608
            (list(provider_ids),),
        )
        return [_kitchen(row) for row in await cursor.fetchall()]

    async def add(self, kitchen: Kitchen) -> None:
        await self._tx.execute(
            "INSERT INTO kitchens (id, provider_id, name, address, lat, lon, source_datum, region_codes, open)"
            " VALUES (%(id)s, %(provider)s, %(name)s, %(address)s, %(lat)s, %(lon)s, %(datum)s, %(regions)s, %(open)s)",
            _values(kitchen),
        )

    async def change(self, kitchen: Kitchen) -> None:
        """With its version."""
        await self._tx.execute(
            "UPDATE kitchens SET name = %(name)s, address = %(address)s, lat = %(lat)s, lon = %(lon)s,"
            " source_datum = %(datum)s, region_codes = %(regions)s, open = %(open)s, version = %(version)s,"
            " updated_at = clock_timestamp() WHERE id = %(id)s",
            _values(kitchen),
        )

    async def dishes(self, kitchen_ids: Sequence[UUID]) -> list[Dish]:
        """By name."""
        cursor = await self._tx.execute(
            f"SELECT {_DISH} FROM dishes WHERE kitchen_id = ANY (%s) ORDER BY name_zh, id",  # noqa: S608
            (list(kitchen_ids),),
        )
        return [_dish(row) for row in await cursor.fetchall()]

    async def dish(self, kitchen_id: UUID, dish_id: UUID) -> Dish | None:
        cursor = await self._tx.execute(
            f"SELECT {_DISH} FROM dishes WHERE kitchen_id = %s AND id = %s",  # noqa: S608
            (kitchen_id, dish_id),
        )
        row = await cursor.fetchone()
        return _dish(row) if row else None

    async def put_dish(self, dish: Dish) -> None:
        """Adds it, or changes it with its version."""
        await self._tx.execute(
            f"INSERT INTO dishes ({_DISH}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608
            " ON CONFLICT (id) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en,"
            " allergens = excluded.allergens, other_allergens = excluded.other_allergens, texture = excluded.texture,"
            " low_salt = excluded.low_salt, low_sugar = excluded.low_sugar, fresh_min = excluded.fresh_min,"
            " version = excluded.version, updated_at = clock_timestamp()",
            (
                dish.id, dish.kitchen_id, dish.name.zh, dish.name.en, list(dish.allergens), dish.other_allergens,
                dish.texture, dish.low_salt, dish.low_sugar, dish.fresh_min, dish.version,
            ),
        )  # fmt: skip

    async def menus(self, kitchen_ids: Sequence[UUID], first: date, last: date) -> list[Menu]:
        """Those that are written, by day."""
        cursor = await self._tx.execute(
            "SELECT m.kitchen_id, m.day, m.version, i.meal, i.dish_id, i.price_fen, i.portions FROM menus m"
            " LEFT JOIN menu_items i USING (kitchen_id, day) LEFT JOIN dishes d ON d.id = i.dish_id"
            " WHERE m.kitchen_id = ANY (%s) AND m.day BETWEEN %s AND %s"
            " ORDER BY m.day, m.kitchen_id, i.meal DESC, d.name_zh, d.id",
            (list(kitchen_ids), first, last),
        )
        found: dict[tuple[UUID, date], tuple[int, list[MenuItem]]] = {}
        for row in await cursor.fetchall():
            _, items = found.setdefault((row["kitchen_id"], row["day"]), (row["version"], []))
            if row["dish_id"]:
                kept = {name: row[name] for name in ("dish_id", "price_fen", "portions")}
                items.append(MenuItem(meal=Meal(row["meal"]), **kept))
        return [
            Menu(kitchen_id=kitchen_id, day=day, items=tuple(items), version=version)
            for (kitchen_id, day), (version, items) in found.items()
        ]

    async def put_menu(self, menu: Menu) -> None:
        """With its version; the items it had and has no longer are gone. :raises ForeignKeyViolation: no such dish"""
        key = (menu.kitchen_id, menu.day)
        await self._tx.execute(
            "INSERT INTO menus (kitchen_id, day, version) VALUES (%s, %s, %s) ON CONFLICT (kitchen_id, day)"
            " DO UPDATE SET version = excluded.version, updated_at = clock_timestamp()",
            (*key, menu.version),
        )
        await self._tx.execute("DELETE FROM menu_items WHERE kitchen_id = %s AND day = %s", key)
        async with self._tx.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO menu_items (kitchen_id, day, meal, dish_id, price_fen, portions)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                [(*key, item.meal, item.dish_id, item.price_fen, item.portions) for item in menu.items],
            )


def _values(kitchen: Kitchen) -> dict[str, Any]:
    return {
        "id": kitchen.id,
        "provider": kitchen.provider_id,
        "name": kitchen.name,
        "address": kitchen.address,
        "lat": kitchen.location.lat,
        "lon": kitchen.location.lon,
        "datum": kitchen.location.source_datum,
        "regions": list(kitchen.region_codes),
        "open": kitchen.open,
        "version": kitchen.version,
    }
