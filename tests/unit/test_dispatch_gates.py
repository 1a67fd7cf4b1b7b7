import datetime
from dataclasses import replace

import pytest
from dispatch_days import DATE, a_day, a_pair, a_worker, an_order, certificate, place

from dispatch.gates import Gate
from dispatch.insertion import insert
from dispatch.model import Break, Day, Interval, Order, Sex, Visit, Worker
from dispatch.policy import Policy
from dispatch.proposal import Proposal, Refusal, RefusalReason
from dispatch.travel import GreatCircleTravel
from dispatch.words.en import EN

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(), GreatCircleTravel()
LONG_BREAK = Break(duration_min=180.0, window=Interval(560.0, 620.0))


def answer(day: Day, order: Order) -> Proposal | Refusal:
    return insert(day, order, POLICY, TRAVEL)


def gates_of(worker: Worker, order: Order) -> tuple[Gate, ...]:
    refusal = answer(a_day(workers=(worker,)), order)
    assert isinstance(refusal, Refusal)
    return refusal.stopped[order.visits[0].id][worker.id]


@pytest.mark.parametrize(
    ("gate", "worker", "order"),
    [
        (Gate.SKILL, a_worker(certificates=()), an_order()),
        (Gate.SKILL, a_worker(certificates=(certificate("meal", days_left=-1),)), an_order()),
        (Gate.REFUSED, a_worker(), an_order(refused_workers=frozenset({"w1"}))),
        (Gate.SEX, a_worker(sex=Sex.MALE), an_order(visits=(Visit(id="v", duration_min=30.0, worker_sex=Sex.FEMALE),))),
        (Gate.SEX, a_worker(sex=None), an_order(visits=(Visit(id="v", duration_min=30.0, worker_sex=Sex.FEMALE),))),
        (Gate.AREA, a_worker(areas=("420281",)), an_order()),
        (Gate.HOURS, a_worker(shifts=(Interval(780.0, 1080.0),)), an_order()),
        (Gate.HOURS, a_worker(leave=(Interval(590.0, 760.0),)), an_order()),
        (Gate.REST, a_worker(last_shift_ended_min=120.0), an_order()),
        (Gate.REST, a_worker(next_shift_begins_min=1270.0), an_order()),
        (Gate.WEEK_HOURS, a_worker(week_left_min=20.0), an_order()),
        (Gate.MONTH_HOURS, a_worker(month_left_min=-60.0), an_order()),
        (Gate.TRAVEL, a_worker(start=place("far", 200.0)), an_order()),
        (Gate.DAY_HOURS, a_worker(max_work_min=20.0), an_order()),
        (Gate.DAY_VISITS, a_worker(max_visits=0), an_order()),
        (Gate.LAST_BUS, a_worker(last_departure_min=625.0), an_order()),
        (Gate.BREAK, a_worker(breaks=(LONG_BREAK,)), an_order()),
    ],
)
def test_a_gate_says_no_and_is_named(gate: Gate, worker: Worker, order: Order) -> None:
    assert gates_of(worker, order) == (gate,)


def test_every_gate_has_a_sentence() -> None:
    assert set(EN.stops) == set(Gate)


def test_a_certificate_is_valid_on_its_last_day() -> None:
    worker = a_worker(certificates=(certificate("meal", days_left=0),))
    assert isinstance(answer(a_day(workers=(worker,)), an_order()), Proposal)
    later = replace(a_day(workers=(worker,)), date=DATE + datetime.timedelta(days=1))
    assert isinstance(answer(later, an_order()), Refusal)


def test_every_gate_that_stops_a_worker_is_named_not_only_the_first() -> None:
    worker = a_worker(certificates=(), areas=("42",), sex=Sex.MALE)
    order = an_order(refused_workers=frozenset({"w1"}))
    assert gates_of(worker, order) == (Gate.SKILL, Gate.REFUSED)


def test_a_pair_needs_two_different_workers() -> None:
    alone = answer(a_day(workers=(a_worker("w1"),)), a_pair())
    assert isinstance(alone, Refusal)
    assert alone.reason is RefusalReason.NO_SECOND_WORKER
    two = answer(a_day(workers=(a_worker("w1"), a_worker("w2"))), a_pair())
    assert isinstance(two, Proposal)
    first, second = two.assignments
    assert {first.worker_id, second.worker_id} == {"w1", "w2"}
    assert first.start_min == second.start_min


