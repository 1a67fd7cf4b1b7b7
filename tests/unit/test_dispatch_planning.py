"""Insertion, telling people, improvement, repair and overrides, on days small enough to see through."""

from dataclasses import replace

import pytest
from dispatch_days import a_day, a_pair, a_worker, an_order, place

from bench.online.plan_check import broken_gates
from dispatch.commitment import due_to_tell, slack_min
from dispatch.events import (
    leave_taken,
    order_cancelled,
    order_placed,
    visit_late,
    visit_started,
    visits_promised,
    visits_told,
    worker_sick,
)
from dispatch.gates import Gate
from dispatch.improve import improve
from dispatch.insertion import insert
from dispatch.model import Day, Interval, Order, StopState, Visit
from dispatch.policy import Policy
from dispatch.proposal import Proposal, Refusal, RefusalReason
from dispatch.repair import Release, repair
from dispatch.travel import GreatCircleTravel
from dispatch.what_if import what_if

pytestmark = pytest.mark.usefixtures("compiled_search")

POLICY, TRAVEL = Policy(), GreatCircleTravel()


def planned(day: Day, *orders: Order) -> Day:
    for order in orders:
        proposal = insert(day, order, POLICY, TRAVEL)
        assert isinstance(proposal, Proposal)
        day = replace(order_placed(day, order), plan=proposal.plan)
    return day


def holder(day: Day, visit_id: str) -> str:
    return day.plan.placed()[visit_id][0]


def test_the_familiar_worker_comes_if_the_detour_is_not_too_long() -> None:
    near, known = a_worker("near", start=place("n", 1.0, 1.0)), a_worker("known", start=place("k"))
    order = an_order(familiarity={"known": 1.0})
    assert holder(planned(a_day(workers=(near, known)), order), "o1/1") == "known"
    far = replace(known, start=place("k", -9.0, -9.0))
    assert holder(planned(a_day(workers=(near, far)), order), "o1/1") == "near"


def test_work_is_spread_rather_than_heaped() -> None:
    orders = [
        an_order(f"o{n}", window=Interval(500.0, 980.0), visits=(Visit(id=f"o{n}/1", duration_min=90.0),))
        for n in range(5)
    ]
    day = planned(a_day(), *orders)
    assert sorted(len(route.stops) for route in day.plan.routes) == [1, 2, 2]


def test_a_worker_who_earned_more_than_the_others_gives_way() -> None:
    rich, poor = a_worker("rich", income_fen=600_000), a_worker("poor", income_fen=200_000)
    order = an_order(pay_fen=30_000)
    assert holder(planned(a_day(workers=(rich, poor)), order), "o1/1") == "poor"


def test_where_it_has_a_price_a_new_order_goes_where_nobody_elses_planned_hour_changes_and_it_is_said() -> None:
    near, far = a_worker("near", start=place("n", 1.0, 1.0)), a_worker("far", start=place("f", 3.0, 1.0))
    day = planned(a_day(workers=(near, far)), an_order("o1", window=Interval(600.0, 720.0)))
    assert holder(day, "o1/1") == "near"
    before_it = an_order("o2", window=Interval(580.0, 580.0))
    for price, comes in ((0.0, "near"), (10.0, "far")):
        proposal = insert(day, before_it, replace(POLICY, move_planned=price), TRAVEL)
        assert isinstance(proposal, Proposal)
        assert [one.worker_id for one in proposal.assignments] == [comes]
        assert any(change.visit_id == "o1/1" for change in proposal.changes) is (comes == "near")
    (other,) = proposal.explanation.next_best
    assert (other.worker_ids, other.terms["move_planned"].amount) == (("near",), 1.0)
    assert other.points > sum(term.points for term in proposal.explanation.terms.values())


def test_the_punctual_worker_is_preferred() -> None:
    day = a_day(workers=(a_worker("late", punctuality=0.5), a_worker("sure")))
    assert holder(planned(day, an_order()), "o1/1") == "sure"


def test_a_proposal_says_why_not_the_next_two_and_what_the_others_cost() -> None:
    staff = tuple(a_worker(f"w{n}", start=place(f"s{n}", n / 2)) for n in range(5))
    blocked = a_worker("wx", certificates=())
    proposal = insert(a_day(workers=(*staff, blocked)), an_order(), POLICY, TRAVEL)
    assert isinstance(proposal, Proposal)
    why = proposal.explanation
    costs = [why.points, *(way.points for way in why.next_best), *why.dearer.values()]
    assert costs == sorted(costs)
    assert len(why.next_best) == 2
    assert len(why.dearer) == 2
    assert why.stopped == {"o1/1": {"wx": (Gate.SKILL,)}}
    assert why.travel_source == "great circle"
    assert why.terms["travel"].amount == pytest.approx(why.terms["travel"].points / POLICY.travel_per_min)


