"""The problem and the running state packed as the compiled functions want them.

A node is a visit (0..n-1), the end of worker w's route (n + w) or its start (n + m + w); routes are doubly linked
lists of nodes from start to end.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.kernel.problem import NO_PLACE, Bools, Floats, Ints, Problem

NEIGHBOURS = 32


class Data(NamedTuple):
    """What does not change during a search. Rows of (n + 2m) are nodes.

    Every array is handed over with every call of a compiled function: nine more of them took 12 to 20 % of the pace.
    """

    n: int
    m: int
    loc: Ints
    dur: Floats
    early: Floats
    due: Floats
    latest: Floats
    price: Floats
    """Cost of a minute after `due`: of tardiness for a visit, of late return for an end node."""
    fixed: Bools
    """(n) frozen; its start is `early`."""
    movable: Ints
    """Visits that are not frozen."""
    skip: Floats
    partner: Ints
    """(n) the other visit of the pair, or -1."""
    is_first: Bools
    gap_min: Floats
    gap_max: Floats
    eligible: Bools
    assign: Floats
    mode: Ints
    travel: Floats
    away_at: Ints
    """(m + 1, 2) worker w's absences are the rows away_at[w, 0]:away_at[w, 1] of `away`, and the breaks those up to
    away_at[w + 1, 0], each by time."""
    away: Floats
    """(k, 3) from, to, nothing of an absence; from, until, minutes of a break."""
    bonds: Ints
    """Of visit v at bonds[v]:bonds[v + 1] of this array: another visit * 2, and 1 more if one worker serves both."""
    of_worker: Floats
    """(m, 4) `CONTRACT`, `MOST_WORK`, `MOST_VISITS`, `USE`"""
    before: Ints
    """(n, K) visits that go well directly before this one, the best first."""
    after: Ints
    weights: Floats
    """travel, max_tardiness, waiting, overtime, work_squared"""


class State(NamedTuple):
    nxt: Ints
    prv: Ints
    route: Ints
    """(n + 2m) worker, -1 = in the pool of skipped visits."""
    start: Floats
    cost: Floats
    """(n + 2m) this node's tardiness (or late return) and waiting."""
    route_cost: Floats
    """(m) sum of `cost` along the route."""
    work: Floats
    served: Ints
    """(m) visits in the route."""
    pool: Ints
    pool_at: Ints
    sizes: Ints
    """pool, log, heads, evaluation number, computations of one node before an evaluation is given up"""
    log_node: Ints
    """(n + 2m, 2) node, and its breaks taken."""
    log_start: Floats
    log_cost: Floats
    heads: Ints
    """(n + 2m) pending nodes, then (2n) room for visits that move together and the nodes they followed."""
    head_key: Floats
    is_head: Bools
    marks: Ints
    """(n + 2m, 2) `LOGGED`: evaluation number in which the node was last logged. `TAKEN`: breaks taken before its
    service, to be read only where the worker has any."""
    times: Ints
    """(n + 2m) evaluation number * TIMES + how often the node was computed in it."""
    now: Floats
    """total cost, largest tardiness"""
    random: NDArray[np.uint64]


POOL, LOG, HEADS, EVALUATION, LIMIT = 0, 1, 2, 3, 4
TRAVEL, MAX_TARDINESS, WAITING, OVERTIME, WORK_SQUARED = 0, 1, 2, 3, 4
TOTAL, LARGEST = 0, 1
CONTRACT, MOST_WORK, MOST_VISITS, USE = 0, 1, 2, 3
LOGGED, TAKEN = 0, 1
TIMES = 4096
SEARCH_LIMIT = 12
EXACT_LIMIT = TIMES - 2
UNSET = -1e18
EPSILON = 1e-7


