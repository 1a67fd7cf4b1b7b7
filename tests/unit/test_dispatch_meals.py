"""Meal runs: what is never violated, who goes with what together, when they are told, and the reasons."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meal_days import NOON, POLICY, TRAVEL, a_carrier, a_day, a_meal, a_place, meal_days
from typer.testing import CliRunner

from dispatch.commands import app
from dispatch.kernel.run_search import anneal_runs, insert_runs
from dispatch.kernel.runs import cost_of
from dispatch.meals.checker import broken
from dispatch.meals.explain import explain_run, unserved
from dispatch.meals.files import read_meals, write_meals
from dispatch.meals.gates import MealGate, carriers_able, lifted, stopping
from dispatch.meals.model import Busy, Carrier, MealDay, MealPolicy, told
from dispatch.meals.planning import due_to_tell, plan_runs
from dispatch.model import Interval
from dispatch.travel import GreatCircleTravel
from tests.examples import examples

COMPILED: tuple[Any, ...] = (anneal_runs, insert_runs, cost_of)
pytestmark = pytest.mark.usefixtures("compiled_search")


def planned(day: MealDay, steps: int = 300) -> MealDay:
    return plan_runs(day, POLICY, TRAVEL, steps_per_order=steps)


def test_a_carrier_is_told_no_earlier_than_to_be_there_when_the_meal_is_ready() -> None:
    (run,) = planned(a_day(a_meal(), carriers=(a_carrier(at=-3_000.0),))).runs
    assert (run.leave_min, run.pickup_min) == (NOON - 2.0 - 10.0, NOON)
    assert (run.door_min, run.end_min) == ((NOON + 2.0 + 5.0 + 2.0,), NOON + 11.0)


def test_who_must_leave_before_the_next_look_is_told_and_nobody_else() -> None:
    day = planned(a_day(a_meal()))
    assert due_to_tell(day, NOON - 2.0) == ()
    assert due_to_tell(day, NOON - 1.9) == day.runs


def test_what_was_told_is_off_the_table_and_its_carrier_is_free_at_the_last_door() -> None:
    day = planned(a_day(a_meal()))
    after = told(day, day.runs)
    assert (after.orders, after.runs) == ((), ())
    assert (after.carriers[0].position, after.carriers[0].free_from_min) == (a_place(1_500.0), NOON + 11.0)


def test_neighbours_meals_of_one_kitchen_go_together_when_one_carrier_is_there() -> None:
    day = planned(a_day(a_meal("m1"), a_meal("m2", at=1_800.0), a_meal("m3", at=2_100.0)))
    (run,) = day.runs
    assert run.order_ids == ("m1", "m2", "m3")


def test_a_box_holds_what_it_holds() -> None:
    meals = [a_meal(f"m{i}", portions=2.0) for i in range(5)]
    day = planned(a_day(*meals, carriers=(a_carrier(box_portions=4.0),)))
    assert sorted(len(run.order_ids) for run in day.runs) == [1, 2, 2]


def test_a_dish_that_cools_fast_is_not_taken_round_by_another_door() -> None:
    far = a_meal("far", at=-3_000.0)
    assert len(planned(a_day(a_meal("near", fresh_min=45.0), far)).runs) == 1
    day = planned(
        a_day(a_meal("near", fresh_min=10.0), replace(far, fresh_min=15.0), carriers=(a_carrier("c1"), a_carrier("c2")))
    )
    assert len(day.runs) == 2


def test_between_two_visits_there_are_runs_only_as_far_as_there_is_time() -> None:
    visit = Busy(during=Interval(740.0, 770.0), place=a_place(1_500.0))
    early, late = planned(a_day(a_meal("m1"), a_meal("m2", ready=735.0), carriers=(a_carrier(busy=(visit,)),))).runs
    assert (early.order_ids, late.order_ids) == (("m1",), ("m2",))
    assert early.end_min <= 740.0
    assert late.leave_min == 770.0


def test_a_run_ends_in_the_shift_where_the_city_wants_it() -> None:
    day = a_day(a_meal(), carriers=(a_carrier(until=NOON + 5.0),))
    assert planned(day).runs == ()
    assert plan_runs(day, replace(POLICY, end_in_shift=False), TRAVEL).runs


def test_who_ends_a_run_as_the_shift_begins_goes_on_from_its_last_door() -> None:
    carrier = a_carrier(at=-3_000.0, position=a_place(3_000.0), free_from_min=600.0)
    day = planned(a_day(a_meal(ready=600.0), carriers=(carrier,), now=600.0))
    assert day.runs
    assert broken(day, POLICY, TRAVEL) == ()


@examples(40)
@given(meal_days())
def test_no_plan_breaks_a_rule(day: MealDay) -> None:
    after = planned(day, steps=100)
    assert broken(after, POLICY, TRAVEL) == ()


@examples(40)
@given(meal_days(), st.integers(701, 760))
def test_planning_again_after_some_were_told_breaks_none_either(day: MealDay, now: int) -> None:
    first = planned(day, steps=50)
    later = replace(told(first, due_to_tell(first, now)), now_min=float(now))
    again = planned(later, steps=50)
    assert broken(again, POLICY, TRAVEL) == ()
    carried = {order_id for run in again.runs for order_id in run.order_ids}
    assert carried >= {order_id for run in later.runs for order_id in run.order_ids}


def test_the_reason_names_what_each_would_have_cost_and_what_stopped_the_others() -> None:
    carriers = (
        a_carrier("near"),
        a_carrier("farther", at=-6_000.0),
        a_carrier("far", at=-9_000.0),
        a_carrier("small", box_portions=0.5),
        a_carrier("gone", until=705.0),
    )
    day = planned(a_day(a_meal(), carriers=carriers, now=NOON))
    (run,) = day.runs
    told_why = explain_run(day, run, POLICY, TRAVEL)
    assert told_why.chosen.run == run
    assert [candidate.run.carrier_id for candidate in told_why.next_best] == ["farther", "far"]
    assert told_why.chosen.points < told_why.next_best[0].points < told_why.next_best[1].points
    assert told_why.stopped == {"small": (MealGate.BOX,), "gone": (MealGate.SHIFT,)}


def test_a_cheaper_carrier_who_was_not_chosen_is_kept_for_something() -> None:
    here = a_meal("here", at=-300.0, due_min=NOON + 7.0)
    other = replace(a_meal("other", at=300.0, due_min=NOON + 7.0))
    day = planned(a_day(here, other, carriers=(a_carrier("c1"), a_carrier("c2", at=-600.0)), now=NOON))
    run = next(run for run in day.runs if run.carrier_id == "c2")
    (better,) = explain_run(day, run, POLICY, TRAVEL).next_best
    assert better.points < explain_run(day, run, POLICY, TRAVEL).chosen.points
    assert better.kept_for


@pytest.mark.parametrize(
    ("carrier", "meal", "gates"),
    [
        (a_carrier(box_portions=1.0), a_meal(portions=2.0), (MealGate.BOX,)),
        (a_carrier(), a_meal(fresh_min=8.0), (MealGate.FRESH,)),
        (a_carrier(until=NOON), a_meal(), (MealGate.SHIFT,)),
        (a_carrier(position=a_place(0.0), free_from_min=895.0), a_meal(), (MealGate.UNDER_WAY,)),
        (a_carrier(busy=(Busy(during=Interval(601.0, 899.0), place=a_place(0.0)),)), a_meal(), (MealGate.BUSY,)),
        (a_carrier(box_portions=1.0), a_meal(portions=2.0, fresh_min=8.0), (MealGate.BOX, MealGate.FRESH)),
    ],
)
def test_a_meal_that_nobody_brings_has_its_true_reasons(carrier: Carrier, meal: object, gates: object) -> None:
    day = planned(a_day(meal, carriers=(carrier,)))  # type: ignore[arg-type]
    (reason,) = unserved(day, POLICY, TRAVEL)
    assert reason.stopped == {"c1": gates}


@examples(40)
@given(meal_days())
def test_a_plan_given_back_is_never_impossible_by_rounding(day: MealDay) -> None:
    travel = GreatCircleTravel()
    after = plan_runs(day, POLICY, travel, steps_per_order=100)
    assert plan_runs(after, POLICY, travel, steps_per_order=0).runs == after.runs


@examples(40)
@given(meal_days())
def test_lifted_all_gates_named_a_meal_fits_and_lifted_fewer_it_does_not(day: MealDay) -> None:
    for order in day.orders:
        alone = replace(day, orders=(order,), runs=())
        for carrier_id, gates in stopping(day, order, POLICY, TRAVEL).items():
            assert gates != (MealGate.TRAVEL,)
            assert carrier_id in carriers_able(lifted(alone, gates), POLICY, TRAVEL)
            for gate in gates:
                fewer = [other for other in gates if other is not gate]
                assert carrier_id not in carriers_able(lifted(alone, fewer), POLICY, TRAVEL)


@examples(40)
@given(meal_days())
def test_who_has_no_room_would_bring_the_meal_if_it_were_alone(day: MealDay) -> None:
    after = planned(day, steps=100)
    for reason in unserved(after, POLICY, TRAVEL):
        (order,) = (order for order in after.orders if order.id == reason.order_id)
        for carrier_id, gates in reason.stopped.items():
            if gates == (MealGate.NO_ROOM,):
                own = tuple(carrier for carrier in after.carriers if carrier.id == carrier_id)
                assert planned(replace(after, carriers=own, orders=(order,), runs=())).runs


def test_meals_come_back_from_their_file_as_they_were_and_are_drawn(tmp_path: Path) -> None:
    visit = Busy(during=Interval(760.0, 770.0), place=a_place(0.0))
    day = planned(a_day(a_meal("m1"), a_meal("m2", fresh_min=1.0), carriers=(a_carrier(busy=(visit,)),)))
    write_meals(tmp_path / "meals.json", day, "a title")
    assert read_meals(tmp_path / "meals.json").meals == day
    drawn = CliRunner().invoke(app, ["plot", str(tmp_path / "meals.json")])
    assert (drawn.exit_code, drawn.output) == (0, f"{tmp_path}/meals.png: 1 meal runs drawn\n")
    assert (tmp_path / "meals.png").read_bytes().startswith(b"\x89PNG")


def test_whoever_answers_for_travel_the_same_machine_code_serves() -> None:
    planned(a_day(a_meal()))
    plan_runs(a_day(a_meal("m1"), a_meal("m2")), MealPolicy(late_points=3), GreatCircleTravel(), steps_per_order=10)
    assert [len(function.signatures) for function in COMPILED] == [1, 1, 1]
