"""Grants: every move from every state, how long they hold, how often one may ask, and what a family may do by them."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.grants import rules
from services.accounts.grants.model import MOVES, Grant, GrantKind, GrantMove, GrantState
from services.accounts.grants.rules import GrantLacking, IllegalMove, MoreThanAsked, OverAlready, TooManyAsked
from services.accounts.model import Account, Caller
from services.accounts.permissions import MAY, NEEDS, Permission, Role

ONE, TWO, NOBODY = UUID(int=1), UUID(int=2), UUID(int=3)
DAY = date(2026, 11, 29)
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)

OF_NO_ELDER = {
    Permission.SESSION_OWN,
    Permission.REGIONS_READ,
    Permission.CATALOGUE_READ,
    Permission.GRANTS_ASK,
    Permission.GRANTS_END,
}
"""What a family does without touching an elder's rows: its own session and grants, and what everybody reads."""


def a_grant(state: GrantState = GrantState.CONFIRMED, until: date | None = None) -> Grant:
    return Grant(
        id=ONE,
        account_id=TWO,
        elder_id=ONE,
        elder_name="王银杏",
        relation="女儿",
        region_code="420202",
        kinds=(GrantKind.SEE,),
        state=state,
        until=until,
    )


def a_caller(
    permission: Permission | None,
    elders: dict[GrantKind, UUID],
    *,
    role: Role = Role.FAMILY,
    regions: tuple[str, ...] = (),
) -> Caller:
    account = Account(id=TWO, username="x", name="x", role=role, region_codes=regions, locale="zh-CN")
    by_kind = {kind: frozenset({elder}) for kind, elder in elders.items()}
    return Caller(account=account, session_id=ONE, permission=permission, elders_by_kind=by_kind)


@pytest.mark.parametrize(("state", "move"), list(product(GrantState, GrantMove)))
def test_a_move_does_what_the_table_says_and_no_other_is_allowed(state: GrantState, move: GrantMove) -> None:
    grant = a_grant(state)
    if (state, move) in MOVES:
        after = grant.after(move)
        assert (after.state, after.version) == (MOVES[state, move], grant.version + 1)
        return
    with pytest.raises(IllegalMove) as refused:
        grant.after(move)
    assert refused.value.members == {"state": state, "move": move}


@given(st.lists(st.sampled_from(GrantMove), max_size=8))
def test_whatever_is_tried_a_grant_that_is_over_stays_over(moves: list[GrantMove]) -> None:
    grant, over = a_grant(GrantState.ASKED), False
    for move in moves:
        try:
            grant = grant.after(move)
        except IllegalMove:
            continue
        assert not over
        over = grant.state not in {GrantState.ASKED, GrantState.CONFIRMED}
        assert grant.holds_on(DAY) is (grant.state is GrantState.CONFIRMED)


@pytest.mark.parametrize(
    ("until", "holds"), [(None, True), (DAY, True), (DAY + timedelta(days=1), True), (DAY - timedelta(days=1), False)]
)
def test_a_grant_holds_to_the_end_of_its_last_day(until: date | None, holds: bool) -> None:
    assert a_grant(until=until).holds_on(DAY) is holds


def test_only_a_confirmed_grant_holds() -> None:
    assert [state for state in GrantState if a_grant(state).holds_on(DAY)] == [GrantState.CONFIRMED]


@pytest.mark.parametrize(("permission", "kind"), NEEDS.items())
def test_the_scope_of_a_permission_is_that_of_the_grant_it_needs(permission: Permission, kind: GrantKind) -> None:
    caller = a_caller(permission, dict.fromkeys(GrantKind, TWO) | {kind: ONE})
    assert caller.scope.elder_ids == frozenset({ONE})
    assert caller.scope.covers(region_code="420202", elder_id=ONE)
    assert not caller.scope.covers(region_code="420202", elder_id=TWO)


def test_without_a_kind_for_the_permission_a_family_sees_no_elder() -> None:
    every = dict.fromkeys(GrantKind, ONE)
    for permission in (None, *(set(Permission) - set(NEEDS))):
        assert a_caller(permission, every).scope.elder_ids == frozenset()


def test_each_permission_of_a_family_says_which_grant_it_needs_or_touches_no_elder() -> None:
    assert MAY[Role.FAMILY] - set(NEEDS) == OF_NO_ELDER


def test_a_family_is_told_what_it_lacks_only_for_an_elder_it_knows() -> None:
    caller = a_caller(Permission.VITALS_READ, {GrantKind.SEE: ONE, GrantKind.HEALTH: TWO})
    with pytest.raises(GrantLacking) as refused:
        caller.refuse_lacking(ONE)
    assert refused.value.members == {"kind": GrantKind.HEALTH}
    caller.refuse_lacking(TWO)
    caller.refuse_lacking(NOBODY)  # the query says that she is not there


def test_grants_mean_nothing_to_a_role_that_has_regions() -> None:
    caller = a_caller(Permission.VITALS_READ, {GrantKind.SEE: ONE}, role=Role.OPERATOR, regions=("4202",))
    assert caller.scope.elder_ids is None
    caller.refuse_lacking(ONE)


def test_nobody_asks_and_decides_with_one_role() -> None:
    assert not [role for role in Role if {Permission.GRANTS_ASK, Permission.GRANTS_DECIDE} <= MAY[role]]


def test_after_five_times_within_a_day_one_waits_until_the_first_of_them_is_a_day_old() -> None:
    asked = [NOW - timedelta(hours=hours) for hours in (20, 3, 2, 1, 0)]
    rules.check_pace(asked[1:], 4, NOW)
    with pytest.raises(TooManyAsked) as refused:
        rules.check_pace(asked, 5, NOW)
    assert refused.value.headers() == {"Retry-After": str(4 * 3600 + 1)}


def test_who_has_many_that_wait_asks_for_no_more() -> None:
    with pytest.raises(TooManyAsked):
        rules.check_pace([], rules.WAITING_AT_MOST, NOW)


def test_what_is_confirmed_was_asked_for_and_lies_ahead() -> None:
    rules.check_kinds(["see"], ["see", "order"])
    with pytest.raises(MoreThanAsked) as refused:
        rules.check_kinds(["see", "health"], ["see", "order"])
    assert refused.value.members == {"kinds": ["health"]}
    rules.check_until(DAY, DAY)
    with pytest.raises(OverAlready):
        rules.check_until(DAY - timedelta(days=1), DAY)