def pack(problem: Problem, *, neighbours: bool = True) -> Data:
    """`neighbours` are for `anneal` alone."""
    visits, workers = problem.visits, problem.workers
    n, m = len(visits.location), len(workers.mode)
    frozen = ~np.isnan(visits.fixed_start)
    partner, is_first, gap_min, gap_max = _pair_columns(problem, n)
    nowhere = problem.travel.shape[1]
    ends = np.where(workers.end_location == NO_PLACE, nowhere, workers.end_location)
    travel = np.zeros((problem.travel.shape[0], nowhere + 1, nowhere + 1))
    travel[:, :nowhere, :nowhere] = problem.travel
    never, zero = np.full(m, np.inf), np.zeros(m)
    weights = problem.weights
    away_at, away = _absences(problem, m)
    early = np.where(frozen, visits.fixed_start, visits.earliest)
    before, after = _neighbours(problem, n if neighbours else 0)
    return Data(
        n=n,
        m=m,
        loc=np.concatenate([visits.location, ends, workers.start_location]).astype(np.int64),
        dur=np.concatenate([visits.duration, zero, zero]),
        early=np.concatenate([early, np.full(m, -np.inf), workers.shift_start]),
        due=np.concatenate([visits.due, workers.shift_end, never]),
        latest=np.concatenate([np.where(frozen, np.inf, visits.latest), workers.shift_limit, never]),
        price=np.concatenate([visits.priority * weights.tardiness, np.full(m, weights.late_return), zero]),
        fixed=frozen,
        movable=np.flatnonzero(~frozen),
        skip=visits.skip_cost.astype(np.float64),
        partner=partner,
        is_first=is_first,
        gap_min=gap_min,
        gap_max=gap_max,
        eligible=_eligible(problem),
        assign=np.ascontiguousarray(problem.assignment_cost, np.float64),
        mode=workers.mode.astype(np.int64),
        travel=travel,
        away_at=away_at,
        away=away,
        bonds=_bonds(problem.bonds, n),
        of_worker=np.column_stack(
            (workers.contract_minutes, workers.work_limit, workers.visit_limit, workers.use_cost)
        ).astype(np.float64),
        before=before,
        after=after,
        weights=np.array(
            [weights.travel, weights.max_tardiness, weights.waiting, weights.overtime, weights.work_squared]
        ),
    )


def _pair_columns(problem: Problem, n: int) -> tuple[Ints, Bools, Floats, Floats]:
    pairs = problem.pairs
    partner, is_first = np.full(n, -1, np.int64), np.zeros(n, np.bool_)
    gap_min, gap_max = np.zeros(n), np.zeros(n)
    partner[pairs.first], partner[pairs.second] = pairs.second, pairs.first
    is_first[pairs.first] = True
    for side in (pairs.first, pairs.second):
        gap_min[side], gap_max[side] = pairs.min_gap, pairs.max_gap
    return partner, is_first, gap_min, gap_max


def _eligible(problem: Problem) -> Bools:
    """A pair needs two workers: nobody may have either visit where bonds say that they share one."""
    eligible, shared = np.array(problem.eligible, np.bool_, order="C"), _sharing(problem.bonds)
    for one, other in zip(problem.pairs.first.tolist(), problem.pairs.second.tolist(), strict=True):
        if other in shared.get(one, ()):
            eligible[[one, other]] = False
    return eligible


def _absences(problem: Problem, m: int) -> tuple[Ints, Floats]:
    away, breaks = _by_worker(problem.away), _by_worker(problem.breaks)
    none = np.zeros((len(away), 1))
    rows = np.concatenate((np.hstack((away, none)), breaks))
    # Each worker's absences before their breaks.
    rows = rows[np.argsort(np.concatenate((2 * away[:, 0], 2 * breaks[:, 0] + 1)), kind="stable")]
    absent = np.searchsorted(away[:, 0], np.arange(m + 1))
    resting = np.searchsorted(breaks[:, 0], np.arange(m + 1))
    ends = np.searchsorted(away[:, 0], np.arange(m + 1), side="right")
    at = np.column_stack((absent + resting, ends + resting)).astype(np.int64)
    return at, np.ascontiguousarray(rows[:, 1:], np.float64)


def _by_worker(rows: Floats) -> Floats:
    """By whose they are, which is the first column, then by time."""
    return rows[np.lexsort((rows[:, 1], rows[:, 0]))]


