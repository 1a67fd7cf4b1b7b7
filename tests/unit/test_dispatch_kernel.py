import time
from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.kernel.plans import evaluate
from dispatch.kernel.problem import NO_PLACE, Problem, Progress, SkipReason
from dispatch.kernel.search import MUCH_LATE, solve
from tests.examples import examples
from tests.unit.kernel_problems import a_problem, frozen, paired, problems, with_visits, with_workers
from tests.unit.kernel_rules import broken, price

pytestmark = pytest.mark.usefixtures("compiled_search")

STEPS = 3000
UNHURRIED = examples(60)


@UNHURRIED
@given(problems(), st.integers(0, 99))
def test_every_plan_keeps_the_rules_and_costs_what_it_says(problem: Problem, seed: int) -> None:
    plan = solve(problem, iterations=STEPS, seed=seed)
    assert broken(problem, plan) == []
    assert plan.cost == pytest.approx(price(problem, plan), abs=1e-5)
    assert plan.cost == pytest.approx(sum(plan.terms.values()))


@UNHURRIED
@given(problems(), st.lists(st.integers(0, 4), min_size=4, max_size=4), st.sampled_from([0.0, 7.0]))
def test_frozen_visits_never_move(problem: Problem, lengths: list[int], delay: float) -> None:
    before = solve(problem, iterations=STEPS)
    today = frozen(problem, before, lengths[: len(before.routes)], delay)
    plan = solve(today, iterations=STEPS)
    assert broken(today, plan) == []
    assert plan.cost == pytest.approx(price(today, plan), abs=1e-5)


@UNHURRIED
@given(problems(), st.integers(0, 99))
def test_what_the_search_keeps_by_differences_is_what_it_comes_to_from_scratch(problem: Problem, seed: int) -> None:
    plan = solve(problem, iterations=STEPS, seed=seed)
    assert plan.cost <= plan.history[-1].cost + 1e-6
    again = evaluate(problem, plan.routes)
    assert again is not None
    assert again.cost == pytest.approx(plan.cost)
    np.testing.assert_allclose(again.start, plan.start, atol=1e-6)


@examples(15)
@given(problems(), st.integers(0, 99))
def test_the_same_seed_and_iterations_give_the_same_plan(problem: Problem, seed: int) -> None:
    one, two = (solve(problem, iterations=STEPS, seed=seed) for _ in range(2))
    assert one.routes == two.routes
    assert one.cost == two.cost
    assert [point.cost for point in one.history] == [point.cost for point in two.history]


@examples(25)
@given(problems(), st.integers(0, 99))
def test_a_plan_to_start_from_is_never_made_worse(problem: Problem, seed: int) -> None:
    start = solve(problem, iterations=0, seed=seed)
    plan = solve(replace(problem, routes=start.routes), iterations=STEPS, seed=seed)
    assert plan.cost <= start.cost + 1e-6


def test_a_line_of_visits_is_walked_once_out_and_home() -> None:
    plan = solve(a_problem(n=6, m=1), iterations=STEPS)
    assert plan.terms["travel"] == 120
    assert plan.skipped == ()


def test_the_order_of_a_worker_who_is_late_whatever_it_is_is_the_best_of_all_orders() -> None:
    problem = with_visits(a_problem(n=6, m=1), due=np.array([90.0, 10.0, 50.0, 20.0, 70.0, 30.0]))
    plan = solve(problem, iterations=STEPS)
    orders = (evaluate(problem, (order,)) for order in permutations(range(6)))
    assert plan.terms["tardiness"] > MUCH_LATE * plan.cost
    assert plan.cost == pytest.approx(min(each.cost for each in orders if each is not None))


def test_without_a_place_to_return_to_nobody_travels_back() -> None:
    problem = with_workers(a_problem(n=6, m=1), end_location=np.array([NO_PLACE]))
    assert solve(problem, iterations=STEPS).terms["travel"] == 60


def test_two_workers_start_a_simultaneous_pair_together() -> None:
    plan = solve(paired(a_problem(n=2, m=2), 0, 1), iterations=STEPS)
    assert plan.start[0] == plan.start[1] == 20


def test_a_pair_whose_visits_must_share_a_worker_is_left_out_and_the_rest_is_planned() -> None:
    bonds = np.array([[0, 2, 1], [2, 1, 1]])
    problem = replace(paired(a_problem(n=4, m=2), 0, 1), bonds=bonds)
    plan = solve(problem, iterations=STEPS)
    assert sorted(visit for route in plan.routes for visit in route) == [2, 3]
    assert {each.visit: each.reason for each in plan.skipped} == dict.fromkeys((0, 1), SkipReason.NO_SECOND_WORKER)


def test_the_first_of_a_pair_waits_when_the_second_would_come_too_late() -> None:
    problem = with_visits(paired(a_problem(n=2, m=2), 0, 1, 5, 30), earliest=np.array([0.0, 200.0]))
    plan = solve(problem, iterations=STEPS)
    assert plan.start[1] == 200
    assert plan.start[0] == 170


