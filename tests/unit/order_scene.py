"""Orders, visits and what is asked for, for tests of the orders slice."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.accounts.permissions import Role
from services.catalogue.kitchens import Dish, Kitchen, Meal, Menu, MenuItem
from services.catalogue.model import Opening, ServiceVersion, Unit, Words
from services.orders.draft import Catering, Facts, Wish
from services.orders.model import Actor, Order, Person, Visit
from services.places import Location
from tests.unit import catalogue_scene
from tests.unit.catalogue_scene import EVERY_DAY, FIRST

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
"""12:00 in Shanghai, a Sunday."""
TOMORROW_TEN = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOME = Location(lat=30.2, lon=115.0)
WANG = Person(UUID(int=21), "王师傅")
LI = Person(UUID(int=22), "李师傅")


def an_actor(role: Role = Role.OPERATOR) -> Actor:
    return Actor(id=UUID(int=31), name="坐席", role=role)


def a_visit(**fields: Any) -> Visit:
    return replace(Visit(id=UUID(int=11)), **fields)


def an_order(*visits: Visit, **fields: Any) -> Order:
    plain = Order(
        id=UUID(int=10),
        elder=Person(UUID(int=9), "王银杏"),
        provider=Person(UUID(int=1), "银杏居家养老"),
        region_code="420202006008",
        place=HOME,
        service_code="cleaning_home",
        service_version=1,
        offer_version=1,
        service_name=Words("居家保洁", "Home cleaning"),
        unit=Unit.HOUR,
        day=date(2026, 11, 23),
        wished_from=TOMORROW_TEN,
        wished_until=TOMORROW_TEN + timedelta(minutes=30),
        duration_min=60,
        quantity=2,
        price_fen=4000,
        placed_at=NOON,
        placed_by=None,
        visits=visits or (a_visit(),),
    )
    return replace(plain, **fields)


def a_wish(**fields: Any) -> Wish:
    plain = Wish(elder_id=UUID(int=9), provider_id=UUID(int=1), service_code="cleaning_home", wished_from=TOMORROW_TEN)
    return replace(plain, **fields)


def facts(**fields: Any) -> Facts:
    plain = Facts(
        elder=catalogue_scene.elder(location=HOME),
        provider=catalogue_scene.provider(),
        services=[catalogue_scene.service()],
        offers=[catalogue_scene.offer()],
    )
    return replace(plain, **fields)


SOUP, SHRIMP = UUID(int=41), UUID(int=42)
LUNCH = ServiceVersion(
    code="meal_lunch",
    version=1,
    valid_from=FIRST,
    terms=catalogue_scene.terms(
        category="meal",
        unit=Unit.PORTION,
        duration_min=10,
        openings=(Opening(weekdays=EVERY_DAY, begin_min=10 * 60 + 45, end_min=12 * 60 + 30),),
    ),
)


def catering(**fields: Any) -> Catering:
    """Soup and shrimps; soup for 15.00, five portions of it."""
    kitchen = Kitchen(
        id=UUID(int=40),
        provider_id=UUID(int=1),
        name="银杏食堂",
        address="演示路2号",
        location=HOME,
        region_codes=("420202",),
    )
    dishes = [
        Dish(id=SOUP, kitchen_id=kitchen.id, name=Words("冬瓜汤", "Gourd soup")),
        Dish(id=SHRIMP, kitchen_id=kitchen.id, name=Words("清炒虾仁", "Shrimps"), allergens=("shrimp",)),
    ]
    items = (
        MenuItem(meal=Meal.LUNCH, dish_id=SOUP, price_fen=1500, portions=5),
        MenuItem(meal=Meal.LUNCH, dish_id=SHRIMP, price_fen=2200, portions=0),
    )
    plain = Catering(
        kitchen=kitchen, dishes=dishes, menu=Menu(kitchen_id=kitchen.id, day=date(2026, 11, 23), items=items, version=1)
    )
    return replace(plain, **fields)


def a_lunch(*dishes: tuple[UUID, int], **fields: Any) -> Wish:
    at = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    wish = a_wish(service_code="meal_lunch", wished_from=at, kitchen_id=UUID(int=40), dishes=dishes or ((SOUP, 1),))
    return replace(wish, **fields)


def lunch_facts(**fields: Any) -> Facts:
    return replace(facts(services=[LUNCH], offers=[], catering=catering()), **fields)
