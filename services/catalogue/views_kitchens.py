"""What pages are told of kitchens, dishes and menus."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.catalogue.kitchens import Dish, Kitchen, Meal, Menu, Texture
from services.catalogue.menus import Served
from services.catalogue.views import ReasonView, Text
from services.places import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class KitchenView:
    id: UUID
    provider_id: UUID
    name: str
    address: str
    location: Location
    region_codes: list[str]
    open: bool
    version: int

    @classmethod
    def of(cls, kitchen: Kitchen) -> "KitchenView":
        kept = {name: getattr(kitchen, name) for name in cls.__slots__}
        return cls(**kept | {"region_codes": list(kitchen.region_codes)})


@dataclass(frozen=True, slots=True)
class AllergenView:
    code: str
    name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class DishView:
    id: UUID
    name: Text
    allergens: list[str]
    other_allergens: str
    texture: Texture
    low_salt: bool
    low_sugar: bool
    fresh_min: int | None
    """Behind other meals it is at most so many minutes in the box; None: no limit."""
    version: int

    @classmethod
    def of(cls, dish: Dish) -> "DishView":
        kept = {name: getattr(dish, name) for name in cls.__slots__}
        return cls(**kept | {"name": Text.of(dish.name), "allergens": list(dish.allergens)})


@dataclass(frozen=True, slots=True)
class MenuItemView:
    meal: Meal
    dish_id: UUID
    price_fen: int
    portions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuView:
    day: date
    version: int
    """0: nobody has written it yet."""
    items: list[MenuItemView]

    @classmethod
    def of(cls, menu: Menu) -> "MenuView":
        items = [MenuItemView(item.meal, item.dish_id, item.price_fen, item.portions) for item in menu.items]
        return cls(day=menu.day, version=menu.version, items=items)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedDish:
    provider_id: UUID
    """Of the kitchen: an order names it."""
    kitchen_id: UUID
    kitchen_name: str
    meal: Meal
    dish: DishView
    price_fen: int
    portions: int
    taken_until: datetime | None
    reasons: list[ReasonView]
    """Why this elder is not given it; empty: it may be ordered."""

    @classmethod
    def of(cls, served: Served) -> "ServedDish":
        return cls(
            provider_id=served.kitchen.provider_id,
            kitchen_id=served.kitchen.id,
            kitchen_name=served.kitchen.name,
            meal=served.meal,
            dish=DishView.of(served.dish),
            price_fen=served.item.price_fen,
            portions=served.item.portions,
            taken_until=served.taken_until,
            reasons=[ReasonView(reason.code, Text.of(reason.says)) for reason in served.reasons],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ElderMenu:
    day: date
    items: list[ServedDish]
