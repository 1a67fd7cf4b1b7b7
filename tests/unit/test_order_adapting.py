"""An order that is to become another one keeps whoever comes, if they can come as it is planned."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.kitchens import Dish, Meal, Menu, MenuItem, Texture
from services.catalogue.model import Words
from services.orders.adapting import asks_the_same, stands
from services.orders.draft import Catering, Wish
from services.orders.model import Order, Person, Visit
from services.orders.refusals import NotTaken
from services.orders.series.meals import candidates, instead_of
from services.orders.series.model import MealChoice
from services.orders.states import OrderState, VisitState
from services.providers.workers.model import Worker, WorkerState
from tests.unit.catalogue_scene import elder
from tests.unit.order_scene import an_order
from tests.unit.test_series_meals import KITCHEN

BEGIN = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
MINUTES = st.integers(0, 240).map(lambda n: timedelta(minutes=n))


def taken(begin: datetime = BEGIN) -> tuple[Order, Worker]:
    """Somebody has agreed to come then."""
    plain = an_order()
    worker = Worker(
        id=UUID(int=77), provider_id=plain.provider.id, name="王师傅", sex="female", phone="1", skills=plain.skills
    )
    visit = Visit(
        id=UUID(int=78),
        state=VisitState.ACCEPTED,
        worker=Person(worker.id, worker.name),
        sets_out_at=begin - timedelta(minutes=15),
        starts_at=begin,
        ends_at=begin + timedelta(minutes=plain.duration_min),
    )
    order = replace(
        plain, wished_from=begin, wished_until=begin, visits=(visit,), state=OrderState.ACCEPTED, certificates=()
    )
    return order, worker


@given(begin=MINUTES, first=MINUTES, length=MINUTES)
def test_it_stands_exactly_when_the_begin_lies_in_the_new_hours(
    begin: timedelta, first: timedelta, length: timedelta
) -> None:
    order, worker = taken(BEGIN + begin)
    made = replace(order, wished_from=BEGIN + first, wished_until=BEGIN + first + length)
    assert stands(order, made, {worker.id: worker}) == (first <= begin <= first + length)


def test_who_may_no_longer_come_does_not_stand() -> None:
    order, worker = taken()
    assert stands(order, order, {worker.id: worker})
    assert not stands(order, replace(order, worker_sex="male"), {worker.id: worker})
    assert not stands(order, replace(order, duration_min=order.duration_min + 30), {worker.id: worker})
    assert not stands(order, replace(order, refused_worker_ids=(worker.id,)), {worker.id: worker})
    assert not stands(order, order, {worker.id: replace(worker, state=WorkerState.LEFT)})
    assert not stands(order, order, {})
    waits = replace(order, visits=(Visit(id=UUID(int=78)),))
    assert not stands(waits, waits, {worker.id: worker}), "whoever is looked for is looked for in the new hours"


@given(note=st.text(max_size=20))
def test_a_note_asks_for_the_same_and_anything_else_does_not(note: str) -> None:
    order, _ = taken()
    wish = Wish(
        elder_id=order.elder.id,
        provider_id=order.provider.id,
        service_code=order.service_code,
        wished_from=order.wished_from,
        wished_until=order.wished_until,
        quantity=order.quantity,
        worker_sex=order.worker_sex,
        note=note,
    )
    assert asks_the_same(order, wish)
    assert not asks_the_same(order, replace(wish, quantity=wish.quantity + 1))
    assert not asks_the_same(order, replace(wish, wished_from=wish.wished_from - timedelta(minutes=1)))
    assert not asks_the_same(order, replace(wish, dishes=((UUID(int=1), 1),)))


def test_whom_she_is_used_to_is_first_whoever_has_the_visit() -> None:
    order, worker = taken()
    others = tuple(UUID(int=n) for n in (1, 2, 3))
    series = replace(order, series_id=UUID(int=9), usual_worker_ids=others)
    assert series.familiar == (worker.id, *others[:2])
    assert replace(order, usual_worker_ids=()).familiar == (), "an order by itself makes nobody usual"


DISHES = st.lists(
    st.builds(
        Dish,
        id=st.integers(1, 6).map(lambda n: UUID(int=n)),
        kitchen_id=st.just(KITCHEN.id),
        name=st.just(Words("菜", "Dish")),
        allergens=st.sampled_from([(), ("shrimp",), ("peanut",)]),
        texture=st.sampled_from(list(Texture)),
        low_salt=st.booleans(),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda dish: dish.id,
)


@given(dishes=DISHES, data=st.data(), soft=st.booleans(), low_salt=st.booleans())
def test_a_meal_made_ahead_keeps_its_dish_unless_it_is_no_longer_as_wished_and_an_allergy_is_never_met(
    dishes: list[Dish], data: st.DataObject, soft: bool, low_salt: bool
) -> None:
    own = data.draw(st.sampled_from(dishes))
    cooked = data.draw(st.lists(st.sampled_from(dishes), unique_by=lambda dish: dish.id))
    liked = data.draw(st.lists(st.sampled_from(dishes), unique_by=lambda dish: dish.id))
    items = tuple(MenuItem(meal=Meal.LUNCH, dish_id=dish.id, price_fen=1800, portions=9) for dish in cooked)
    catering = Catering(
        kitchen=KITCHEN, dishes=dishes, menu=Menu(kitchen_id=KITCHEN.id, day=date(2026, 12, 1), items=items)
    )
    choice = MealChoice(
        kitchen_id=KITCHEN.id,
        meal=Meal.LUNCH,
        favourites=tuple(dish.id for dish in liked),
        soft=soft,
        low_salt=low_salt,
    )
    by_id, allergic = {dish.id: dish for dish in dishes}, elder(allergies=("虾",))
    fits = (own.texture is Texture.SOFT or not soft) and (own.low_salt or not low_salt)
    fits = fits and "shrimp" not in own.allergens
    try:
        found = instead_of(own.id, choice, catering, allergic)
    except NotTaken:
        assert not fits
        return
    assert all("shrimp" not in by_id[one].allergens for one in found)
    if fits:
        assert found[-1] == own.id
        assert set(found[:-1]) <= set(choice.favourites)
    else:
        assert found == candidates(choice, catering, allergic)