def test_an_order_that_is_not_urgent_is_told_only_when_its_slack_is_used_up() -> None:
    day = planned(a_day(), an_order())
    assert slack_min(day, "o1", POLICY) == pytest.approx(600.0 - POLICY.notice_min - 420.0)
    assert due_to_tell(day, POLICY) == ()
    later = replace(day, now_min=600.0 - POLICY.notice_min)
    assert due_to_tell(later, POLICY) == ("o1/1",)
    urgent = planned(a_day(), an_order(urgent=True))
    assert due_to_tell(urgent, POLICY) == ("o1/1",)


def test_an_improvement_takes_what_is_untold_for_little_and_what_is_told_only_for_much() -> None:
    near, far = a_worker("near", start=place("n", 1.0, 1.0)), a_worker("far", start=place("f", -4.0, -4.0))
    day = planned(a_day(workers=(far,)), an_order())
    day = replace(day, workers=(far, near))
    assert holder(replace(day, plan=improve(day, POLICY, TRAVEL, iterations=500).plan), "o1/1") == "near"
    told = visits_told(day, ["o1/1"])
    kept = improve(told, POLICY, TRAVEL, iterations=500)
    assert kept.changes == ()
    assert kept.plan == told.plan
    cheap_news = replace(POLICY, change_worker=1.0)
    moved = improve(told, cheap_news, TRAVEL, iterations=500)
    assert moved.terms["change_worker"].points == 1.0
    assert [change.state for change in moved.changes] == [StopState.TOLD]


def test_an_improvement_that_saves_less_than_the_least_is_not_proposed() -> None:
    near, far = a_worker("near", start=place("n", 1.0, 1.0)), a_worker("far", start=place("f", -1.0, -1.0))
    day = replace(planned(a_day(workers=(far,)), an_order()), workers=(far, near))
    assert improve(day, replace(POLICY, least_saving=500.0), TRAVEL, iterations=500).changes == ()


def test_an_improvement_places_an_order_that_found_no_room_before() -> None:
    first = an_order("o1", window=Interval(600.0, 600.0), latest_start_min=610.0)
    day = planned(a_day(workers=(a_worker("w1"),)), first)
    second = an_order("o2", window=Interval(600.0, 600.0), latest_start_min=610.0)
    day = replace(order_placed(day, second), workers=(a_worker("w1"), a_worker("w2")))
    better = improve(day, POLICY, TRAVEL, iterations=200)
    assert {"o1/1", "o2/1"} == set(better.plan.placed())
    assert better.terms["unplaced"].amount == -1.0


def test_a_cancelled_search_returns_the_plan_so_far() -> None:
    day = planned(a_day(), an_order())
    stopped = improve(day, POLICY, TRAVEL, seconds=30.0, cancelled=lambda: True)
    assert stopped.cancelled
    assert stopped.plan.placed().keys() == {"o1/1"}


def test_the_visits_of_a_worker_who_fell_sick_go_to_the_others() -> None:
    day = planned(
        a_day(), an_order("o1"), an_order("o2"), a_pair("o3", window=Interval(800.0, 860.0), latest_start_min=900.0)
    )
    day = visits_promised(day, day.plan.placed())
    sick = holder(day, "o1/1")
    mended = repair(worker_sick(day, sick), POLICY, TRAVEL, iterations=500)
    after = replace(worker_sick(day, sick), plan=mended.plan)
    assert mended.released["o1/1"] is Release.GATE
    assert mended.unplaced == ()
    assert all(worker_id != sick for worker_id, _ in after.plan.stops())
    assert broken_gates(after, POLICY, TRAVEL) == []


def test_a_visit_begun_by_a_worker_who_fell_sick_waits_for_somebody_else() -> None:
    day = planned(a_day(now_min=600.0), an_order())
    day = visit_started(day, "o1/1")
    sick = holder(day, "o1/1")
    mended = repair(worker_sick(day, sick), POLICY, TRAVEL, iterations=200)
    assert mended.plan.placed()["o1/1"][0] != sick


def test_a_late_visit_pushes_what_can_wait_and_hands_over_what_was_promised() -> None:
    only, other = a_worker("only"), a_worker("other", start=place("x", 8.0))
    soon = an_order("soon", window=Interval(600.0, 600.0), latest_start_min=640.0, familiarity={"only": 1.0})
    next_ = an_order("next", window=Interval(660.0, 660.0), latest_start_min=670.0, familiarity={"only": 1.0})
    late = an_order("late", window=Interval(800.0, 900.0), latest_start_min=960.0, familiarity={"only": 1.0})
    day = planned(a_day(workers=(only, other)), soon, next_, late)
    assert {holder(day, visit) for visit in day.plan.placed()} == {"only"}
    day = replace(visits_promised(visit_started(day, "soon/1"), ["next/1"]), now_min=620.0)
    day = visit_late(day, "soon/1", 700.0)
    mended = repair(day, POLICY, TRAVEL, iterations=500)
    assert mended.released == {"next/1": Release.TIME}
    assert mended.plan.placed()["next/1"][0] == "other"
    assert mended.plan.placed()["late/1"][0] == "only"


