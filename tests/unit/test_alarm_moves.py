"""The table of moves: every state and every move, and what a case keeps and loses on the way."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from contracts.alarm_case import OperatorOnCase
from contracts.alarm_kind import AlarmKind
from services.alarms import rules
from services.alarms.model import (
    HELD,
    MOVES,
    RINGS,
    Actor,
    AlarmCase,
    AlarmMove,
    AlarmState,
    Escalation,
    IllegalMove,
    Outcome,
)

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
WANG = Actor(id=UUID(int=1), name="王芳", role="operator")
CHEN = Actor(id=UUID(int=2), name="陈强", role="operator")
CHIEF = Actor(id=UUID(int=3), name="周敏", role="supervisor")

ALLOWED = {
    AlarmState.OPEN: "press grow cancel_reported note escalate attend claim",
    AlarmState.CLAIMED: "press grow cancel_reported note escalate attend call respond release lapse close",
    AlarmState.CALLING: "press grow cancel_reported note escalate attend call_done respond release lapse close",
    AlarmState.RESPONDING: "press grow cancel_reported note escalate attend call call_done respond release lapse close",
    AlarmState.CLOSED: "note escalate reopen",
}
"""Said a second time, by hand: a slip in the table is seen here."""


def a_case(state: AlarmState = AlarmState.OPEN, holder: Actor = WANG) -> AlarmCase:
    case = AlarmCase(
        id=uuid4(), kind=AlarmKind.SOS, join_key="sos", device_id="W-1",
        opened_at=NOON, occurred_at=NOON, received_at=NOON, rang_at=NOON,
    )  # fmt: skip
    if state in HELD:
        held_by = OperatorOnCase(id=holder.id, name=holder.name)
        return replace(case, state=state, claimed_by=held_by, claimed_at=NOON, lease_until=NOON, first_claimed_at=NOON)
    if state == AlarmState.CLOSED:
        return replace(case, state=state, closed_at=NOON, outcome=Outcome.TEST)
    return case


@pytest.mark.parametrize(("state", "move"), list(product(AlarmState, AlarmMove)))
def test_every_move_from_every_state_is_allowed_or_refused_by_the_table(state: AlarmState, move: AlarmMove) -> None:
    case = a_case(state)
    if move.value not in ALLOWED[state].split():
        with pytest.raises(IllegalMove) as refused:
            case.after(move)
        assert refused.value.members == {"state": state.value, "move": move.value}
        return
    after = case.after(move)
    assert after.version == case.version + 1
    assert after.state == MOVES[state, move]
    assert (after.claimed_by is not None) == (after.state in HELD and state in HELD)


def test_only_a_move_from_the_table_leads_into_each_state() -> None:
    assert set(MOVES.values()) == set(AlarmState)
    assert AlarmMove.OPEN not in {move for _, move in MOVES}


def test_a_case_that_has_been_handled_ends_only_by_a_person() -> None:
    assert {move for (_, move), state in MOVES.items() if state == AlarmState.CLOSED} == {
        AlarmMove.CLOSE,
        AlarmMove.NOTE,
        AlarmMove.ESCALATE,
    }


def test_what_brings_a_case_back_to_the_queue_rings_except_when_the_operator_chose_it() -> None:
    back = {move for (state, move), after in MOVES.items() if after == AlarmState.OPEN and state != AlarmState.OPEN}
    assert back - RINGS == {AlarmMove.RELEASE}


def test_a_closed_case_cannot_be_claimed() -> None:
    with pytest.raises(IllegalMove):
        a_case(AlarmState.CLOSED).after(AlarmMove.CLAIM)


def test_a_claim_names_the_holder_and_begins_a_lease() -> None:
    case = rules.moved(a_case(), AlarmMove.CLAIM, by=WANG, now=NOON)
    assert case.held_by(WANG.id)
    assert (case.claimed_at, case.lease_until, case.first_claimed_at) == (NOON, NOON + rules.LEASE, NOON)


def test_a_second_claim_keeps_the_time_of_the_first() -> None:
    later = NOON + timedelta(minutes=3)
    case = rules.moved(a_case(), AlarmMove.CLAIM, by=WANG, now=NOON).after(AlarmMove.LAPSE)
    again = rules.moved(case, AlarmMove.CLAIM, by=CHEN, now=later)
    assert (again.first_claimed_at, again.claimed_at) == (NOON, later)


@pytest.mark.parametrize("move", [AlarmMove.CALL, AlarmMove.RESPOND, AlarmMove.NOTE])
def test_a_move_of_the_holder_renews_the_lease_and_a_colleagues_note_does_not(move: AlarmMove) -> None:
    later = NOON + timedelta(seconds=50)
    assert rules.moved(a_case(AlarmState.CLAIMED), move, by=WANG, now=later).lease_until == later + rules.LEASE
    by_colleague = rules.moved(a_case(AlarmState.CLAIMED), AlarmMove.NOTE, by=CHEN, now=later)
    assert by_colleague.lease_until == NOON


@pytest.mark.parametrize("state", sorted(HELD))
@pytest.mark.parametrize("move", sorted(rules.OF_THE_HOLDER | {AlarmMove.CLAIM}))
def test_nobody_but_the_holder_works_on_a_held_case(state: AlarmState, move: AlarmMove) -> None:
    with pytest.raises(rules.ClaimedByOther) as refused:
        rules.check_hand(a_case(state), move, CHEN)
    assert refused.value.members == {"claimed_by": {"id": str(WANG.id), "name": "王芳"}}
    rules.check_hand(a_case(state), move, WANG)


def test_a_supervisor_may_release_what_another_holds_and_nothing_else() -> None:
    rules.check_hand(a_case(AlarmState.CLAIMED), AlarmMove.RELEASE, CHIEF)
    with pytest.raises(rules.ClaimedByOther):
        rules.check_hand(a_case(AlarmState.CLAIMED), AlarmMove.CLOSE, CHIEF)


@pytest.mark.parametrize("move", sorted(rules.OF_THE_HOLDER))
def test_a_case_nobody_holds_must_be_claimed_first(move: AlarmMove) -> None:
    with pytest.raises(rules.NotClaimed):
        rules.check_hand(a_case(), move, WANG)


def test_the_view_says_everything_a_reader_needs() -> None:
    case = a_case(AlarmState.RESPONDING)
    view = case.view().model_dump(mode="json")
    assert type(case.view()).model_validate(view) == case.view()
    assert (view["priority"], view["worklist"], view["claimed_by"]["name"]) == (1, False, "王芳")


def test_the_queue_puts_the_urgent_first_then_what_rang_again_then_the_oldest() -> None:
    def at(minutes: int, kind: AlarmKind = AlarmKind.SOS, rang: int | None = None) -> AlarmCase:
        opened = NOON + timedelta(minutes=minutes)
        rang_at = opened if rang is None else NOON + timedelta(minutes=rang)
        return replace(a_case(), kind=kind, opened_at=opened, rang_at=rang_at)

    held = replace(a_case(AlarmState.CLAIMED), opened_at=NOON)
    queue = [at(9, rang=20), at(1), at(5), at(0, AlarmKind.FALL), at(0, AlarmKind.GARBLED), held]
    backwards = queue[::-1]
    assert sorted(backwards, key=rules.queue_order) == queue


def test_a_case_goes_up_and_never_down_and_a_claim_clears_it() -> None:
    case = rules.escalated(a_case(), Escalation.SUPERVISOR)
    assert rules.escalated(case, Escalation.SECOND_OPERATOR).escalation is Escalation.SUPERVISOR
    assert rules.escalated(case, None).escalation is Escalation.SUPERVISOR
    assert rules.moved(case, AlarmMove.CLAIM, by=WANG, now=NOON).escalation is None


@pytest.mark.parametrize("state", [state for state in AlarmState if state is not AlarmState.OPEN])
def test_a_step_that_comes_after_somebody_took_the_case_leaves_only_its_line(state: AlarmState) -> None:
    case = a_case(state)
    after = rules.escalated(case, Escalation.SUPERVISOR)
    assert (after.escalation, after.version, after.claimed_by) == (None, case.version + 1, case.claimed_by)


def test_who_says_to_be_with_her_is_shown_until_the_case_is_opened_again() -> None:
    case = rules.moved(a_case(), AlarmMove.ATTEND, by=CHEN, now=NOON)
    assert (case.attended_by, case.state, case.claimed_by) == (CHEN.name, AlarmState.OPEN, None)
    closed = replace(case, state=AlarmState.CLOSED, closed_at=NOON, outcome=Outcome.TEST)
    assert rules.moved(closed, AlarmMove.REOPEN, by=WANG, now=NOON).attended_by is None
