"""A malformed problem is refused in words, before compiled code reads beside an array."""

from dataclasses import fields
from itertools import pairwise

import numpy as np

from dispatch.kernel.problem import NO_PLACE, Floats, Ints, Problem

MAY_BE_ENDLESS = {"latest", "due", "shift_end", "shift_limit", "contract_minutes", "work_limit", "visit_limit"}
MAY_BE_UNSET = {"fixed_start"}


def admit(problem: Problem) -> None:
    """ValueError names the first thing that does not fit. What is well formed but cannot be planned is no fault."""
    n, m = len(problem.visits.location), len(problem.workers.mode)
    modes, places = problem.travel.shape[0], problem.travel.shape[1]
    _columns(problem, n, m)
    _require(problem.travel.shape == (modes, places, places), "travel is not (modes, places, places)")
    _require(bool(np.isfinite(problem.travel).all()), "travel holds a value that is not finite")
    _require(problem.eligible.shape == (n, m), "eligible is not (visits, workers)")
    _require(problem.assignment_cost.shape == (n, m), "assignment_cost is not (visits, workers)")
    _require(bool(np.isfinite(problem.assignment_cost).all()), "assignment_cost holds a value that is not finite")
    _indices(problem.visits.location, 0, places, "visits.location")
    _indices(problem.workers.start_location, 0, places, "workers.start_location")
    _indices(problem.workers.end_location, NO_PLACE, places, "workers.end_location")
    _indices(problem.workers.mode, 0, modes, "workers.mode")
    _pairs(problem, n)
    _rows(problem, n, m)
    _routes(problem, n, m)


def _rows(problem: Problem, n: int, m: int) -> None:
    _require(problem.away.ndim == 2 and problem.away.shape[1] == 3, "away is not (rows, 3)")
    _indices(problem.away[:, 0], 0, m, "away's worker")
    _require(problem.breaks.ndim == 2 and problem.breaks.shape[1] == 4, "breaks is not (rows, 4)")
    _require(bool(np.isfinite(problem.breaks).all()), "breaks holds a value that is not finite")
    _indices(problem.breaks[:, 0], 0, m, "breaks' worker")
    _require(problem.bonds.ndim == 2 and problem.bonds.shape[1] == 3, "bonds is not (rows, 3)")
    _indices(problem.bonds[:, :2], 0, n, "a visit of a bond")
    _require(bool((problem.bonds[:, 0] != problem.bonds[:, 1]).all()), "a visit is bound to itself")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


def _columns(problem: Problem, n: int, m: int) -> None:
    for table, rows in ((problem.visits, n), (problem.workers, m)):
        for column in fields(table):
            values = getattr(table, column.name)
            _require(values.shape == (rows,), f"{column.name} has {values.shape} values, not ({rows},)")
            unset = column.name in MAY_BE_UNSET
            _require(unset or not np.isnan(values).any(), f"{column.name} holds nan")
            endless = unset or column.name in MAY_BE_ENDLESS
            _require(endless or bool(np.isfinite(values).all()), f"{column.name} holds a value that is not finite")


def _indices(values: Ints | Floats, low: int, high: int, name: str) -> None:
    _require(bool(((values >= low) & (values < high)).all()), f"{name} is not within {low}..{high - 1}")


def _pairs(problem: Problem, n: int) -> None:
    pairs = problem.pairs
    both = np.concatenate([pairs.first, pairs.second])
    _indices(both, 0, n, "a visit of a pair")
    _require(len(np.unique(both)) == len(both), "a visit is in two pairs")
    _require(bool((pairs.min_gap <= pairs.max_gap).all()), "a pair's min_gap is above its max_gap")


def _routes(problem: Problem, n: int, m: int) -> None:
    _require(len(problem.routes) in (0, m), f"{len(problem.routes)} routes for {m} workers")
    listed = [visit for route in problem.routes for visit in route]
    _require(all(0 <= visit < n for visit in listed), f"routes name a visit outside 0..{n - 1}")
    _require(len(set(listed)) == len(listed), "a visit is in the routes twice")
    frozen = ~np.isnan(problem.visits.fixed_start)
    left_out = set(np.flatnonzero(frozen).tolist()) - set(listed)
    _require(not left_out, f"frozen visits {sorted(left_out)} are in no route")
    for route in problem.routes:
        for before, visit in pairwise(route):
            _require(frozen[before] or not frozen[visit], f"visit {visit} is frozen, but not visit {before} before it")
