"""What every worker's best place for one more visit, or pair, would cost beside a given plan."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from dispatch.kernel.arrays import Data, State
from dispatch.kernel.construct import NEVER, remove
from dispatch.kernel.offers import Offers, all_pair_places, pair_places, places_of
from dispatch.kernel.plans import resumed, routes_of
from dispatch.kernel.pool import insert
from dispatch.kernel.problem import Bools, Floats, Ints, Problem, Routes

FIRSTS = 8
"""Places of a pair's first visit that are tried with every place of the second."""


class Insertions(NamedTuple):
    """Row by row one way to serve it, the cheapest first: one per worker for a visit, per two workers for a pair. No
    row = there is no way."""

    workers: Ints
    """(rows, visits)"""
    positions: Ints
    """(rows, visits) index in the worker's route that the visit would have."""
    rises: Floats
    """(rows,) change of the plan's whole cost, exact, but without what leaving it out would have cost."""
    start: Floats
    """(rows up to `timed`, all visits) the plan's starts with it, nan where skipped."""
    start_before: Floats
    """(all visits,) the starts without it."""
    possible: Bools
    """(visits, workers) is there a place for this one visit."""
    work: Floats
    """(workers,) service + travel without it."""


def insertions(problem: Problem, routes: Routes, visits: Sequence[int], timed: int = 1) -> Insertions | None:
    """`visits`: one that is in no route, or both of a pair, in the order of `Pairs`. None if the routes as they are
    break a hard rule."""
    found = insertions_each(problem, routes, [visits], timed)
    return None if found is None else found[0]


def insertions_each(
    problem: Problem, routes: Routes, each: Sequence[Sequence[int]], timed: int = 1
) -> list[Insertions] | None:
    """`insertions` of several, each of them alone beside the same routes."""
    data, state = resumed(replace(problem, routes=routes))
    if routes_of(data, state) != routes:
        return None
    before, positions = _starts(data, state), _positions(data, routes)
    return [_insertions(problem, data, state, before, positions, visits, timed) for visits in each]


def _insertions(
    problem: Problem,
    data: Data,
    state: State,
    start_before: Floats,
    positions: Ints,
    visits: Sequence[int],
    timed: int,
) -> Insertions:
    found = Offers(
        places=np.full((len(visits), data.m), -1, np.int64),
        rises=np.zeros((len(visits), data.m)),
        second=np.zeros(data.m, np.int64),
        more=np.zeros(data.m),
        nodes=np.zeros((FIRSTS * data.m, 2), np.int64),
        rise=np.zeros(FIRSTS * data.m),
    )
    for at, visit in enumerate(visits):
        places_of(data, state, visit, found.places[at], found.rises[at])
    possible = found.places >= 0
    if len(visits) == 1:
        rows = np.flatnonzero(possible[0])
        nodes, rise = found.places[0, rows][:, None], found.rises[0, rows]
    else:
        firsts = np.argsort(found.rises[0], kind="stable")[:FIRSTS]
        count = pair_places(data, state, visits[0], visits[1], firsts, found)
        # The best places may not go together where others do, and "none" must be true.
        count = count or all_pair_places(data, state, visits[0], visits[1], found)
        nodes, rise = found.nodes[:count], found.rise[:count]
    order = np.argsort(rise, kind="stable")
    nodes = nodes[order]
    skip = float(problem.visits.skip_cost[list(visits)].sum())
    return Insertions(
        workers=state.route[nodes],
        positions=positions[nodes],
        rises=rise[order] + skip,
        start=np.array([_starts_with(data, state, visits, row) for row in nodes[:timed]]).reshape(-1, data.n),
        start_before=start_before,
        possible=possible,
        work=state.work.copy(),
    )


def _starts_with(data: Data, state: State, visits: Sequence[int], nodes: Ints) -> Floats:
    for visit, node in zip(visits, nodes, strict=True):
        if not insert(data, state, visit, node, NEVER):
            raise AssertionError("a place that was found is none")
    start = _starts(data, state)
    for visit in reversed(visits):
        remove(data, state, visit)
    return start


def _starts(data: Data, state: State) -> Floats:
    served = state.route[: data.n] >= 0
    return np.where(served, state.start[: data.n], np.nan)


def _positions(data: Data, routes: Routes) -> Ints:
    """(nodes,) the index in its route of what is put directly after the node."""
    positions = np.zeros(data.n + 2 * data.m, np.int64)
    for route in routes:
        positions[list(route)] = np.arange(1, len(route) + 1)
    return positions
