"""Orders and visits: every move from every state, and what a life of moves may lead to."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.orders.model import IllegalMove, Order
from services.orders.states import (
    FREE,
    ORDER_MOVES,
    OVER,
    TAKING,
    VISIT_MOVES,
    OrderMove,
    OrderState,
    VisitMove,
    VisitState,
    followed,
)
from tests.examples import examples
from tests.unit.order_scene import LI, TOMORROW_TEN, WANG, a_visit, an_order

LATE_YES = (VisitState.WAITING, VisitMove.ACCEPT)


def in_state(state: VisitState) -> Any:
    has_worker = state not in (VisitState.WAITING, VisitState.CANCELLED)
    return a_visit(state=state, worker=WANG if has_worker else None)


@pytest.mark.parametrize(("state", "move"), list(product(VisitState, VisitMove)))
def test_a_visit_moves_as_the_table_says_and_no_other_way(state: VisitState, move: VisitMove) -> None:
    if (state, move) in VISIT_MOVES:
        worker = {"worker": WANG} if move is VisitMove.ASSIGN or (state, move) == LATE_YES else {}
        assert in_state(state).after(move, **worker).state is VISIT_MOVES[state, move]
        return
    with pytest.raises(IllegalMove) as refused:
        in_state(state).after(move)
    assert refused.value.members == {"state": state, "move": move}


@pytest.mark.parametrize(("state", "move"), list(product(OrderState, OrderMove)))
def test_an_order_moves_as_the_table_says_and_no_other_way(state: OrderState, move: OrderMove) -> None:
    order = an_order(in_state(VisitState.DONE), state=state)
    if (state, move) in ORDER_MOVES:
        after = order.after(move)
        assert after.state is (ORDER_MOVES[state, move] or OrderState.DONE)
        assert after.version == order.version + 1
        return
    with pytest.raises(IllegalMove):
        order.after(move)


def test_every_state_of_a_visit_is_reached_and_only_a_late_phone_leaves_an_end() -> None:
    assert {*VISIT_MOVES.values(), VisitState.WAITING} == set(VisitState)
    assert {(state, move) for state, move in VISIT_MOVES if state in OVER} == {(VisitState.MISSED, VisitMove.BEGIN)}


def test_dispatch_moves_nothing_that_has_begun() -> None:
    assert {state for state, move in VISIT_MOVES if move is VisitMove.ASSIGN} == set(FREE)


@pytest.mark.parametrize(
    ("visits", "order"),
    [
        (("waiting",), "placed"),
        (("planned",), "assigned"),
        (("accepted", "waiting"), "placed"),
        (("accepted", "offered"), "assigned"),
        (("accepted", "accepted"), "accepted"),
        (("on_the_way", "accepted"), "under_way"),
        (("done", "waiting"), "under_way"),
        (("done", "done"), "done"),
        (("done", "missed"), "missed"),
        (("done", "interrupted"), "interrupted"),
        (("cancelled", "cancelled"), "cancelled"),
    ],
)
def test_the_state_of_an_order_is_what_its_visits_say(visits: tuple[str, ...], order: str) -> None:
    assert followed([VisitState(state) for state in visits]) == order


def test_who_had_a_visit_and_gave_it_back_is_not_asked_again() -> None:
    had = a_visit(
        state=VisitState.ACCEPTED, worker=WANG, starts_at=TOMORROW_TEN, told_starts_at=TOMORROW_TEN, locked=True
    )
    back = had.given_back(VisitMove.DECLINE, because="declined")
    assert (back.state, back.worker, back.starts_at, back.locked) == (VisitState.WAITING, None, None, False)
    assert (back.refused_worker_ids, back.waits_because) == ((WANG.id,), "declined")
    assert back.told_starts_at == TOMORROW_TEN, "the family was told this time"


class Life(RuleBasedStateMachine):
    """An order of two visits through whatever may happen."""

    def __init__(self) -> None:
        super().__init__()
        self.order: Order = an_order(a_visit(), a_visit(id=UUID(int=12), position=1))
        self.ended: dict[UUID, VisitState] = {}
        self.versions = [1]

    @rule(which=st.integers(0, 1), move=st.sampled_from(VisitMove), who=st.sampled_from([WANG, LI]))
    def moves_a_visit(self, which: int, move: VisitMove, who: Any) -> None:
        visit = self.order.visits[which]
        if (visit.state, move) not in VISIT_MOVES or (visit.state is VisitState.MISSED and visit.worker is None):
            return
        if VISIT_MOVES[visit.state, move] is VisitState.WAITING and move is not VisitMove.WAIT:
            after = visit.given_back(move, because="x")
        elif move is VisitMove.ASSIGN or (visit.state, move) == LATE_YES:
            after = visit.after(move, worker=who, starts_at=TOMORROW_TEN, ends_at=TOMORROW_TEN + timedelta(hours=1))
        else:
            after = visit.after(move)
        self.order = self.order.having([after])
        self.versions.append(self.order.version)

    @rule(move=st.sampled_from([OrderMove.DISPUTE, OrderMove.SETTLE]))
    def moves_the_order(self, move: OrderMove) -> None:
        if (self.order.state, move) in ORDER_MOVES:
            self.order = self.order.after(move)
            self.versions.append(self.order.version)

    @rule()
    def is_cancelled(self) -> None:
        drop = VisitMove.DROP
        if (self.order.state, OrderMove.CANCEL) in ORDER_MOVES and all(
            (visit.state, drop) in VISIT_MOVES for visit in self.order.visits
        ):
            visits = tuple(visit.after(drop) for visit in self.order.visits)
            self.order = replace(self.order.after(OrderMove.CANCEL), visits=visits)
            self.versions.append(self.order.version)

    @invariant()
    def its_state_is_what_its_visits_say(self) -> None:
        said = followed([visit.state for visit in self.order.visits])
        assert self.order.state in (said, OrderState.DISPUTED)

    @invariant()
    def somebody_has_a_visit_that_takes_time(self) -> None:
        for visit in self.order.visits:
            assert (visit.state in TAKING) <= (visit.worker is not None)
            assert not (visit.state is VisitState.WAITING and visit.worker)

    @invariant()
    def versions_count_moves(self) -> None:
        assert self.versions == list(range(1, len(self.versions) + 1))

    @invariant()
    def what_has_ended_stays_so(self) -> None:
        for visit in self.order.visits:
            before = self.ended.get(visit.id)
            assert before in (None, VisitState.MISSED, visit.state)
            if visit.over:
                self.ended[visit.id] = visit.state
            else:
                self.ended.pop(visit.id, None)


TestLife = Life.TestCase
TestLife.settings = examples(60, stateful_step_count=30)