def _bonds(bonds: Ints, n: int) -> Ints:
    """Each bond seen from either visit."""
    others: list[list[int]] = [[] for _ in range(n)]
    for visit, shared in _sharing(bonds).items():
        others[visit] += [2 * other + 1 for other in sorted(shared) if other != visit]
    for a, b, together in bonds.tolist():
        if not together:
            others[a].append(2 * b)
            others[b].append(2 * a)
    at = n + 1 + np.cumsum([0, *(len(some) for some in others)])
    return np.array([*at.tolist(), *(code for some in others for code in some)], np.int64)


def _sharing(bonds: Ints) -> dict[int, set[int]]:
    """Visit → all with which it shares a worker, itself too: those that share one with the same visit share it with
    each other."""
    group = {visit: {visit} for visit in bonds[:, :2].ravel().tolist()}
    for a, b, together in bonds.tolist():
        if together and group[a] is not group[b]:
            group[a] |= group[b]
            for visit in group[b]:
                group[visit] = group[a]
    return group


def _neighbours(problem: Problem, n: int) -> tuple[Ints, Ints]:
    """For each visit the visits that go well before and after it: near, and fitting in time without much waiting.

    The measure is the one of Vidal et al. (2013) for time windows: travel + a share of the unavoidable waiting + the
    unavoidable tardiness. Visits that no worker could do both of are left to the end.
    """
    visits = problem.visits
    count = min(NEIGHBOURS, max(n - 1, 0))
    if count == 0:
        return np.zeros((n, 0), np.int64), np.zeros((n, 0), np.int64)
    leg = problem.travel.min(axis=0)[np.ix_(visits.location, visits.location)]
    done = visits.duration[:, None] + leg
    last = np.minimum(visits.due, visits.latest)
    waiting = visits.earliest[None, :] - (last[:, None] + done)
    tardiness = visits.earliest[:, None] + done - last[None, :]
    badness = leg + 0.2 * np.maximum(waiting, 0) + np.maximum(tardiness, 0)
    shared = problem.eligible.astype(np.float32) @ problem.eligible.astype(np.float32).T > 0
    badness = np.where(shared, badness, 1e7 + badness)
    np.fill_diagonal(badness, np.inf)
    after = np.argsort(badness, axis=1, kind="stable")[:, :count]
    before = np.argsort(badness.T, axis=1, kind="stable")[:, :count]
    return np.ascontiguousarray(before, np.int64), np.ascontiguousarray(after, np.int64)


def empty_state(data: Data, seed: int) -> State:
    """All visits in the pool, every route empty."""
    nodes = data.n + 2 * data.m
    workers = np.arange(data.m)
    nxt, prv = np.full(nodes, -1, np.int64), np.full(nodes, -1, np.int64)
    nxt[data.n + data.m + workers] = data.n + workers
    prv[data.n + workers] = data.n + data.m + workers
    route = np.concatenate([np.full(data.n, -1), workers, workers]).astype(np.int64)
    ready = data.early[data.n + data.m :]
    start = np.concatenate([np.full(data.n, UNSET), ready, ready])
    mixed = np.random.SeedSequence(seed).generate_state(2, np.uint64)
    return State(
        nxt=nxt,
        prv=prv,
        route=route,
        start=start,
        cost=np.zeros(nodes),
        route_cost=np.zeros(data.m),
        work=np.zeros(data.m),
        served=np.zeros(data.m, np.int64),
        pool=np.arange(max(data.n, 1), dtype=np.int64),
        pool_at=np.arange(max(data.n, 1), dtype=np.int64),
        sizes=np.array([data.n, 0, 0, 0, EXACT_LIMIT], np.int64),
        log_node=np.zeros((nodes, 2), np.int64),
        log_start=np.zeros(nodes),
        log_cost=np.zeros(nodes),
        heads=np.zeros(nodes + 2 * data.n, np.int64),
        head_key=np.zeros(nodes),
        is_head=np.zeros(nodes, np.bool_),
        marks=np.zeros((nodes, 2), np.int64),
        times=np.zeros(nodes, np.int64),
        now=np.zeros(2),
        random=mixed | np.uint64(1),
    )
