"""The demo city's kitchens, with menus for the days ahead. Invented, and where no kitchen stands."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from services.catalogue.kitchens import Dish, Kitchen, Meal, Menu, MenuItem, Texture
from services.catalogue.model import Words
from services.catalogue.store_kitchens import KitchenStore
from services.db.pool import Connection
from services.places import Location
from services.providers.model import Provider

DAYS_AHEAD = 14
DISHES_A_MEAL = 4

_PLACES = {
    "420202": ("银杏食堂（演示）", "演示路100号", 30.2246, 115.0654),
    "420281": ("桂花食堂（演示）", "演示路200号", 30.0987, 114.9742),
    "420222": ("海棠食堂（演示）", "演示路300号", 29.8303, 115.1862),
}
"""By the first region of their provider."""

_SOFT: dict[str, object] = {"texture": Texture.SOFT}
_DISHES: tuple[tuple[str, str, tuple[str, ...], dict[str, object]], ...] = (
    ("青虾仁蒸蛋", "Steamed egg with shrimp", ("shrimp", "egg"), _SOFT),
    ("清蒸武昌鱼", "Steamed Wuchang bream", ("fish",), {}),
    ("莲藕排骨汤", "Pork rib soup with lotus root", ("pork",), {"low_sugar": True}),
    ("土豆烧牛肉", "Beef with potatoes", ("beef", "soy"), {}),
    ("香菇滑鸡", "Chicken with mushrooms", ("chicken", "mushroom"), {"low_salt": True}),
    ("麻婆豆腐", "Mapo tofu", ("soy", "pork"), _SOFT),
    ("清炒时蔬", "Greens of the season", (), {"low_salt": True, "low_sugar": True}),
    ("南瓜小米粥", "Pumpkin millet porridge", (), {"texture": Texture.SOFT, "low_salt": True}),
    ("番茄鸡蛋面", "Noodles with tomato and egg", ("wheat", "egg"), _SOFT),
    ("肉末蒸茄子", "Steamed eggplant with minced pork", ("pork", "soy"), {"low_sugar": True}),
)


def _id(what: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"yian:demo:{what}")


def kitchen_of(provider: Provider) -> Kitchen | None:
    """None: this provider does not cook."""
    place = _PLACES.get(provider.region_codes[0])
    if place is None:
        return None
    name, address, lat, lon = place
    return Kitchen(
        id=_id(f"kitchen {provider.region_codes[0]}"),
        provider_id=provider.id,
        name=name,
        address=address,
        location=Location(lat=lat, lon=lon),
        region_codes=provider.region_codes,
    )


def dishes(kitchen: Kitchen) -> Iterator[Dish]:
    for zh, en, allergens, more in _DISHES:
        yield Dish(
            id=_id(f"dish {kitchen.id} {en}"),
            kitchen_id=kitchen.id,
            name=Words(zh, en),
            allergens=tuple(sorted(allergens)),
            **more,  # type: ignore[arg-type]
        )


def menu(kitchen: Kitchen, of: Sequence[Dish], day: date) -> Menu:
    """The same day has the same menu."""
    random = Random(f"{kitchen.id} {day}")
    items = [
        MenuItem(
            meal=meal, dish_id=dish.id, price_fen=random.randint(12, 20) * 100, portions=random.randint(4, 12) * 10
        )
        for meal in Meal
        for dish in random.sample(list(of), DISHES_A_MEAL)
    ]
    return Menu(kitchen_id=kitchen.id, day=day, items=tuple(items), version=1)


async def cook(tx: Connection, providers: Sequence[Provider], today: date) -> None:
    """Opens the kitchens that are missing, and writes the menus of the days ahead that nobody has written."""
    store = KitchenStore(tx)
    for kitchen in filter(None, map(kitchen_of, providers)):
        if await store.get(kitchen.id) is None:
            await store.add(kitchen)
            for dish in dishes(kitchen):
                await store.put_dish(dish)
        days = [today + timedelta(days=n) for n in range(DAYS_AHEAD)]
        written = {one.day for one in await store.menus([kitchen.id], days[0], days[-1])}
        for day in days:
            if day not in written:
                await store.put_menu(menu(kitchen, list(dishes(kitchen)), day))
