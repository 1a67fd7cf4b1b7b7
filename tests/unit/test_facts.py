"""What a message of the bus comes to as facts, read from the golden messages of the contract."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from contracts.alarm_case import CaseMoved, CaseView
from contracts.order import OrderMoved, OrderView, VisitView
from contracts.welfare import WelfareDueMoved
from services.metrics import facts
from services.metrics.facts import case_fact, due_fact, visit_facts

GOLDEN = Path(__file__).parents[1] / "contract" / "golden"
CASE, ORDER, DUE = (
    (GOLDEN / f"{name}.v1.json").read_bytes() for name in ("alarm.case_moved", "order.moved", "welfare.due_moved")
)


def test_a_move_of_a_case_is_one_fact() -> None:
    said = CaseMoved.read(CASE)
    fact = case_fact("e1", CASE)
    assert (fact.event_id, fact.case_id, fact.version, fact.move) == ("e1", said.case.id, said.case.version, said.move)
    assert (fact.happened_at, fact.received_at) == (said.at, said.at)
    assert (fact.elder_id, fact.operator_id) == (UUID(int=2), UUID(int=3))
    assert fact.claimed_at == said.case.first_claimed_at


def test_an_alarm_happened_when_the_device_says_unless_its_clock_cannot_be_right() -> None:
    opened = CASE.replace(b'"move": "claim"', b'"move": "open"')
    opened = opened.replace(b'"occurred_at": "2026-11-22T00:00:00', b'"occurred_at": "2026-11-20T06:00:00')
    fact, three_days_ago = case_fact("e1", opened), datetime(2026, 11, 20, 6, 0, 0, 140_000, tzinfo=UTC)
    assert (fact.happened_at, fact.occurred_at) == (three_days_ago, three_days_ago)
    assert fact.received_at == CaseMoved.read(opened).case.received_at
    doubtful = case_fact("e1", opened.replace(b'"time_suspect": false', b'"time_suspect": true'))
    assert doubtful.happened_at == doubtful.occurred_at == doubtful.received_at


def test_a_move_of_an_order_is_a_fact_of_each_of_its_visits() -> None:
    said = OrderMoved.read(ORDER)
    found = list(visit_facts("e2", ORDER))
    assert [one.visit_id for one in found] == [visit.id for visit in said.order.visits]
    assert [one.own for one in found] == [said.visit_id == visit.id for visit in said.order.visits]
    assert {(one.order_id, one.version, one.day, one.provider_id) for one in found} == {
        (said.order.id, said.order.version, said.order.day, said.order.provider.id)
    }


def test_all_that_an_elder_is_owed_in_a_month_is_one_row_of_the_register() -> None:
    first = due_fact("e3", DUE)
    week_after = due_fact("e4", DUE.replace(b'"due_from": "2026-11-01"', b'"due_from": "2026-11-08"'))
    month_after = due_fact("e5", DUE.replace(b'"month": "2026-11-01"', b'"month": "2026-12-01"'))
    assert (first.state, first.visited_on) == ("visited", WelfareDueMoved.read(DUE).visited_on)
    assert first.register_id == week_after.register_id != month_after.register_id


@pytest.mark.parametrize("broken", [b"{}", b"[]", b"no json", CASE[:-4]])
def test_what_is_no_such_message_is_refused(broken: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        case_fact("e", broken)
    with pytest.raises(msgspec.DecodeError):
        list(visit_facts("e", broken))
    with pytest.raises(msgspec.DecodeError):
        due_fact("e", broken)


@pytest.mark.parametrize(
    ("read", "contract"),
    [
        (facts._Case, CaseView),
        (facts._Order, OrderView),
        (facts._Visit, VisitView),
        (facts._CaseMoved, CaseMoved),
        (facts._OrderMoved, OrderMoved),
        (facts._DueMoved, WelfareDueMoved),
    ],
)
def test_what_is_read_stands_in_the_contract(read: type[msgspec.Struct], contract: type[CaseView]) -> None:
    assert set(read.__struct_fields__) <= set(contract.model_fields)
