"""Kitchens, their dishes and what they cook on a day. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.catalogue.model import Words
from services.places import Location


class Meal(StrEnum):
    LUNCH = "lunch"  # 午餐
    DINNER = "dinner"  # 晚餐


SERVICE_OF: dict[Meal, str] = {Meal.LUNCH: "meal_lunch", Meal.DINNER: "meal_dinner"}
"""The service of the catalogue that brings it: its ceiling and its cut-off hold."""


class Texture(StrEnum):
    NORMAL = "normal"  # 普通
    SOFT = "soft"  # 软食


@dataclass(frozen=True, slots=True, kw_only=True)
class Kitchen:
    id: UUID
    provider_id: UUID
    name: str
    address: str
    location: Location
    region_codes: tuple[str, ...]
    """Where it delivers."""
    open: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Dish:
    id: UUID
    kitchen_id: UUID
    name: Words
    allergens: tuple[str, ...] = ()
    """Codes of the fixed list (`allergies`)."""
    other_allergens: str = ""
    """What the list does not have, as the kitchen says it."""
    texture: Texture = Texture.NORMAL
    low_salt: bool = False
    low_sugar: bool = False
    fresh_min: int | None = None
    """Behind other meals it is at most so many minutes in the box; None: no limit."""
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    meal: Meal
    dish_id: UUID
    price_fen: int
    portions: int
    """The most that are cooked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """What a kitchen cooks on a business day."""

    kitchen_id: UUID
    day: date
    items: tuple[MenuItem, ...] = ()
    version: int = 0
    """0: nobody has written it yet."""