def test_new_leave_frees_only_the_visits_in_it() -> None:
    morning = an_order("am", window=Interval(540.0, 540.0), latest_start_min=560.0)
    evening = an_order("pm", window=Interval(960.0, 960.0), latest_start_min=980.0)
    day = planned(a_day(workers=(a_worker("w1"),)), morning, evening)
    on_leave = leave_taken(day, "w1", Interval(900.0, 1080.0))
    mended = repair(on_leave, POLICY, TRAVEL, iterations=200)
    assert mended.released == {"pm/1": Release.GATE}
    assert [refusal.reason for refusal in mended.unplaced] == [RefusalReason.NO_WORKER]
    assert mended.plan.placed().keys() == {"am/1"}


def test_a_visit_that_can_wait_until_after_new_leave_stays_with_its_worker() -> None:
    day = planned(a_day(workers=(a_worker("w1"),)), an_order(latest_start_min=900.0))
    on_leave = leave_taken(day, "w1", Interval(590.0, 700.0))
    mended = repair(on_leave, POLICY, TRAVEL, iterations=50)
    assert mended.released == {}
    assert mended.plan.placed()["o1/1"][1].start_min == 700.0
    assert [change.visit_id for change in mended.changes] == ["o1/1"]


def test_a_cancelled_order_is_gone_and_nobody_else_is_disturbed() -> None:
    day = planned(a_day(), an_order("o1"), an_order("o2"))
    day = order_cancelled(visits_told(day, ["o2/1"]), "o1")
    mended = repair(day, POLICY, TRAVEL, iterations=200)
    assert mended.released == {}
    assert set(mended.plan.placed()) == {"o2/1"}


def test_what_cannot_be_kept_in_a_pair_is_given_up_as_a_whole() -> None:
    day = planned(a_day(), a_pair("o1"))
    sick = holder(day, "o1/1")
    mended = repair(worker_sick(day, sick), POLICY, TRAVEL, iterations=200)
    assert mended.released == {"o1/1": Release.GATE, "o1/2": Release.PARTNER}
    assert set(mended.plan.placed()) == {"o1/1", "o1/2"}


def test_an_override_says_what_it_costs_and_whom_it_touches() -> None:
    near, far = a_worker("near", start=place("n", 1.0, 1.0)), a_worker("far", start=place("f", -6.0, -6.0))
    day = visits_told(planned(a_day(workers=(near, far)), an_order()), ["o1/1"])
    what = what_if(day, "o1", "far", POLICY, TRAVEL)
    assert what.gates == ()
    assert what.plan is not None
    assert what.plan.placed()["o1/1"][0] == "far"
    assert what.terms["change_worker"].points == POLICY.change_worker
    assert what.points == pytest.approx(sum(term.points for term in what.terms.values()))
    assert set(what.workers) == {"near", "far"}
    before, after = what.workers["far"]
    assert before.work_min == 0.0
    assert after.service_min == 30.0
    assert [(change.from_worker_id, change.to_worker_id) for change in what.changes] == [("near", "far")]


def test_an_override_through_a_gate_is_refused_by_name() -> None:
    day = planned(a_day(workers=(a_worker("w1"), a_worker("w2", certificates=()))), an_order())
    assert what_if(day, "o1", "w2", POLICY, TRAVEL).gates == (Gate.SKILL,)


def test_an_override_of_a_visit_begun_is_an_error() -> None:
    day = visit_started(planned(a_day(), an_order()), "o1/1")
    with pytest.raises(ValueError, match="begun"):
        what_if(day, "o1", "w2", POLICY, TRAVEL)


def test_the_second_of_a_pair_whose_first_has_begun_goes_to_somebody_else_in_time() -> None:
    day = planned(a_day(), a_pair("o1", min_gap_min=45.0, max_gap_min=90.0))
    first, second = holder(day, "o1/1"), holder(day, "o1/2")
    day = replace(visit_started(day, "o1/1"), now_min=605.0)
    day = worker_sick(day, second)
    mended = repair(day, POLICY, TRAVEL, iterations=200)
    worker_id, stop = mended.plan.placed()["o1/2"]
    assert worker_id not in (first, second)
    assert 45.0 <= stop.start_min - day.plan.placed()["o1/1"][1].start_min <= 90.0
    alone = replace(day, workers=tuple(worker for worker in day.workers if worker.id == first))
    refusal = insert(replace(alone, plan=day.plan.without(frozenset({"o1/2"}))), day.order("o1"), POLICY, TRAVEL)
    assert isinstance(refusal, Refusal)
    assert refusal.stopped == {"o1/2": {first: (Gate.SAME_WORKER,)}}


def test_an_order_that_is_planned_already_is_not_inserted_again() -> None:
    day = planned(a_day(), an_order())
    with pytest.raises(ValueError, match="planned already"):
        insert(day, day.order("o1"), POLICY, TRAVEL)


def test_an_empty_day_is_no_error() -> None:
    empty = replace(a_day(), workers=(), plan=replace(a_day().plan, routes=()))
    assert improve(empty, POLICY, TRAVEL, iterations=10).changes == ()
    assert repair(a_day(), POLICY, TRAVEL, iterations=10).changes == ()
