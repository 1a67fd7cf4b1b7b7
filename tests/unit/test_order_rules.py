"""Money, who may, whose clock counts, and every reason why an order is not taken."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.permissions import Role
from services.catalogue.model import CancelFee, CutOff, Unit, Words
from services.elders.model import AbilityLevel
from services.orders import refusals, rules
from services.orders.draft import NO_POSITION, check_left, drafted, overlaps
from services.orders.model import Order, OrderedDish
from services.orders.refusals import NotTaken
from services.orders.states import OrderMove, OrderState, VisitMove
from services.providers.model import ProviderState
from tests.unit import catalogue_scene
from tests.unit.order_scene import (
    NOON,
    SHRIMP,
    SOUP,
    TOMORROW_TEN,
    a_lunch,
    a_wish,
    an_order,
    catering,
    facts,
    lunch_facts,
)

FEES = st.lists(st.builds(CancelFee, notice_min=st.integers(1, 5000), percent=st.integers(1, 100)), max_size=5).map(
    tuple
)


def made(wish: Any, given_facts: Any, now: datetime = NOON) -> Order:
    return drafted(UUID(int=10), wish, given_facts, now, placed_by=None)


# --- money ---------------------------------------------------------------------------------------------------------


@given(FEES, st.integers(0, 10_000_000), st.integers(1, 31), st.integers(-10_000, 10_000))
def test_a_fee_is_whole_fen_never_more_than_the_total_and_never_less_with_less_notice(
    fees: tuple[CancelFee, ...], price_fen: int, quantity: int, notice_min: int
) -> None:
    order = an_order(state=OrderState.ACCEPTED, cancel_fees=fees, price_fen=price_fen, quantity=quantity)
    now = order.wished_from - timedelta(minutes=notice_min)
    fee = rules.cancel_fee(order, now)
    assert isinstance(fee, int)
    assert 0 <= fee <= order.total_fen == price_fen * quantity
    assert fee <= rules.cancel_fee(order, now + timedelta(minutes=1))


@given(FEES)
def test_the_steps_that_a_family_is_shown_are_what_it_will_pay(fees: tuple[CancelFee, ...]) -> None:
    order = an_order(state=OrderState.ACCEPTED, cancel_fees=fees)
    steps = rules.fee_steps(order)
    assert bool(steps) == bool(fees)
    moments = [order.placed_at - timedelta(days=9), *(at for at, _ in steps), order.wished_from]
    for before, until, fee in zip(moments, moments[1:], [0, *(fee for _, fee in steps)], strict=False):
        assert rules.cancel_fee(order, before + timedelta(seconds=1)) == fee
        assert rules.cancel_fee(order, until) == fee


def test_cancelling_costs_nothing_while_nobody_has_it() -> None:
    fees = (CancelFee(notice_min=600, percent=50),)
    late = TOMORROW_TEN - timedelta(minutes=5)
    assert rules.cancel_fee(an_order(state=OrderState.PLACED, cancel_fees=fees), late) == 0
    assert rules.cancel_fee(an_order(state=OrderState.ASSIGNED, cancel_fees=fees), late) == 4000


@given(st.integers(1, 20), st.integers(0, 5000))
def test_a_meal_costs_the_sum_of_its_dishes(portions: int, price_fen: int) -> None:
    order = made(a_lunch((SOUP, portions)), lunch_facts())
    assert (order.price_fen, order.quantity, order.total_fen) == (1500 * portions, 1, 1500 * portions)


def test_hours_are_done_one_after_the_other_and_a_month_is_one_visit() -> None:
    assert made(a_wish(quantity=3), facts()).duration_min == 180
    month = facts(services=[catalogue_scene.service(unit=Unit.MONTH)])
    assert made(a_wish(quantity=3), month).duration_min == 60
    assert made(a_wish(quantity=3), facts()).total_fen == 12_000


# --- what an order keeps -------------------------------------------------------------------------------------------


def test_an_order_keeps_what_held_on_its_day() -> None:
    services = [catalogue_scene.service(), catalogue_scene.service(2, date(2026, 11, 24), duration_min=90)]
    order = made(a_wish(wished_from=TOMORROW_TEN + timedelta(days=1)), facts(services=services))
    assert (order.service_version, order.duration_min, order.area) == (2, 90, "420202")
    assert order.wished_until - order.wished_from == rules.LATEST


def test_two_workers_make_two_visits_and_an_address_without_a_position_says_why_it_waits() -> None:
    two = facts(services=[catalogue_scene.service(workers=2, second_after_min=30)], elder=catalogue_scene.elder())
    order = made(a_wish(), two)
    assert [visit.position for visit in order.visits] == [0, 1]
    assert {visit.waits_because for visit in order.visits} == {NO_POSITION}


def test_it_never_begins_after_the_hours_of_the_service() -> None:
    last = datetime(2026, 11, 23, 9, 50, tzinfo=UTC)
    assert made(a_wish(wished_from=last), facts()).wished_until == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert made(a_lunch(), lunch_facts()).wished_until == datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


# --- why an order is not taken -------------------------------------------------------------------------------------

SERVICE = catalogue_scene.service
REFUSED: dict[str, tuple[Any, Any, str]] = {
    "orders.past_time": (a_wish(wished_from=NOON - timedelta(minutes=1)), facts(), "最早可预约11月22日12:00"),
    "orders.not_sold": (a_wish(), facts(services=[SERVICE(sold=False)]), "换一天"),
    "orders.not_for_elder": (
        a_wish(),
        facts(services=[SERVICE(ability_levels=frozenset({AbilityLevel.SEVERE}))]),
        "王银杏登记为",
    ),
    "orders.too_far": (a_wish(wished_from=TOMORROW_TEN + timedelta(days=92)), facts(), "2027年2月22日"),
    "orders.too_late": (
        a_wish(),
        facts(services=[SERVICE(cut_off=CutOff(days_before=1, at_min=9 * 60))]),
        "11月22日09:00已经截单。最早可预约11月24日08:00",
    ),
    "orders.outside_hours": (a_wish(wished_from=TOMORROW_TEN + timedelta(hours=10)), facts(), "08:00–18:00"),
    "orders.provider_not_serving": (
        a_wish(),
        facts(provider=catalogue_scene.provider(state=ProviderState.SUSPENDED)),
        "其他服务商",
    ),
    "orders.not_offered": (
        a_wish(),
        facts(offers=[catalogue_scene.offer(region_codes=("420281",))]),
        "银杏居家养老在11月23日",
    ),
    "orders.price_changed": (a_wish(price_fen=3000), facts(), "由¥30.00变为¥40.00"),
    "orders.kitchen_closed": (
        a_lunch(),
        lunch_facts(catering=catering(kitchen=replace(catering().kitchen, open=False))),
        "其他食堂",
    ),
    "orders.outside_kitchen": (
        a_lunch(),
        lunch_facts(catering=catering(kitchen=replace(catering().kitchen, region_codes=("420281",)))),
        "不送到",
    ),
    "orders.not_on_menu": (a_lunch((UUID(int=49), 1)), lunch_facts(), "不在当天的菜单上"),
    "orders.dish_refused": (
        a_lunch((SHRIMP, 1)),
        lunch_facts(elder=catalogue_scene.elder(allergies=("虾",))),
        "清炒虾仁：含虾",
    ),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_is_in_the_way_is_said_with_what_can_be_done_instead(code: str) -> None:
    wish, given_facts, sentence = REFUSED[code]
    with pytest.raises(NotTaken) as refused:
        made(wish, given_facts)
    assert refused.value.code == code
    says = refused.value.members["says"]
    assert sentence in says["zh"]
    assert says["en"].endswith(".")


def test_less_notice_than_is_needed_names_the_earliest_time() -> None:
    with pytest.raises(refusals.OutsideHours) as refused:
        made(a_wish(), facts(services=[SERVICE(notice_min=1440)]))
    assert refused.value.members["earliest_at"] == "2026-11-23T12:00:00+08:00"


def test_portions_that_others_have_taken_cannot_be_had() -> None:
    order = made(a_lunch((SOUP, 2)), lunch_facts())
    check_left(order, catering().menu, {SOUP: 3})
    with pytest.raises(refusals.SoldOut) as few:
        check_left(order, catering().menu, {SOUP: 4})
    assert few.value.members["left"] == 1
    assert "只剩1份" in few.value.members["says"]["zh"]
    with pytest.raises(refusals.SoldOut) as none:
        check_left(order, catering().menu, {SOUP: 9})
    assert "已经售完" in none.value.members["says"]["zh"]


@pytest.mark.parametrize(
    ("wish", "given_facts", "field"),
    [
        (a_lunch((SOUP, 1), (SOUP, 2)), lunch_facts(), "dishes"),
        (a_wish(dishes=((SOUP, 1),)), facts(), "dishes"),
        (a_wish(service_code="meal_lunch", wished_from=a_lunch().wished_from), lunch_facts(), "dishes"),
        (a_wish(wished_until=TOMORROW_TEN - timedelta(minutes=1)), facts(), "wished_until"),
    ],
)
def test_what_makes_no_sense_is_refused_by_the_name_of_the_field(wish: Any, given_facts: Any, field: str) -> None:
    with pytest.raises(refusals.BadOrder) as refused:
        made(wish, given_facts)
    assert refused.value.members == {"field": field}


@given(st.integers(-300, 300), st.integers(1, 240))
def test_two_orders_overlap_when_a_minute_belongs_to_both(offset: int, length: int) -> None:
    other = an_order()
    first = {offset + minute for minute in range(length)}
    assert overlaps(TOMORROW_TEN + timedelta(minutes=offset), length, other) == bool(first & set(range(60)))


# --- who may, and whose clock --------------------------------------------------------------------------------------


def test_each_move_is_made_by_those_whom_it_concerns() -> None:
    rules.check_may(OrderMove.CANCEL, Role.FAMILY, None)
    rules.check_may(VisitMove.BEGIN, Role.WORKER, None)
    for move, role in (
        (OrderMove.SETTLE, Role.FAMILY),
        (OrderMove.CANCEL, Role.WORKER),
        (VisitMove.MISS, Role.WORKER),
        (VisitMove.RELEASE, Role.FAMILY),
        (VisitMove.OFFER, Role.OPERATOR),
    ):
        with pytest.raises(rules.NotYours):
            rules.check_may(move, role, "原因")
    with pytest.raises(rules.ReasonNeeded):
        rules.check_may(VisitMove.DECLINE, Role.WORKER, " ")


@pytest.mark.parametrize(
    ("device_at", "counted", "suspect"),
    [
        (None, NOON, False),
        (NOON - timedelta(hours=3), NOON - timedelta(hours=3), False),
        (NOON + timedelta(minutes=2), NOON, False),
        (NOON - timedelta(days=1), NOON, True),
        (NOON + timedelta(days=1), NOON, True),
    ],
)
def test_what_a_phone_did_offline_counts_when_it_was_done_unless_its_clock_cannot_be_right(
    device_at: datetime | None, counted: datetime, suspect: bool
) -> None:
    order = an_order(placed_at=NOON - timedelta(days=5))
    assert rules.clock(device_at, order, NOON) == (counted, suspect)
    assert rules.clock(NOON - timedelta(hours=1), an_order(placed_at=NOON), NOON) == (NOON, True), (
        "before it was placed"
    )


@pytest.mark.parametrize(("limits", "smallest"), [([], None), ([None], None), ([None, 45], 45), ([60, 30, None], 30)])
def test_a_meal_is_as_fresh_as_its_most_delicate_dish(limits: list[int | None], smallest: int | None) -> None:
    dishes = [
        OrderedDish(dish_id=uuid4(), name=Words("菜", "Dish"), price_fen=1000, portions=1, fresh_min=limit)
        for limit in limits
    ]
    assert rules.fresh_min(dishes) == smallest
