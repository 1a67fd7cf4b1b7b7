"""Simulated annealing over meal runs: orders join runs, leave them, runs change hands."""

import numpy as np

from dispatch.kernel.compiled import compiled
from dispatch.kernel.draws import draw, draw_below
from dispatch.kernel.problem import Floats, Ints
from dispatch.kernel.runs import (
    ROW_CODES,
    RunData,
    RunState,
    ahead,
    alone,
    become,
    behind,
    copy,
    cost_of,
    place_of,
    run_end,
    run_start,
    without,
)


@compiled
def _settle(d: RunData, z: RunState, a: int, b: int, first: int, second: int, gain: float, bar: float) -> bool:
    """Rows a and b become the drafts, if that costs at most `bar` more. -1 = no such row; `gain` is saved besides."""
    before = (z.cost[a] if a >= 0 else 0.0) + (z.cost[b] if b >= 0 else 0.0) + gain
    if (a >= 0 and z.length[first] > ROW_CODES) or (b >= 0 and z.length[second] > ROW_CODES):
        return False
    cost_a = cost_of(d, z, a, first) if a >= 0 else 0.0
    if cost_a - before > bar:
        return False
    cost_b = cost_of(d, z, b, second) if b >= 0 else 0.0
    if cost_a + cost_b - before > bar:
        return False
    if a >= 0:
        become(d, z, a, first, cost_a)
    if b >= 0:
        become(d, z, b, second, cost_b)
    z.total[0] -= gain
    return True


@compiled
def _place(d: RunData, z: RunState, v: int, b: int, bar: float) -> bool:
    """Order v, taken out of its row into the first draft, has been put into the second for row b."""
    w, drafts = z.row[v], len(z.cost)
    if w < 0:
        return _settle(d, z, -1, b, drafts, drafts + 1, d.skip[v], bar)
    if w == b:
        return _settle(d, z, -1, b, drafts, drafts + 1, 0.0, bar)
    return _settle(d, z, w, b, drafts, drafts + 1, 0.0, bar)


@compiled
def _source(d: RunData, z: RunState, v: int, b: int) -> int:
    """Takes order v out, and says which line stands for row b then."""
    drafts = len(z.cost)
    if z.row[v] >= 0:
        without(d, z, v, drafts)
    return drafts if z.row[v] == b else b


@compiled
def _join(d: RunData, z: RunState, v: int, bar: float) -> bool:
    """Order v onto the run of another order of its kitchen."""
    k = d.kitchen[v]
    first, last = d.kitchen_at[k], d.kitchen_at[k + 1]
    other = d.of_kitchen[first + draw_below(z.random, last - first)]
    b = z.row[other]
    if other == v or b < 0:
        return False
    line = _source(d, z, v, b)
    at = place_of(z, line, other)
    if draw(z.random) < 0.5:
        ahead(d, z, v, line, at, len(z.cost) + 1)
    else:
        behind(d, z, v, line, at, len(z.cost) + 1)
    return _place(d, z, v, b, bar)


@compiled
def _row_near(d: RunData, z: RunState, k: int) -> int:
    share = draw(z.random)
    return d.near[k, int(share * share * d.near.shape[1])]


@compiled
def _alone(d: RunData, z: RunState, v: int, bar: float) -> bool:
    """Order v onto a run of its own."""
    b = _row_near(d, z, d.kitchen[v])
    line = _source(d, z, v, b)
    at = run_end(z, line, draw_below(z.random, z.length[line] + 1))
    alone(d, z, v, line, at, len(z.cost) + 1)
    return _place(d, z, v, b, bar)


@compiled
def _move_run(d: RunData, z: RunState, v: int, bar: float) -> bool:
    """The run of order v to another row, or elsewhere in its own."""
    a, drafts = z.row[v], len(z.cost)
    start = run_start(z, a, place_of(z, a, v))
    end = run_end(z, a, start + 1)
    z.length[drafts] = 0
    copy(z, a, 0, start, drafts, -1)
    copy(z, a, end, z.length[a], drafts, -1)
    b = _row_near(d, z, d.kitchen[v])
    line = drafts if a == b else b
    at = run_end(z, line, draw_below(z.random, z.length[line] + 1))
    z.length[drafts + 1] = 0
    copy(z, line, 0, at, drafts + 1, -1)
    copy(z, a, start, end, drafts + 1, -1)
    copy(z, line, at, z.length[line], drafts + 1, -1)
    return _settle(d, z, -1 if a == b else a, b, drafts, drafts + 1, 0.0, bar)


