"""The living day answers what a full look at the plain day answers, whatever has happened to it."""

from dataclasses import replace

import pytest
from dispatch_days import days
from hypothesis import given
from hypothesis import strategies as st

from dispatch.events import (
    leave_taken,
    order_cancelled,
    order_placed,
    visit_done,
    visit_late,
    visit_started,
    visits_promised,
    visits_told,
    worker_sick,
)
from dispatch.gates import Gate
from dispatch.insertion import DEPEND_ON_PLAN, insert
from dispatch.living.day import LivingDay
from dispatch.model import Day, Interval, Order, Stop, StopState
from dispatch.policy import Policy
from dispatch.proposal import Proposal, Refusal, RefusalReason
from dispatch.travel import GreatCircleTravel
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(move_planned=10.0), GreatCircleTravel()
small = examples(12)
busy = days(most_orders=10, most_workers=9)


def alive(day: Day) -> LivingDay:
    """One at a time, so that it is decided each time whether that is enough."""
    return LivingDay(day, POLICY, TRAVEL, at_first=1, closely=1)


def same_answer(living: LivingDay, order: Order) -> Proposal | Refusal:
    full, quick = insert(living.day, order, POLICY, TRAVEL), living.insert(order)
    if isinstance(full, Refusal):
        if full.reason is not RefusalReason.PLAN_BROKEN:  # a living day still answers beside what is broken
            assert isinstance(quick, Refusal)
            same_refusal(quick, full)
        return quick
    assert isinstance(quick, Proposal)
    assert [one.worker_id for one in quick.assignments] == [one.worker_id for one in full.assignments]
    assert [one.start_min for one in quick.assignments] == pytest.approx([one.start_min for one in full.assignments])
    ways, wanted = ((why, *why.next_best) for why in (quick.explanation, full.explanation))
    assert [way.points for way in ways] == pytest.approx([way.points for way in wanted], abs=1e-6)
    same_plan(quick, full)
    same_reasons(quick, full, order)
    return quick


def same_refusal(quick: Refusal, full: Refusal) -> None:
    """The true reason; everything of those looked at closely; of the others nothing that is not true."""
    assert quick.reason is full.reason
    assert quick.stopped.keys() == full.stopped.keys()
    for visit_id, wanted in full.stopped.items():
        named = dict(quick.stopped[visit_id])
        for worker_id in named.keys() | wanted.keys():
            gates, all_gates = named.get(worker_id, ()), wanted.get(worker_id, ())
            if worker_id not in quick.at_a_glance:
                assert gates == all_gates
            elif gates:
                assert all_gates
                assert set(gates) - {Gate.NO_ROOM, Gate.IN_STEP} <= set(all_gates)


def same_plan(quick: Proposal, full: Proposal) -> None:
    placed, expected = quick.plan.placed(), full.plan.placed()
    assert {id_: one for id_, (one, _) in placed.items()} == {id_: one for id_, (one, _) in expected.items()}
    for visit_id, (_, stop) in placed.items():
        assert stop.start_min == pytest.approx(expected[visit_id][1].start_min, abs=1e-5)
    assert {change.visit_id for change in quick.changes} == {change.visit_id for change in full.changes}


def same_reasons(quick: Proposal, full: Proposal, order: Order) -> None:
    for worker_id, points in quick.explanation.dearer.items():
        assert points == pytest.approx(full.explanation.dearer[worker_id], abs=1e-6)
    for worker_id, points in quick.explanation.at_least.items():
        assert points <= full.explanation.dearer.get(worker_id, points) + 1e-6
    for visit in order.visits:
        if visit.id in full.explanation.stopped:
            wanted, named = full.explanation.stopped[visit.id], quick.explanation.stopped[visit.id]
            assert named.keys() <= wanted.keys() <= named.keys() | quick.explanation.at_least.keys()
            for worker_id, gates in named.items():
                assert gates in (wanted[worker_id], (Gate.NO_ROOM,))
                assert gates == wanted[worker_id] or set(wanted[worker_id]) <= DEPEND_ON_PLAN