def test_the_second_of_a_sequential_pair_starts_within_its_gaps() -> None:
    proposal = answer(a_day(), a_pair(min_gap_min=40.0, max_gap_min=55.0))
    assert isinstance(proposal, Proposal)
    first, second = proposal.assignments
    assert 40.0 <= second.start_min - first.start_min <= 55.0


@pytest.mark.parametrize(
    ("reason", "day", "order"),
    [
        (RefusalReason.NO_WORKER, a_day(workers=(a_worker(certificates=()),)), an_order()),
        (RefusalReason.TOO_LATE, a_day(now_min=800.0), an_order()),
        (RefusalReason.NO_ROOM, a_day(workers=(a_worker(max_work_min=5.0),)), an_order()),
        (RefusalReason.NO_WORKER, replace(a_day(), workers=()), an_order()),
    ],
)
def test_what_cannot_be_planned_gets_a_named_reason(reason: RefusalReason, day: Day, order: Order) -> None:
    refusal = answer(replace(day, plan=replace(day.plan, routes=())), order)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is reason


@pytest.mark.parametrize(
    ("gates", "worker"),
    [
        ((Gate.HOURS, Gate.REST), a_worker(shifts=(Interval(780.0, 1080.0),), last_shift_ended_min=120.0)),
        ((Gate.WEEK_HOURS, Gate.MONTH_HOURS), a_worker(week_left_min=20.0, month_left_min=10.0)),
        ((Gate.DAY_HOURS, Gate.WEEK_HOURS), a_worker(week_left_min=20.0, max_work_min=25.0)),
        ((Gate.HOURS, Gate.LAST_BUS), a_worker(shifts=(Interval(780.0, 1080.0),), last_departure_min=600.0)),
        ((Gate.DAY_VISITS, Gate.DAY_HOURS), a_worker(max_visits=0, max_work_min=5.0)),
        ((Gate.SKILL, Gate.DAY_HOURS), a_worker(certificates=(), max_work_min=5.0)),
    ],
)
def test_where_several_limits_stand_in_the_way_all_are_named_and_none_that_would_not_help(
    gates: tuple[Gate, ...], worker: Worker
) -> None:
    assert gates_of(worker, an_order()) == gates


def test_an_order_leaves_its_usual_hour_only_if_nobody_has_room_there_and_pays_for_it() -> None:
    usual = an_order("o2", usual_start_min=660.0)
    free = answer(a_day(workers=(a_worker(),)), usual)
    assert isinstance(free, Proposal)
    assert free.assignments[0].start_min == 630.0
    assert "other_hour" not in free.explanation.terms
    taken = answer(a_day(workers=(a_worker(leave=(Interval(625.0, 700.0),)), a_worker("w2", certificates=()))), usual)
    assert isinstance(taken, Proposal)
    assert taken.explanation.terms["other_hour"].points == POLICY.other_hour
    assert taken.explanation.stopped["o2/1"] == {"w2": (Gate.SKILL,)}


def test_who_would_come_at_another_hour_than_usual_is_stopped_by_that_alone() -> None:
    busy = a_worker("busy", leave=(Interval(625.0, 700.0),))
    proposal = answer(a_day(workers=(busy, a_worker("free"))), an_order(usual_start_min=660.0))
    assert isinstance(proposal, Proposal)
    assert proposal.explanation.stopped["o1/1"] == {"busy": (Gate.USUAL_HOUR,)}


def test_somebody_else_than_usual_is_worth_a_price_and_no_more() -> None:
    near, usual = a_worker("near", start=place("n", 1.0, 1.0)), a_worker("usual", start=place("u"))
    order = an_order(usual_workers=frozenset({"usual"}))
    proposal = answer(a_day(workers=(near, usual)), order)
    assert isinstance(proposal, Proposal)
    assert proposal.assignments[0].worker_id == "usual"
    assert proposal.explanation.next_best[0].terms["other_worker"].points == POLICY.other_worker
    far = a_worker("usual", start=place("u", -9.0, -9.0))
    proposal = answer(a_day(workers=(near, far)), order)
    assert isinstance(proposal, Proposal)
    assert proposal.assignments[0].worker_id == "near"
    assert proposal.explanation.terms["other_worker"].amount == 1.0