@compiled
def _swap_runs(d: RunData, z: RunState, v: int, other: int, tails: bool, bar: float) -> bool:
    """The runs of two orders in different rows change places, with all that follows them or without."""
    a, b, drafts = z.row[v], z.row[other], len(z.cost)
    if a < 0 or b < 0 or a == b:
        return False
    i, k = run_start(z, a, place_of(z, a, v)), run_start(z, b, place_of(z, b, other))
    j = z.length[a] if tails else run_end(z, a, i + 1)
    m = z.length[b] if tails else run_end(z, b, k + 1)
    z.length[drafts], z.length[drafts + 1] = 0, 0
    copy(z, a, 0, i, drafts, -1)
    copy(z, b, k, m, drafts, -1)
    copy(z, a, j, z.length[a], drafts, -1)
    copy(z, b, 0, k, drafts + 1, -1)
    copy(z, a, i, j, drafts + 1, -1)
    copy(z, b, m, z.length[b], drafts + 1, -1)
    return _settle(d, z, a, b, drafts, drafts + 1, 0.0, bar)


@compiled
def _step(d: RunData, z: RunState, bar: float) -> bool:
    n = len(z.row)
    v = draw_below(z.random, n)
    dice = draw(z.random)
    if dice < 0.3:
        return _join(d, z, v, bar)
    if dice < 0.55 or z.row[v] < 0:
        return _alone(d, z, v, bar)
    if dice < 0.75:
        return _move_run(d, z, v, bar)
    return _swap_runs(d, z, v, draw_below(z.random, n), dice > 0.9, bar)


@compiled
def keep_runs(z: RunState, best_codes: Ints, best_count: Ints, best: Floats) -> None:
    best[0] = z.total[0]
    for w in range(len(z.cost)):
        best_count[w] = z.length[w]
        for x in range(z.length[w]):
            best_codes[w, x] = z.codes[w, x]


@compiled
def anneal_runs(
    d: RunData,
    z: RunState,
    best_codes: Ints,
    best_count: Ints,
    best: Floats,
    steps: int,
    hot: float,
    cold: float,
    from_share: float,
    to_share: float,
) -> None:
    """`steps` moves, cooling from `hot` to `cold` over the shares 0 to 1; `best*` keep the best plan met."""
    for step in range(steps):
        if step & 63 == 0:
            share = from_share + (to_share - from_share) * step / steps
            temperature = hot * (cold / hot) ** share
        bar = -temperature * np.log(1.0 - draw(z.random))
        if _step(d, z, bar) and z.total[0] < best[0] - 1e-6:
            keep_runs(z, best_codes, best_count, best)


@compiled
def insert_runs(d: RunData, z: RunState) -> None:
    """Every order that is in no row to its cheapest place."""
    drafts = len(z.cost)
    for v in range(len(z.row)):
        if z.row[v] >= 0:
            continue
        least, row, place, how = d.skip[v], -1, 0, 0
        for w in range(drafts):
            if z.length[w] >= ROW_CODES:
                continue
            for at in range(z.length[w] + 1):
                for way in range(3):
                    if _drafted(d, z, v, w, at, way):
                        rise = cost_of(d, z, w, drafts + 1) - z.cost[w]
                        if rise < least:
                            least, row, place, how = rise, w, at, way
        if row >= 0:
            _drafted(d, z, v, row, place, how)
            become(d, z, row, drafts + 1, z.cost[row] + least)
            z.total[0] -= d.skip[v]


@compiled
def _drafted(d: RunData, z: RunState, v: int, w: int, at: int, way: int) -> bool:
    """Order v at a place of row w: on a run of its own (0), as the first of the run that begins there (1), directly
    after the order there (2). False where there is no such way."""
    begins = at == z.length[w] or z.codes[w, at] & 1 == 1
    if way == 0:
        if begins:
            alone(d, z, v, w, at, len(z.cost) + 1)
        return begins
    if at == z.length[w] or d.kitchen[z.codes[w, at] >> 1] != d.kitchen[v] or (way == 1 and not begins):
        return False
    if way == 1:
        ahead(d, z, v, w, at, len(z.cost) + 1)
    else:
        behind(d, z, v, w, at, len(z.cost) + 1)
    return True