@small
@given(busy)
def test_every_insertion_is_that_of_the_full_look(day: Day) -> None:
    living = alive(replace(day, orders=()))
    for order in day.orders:
        taken(living, order, same_answer(living, order))


def taken(living: LivingDay, order: Order, answer: Proposal | Refusal | None) -> None:
    day = living.day if order.id in {known.id for known in living.day.orders} else order_placed(living.day, order)
    living.become(replace(day, plan=answer.plan) if isinstance(answer, Proposal) else day)


def happened(draw: st.DrawFn, day: Day) -> Day:
    """One thing more."""
    stops = [stop for _, stop in day.plan.stops()]
    what = draw(st.sampled_from(("later", "later", "told", "promised", "started", "done", "late", "cancelled", "sick")))
    worker_id = draw(st.sampled_from([worker.id for worker in day.workers]))
    if what == "later":
        return replace(day, now_min=day.now_min + draw(st.sampled_from((5.0, 45.0, 120.0))))
    if what == "sick":
        return draw(st.sampled_from((worker_sick(day, worker_id), _on_leave(day, worker_id))))
    if what == "cancelled" and day.orders:
        return order_cancelled(day, draw(st.sampled_from(day.orders)).id)
    if what in ("told", "promised"):
        tell = visits_told if what == "told" else visits_promised
        return tell(day, {stop.visit_id for stop in stops if stop.state is StopState.PLANNED and draw(st.booleans())})
    started = [stop for stop in stops if stop.state is StopState.STARTED]
    if what == "started" and (next_ := _next(day)):
        return visit_started(day, draw(st.sampled_from(next_)).visit_id)
    if what == "done" and started:
        return visit_done(day, draw(st.sampled_from(started)).visit_id)
    if what == "late" and started:
        return visit_late(day, (stop := draw(st.sampled_from(started))).visit_id, stop.end_min + 40.0)
    return day


def _on_leave(day: Day, worker_id: str) -> Day:
    return leave_taken(day, worker_id, Interval(day.now_min, day.now_min + 90.0))


def _next(day: Day) -> list[Stop]:
    """What each worker would begin next."""
    open_ = ([stop for stop in route.stops if stop.state not in ("started", "done")] for route in day.plan.routes)
    return [stops[0] for stops in open_ if stops]


@small
@given(busy, st.data())
def test_whatever_happens_the_living_day_answers_as_a_full_look_at_what_has_become_of_it(
    day: Day, data: st.DataObject
) -> None:
    living = alive(replace(day, orders=()))
    for order in day.orders:
        living.become(happened(data.draw, living.day))
        if data.draw(st.booleans()):
            living.become(happened(data.draw, living.day))
        taken(living, order, same_answer(living, order))


@small
@given(busy, st.data())
def test_every_free_time_can_be_had_by_whom_it_names_and_no_nearer_one_is_left_out(
    day: Day, data: st.DataObject
) -> None:
    living = alive(replace(day, orders=()))
    for order in day.orders[1:]:
        taken(living, order, living.proposal(order))
    order = replace(day.orders[0], usual_start_min=None)
    slots = living.slots(order, count=3, every_min=60.0)
    for slot in slots:
        answer = insert(living.day, at_the_moment(order, slot.start_min), POLICY, TRAVEL)
        assert isinstance(answer, Proposal)
        if len(order.visits) == 1:
            assert [one.worker_id for one in answer.assignments] == list(slot.worker_ids)
            assert slot.points == pytest.approx(answer.explanation.points, abs=1e-6)
    furthest = max((abs(slot.start_min - order.window.from_min) for slot in slots), default=1440.0)
    moment = 60.0 * data.draw(st.integers(0, 23))
    nearer = abs(moment - order.window.from_min) < furthest or len(slots) < 3
    if nearer and moment >= day.now_min and moment not in {slot.start_min for slot in slots} and len(order.visits) == 1:
        assert not isinstance(insert(living.day, at_the_moment(order, moment), POLICY, TRAVEL), Proposal)


def at_the_moment(order: Order, start_min: float) -> Order:
    return replace(order, window=Interval(start_min, start_min), latest_start_min=start_min)
