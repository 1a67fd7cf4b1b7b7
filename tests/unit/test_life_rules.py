"""Where an elder's life stands: the table of moves, the days, and who may say what."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.accounts.permissions import Role
from services.elders.life import rules
from services.elders.life.model import ABSENT, AT_HOME, FOR_GOOD, MOVES, IllegalMove, Life, LifeMove, LifeState
from services.elders.life.views import moves_of
from services.orders.draft import drafted
from services.orders.not_there import ElderNotThere
from services.orders.series import rules as series_rules
from services.orders.series.model import Verdict
from tests.examples import examples
from tests.unit.order_scene import NOON, TOMORROW_TEN, a_wish, facts
from tests.unit.series_scene import a_series

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
TODAY = date(2026, 12, 1)
A_DAY = timedelta(days=1)
LEAVING = (LifeMove.TO_HOSPITAL, LifeMove.GO_AWAY)


def said(life: Life, move: LifeMove, first: date = TODAY, until: date | None = None, today: date = TODAY) -> Life:
    return life.after(move, from_day=first, until_day=until, now=NOW, today=today)


def test_every_state_and_move_is_in_the_table_or_refused() -> None:
    for state, move in product(LifeState, LifeMove):
        life = replace(AT_HOME, state=state, from_day=None if state is LifeState.AT_HOME else TODAY)
        if (state, move) in MOVES:
            assert said(life, move).version == life.version + 1
        else:
            with pytest.raises(IllegalMove):
                said(life, move)


def test_in_hospital_counts_from_its_first_day_until_the_day_before_she_is_home() -> None:
    life = said(AT_HOME, LifeMove.TO_HOSPITAL, date(2026, 12, 3), date(2026, 12, 10))
    days = {day: life.on(date(2026, 12, day)) for day in (2, 3, 9, 10)}
    assert days == {2: LifeState.AT_HOME, 3: LifeState.IN_HOSPITAL, 9: LifeState.IN_HOSPITAL, 10: LifeState.AT_HOME}


def test_a_stay_that_was_planned_and_given_up_leaves_nothing() -> None:
    life = said(AT_HOME, LifeMove.GO_AWAY, TODAY + 9 * A_DAY, TODAY + 12 * A_DAY)
    home = said(life, LifeMove.COME_HOME)
    assert (home.state, home.from_day, home.until_day) == (LifeState.AT_HOME, None, None)


def test_moving_house_from_hospital_she_stays_in_hospital() -> None:
    life = said(AT_HOME, LifeMove.TO_HOSPITAL)
    assert said(life, LifeMove.RELOCATE).on(TODAY) is LifeState.IN_HOSPITAL


class ALife(RuleBasedStateMachine):
    """Whatever is said, in whatever order and over many days."""

    @initialize()
    def at_home(self) -> None:
        self.life, self.today = AT_HOME, TODAY

    @rule(days=st.integers(0, 40))
    def days_pass(self, days: int) -> None:
        self.today += days * A_DAY

    @rule(move=st.sampled_from(LifeMove), ahead=st.integers(0, 20), stays=st.none() | st.integers(1, 30))
    def somebody_says(self, move: LifeMove, ahead: int, stays: int | None) -> None:
        first = self.today + ahead * A_DAY if move in (*LEAVING, LifeMove.COME_HOME) else self.today
        until = first + stays * A_DAY if stays and move in LEAVING else None
        before = self.life
        try:
            self.life = said(before, move, first, until, self.today)
        except IllegalMove:
            assert move not in moves_of(before, Role.SUPERVISOR, self.today)
            return
        if move in LEAVING:
            assert self.life.on(first) in ABSENT
        if move is LifeMove.COME_HOME:
            assert self.life.on(first) is LifeState.AT_HOME

    @invariant()
    def it_is_a_life(self) -> None:
        life = self.life
        assert (life.state is LifeState.AT_HOME) == (life.from_day is None)
        assert life.until_day is None or (life.from_day or date.max) < life.until_day
        assert life.state not in FOR_GOOD or life.until_day is None
        far = self.today + 400 * A_DAY
        assert life.state in ABSENT or life.on(far) is life.state
        if life.state is LifeState.DIED:
            assert moves_of(life, Role.FAMILY, self.today) == [], "of the dead a family is asked nothing"


TestALife = ALife.TestCase
TestALife.settings = examples(30, stateful_step_count=20)


def test_a_family_says_what_pauses_its_orders_and_nothing_that_is_for_good() -> None:
    own = {move for move in LifeMove if Role.FAMILY in rules.WHO[move]}
    assert own == {LifeMove.TO_HOSPITAL, LifeMove.GO_AWAY, LifeMove.COME_HOME}
    assert {move for move in LifeMove if Role.OPERATOR not in rules.WHO[move]} == {LifeMove.RELOCATE, LifeMove.CORRECT}
    rules.check_may(LifeMove.TO_HOSPITAL, Role.FAMILY, "")
    with pytest.raises(rules.LifeReasonNeeded):
        rules.check_may(LifeMove.TO_HOSPITAL, Role.OPERATOR, " ")
    with pytest.raises(rules.NotYoursToSay):
        rules.check_may(LifeMove.DIE, Role.FAMILY, "医院来电")


@pytest.mark.parametrize(
    ("move", "first", "until"),
    [
        (LifeMove.TO_HOSPITAL, TODAY - 32 * A_DAY, None),
        (LifeMove.GO_AWAY, TODAY + A_DAY, TODAY + A_DAY),
        (LifeMove.TO_HOSPITAL, TODAY - 3 * A_DAY, TODAY),
        (LifeMove.DIE, TODAY + A_DAY, None),
        (LifeMove.DIE, TODAY, TODAY + A_DAY),
        (LifeMove.CORRECT, TODAY - A_DAY, None),
    ],
)
def test_days_that_cannot_be_are_refused_by_name(move: LifeMove, first: date, until: date | None) -> None:
    with pytest.raises(rules.BadDays) as refused:
        rules.check_days(move, first, until, TODAY)
    assert refused.value.members["field"] in ("from_day", "until_day")


def test_a_death_said_by_mistake_is_corrected_within_a_month() -> None:
    rules.check_correctable(LifeMove.CORRECT, NOW - timedelta(days=29), NOW)
    with pytest.raises(rules.TooLateToCorrect):
        rules.check_correctable(LifeMove.CORRECT, NOW - timedelta(days=31), NOW)


@given(first=st.integers(-5, 20), stays=st.integers(1, 20))
def test_a_recurring_order_has_its_visits_on_every_day_at_home_and_on_no_other(first: int, stays: int) -> None:
    begin = TODAY + first * A_DAY
    life = Life(state=LifeState.AWAY, from_day=begin, until_day=begin + stays * A_DAY, version=1)
    series = replace(a_series("FREQ=DAILY", begins=TODAY), life=life)
    found = series_rules.plan(series, TODAY, TODAY + 30 * A_DAY)
    assert all(one.visited == (life.on(one.day) is LifeState.AT_HOME) for one in found)
    assert {one.verdict for one in found if not one.visited} <= {Verdict.PAUSED}


def test_after_a_death_a_recurring_order_has_ended_and_is_looked_at_no_more() -> None:
    life = Life(state=LifeState.DIED, from_day=TODAY, version=1)
    series = replace(a_series("FREQ=DAILY", begins=TODAY - 9 * A_DAY), life=life)
    assert series_rules.served(series, TODAY, TODAY + 30 * A_DAY) == []
    assert {one.verdict for one in series_rules.plan(series, TODAY, TODAY + A_DAY)} == {Verdict.ENDED}


@pytest.mark.parametrize("state", list(LifeState)[1:])
def test_an_order_for_somebody_who_is_not_at_home_is_refused_with_what_can_be_done(state: LifeState) -> None:
    day = TOMORROW_TEN.date()
    until = day + 3 * A_DAY if state in ABSENT else None
    life = Life(state=state, from_day=day, until_day=until, version=1)
    with pytest.raises(ElderNotThere) as refused:
        drafted(UUID(int=1), a_wish(), facts(life=life), NOON, placed_by=None)
    says = refused.value.members["says"]
    assert all(says.values())
    assert says["zh"].endswith("。")
    assert ("起可以预约" in says["zh"]) == (state in ABSENT)
    assert drafted(UUID(int=1), a_wish(), facts(life=replace(life, from_day=day + A_DAY)), NOON, placed_by=None)
