"""Menus: what they may hold, and what of them an elder may have."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.business_day import ZONE
from services.catalogue.allergies import LEXICON
from services.catalogue.kitchens import Dish, Kitchen, Meal, Menu, MenuItem
from services.catalogue.menus import (
    DishTwice,
    Served,
    UnknownAllergen,
    UnknownDish,
    check_allergens,
    check_menu,
    served,
)
from services.catalogue.model import CutOff, Words
from services.catalogue.rules import AboveCeiling, NotSold
from services.places import Location
from tests.unit.catalogue_scene import elder, provider, service

DAY = date(2026, 12, 1)
SHRIMP = Dish(id=UUID(int=11), kitchen_id=UUID(int=5), name=Words("青虾仁", "Shrimp"), allergens=("shrimp",))
GREENS = Dish(id=UUID(int=12), kitchen_id=UUID(int=5), name=Words("清炒时蔬", "Greens"))
LUNCH = service(ceiling_fen=2500, cut_off=CutOff(days_before=0, at_min=9 * 60))
SERVICES = {Meal.LUNCH: [LUNCH], Meal.DINNER: [LUNCH]}
NAMES = {SHRIMP.id: "青虾仁", GREENS.id: "清炒时蔬"}


def a_kitchen(**fields: Any) -> Kitchen:
    plain: dict[str, Any] = {
        "id": UUID(int=5),
        "provider_id": UUID(int=1),
        "name": "银杏食堂",
        "address": "演示路2号",
        "location": Location(lat=30.2, lon=115.0),
        "region_codes": ("420202",),
    }
    return Kitchen(**plain | fields)


def an_item(dish: Dish = SHRIMP, price_fen: int = 2000, portions: int = 50, meal: Meal = Meal.LUNCH) -> MenuItem:
    return MenuItem(meal=meal, dish_id=dish.id, price_fen=price_fen, portions=portions)


def a_menu(*items: MenuItem) -> Menu:
    return Menu(kitchen_id=UUID(int=5), day=DAY, items=items, version=1)


def told(now: str = "2026-12-01 08:00", kitchen: Kitchen | None = None, **fields: Any) -> list[Served]:
    menu = a_menu(an_item(), an_item(GREENS, portions=0))
    at = datetime.fromisoformat(now).replace(tzinfo=ZONE)
    kitchens = [(kitchen or a_kitchen(), fields.pop("provider", provider()))]
    return served(kitchens, [menu], dishes=[SHRIMP, GREENS], services=SERVICES, elder=elder(**fields), day=DAY, now=at)


def test_a_dish_is_dearer_than_the_ceiling_for_nobody() -> None:
    check_menu(a_menu(an_item(price_fen=2500)), SERVICES, NAMES)
    with pytest.raises(AboveCeiling, match=r"青虾仁: ¥25\.01 is asked, ¥25\.00 is the most"):
        check_menu(a_menu(an_item(price_fen=2501)), SERVICES, NAMES)


def test_what_the_kitchen_or_the_city_does_not_have_stands_on_no_menu() -> None:
    with pytest.raises(UnknownDish):
        check_menu(a_menu(an_item()), SERVICES, {})
    with pytest.raises(DishTwice):
        check_menu(a_menu(an_item(), an_item(price_fen=1)), SERVICES, NAMES)
    with pytest.raises(NotSold):
        check_menu(a_menu(an_item()), SERVICES | {Meal.LUNCH: [service(sold=False)]}, NAMES)
    check_menu(a_menu(an_item(), an_item(meal=Meal.DINNER)), SERVICES, NAMES)
    with pytest.raises(UnknownAllergen):
        check_allergens(Dish(id=UUID(int=1), kitchen_id=UUID(int=5), name=Words("x", "x"), allergens=("x",)), LEXICON)


def test_each_dish_says_whether_this_elder_may_have_it() -> None:
    shrimp, greens = told(allergies=("海鲜",))
    assert [reason.code for reason in shrimp.reasons] == ["allergy"]
    assert [reason.code for reason in greens.reasons] == ["sold_out"]
    assert told()[0].reasons == ()
    assert shrimp.taken_until == datetime(2026, 12, 1, 9, 0, tzinfo=ZONE)


@pytest.mark.parametrize("now", ["2026-12-01 09:00", "2026-12-02 00:00"])
def test_after_the_cut_off_it_is_too_late(now: str) -> None:
    assert [reason.code for reason in told(now)[0].reasons] == ["too_late"]


def test_a_kitchen_that_is_closed_far_away_or_may_not_serve_shows_nothing() -> None:
    assert told(kitchen=a_kitchen(open=False)) == []
    assert told(kitchen=a_kitchen(region_codes=("420281",))) == []
    assert told(provider=provider(licence_until=date(2026, 11, 30))) == []
