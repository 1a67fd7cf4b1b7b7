"""Which dish a recurring meal is on a day."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.catalogue.kitchens import Dish, Kitchen, Meal, Menu, MenuItem, Texture
from services.catalogue.model import Words
from services.orders.draft import Catering
from services.orders.refusals import DishRefused, KitchenClosed
from services.orders.series.dates import DateState, MadeDate, tells
from services.orders.series.meals import MenuNotYet, NoDish, candidates, check_favourites
from services.orders.series.model import MealChoice
from services.places import Location
from tests.unit.catalogue_scene import elder

KITCHEN = Kitchen(
    id=UUID(int=3),
    provider_id=UUID(int=1),
    name="银杏食堂",
    address="演示路2号",
    location=Location(lat=30.2, lon=115.0),
    region_codes=("420202",),
)
SHRIMP, GREENS, TOFU = UUID(int=31), UUID(int=32), UUID(int=33)
DISHES = (
    Dish(id=SHRIMP, kitchen_id=KITCHEN.id, name=Words("青虾仁", "Shrimp"), allergens=("shrimp",)),
    Dish(id=GREENS, kitchen_id=KITCHEN.id, name=Words("清炒时蔬", "Greens"), low_salt=True),
    Dish(id=TOFU, kitchen_id=KITCHEN.id, name=Words("豆腐羹", "Tofu soup"), texture=Texture.SOFT),
)


def on(*dish_ids: UUID, meal: Meal = Meal.LUNCH) -> Catering:
    items = tuple(MenuItem(meal=meal, dish_id=dish_id, price_fen=1800, portions=9) for dish_id in dish_ids)
    return Catering(
        kitchen=KITCHEN, dishes=DISHES, menu=Menu(kitchen_id=KITCHEN.id, day=date(2026, 12, 1), items=items)
    )


def a_choice(**fields: Any) -> MealChoice:
    return MealChoice(kitchen_id=KITCHEN.id, meal=Meal.LUNCH, **fields)


def test_it_is_the_first_on_the_menu_that_the_elder_may_have() -> None:
    anybody, allergic = elder(), elder(allergies=("海鲜",))
    assert candidates(a_choice(), on(SHRIMP, GREENS, TOFU), anybody) == [SHRIMP, GREENS, TOFU]
    assert candidates(a_choice(), on(SHRIMP, GREENS, TOFU), allergic) == [GREENS, TOFU]


def test_a_favourite_comes_first_when_it_is_cooked_and_she_may_have_it() -> None:
    choice = a_choice(favourites=(SHRIMP, TOFU))
    assert candidates(choice, on(GREENS, TOFU), elder()) == [TOFU, GREENS]
    assert candidates(choice, on(SHRIMP, GREENS, TOFU), elder(allergies=("虾",))) == [TOFU, GREENS]


def test_what_was_wished_holds_for_every_dish() -> None:
    assert candidates(a_choice(soft=True), on(SHRIMP, GREENS, TOFU), elder()) == [TOFU]
    assert candidates(a_choice(low_salt=True), on(SHRIMP, GREENS, TOFU), elder()) == [GREENS]
    with pytest.raises(NoDish):
        candidates(a_choice(soft=True, low_salt=True), on(SHRIMP, GREENS, TOFU), elder())


def test_where_nothing_is_left_every_dish_that_meets_an_allergy_is_named() -> None:
    with pytest.raises(NoDish) as refused:
        candidates(a_choice(), on(SHRIMP), elder(allergies=("虾",)))
    says = refused.value.members["says"]
    assert "青虾仁：含虾" in says["zh"]
    assert "Shrimp: contains" in says["en"]


def test_a_favourite_that_meets_an_allergy_is_refused_by_name() -> None:
    choice = a_choice(favourites=(SHRIMP, TOFU))
    check_favourites(choice, DISHES, elder())
    with pytest.raises(DishRefused, match="Shrimp"):
        check_favourites(choice, DISHES, elder(allergies=("虾",)))


def test_a_menu_that_is_missing_is_said_when_the_day_is_near_and_anything_else_at_once() -> None:
    today = date(2026, 12, 1)

    def made(day: int, code: str = "series.menu_not_yet") -> MadeDate:
        at = date(2026, 12, day)
        return MadeDate(rule_day=at, day=at, state=DateState.WAITING, agreed="", code=code)

    assert [day for day in range(1, 15) if tells(made(day), None, today)] == [1, 2, 3]
    assert [day for day in range(1, 15) if tells(made(day), made(day), today)] == [3]
    assert tells(made(14, "orders.kitchen_closed"), None, today)
    assert not tells(made(14, "orders.kitchen_closed"), made(14, "orders.kitchen_closed"), today)


def test_a_closed_kitchen_and_a_menu_not_yet_written_are_told_apart() -> None:
    with pytest.raises(MenuNotYet):
        candidates(a_choice(), on(), elder())
    with pytest.raises(MenuNotYet):
        candidates(a_choice(), on(GREENS, meal=Meal.DINNER), elder())
    with pytest.raises(KitchenClosed):
        candidates(a_choice(), replace(on(GREENS), kitchen=replace(KITCHEN, open=False)), elder())
