"""The bench of meal runs: what greedy and the bound are, and a checker that misses nothing."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.meals.checker import check
from bench.meals.days import Shape, generate_instance, write_instance
from bench.meals.greedy import bound_min, greedy
from bench.meals.instances import Courier, Instance, Order, Parameters, Point, read_instance
from bench.meals.solutions import write_solution
from bench.meals.world import Pace, StraightLines, live, planned, policy_of
from dispatch.meals.model import MealDay
from dispatch.meals.planning import plan_runs
from tests.examples import examples
from yian.servers.places import CHECKOUT

PARAMETERS = Parameters(320.0, 4.0, 4.0, 40.0, 90.0, 10.0, 15.0)
ONE = Instance(
    name="one",
    orders=(Order("o1", Point(640.0, 0.0), 10.0, "r1", 25.0), Order("o2", Point(0.0, 330.0), 11.0, "r1", 20.0)),
    couriers=(Courier("c1", Point(0.0, 960.0), 0.0, 240.0),),
    restaurants={"r1": Point(0.0, 0.0)},
    parameters=PARAMETERS,
)


def the_files_of(folder: Path, instance: Instance = ONE) -> tuple[Path, Path]:
    write_instance(folder / instance.name, instance)
    write_solution(folder / "solution", instance, greedy(instance))
    return folder / instance.name, folder / "solution"


def test_greedy_tells_each_order_when_its_courier_is_free_and_waits_for_the_kitchen() -> None:
    first, second = greedy(ONE)
    assert (first.told_min, first.pickup_min, first.dropoffs_min) == (10.0, 25.0, (31.0,))
    assert (second.told_min, second.pickup_min, second.dropoffs_min) == (33.0, 37.0, (43.0,))


def test_the_bound_is_a_courier_who_stands_at_the_restaurant() -> None:
    assert [bound_min(ONE, order) for order in ONE.orders] == [15.0 + 2.0 + 2.0 + 2.0, 9.0 + 2.0 + 2.0 + 2.0]


def test_the_checker_finds_greedy_right_and_counts_as_the_page_says(tmp_path: Path) -> None:
    verdict = check(*the_files_of(tmp_path))
    assert not verdict.broken
    assert verdict.click_to_door == [21.0, 32.0]
    assert verdict.figures()["above target %"] == 0.0
    assert verdict.busy_min == (3 + 4 + 2 + 4) + (2 + 4 + 2 + 4)


SPOILT = [
    ("assignments", "10 25 c1 o1", "9 25 c1 o1", "o1 is told at 9, before it was placed"),
    ("assignments", "10 25 c1 o1", "10 24 c1 o1", "o1 is picked up at 24, before it is ready"),
    ("assignments", "33 37 c1 o2", "32 37 c1 o2", "c1 is told at 32, but is under way or off until 33"),
    ("assignments", "33 37 c1 o2", "33 36 c1 o2", "c1 cannot be at r1 for the pickup at 36"),
    ("assignments", "33 37 c1 o2", "33 241 c1 o2", "after the off_time"),
    ("assignments", "33 37 c1 o2", "33 37 c9 o2", "there is no courier c9"),
    ("assignments", "33 37 c1 o2", "33 37 c1 o9", "there is no order o9"),
    ("assignments", "33 37 c1 o2", "33 37 c1 o2 o1", "o1 is told twice"),
    ("assignments", "33 37 c1 o2\n", "", "o2 stands in only one of assignments and orders"),
    ("orders", "o2 11 20 37 43 c1", "o2 11 20 37 42 c1", "the line of o2 must be 11 20 37 43 c1"),
    ("couriers", "c1 33 o1 r1", "c1 32 o1 r1", "c1 must leave o1 for r1 from 33 on"),
    ("couriers", "c1 33 o1 r1", "c1 33 0 r1", "c1 must leave o1 for r1 from 33 on"),
    ("couriers", "c1 27 r1 o1", "c1 28 r1 o1", "c1 must leave r1 for o1 at 27"),
    ("couriers", "c1 39 r1 o2\n", "c1 39 r1 o2\nc1 50 o2 r1\n", "c1 leaves o2 for r1 at 50 without an order"),
]


@pytest.mark.parametrize(("file", "part", "instead", "says"), SPOILT)
def test_the_checker_names_the_broken_rule(file: str, part: str, instead: str, says: str, tmp_path: Path) -> None:
    instance, solution = the_files_of(tmp_path)
    path = solution / f"solution_info_{file}.txt"
    assert part in path.read_text()
    path.write_text(path.read_text().replace(part, instead))
    assert any(says in rule for rule in check(instance, solution).broken)


def test_orders_of_two_restaurants_are_no_assignment(tmp_path: Path) -> None:
    other = replace(ONE.orders[1], restaurant="r2")
    instance = replace(ONE, orders=(ONE.orders[0], other), restaurants={**ONE.restaurants, "r2": Point(0.0, 0.0)})
    folder, solution = the_files_of(tmp_path, instance)
    path = solution / "solution_info_assignments.txt"
    path.write_text("assignment_time pickup_time courier orders\n33 37 c1 o1 o2\n")
    assert check(folder, solution).broken[0] == "o1 o2 come from more than one restaurant"


SMALL = st.builds(
    Shape,
    orders=st.integers(1, 25),
    restaurants=st.integers(1, 6),
    radius_m=st.floats(500.0, 5_000.0),
    reach_m=st.floats(100.0, 4_000.0),
    orders_per_hour=st.floats(0.3, 4.0),
)


def written_and_read(folder: Path, shape: Shape, seed: int) -> Instance:
    write_instance(folder, generate_instance(folder.name, shape, seed))
    return read_instance(folder)


@examples(40)
@given(SMALL, st.integers(0, 10_000))
def test_what_greedy_does_passes_the_checker_and_never_beats_the_bound(
    tmp_path_factory: pytest.TempPathFactory, shape: Shape, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("meals")
    instance = written_and_read(folder / "day", shape, seed)
    assert instance == generate_instance("day", shape, seed)
    done = greedy(instance)
    write_solution(folder / "solution", instance, done)
    assert check(folder / "day", folder / "solution").broken == []
    for it in done:
        for order, dropoff_min in zip(it.orders, it.dropoffs_min, strict=True):
            assert dropoff_min - order.placed_min >= bound_min(instance, order)


@pytest.mark.usefixtures("compiled_search")
@examples(30)
@given(SMALL, st.integers(0, 10_000))
def test_what_is_planned_passes_the_checker(tmp_path_factory: pytest.TempPathFactory, shape: Shape, seed: int) -> None:
    folder = tmp_path_factory.mktemp("meals")
    instance = written_and_read(folder / "day", shape, seed)
    write_solution(folder / "solution", instance, planned(instance, Pace(0.01)))
    assert check(folder / "day", folder / "solution").broken == []


@pytest.mark.usefixtures("compiled_search")
def test_nothing_is_told_before_it_is_needed_and_nothing_known_before_it_is_placed() -> None:
    seen: list[tuple[float, float]] = []

    def looking(day: MealDay, events: int) -> MealDay:
        seen.extend((day.now_min, order.placed_at_min) for order in day.orders)
        return plan_runs(day, policy_of(ONE), StraightLines(320.0), steps_per_order=100)

    first, *_ = live(ONE, looking)
    assert all(placed_min <= now_min for now_min, placed_min in seen)
    assert first.pickup_min == first.orders[0].ready_min
    assert first.told_min == first.pickup_min - 2.0 - 3.0


@pytest.mark.usefixtures("compiled_search")
@pytest.mark.parametrize("on_min", [0.0, 500.0])
def test_a_single_courier_brings_all_even_more_than_one_plan_holds_and_hours_later(on_min: float) -> None:
    orders = tuple(Order(f"o{n}", Point(100.0 * n, 0.0), 10.0, "r1", 20.0) for n in range(130))
    courier = Courier("c1", Point(0.0, 0.0), on_min, 10_000.0)
    done = planned(replace(ONE, orders=orders, couriers=(courier,)), Pace(0.02))
    assert sum(len(run.orders) for run in done) == 130


@pytest.mark.usefixtures("compiled_search")
def test_the_bench_judges_every_day_and_writes_its_solution(tmp_path: Path) -> None:
    shape = Shape(orders=30, restaurants=4, radius_m=3_000.0, reach_m=3_000.0, orders_per_hour=1.5)
    for name in ("a", "b"):
        write_instance(tmp_path / "days" / name, generate_instance(name, shape, 1))
    words = [sys.executable, "-m", "bench.meals", str(tmp_path / "days"), "--out", str(tmp_path / "out"), "--json"]
    said = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    judged, recovered = (json.loads(line)["rows"] for line in said.stdout.splitlines())
    assert [(row["day"], row["plan"]) for row in judged] == [
        (day, plan) for day in ("a", "b") for plan in ("bound", "greedy", "planned")
    ]
    assert {row["check"] for row in judged if row["plan"] != "bound"} == {"ok"}
    assert [row["day"] for row in recovered] == ["a", "b", "together"]
    for name in ("a", "b"):
        again = subprocess.run(
            [sys.executable, "-m", "bench.meals.checker", str(tmp_path / "days" / name), str(tmp_path / "out" / name)],
            cwd=CHECKOUT, capture_output=True, check=False,
        )  # fmt: skip
        assert again.returncode == 0
