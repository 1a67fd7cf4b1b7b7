"""Small random problems for the kernel that use everything it knows."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from dispatch.kernel.problem import (
    NO_PLACE,
    Floats,
    Ints,
    Pairs,
    Plan,
    Problem,
    Routes,
    Visits,
    Weights,
    Workers,
    never_away,
    no_pairs,
)


def a_problem(*, n: int = 4, m: int = 2, latest: float = np.inf, skip_cost: float = 1e4) -> Problem:
    """n visits of 10 minutes on a line, ten minutes apart; the workers start and end at its head, place 0."""
    spots = np.arange(n + 1) * 10.0
    never = np.full(m, np.inf)
    return Problem(
        visits=Visits(
            location=np.arange(1, n + 1),
            duration=np.full(n, 10.0),
            earliest=np.zeros(n),
            due=np.full(n, 480.0),
            latest=np.full(n, latest),
            priority=np.ones(n),
            skip_cost=np.full(n, skip_cost),
            fixed_start=np.full(n, np.nan),
        ),
        workers=Workers(
            start_location=np.zeros(m, np.int64),
            end_location=np.zeros(m, np.int64),
            shift_start=np.zeros(m),
            shift_end=never,
            shift_limit=never,
            contract_minutes=never,
            work_limit=never,
            visit_limit=never,
            use_cost=np.zeros(m),
            mode=np.zeros(m, np.int64),
        ),
        eligible=np.ones((n, m), np.bool_),
        assignment_cost=np.zeros((n, m)),
        travel=np.abs(spots[:, None] - spots[None, :])[None],
        pairs=no_pairs(),
        away=never_away(),
        weights=Weights(),
    )


def paired(problem: Problem, first: int, second: int, low: float = 0.0, high: float = 0.0) -> Problem:
    return replace(
        problem,
        pairs=Pairs(
            first=np.array([first]), second=np.array([second]), min_gap=np.array([low]), max_gap=np.array([high])
        ),
    )


def with_visits(problem: Problem, **columns: object) -> Problem:
    return replace(problem, visits=replace(problem.visits, **columns))  # type: ignore[arg-type]


def with_workers(problem: Problem, **columns: object) -> Problem:
    return replace(problem, workers=replace(problem.workers, **columns))  # type: ignore[arg-type]


def frozen(problem: Problem, plan: Plan, lengths: list[int], delay: float) -> Problem:
    """The first visits of each route begun or promised, each `delay` later than planned."""
    fixed = problem.visits.fixed_start.copy()
    routes: Routes = tuple(route[:length] for route, length in zip(plan.routes, lengths, strict=True))
    for route in routes:
        fixed[list(route)] = plan.start[list(route)] + delay
    return with_visits(replace(problem, routes=routes), fixed_start=fixed)


def _breaks(rng: np.random.Generator, m: int, share: float) -> Floats:
    """Some workers have one, some a second one after it, at whole minutes."""
    rows = []
    for worker in range(m):
        if rng.random() < share:
            from_min, minutes = int(rng.integers(60, 250)), int(rng.integers(10, 60))
            rows.append((worker, from_min, from_min + int(rng.integers(0, 90)), minutes))
            if rng.random() < 0.3:
                rows.append((worker, from_min + 100, from_min + 160, 15))
    return np.array(rows, np.float64).reshape(-1, 4)


def _bonds(rng: np.random.Generator, n: int, count: int) -> Ints:
    rows = [(*rng.choice(n, 2, replace=False), rng.integers(0, 2)) for _ in range(count if n > 1 else 0)]
    return np.array(rows, np.int64).reshape(-1, 3)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, m = draw(st.integers(0, 12)), draw(st.integers(1, 4))
    tight = draw(st.sampled_from([0.0, 0.3, 1.0]))
    places = rng.uniform(0, 40, (n + m + 1, 2))
    ride = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1)).round(2)
    walk = ride * 3 + rng.uniform(0, 2, ride.shape).round(2)
    earliest = rng.integers(0, 300, n).astype(float)
    hard = rng.random(n) < tight

    def limits(share: float, low: int, high: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.where(rng.random(m) < share, rng.integers(low, high, m), np.inf)

    order = rng.permutation(n)
    count = int(rng.integers(0, n // 2 + 1))
    low = rng.choice([0.0, 0.0, 15.0], count)
    away = [
        (int(rng.integers(0, m)), float(at), float(at + 45)) for at in rng.integers(0, 400, int(rng.integers(0, 3)))
    ]
    return Problem(
        visits=Visits(
            location=np.arange(n),
            duration=rng.integers(0, 40, n).astype(float),
            earliest=earliest,
            due=earliest + rng.integers(0, 90, n),
            latest=np.where(hard, earliest + rng.integers(-5, 120, n), np.inf),
            priority=rng.integers(1, 4, n).astype(float),
            skip_cost=rng.choice([40.0, 500.0, 1e5], n),
            fixed_start=np.full(n, np.nan),
        ),
        workers=Workers(
            start_location=n + rng.integers(0, m, m),
            end_location=np.where(rng.random(m) < 0.3, NO_PLACE, n + m),
            shift_start=rng.integers(0, 120, m).astype(float),
            shift_end=limits(0.7, 200, 500),
            shift_limit=limits(tight, 250, 600),
            contract_minutes=limits(0.7, 60, 200),
            work_limit=limits(tight, 80, 300),
            visit_limit=limits(draw(st.sampled_from([0.0, 0.5])), 1, 5),
            use_cost=rng.choice([0.0, 25.0], m),
            mode=rng.integers(0, 2, m),
        ),
        eligible=rng.random((n, m)) < 0.7,
        assignment_cost=rng.integers(-5, 20, (n, m)).astype(float),
        travel=np.stack([ride, walk]),
        pairs=Pairs(
            first=order[:count],
            second=order[count : 2 * count],
            min_gap=low,
            max_gap=low + rng.choice([0.0, 30.0], count),
        ),
        away=np.array(away, np.float64).reshape(-1, 3),
        breaks=_breaks(rng, m, draw(st.sampled_from([0.0, 0.7]))),
        bonds=_bonds(rng, n, draw(st.sampled_from([0, 0, 3]))),
        weights=Weights(
            travel=1.0,
            tardiness=0.5,
            max_tardiness=draw(st.sampled_from([0.0, 2.0])),
            waiting=draw(st.sampled_from([0.0, 0.3])),
            late_return=0.7,
            overtime=1.5,
            work_squared=draw(st.sampled_from([0.0, 0.01])),
        ),
    )