def test_routes_that_wait_for_each_other_in_a_circle_have_no_timetable() -> None:
    problem = a_problem(n=4, m=2)
    crossed = replace(
        problem,
        pairs=replace(
            paired(problem, 0, 1).pairs,
            first=np.array([0, 2]),
            second=np.array([1, 3]),
            min_gap=np.zeros(2),
            max_gap=np.zeros(2),
        ),
    )
    assert evaluate(crossed, ((0, 2), (3, 1))) is None
    assert evaluate(crossed, ((0, 2), (1, 3))) is not None


@pytest.mark.parametrize("routes", [((0, 0), ()), ((9,), ()), ((0,),)])
def test_impossible_routes_are_refused_in_words(routes: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ValueError, match=r"visit|routes"):
        evaluate(a_problem(), routes)


def test_a_malformed_problem_is_refused_in_words() -> None:
    problem = a_problem()
    with pytest.raises(ValueError, match="duration"):
        solve(with_visits(problem, duration=np.zeros(3)), iterations=1)
    with pytest.raises(ValueError, match="location"):
        solve(with_visits(problem, location=np.full(4, 77)), iterations=1)
    with pytest.raises(ValueError, match="travel"):
        solve(replace(problem, travel=problem.travel * np.nan), iterations=1)
    with pytest.raises(ValueError, match="two pairs"):
        solve(paired(problem, 1, 1), iterations=1)
    with pytest.raises(ValueError, match="frozen"):
        solve(with_visits(problem, fixed_start=np.full(4, 60.0)), iterations=1)


def _reasons(problem: Problem) -> dict[int, SkipReason]:
    return {each.visit: each.reason for each in solve(problem, iterations=500).skipped}


def test_each_skipped_visit_says_why() -> None:
    problem = a_problem(n=6, m=2)
    eligible = problem.eligible.copy()
    eligible[0] = False
    eligible[[1, 2], 1] = False
    latest = np.array([np.inf, np.inf, np.inf, -5.0, 12.0, np.inf])
    skip = np.array([1e4, 1e4, 1e4, 1e4, 1e4, 3.0])
    hopeless = with_visits(replace(paired(problem, 1, 2), eligible=eligible), latest=latest, skip_cost=skip)
    assert _reasons(hopeless) == {
        0: SkipReason.NO_ELIGIBLE_WORKER,
        1: SkipReason.NO_SECOND_WORKER,
        2: SkipReason.NO_SECOND_WORKER,
        3: SkipReason.EMPTY_WINDOW,
        4: SkipReason.NOT_IN_TIME,
        5: SkipReason.NOT_WORTH_IT,
    }


def test_where_all_fit_alone_but_not_together_some_are_left_out_for_want_of_room() -> None:
    problem = with_workers(a_problem(n=4, m=1), work_limit=np.array([90.0]))
    reasons = _reasons(problem)
    assert set(reasons.values()) == {SkipReason.NO_ROOM}
    assert len(reasons) == 1


@pytest.mark.parametrize(("n", "m"), [(0, 3), (3, 0), (0, 0)])
def test_a_day_without_visits_or_workers_has_a_plan_too(n: int, m: int) -> None:
    plan = solve(a_problem(n=n, m=m), iterations=100)
    assert plan.routes == ((),) * m
    assert len(plan.skipped) == n


def _a_full_day() -> Problem:
    rng = np.random.default_rng(5)
    n, m = 300, 40
    spots = rng.uniform(0, 60, (n + 1, 2))
    problem = a_problem(n=n, m=m)
    return replace(
        with_visits(problem, earliest=rng.uniform(0, 400, n), due=rng.uniform(400, 480, n)),
        travel=np.hypot(*(spots[:, None] - spots[None, :]).transpose(2, 0, 1))[None],
    )


@pytest.mark.parametrize("seconds", [0.5, 1.5])
def test_a_budget_of_seconds_is_kept_within_a_tenth(seconds: float) -> None:
    """The upper bound is of the processor: beside other work the clock runs on while this search stands still."""
    problem = _a_full_day()
    began, used = time.perf_counter(), time.thread_time()
    plan = solve(problem, seconds=seconds)
    assert time.perf_counter() - began >= seconds
    assert time.thread_time() - used <= seconds * 1.1
    assert not plan.skipped


def test_cancelled_at_once_it_still_returns_a_whole_plan() -> None:
    used = time.thread_time()
    plan = solve(_a_full_day(), seconds=60, cancelled=lambda: True)
    assert time.thread_time() - used < 2
    assert plan.cancelled
    assert not plan.skipped


def test_cancelled_later_it_returns_the_best_so_far_within_a_moment() -> None:
    used = time.thread_time()
    plan = solve(_a_full_day(), seconds=60, cancelled=lambda: time.thread_time() - used > 0.7)
    assert 0.7 <= time.thread_time() - used < 1.2
    assert plan.cost <= plan.history[-1].cost + 1e-6


def test_a_long_search_tells_how_it_is_getting_on() -> None:
    told: list[Progress] = []
    solve(_a_full_day(), seconds=1.2, on_progress=told.append)
    assert len(told) >= 3
    assert all(later.cost <= earlier.cost for earlier, later in pairwise(told))


def test_a_search_without_a_budget_is_refused() -> None:
    with pytest.raises(ValueError, match="budget"):
        solve(a_problem())
