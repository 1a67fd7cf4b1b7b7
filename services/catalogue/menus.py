"""What a menu may hold, and what of it an elder may have. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.business_day import business_day
from services.catalogue import allergies
from services.catalogue.allergies import Lexicon
from services.catalogue.booking import taken_until
from services.catalogue.kitchens import SERVICE_OF, Dish, Kitchen, Meal, Menu, MenuItem
from services.catalogue.model import ServiceVersion, Words
from services.catalogue.rules import AboveCeiling, NotSold, Reason, terms_on, why_not
from services.elders.model import Elder
from services.errors import DomainError
from services.providers.model import Provider


class UnknownAllergen(DomainError):
    """`allergens` are those that the list does not have."""

    code = "catalogue.unknown_allergen"
    status = 422
    title = "The list of allergens does not have this one; write it into other_allergens"


class UnknownDish(DomainError):
    code = "catalogue.unknown_dish"
    status = 422
    title = "This kitchen has no such dish"


class DishTwice(DomainError):
    code = "catalogue.dish_twice"
    status = 422
    title = "A dish stands twice in one meal"


def check_allergens(dish: Dish, lexicon: Lexicon) -> None:
    """:raises UnknownAllergen:"""
    unknown = sorted(set(dish.allergens) - set(lexicon.allergens))
    if unknown:
        raise UnknownAllergen(", ".join(unknown), allergens=unknown)


def check_menu(menu: Menu, services: Mapping[Meal, Sequence[ServiceVersion]], dish_names: Mapping[UUID, str]) -> None:
    """:raises UnknownDish: :raises DishTwice: :raises NotSold: :raises AboveCeiling:"""
    if len({(item.meal, item.dish_id) for item in menu.items}) < len(menu.items):
        raise DishTwice
    for item in menu.items:
        name = dish_names.get(item.dish_id)
        if name is None:
            raise UnknownDish(str(item.dish_id))
        terms = terms_on(services[item.meal], menu.day)
        if terms is None:
            raise NotSold(f"{SERVICE_OF[item.meal]} on {menu.day}")
        if item.price_fen > terms.ceiling_fen:
            raise AboveCeiling(
                f"{name}: ¥{item.price_fen / 100:.2f} is asked, ¥{terms.ceiling_fen / 100:.2f} is the most",
                price_fen=item.price_fen,
                ceiling_fen=terms.ceiling_fen,
                from_day=menu.day.isoformat(),
            )


Taken = Mapping[tuple[UUID, Meal, UUID], int]
"""Portions that are ordered, by kitchen, meal and dish."""
NOTHING_TAKEN: Taken = {}


@dataclass(frozen=True, slots=True)
class Served:
    """A dish on the menu of a day, and why this elder is not given it; no reasons: it may be ordered."""

    kitchen: Kitchen
    meal: Meal
    dish: Dish
    item: MenuItem
    taken_until: datetime | None
    reasons: tuple[Reason, ...]


TOO_LATE = Reason("too_late", Words("这一餐已经截单。", "Orders for this meal are closed."))
SOLD_OUT = Reason("sold_out", Words("这道菜已经售完。", "This dish is sold out."))


def served(
    kitchens: Iterable[tuple[Kitchen, Provider]],
    menus: Iterable[Menu],
    *,
    dishes: Iterable[Dish],
    services: Mapping[Meal, Sequence[ServiceVersion]],
    elder: Elder,
    day: date,
    now: datetime,
    taken: Taken = NOTHING_TAKEN,
) -> list[Served]:
    """In the order of the menus, each with the portions that are left; nothing of a kitchen that is closed,
    does not deliver there or may not serve."""
    near = {
        kitchen.id: kitchen
        for kitchen, provider in kitchens
        if kitchen.open and provider.serves_on(day) and elder.region_code.startswith(kitchen.region_codes)
    }
    by_id = {dish.id: dish for dish in dishes}
    return [
        _served(
            near[menu.kitchen_id],
            by_id[item.dish_id],
            _left(menu, item, taken),
            services[item.meal],
            elder=elder,
            day=day,
            now=now,
        )
        for menu in menus
        if menu.kitchen_id in near and menu.day == day
        for item in menu.items
        if terms_on(services[item.meal], day) is not None
    ]


def _left(menu: Menu, item: MenuItem, taken: Taken) -> MenuItem:
    ordered = taken.get((menu.kitchen_id, item.meal, item.dish_id), 0)
    return replace(item, portions=max(0, item.portions - ordered))


def _served(
    kitchen: Kitchen,
    dish: Dish,
    item: MenuItem,
    services: Sequence[ServiceVersion],
    *,
    elder: Elder,
    day: date,
    now: datetime,
) -> Served:
    terms, until = terms_on(services, day), taken_until(services, day)
    reasons = why_not(terms, elder) if terms else []
    reasons += allergies.check(dish, elder)
    if day < business_day(now) or (until is not None and now >= until):
        reasons.append(TOO_LATE)
    if item.portions == 0:
        reasons.append(SOLD_OUT)
    return Served(kitchen, item.meal, dish, item, until, tuple(reasons))
