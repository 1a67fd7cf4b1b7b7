"""Simulated annealing over the neighbourhoods, in slices so that the caller can look at the clock between them."""

import numpy as np

from dispatch.kernel.arrays import POOL, TOTAL, Data, State
from dispatch.kernel.bonds import relocate_group
from dispatch.kernel.compiled import compiled
from dispatch.kernel.draws import draw, draw_below
from dispatch.kernel.links import recount
from dispatch.kernel.moves import relocate, relocate_pair, swap
from dispatch.kernel.pool import insert, insert_pair, leave_out, replace
from dispatch.kernel.problem import Floats, Ints
from dispatch.kernel.tails import exchange_tails

WITH_GROUP = 0.4
"""Share of the moves of a visit that shares its worker with others in which they move along."""


@compiled
def _follow(d: Data, z: State, v: int) -> int:
    """A node that visit v could directly follow: before a good successor, after a good predecessor, or anywhere;
    -1 when the draw gave none."""
    dice = draw(z.random)
    width = d.before.shape[1]
    if dice < 0.08 or width == 0:
        return d.n + d.m + draw_below(z.random, d.m)
    if dice < 0.12:
        other = d.movable[draw_below(z.random, len(d.movable))]
        return other if z.route[other] >= 0 else -1
    share = draw(z.random)
    rank = int(share * share * width)
    if dice < 0.56:
        other = d.before[v, rank]
        return other if z.route[other] >= 0 else -1
    other = d.after[v, rank]
    return z.prv[other] if z.route[other] >= 0 else -1


@compiled
def _fill_from_pool(d: Data, z: State, bar: float) -> bool:
    v = z.pool[draw_below(z.random, z.sizes[POOL])]
    a = _follow(d, z, v)
    if a < 0:
        return False
    w = d.partner[v]
    if w < 0 or z.route[w] >= 0:
        follower = z.nxt[a]
        if w < 0 and follower < d.n and d.partner[follower] < 0 and draw(z.random) < 0.3:
            return replace(d, z, v, follower, bar)
        return insert(d, z, v, a, bar)
    b = _follow(d, z, w)
    return b >= 0 and insert_pair(d, z, v, a, w, b, bar)


@compiled
def _move_pair(d: Data, z: State, v: int, bar: float) -> bool:
    w = d.partner[v]
    if w < 0 or z.route[w] < 0:
        return False
    a, b = _follow(d, z, v), _follow(d, z, w)
    return a >= 0 and b >= 0 and relocate_pair(d, z, v, a, w, b, bar)


@compiled
def _step(d: Data, z: State, shares: Floats, bar: float) -> bool:
    if z.sizes[POOL] > 0 and draw(z.random) < 0.15:
        return _fill_from_pool(d, z, bar)
    v = d.movable[draw_below(z.random, len(d.movable))]
    if z.route[v] < 0:
        return False
    dice = draw(z.random)
    if dice < shares[0]:
        return _move_pair(d, z, v, bar)
    if dice < shares[1]:
        return leave_out(d, z, v, bar)
    a = _follow(d, z, v)
    if a < 0:
        return False
    if d.bonds[v] < d.bonds[v + 1] and draw(z.random) < WITH_GROUP:
        return relocate_group(d, z, v, a, bar)
    if dice < shares[3]:
        length = 1
        if dice >= shares[2]:
            length = 2 + draw_below(z.random, 2)
        return relocate(d, z, v, length, a, bar)
    if dice < shares[4]:
        follower = z.nxt[a]
        return follower < d.n and swap(d, z, v, follower, bar)
    return exchange_tails(d, z, a, v, bar)


@compiled
def keep(z: State, best_next: Ints, best: Floats) -> None:
    best[0] = z.now[TOTAL]
    for node in range(len(best_next)):
        best_next[node] = z.nxt[node]


@compiled
def anneal(d: Data, z: State, best_next: Ints, best: Floats, shares: Floats, steps: int, temperature: float) -> int:
    """`steps` moves at this temperature; returns how many were accepted. `best_next` and `best` keep the links and
    cost of the best plan met."""
    accepted = 0
    for _ in range(steps):
        bar = -temperature * np.log(1.0 - draw(z.random))
        if _step(d, z, shares, bar):
            accepted += 1
            if z.now[TOTAL] < best[0] - 1e-9:
                keep(z, best_next, best)
    recount(d, z)
    return accepted
