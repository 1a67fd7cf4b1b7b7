"""Providers: every move from every state, whose they are, and what each may change."""

from datetime import date
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.model import Scope
from services.providers import rules
from services.providers.model import MOVES, Provider, ProviderMove, ProviderState
from services.providers.rules import IllegalMove, NotYourRegion, OnlyPhone, WiderThanYours

ONE = UUID(int=1)
CODES = st.lists(st.sampled_from(["4202", "420202", "420202006", "420281", "420281104"]), min_size=1)


def a_provider(state: ProviderState = ProviderState.ACTIVE, *regions: str) -> Provider:
    return Provider(
        id=ONE,
        name="银杏居家养老",
        licence_number="LICENCE-1",
        licence_until=date(2026, 12, 31),
        phone="10133334444",
        region_codes=regions or ("420202",),
        state=state,
    )


@pytest.mark.parametrize(("state", "move"), list(product(ProviderState, ProviderMove)))
def test_a_move_does_what_the_table_says_and_no_other_is_allowed(state: ProviderState, move: ProviderMove) -> None:
    provider = a_provider(state)
    if (state, move) in MOVES:
        after = provider.after(move)
        assert (after.state, after.version) == (MOVES[state, move], provider.version + 1)
        return
    with pytest.raises(IllegalMove) as refused:
        provider.after(move)
    assert refused.value.members == {"state": state, "move": move}


def test_no_state_is_a_dead_end_and_each_is_reached() -> None:
    assert {state for state, _ in MOVES} == set(ProviderState) == set(MOVES.values())


def test_only_an_active_provider_serves_and_to_the_last_day_of_its_licence() -> None:
    assert a_provider().serves_on(date(2026, 12, 31))
    assert not a_provider().serves_on(date(2027, 1, 1))
    assert not a_provider(ProviderState.SUSPENDED).serves_on(date(2026, 1, 1))
    assert not a_provider(ProviderState.LEFT).serves_on(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("scope", "regions", "reached", "held"),
    [
        (Scope(("4202",)), ("420281",), True, True),
        (Scope(("420281",)), ("4202",), True, False),
        (Scope(("420281",)), ("420281104", "420202"), True, False),
        (Scope(("420281",)), ("420202",), False, False),
        (Scope(()), ("420202",), False, False),
        (Scope((), frozenset(), ONE), ("420202",), True, False),
        (Scope((), frozenset(), UUID(int=2)), ("420202",), False, False),
    ],
)
def test_a_provider_is_seen_where_it_serves_and_decided_about_by_who_answers_for_all_of_that(
    scope: Scope, regions: tuple[str, ...], reached: bool, held: bool
) -> None:
    assert scope.reaches(ONE, regions) is reached
    assert scope.holds(regions) is held


def test_the_staff_of_a_provider_sees_no_elder_and_no_row_of_nobody() -> None:
    scope = Scope((), frozenset(), ONE)
    assert not scope.covers(region_code=None, elder_id=None)
    assert not scope.covers(region_code="420202", elder_id=UUID(int=3))


def test_who_answers_for_a_part_may_neither_decide_nor_let_it_serve_elsewhere() -> None:
    with pytest.raises(WiderThanYours):
        rules.check_may_decide(["420281", "420202"], Scope(("420281",)))
    with pytest.raises(NotYourRegion) as refused:
        rules.check_regions(["420281", "420202"], Scope(("420281",)))
    assert refused.value.members == {"region_codes": ["420202"]}


def test_a_provider_changes_its_phone_and_nothing_else() -> None:
    rules.check_own_change({"phone": "10133335555"})
    for changes in ({"name": "x"}, {"phone": "10133335555", "licence_until": date(2030, 1, 1)}):
        with pytest.raises(OnlyPhone):
            rules.check_own_change(changes)


@given(CODES)
def test_regions_inside_another_are_left_out_and_nothing_is_lost(codes: list[str]) -> None:
    kept = rules.without_those_inside(codes)
    assert list(kept) == sorted(kept)
    assert all(code.startswith(kept) for code in codes)
    assert not any(a != b and a.startswith(b) for a, b in product(kept, kept))
