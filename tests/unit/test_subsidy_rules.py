"""Who pays what of an order: the parts make the price, and no allowance is overspent."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from services.catalogue.model import Words
from services.catalogue.subsidies import rules
from services.catalogue.subsidies.forms import SchemeTermsForm
from services.catalogue.subsidies.model import Award, Pays, SchemeTerms, SchemeVersion, Spent
from services.catalogue.subsidies.rules import Purse, split
from services.elders.model import AbilityLevel, RegisterFlag
from tests.examples import examples
from tests.unit.catalogue_scene import elder, terms

DAY = date(2026, 11, 23)
FIRST = date(2026, 1, 1)
MEAL, ALLOWANCE = "meal_subsidy", "purchased_services"


def scheme(code: str = MEAL, valid_from: date = FIRST, version: int = 1, **fields: Any) -> SchemeVersion:
    plain = SchemeTerms(name=Words("助餐补贴", "Meal subsidy"), region_codes=("4202",))
    return SchemeVersion(code=code, version=version, valid_from=valid_from, terms=replace(plain, **fields))


def award(**fields: Any) -> Award:
    plain = Award(
        id=UUID(int=71), elder_id=UUID(int=9), scheme_code=ALLOWANCE, from_day=FIRST, until_day=date(2026, 12, 31)
    )
    return replace(plain, **fields)


def purse(*schemes: SchemeVersion, **fields: Any) -> Purse:
    by_code: dict[str, list[SchemeVersion]] = {}
    for one in schemes:
        by_code.setdefault(one.code, []).append(one)
    return Purse(schemes=by_code, **fields)


def paid(known: Purse, price_fen: int, quantity: int = 1, day: date = DAY, **fields: Any) -> list[tuple[str, int]]:
    claims = known.claims(elder(**fields), "cleaning_home", terms(), day)
    return [(one.scheme_code, one.fen) for one in split(claims, known, price_fen=price_fen, quantity=quantity, day=day)]


def test_a_sum_for_each_unit_is_paid_and_never_more_than_the_price() -> None:
    assert paid(purse(scheme(unit_fen=500)), 1700) == [(MEAL, 500)]
    assert paid(purse(scheme(unit_fen=500)), 1700, quantity=3) == [(MEAL, 1500)]
    assert paid(purse(scheme(unit_fen=500)), 300) == [(MEAL, 300)]


def test_of_a_part_what_is_less_than_a_fen_is_the_familys() -> None:
    assert paid(purse(scheme(percent=33)), 1000) == [(MEAL, 330)]
    assert paid(purse(scheme(percent=33)), 1) == []


def test_one_meal_a_day_is_paid_for_and_the_second_is_not() -> None:
    once = scheme(unit_fen=500, units_a_day=1)
    today = [Spent(day=DAY, scheme_code=MEAL, units=1, fen=500)]
    assert paid(purse(once, spent=today), 1700) == []
    assert paid(purse(once, spent=[replace(today[0], day=DAY - timedelta(days=1))]), 1700) == [(MEAL, 500)]


def test_so_many_a_month_are_paid_for_and_the_next_month_begins_anew() -> None:
    often = scheme(unit_fen=500, units_a_month=2)
    spent = [Spent(day=date(2026, 11, day), scheme_code=MEAL, units=1, fen=500) for day in (1, 2)]
    assert paid(purse(often, spent=spent), 1700) == []
    assert paid(purse(often, spent=spent[:1]), 1700, quantity=2) == [(MEAL, 500)]
    assert paid(purse(often, spent=spent), 1700, day=date(2026, 12, 1)) == [(MEAL, 500)]


def test_who_pays_first_leaves_the_rest_to_the_next() -> None:
    first = scheme(unit_fen=500, rank=1)
    second = scheme(ALLOWANCE, awarded=True, monthly_fen=1000, rank=2)
    assert paid(purse(first, second, awards=[award()]), 1700) == [(MEAL, 500), (ALLOWANCE, 1000)]
    assert paid(purse(first, second, awards=[award()]), 1200) == [(MEAL, 500), (ALLOWANCE, 700)]


def test_an_award_may_name_a_sum_of_its_own() -> None:
    allowance = scheme(ALLOWANCE, awarded=True)
    assert paid(purse(allowance, awards=[award(monthly_fen=40000)]), 50000) == [(ALLOWANCE, 40000)]


def test_what_is_awarded_pays_from_its_first_day_to_its_last_and_for_nobody_else() -> None:
    known = purse(scheme(ALLOWANCE, awarded=True, monthly_fen=1000), awards=[award(from_day=DAY, until_day=DAY)])
    assert paid(known, 500) == [(ALLOWANCE, 500)]
    assert paid(known, 500, day=DAY - timedelta(days=1)) == []
    assert paid(known, 500, day=DAY + timedelta(days=1)) == []
    assert paid(purse(scheme(ALLOWANCE, awarded=True, monthly_fen=1000)), 500) == []


@pytest.mark.parametrize(
    ("fields", "of_elder"),
    [
        ({"region_codes": ("420281",)}, {}),
        ({"from_age": 90}, {}),
        ({"below_age": 80}, {}),
        ({"ability_levels": frozenset({AbilityLevel.SEVERE})}, {}),
        ({"register_flags": frozenset({RegisterFlag.LOW_INCOME})}, {"register_flags": (RegisterFlag.LIVES_ALONE,)}),
        ({"categories": frozenset({"meal"})}, {}),
        ({"services": frozenset({"laundry"})}, {}),
        ({"running": False}, {}),
    ],
)
def test_whom_or_what_it_is_not_for_it_does_not_pay(fields: dict[str, Any], of_elder: dict[str, Any]) -> None:
    assert paid(purse(scheme(unit_fen=500, **fields)), 1700, **of_elder) == []


def test_the_version_of_the_day_that_is_served_counts() -> None:
    known = purse(scheme(unit_fen=500), scheme(unit_fen=800, valid_from=date(2026, 12, 1), version=2))
    assert paid(known, 1700) == [(MEAL, 500)]
    assert paid(known, 1700, day=date(2026, 12, 1)) == [(MEAL, 800)]


def test_an_award_is_refused_where_it_could_never_pay() -> None:
    allowance = [scheme(ALLOWANCE, awarded=True, from_age=80)]
    rules.check_award(award(monthly_fen=100), allowance, elder(), [])
    with pytest.raises(rules.AmountNeeded):
        rules.check_award(award(), allowance, elder(), [])
    with pytest.raises(rules.NotAwarded):
        rules.check_award(award(monthly_fen=100), [scheme(ALLOWANCE, unit_fen=5)], elder(), [])
    with pytest.raises(rules.NotAwarded):
        rules.check_award(award(monthly_fen=100), [], elder(), [])
    with pytest.raises(rules.NotEntitled) as refused:
        rules.check_award(award(monthly_fen=100), allowance, elder(birth_date=date(1950, 1, 1)), [])
    assert refused.value.members["field"] == "age"
    with pytest.raises(rules.BadDays):
        rules.check_award(award(monthly_fen=100, until_day=FIRST - timedelta(days=1)), allowance, elder(), [])
    with pytest.raises(rules.AwardedAlready):
        rules.check_award(award(monthly_fen=100), allowance, elder(), [award(id=UUID(int=72), from_day=DAY)])


LESS: list[tuple[dict[str, int], dict[str, int], bool]] = [
    ({"unit_fen": 500}, {"unit_fen": 800}, True),
    ({"unit_fen": 800}, {"unit_fen": 500}, False),
    ({"percent": 40}, {"percent": 50}, True),
    ({"percent": 50}, {}, True),
    ({}, {"percent": 50}, False),
    ({"unit_fen": 500}, {}, True),
    ({}, {"unit_fen": 500}, False),
    ({"percent": 50}, {"unit_fen": 500}, True),
    ({"monthly_fen": 10000}, {}, True),
    ({"monthly_fen": 10000}, {"monthly_fen": 20000}, True),
    ({}, {"monthly_fen": 20000}, False),
    ({"units_a_month": 4}, {"units_a_month": 8}, True),
    ({"units_a_day": 1}, {}, True),
    ({"unit_fen": 900, "units_a_day": 1}, {"unit_fen": 800, "units_a_day": 2}, True),
    ({"unit_fen": 800}, {"unit_fen": 800}, False),
]


@pytest.mark.parametrize(("pays", "before", "less"), LESS)
def test_a_scheme_pays_less_where_some_order_may_cost_the_family_more(
    pays: dict[str, int], before: dict[str, int], less: bool
) -> None:
    assert rules.is_less(Pays(**pays), Pays(**before)) is less


SUMS = st.one_of(st.none(), st.integers(1, 3000))
COUNTS = st.one_of(st.none(), st.integers(1, 5))
PAYS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"unit_fen": st.integers(1, 3000)}),
    st.fixed_dictionaries({"percent": st.integers(1, 100)}),
    st.just({}),
)
SCHEMES = st.builds(
    lambda code, pays, **limits: scheme(code, **pays, **limits),
    code=st.sampled_from(["a", "b", "c"]),
    pays=PAYS,
    units_a_day=COUNTS,
    units_a_month=COUNTS,
    monthly_fen=SUMS,
    rank=st.integers(1, 3),
)
DAYS = st.dates(date(2026, 11, 29), date(2026, 12, 2))


@given(SCHEMES)
def test_a_scheme_is_read_as_it_was_written(one: SchemeVersion) -> None:
    written = one.terms if one.terms.unit_fen or one.terms.percent else replace(one.terms, awarded=True)
    assert SchemeTermsForm.of(written).terms() == written


class Ordering(RuleBasedStateMachine):
    """Orders of one elder are placed, moved and cancelled in any order."""

    orders = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.schemes: dict[str, SchemeVersion] = {}
        self.kept: dict[int, tuple[date, int, list[Any]]] = {}
        self.made = 0

    @rule(one=SCHEMES)
    def city_decides(self, one: SchemeVersion) -> None:
        self.schemes.setdefault(one.code, one)

    def pay(self, day: date, price_fen: int, quantity: int) -> list[Any]:
        spent = [
            Spent(day=on, scheme_code=part.scheme_code, units=part.units, fen=part.fen)
            for on, _, parts in self.kept.values()
            for part in parts
        ]
        known = purse(*self.schemes.values(), spent=spent)
        claims = known.claims(elder(), "cleaning_home", terms(), day)
        parts = list(split(claims, known, price_fen=price_fen, quantity=quantity, day=day))
        assert all(part.fen > 0 and part.units > 0 for part in parts)
        assert sum(part.fen for part in parts) <= price_fen * quantity
        return parts

    @rule(target=orders, day=DAYS, price_fen=st.integers(0, 4000), quantity=st.integers(1, 4))
    def place(self, day: date, price_fen: int, quantity: int) -> int:
        self.kept[self.made] = (day, price_fen * quantity, self.pay(day, price_fen, quantity))
        self.made += 1
        return self.made - 1

    @rule(target=orders, order=consumes(orders))
    def cancel(self, order: int) -> Any:
        del self.kept[order]
        return multiple()

    @rule(order=orders, day=DAYS)
    def move(self, order: int, day: date) -> None:
        _, total_fen, _ = self.kept.pop(order)
        self.kept[order] = (day, total_fen, self.pay(day, total_fen, 1))

    @invariant()
    def nothing_is_overspent(self) -> None:
        for code, one in self.schemes.items():
            for month in (11, 12):
                parts = [
                    (day, part)
                    for day, _, all_parts in self.kept.values()
                    for part in all_parts
                    if part.scheme_code == code and day.month == month
                ]
                limits = one.terms
                assert limits.monthly_fen is None or sum(part.fen for _, part in parts) <= limits.monthly_fen
                assert limits.units_a_month is None or sum(part.units for _, part in parts) <= limits.units_a_month
                for day in {day for day, _ in parts}:
                    units = sum(part.units for on, part in parts if on == day)
                    assert limits.units_a_day is None or units <= limits.units_a_day


TestOrdering = Ordering.TestCase
TestOrdering.settings = examples(40, stateful_step_count=20)
