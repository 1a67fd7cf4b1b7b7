"""Meal runs as the compiled search wants them, and what one courier's runs cost.

A row is the plan of one free stretch of one courier: codes in order of delivery. A code is an order's number, doubled,
plus one where the courier goes to a kitchen for it: there a run begins, and the codes up to the next such one are
delivered on that run, from that one kitchen.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.kernel.compiled import compiled, inlined
from dispatch.kernel.problem import Floats, Ints

ROW_CODES = 60
"""A row holds no more; what does not fit waits for the next plan."""


class RunData(NamedTuple):
    """What does not change during a search. n orders, k kitchens, w stretches, g modes of travel, p places to be at."""

    kitchen: Ints
    """(n)"""
    ready: Floats
    due: Floats
    grave: Floats
    """Later than this is worse by the minute."""
    spoilt: Floats
    """Never at the door after this."""
    size: Floats
    """Of a box."""
    skip: Floats
    free: Floats
    """(w) when the courier may leave"""
    last_pickup: Floats
    until: Floats
    """Where the courier must be at `goal`, or have ended if that is -1."""
    goal: Ints
    box: Floats
    mode: Ints
    leaving: Floats
    """(w) points of leaving, on the first run, where the courier is now"""
    staying: Floats
    """(g, n) points of ending the last run at that home"""
    out: Floats
    """(w, k) from where the courier is to the kitchens"""
    back: Floats
    """(g, n, k) from homes to kitchens"""
    first: Floats
    """(g, n) from its kitchen to the home"""
    between: Floats
    """(g, n, n)"""
    onward: Floats
    """(g, n, p + 1) from homes to goals, and nothing to none"""
    near: Ints
    """(k, w) stretches, the earliest at the kitchen first"""
    of_kitchen: Ints
    """Orders by kitchen; kitchen i has of_kitchen[kitchen_at[i]:kitchen_at[i + 1]]."""
    kitchen_at: Ints
    half_pickup: float
    half_dropoff: float
    late: float
    """Points of an order after `due`"""
    grave_per_min: float
    work_per_min: float
    """Points of a minute of travel and service"""


class RunState(NamedTuple):
    codes: Ints
    """(w + 2, ROW_CODES) rows; the last two are drafts"""
    length: Ints
    cost: Floats
    row: Ints
    """(n) of each order, -1 = in none"""
    total: Floats
    """(1)"""
    random: NDArray[np.uint64]


def empty_rows(*, stretches: int, orders: int, seed: int) -> RunState:
    """Every order in none."""
    return RunState(
        codes=np.zeros((stretches + 2, ROW_CODES), np.int64),
        length=np.zeros(stretches + 2, np.int64),
        cost=np.zeros(stretches),
        row=np.full(orders, -1, np.int64),
        total=np.zeros(1),
        random=np.random.SeedSequence(seed).generate_state(2, np.uint64) | np.uint64(1),
    )


@compiled
def cost_of(d: RunData, z: RunState, w: int, line: int) -> float:
    """Points of stretch w if its plan is that line; inf = it cannot be."""
    count = z.length[line]
    t, here, points, work = d.free[w], -1, 0.0, 0.0
    g = d.mode[w]
    i = 0
    while i < count:
        ready, load, j = 0.0, 0.0, i
        kitchen = d.kitchen[z.codes[line, i] >> 1]
        while j < count and (j == i or z.codes[line, j] & 1 == 0):
            v = z.codes[line, j] >> 1
            ready, load = max(ready, d.ready[v]), load + d.size[v]
            j += 1
        way = d.out[w, kitchen] if here < 0 else d.back[g, here, kitchen]
        pickup = max(t + way + d.half_pickup, ready)
        if load > d.box[w] or pickup > d.last_pickup[w]:
            return np.inf
        t = pickup + d.half_pickup
        work += way + 2.0 * d.half_pickup
        for x in range(i, j):
            v = z.codes[line, x] >> 1
            leg = d.first[g, v] if x == i else d.between[g, here, v]
            t += leg + d.half_dropoff
            if t > d.spoilt[v]:
                return np.inf
            late = d.late if t > d.due[v] else 0.0
            points += t - d.ready[v] + late + d.grave_per_min * max(0.0, t - d.grave[v])
            t += d.half_dropoff
            work += leg + 2.0 * d.half_dropoff
            here = v
        i = j
    if count > 0:
        points += d.leaving[w] + d.staying[g, here]
        t += d.onward[g, here, d.goal[w]]
        if t > d.until[w]:
            return np.inf
    return points + d.work_per_min * work


@inlined
def copy(z: RunState, line: int, start: int, end: int, draft: int, begins: int) -> None:
    """Adds codes to a draft; the first of them begins a run (1), goes on with one (0), or as it is (-1)."""
    at = z.length[draft]
    for x in range(start, end):
        if at < ROW_CODES:
            z.codes[draft, at] = z.codes[line, x]
        at += 1
    if begins >= 0 and start < end and z.length[draft] < ROW_CODES:
        first = z.length[draft]
        z.codes[draft, first] = z.codes[draft, first] >> 1 << 1 | begins
    z.length[draft] = at


@inlined
def put(z: RunState, draft: int, code: int) -> None:
    if z.length[draft] < ROW_CODES:
        z.codes[draft, z.length[draft]] = code
    z.length[draft] += 1


@inlined
def place_of(z: RunState, line: int, v: int) -> int:
    at = 0
    while z.codes[line, at] >> 1 != v:
        at += 1
    return at


@inlined
def run_start(z: RunState, line: int, at: int) -> int:
    while z.codes[line, at] & 1 == 0:
        at -= 1
    return at


@inlined
def run_end(z: RunState, line: int, at: int) -> int:
    """The first place from `at` on where a run begins, or the end of the line."""
    while at < z.length[line] and z.codes[line, at] & 1 == 0:
        at += 1
    return at


@compiled
def become(d: RunData, z: RunState, w: int, draft: int, cost: float) -> None:
    for x in range(z.length[draft]):
        z.codes[w, x] = z.codes[draft, x]
        z.row[z.codes[w, x] >> 1] = w
    z.length[w] = z.length[draft]
    z.total[0] += cost - z.cost[w]
    z.cost[w] = cost


@compiled
def without(d: RunData, z: RunState, v: int, draft: int) -> None:
    """The line of order v without it."""
    w = z.row[v]
    at = place_of(z, w, v)
    z.length[draft] = 0
    copy(z, w, 0, at, draft, -1)
    goes_on = at + 1 < z.length[w] and z.codes[w, at + 1] & 1 == 0
    copy(z, w, at + 1, z.length[w], draft, 1 if goes_on and z.codes[w, at] & 1 == 1 else -1)


@compiled
def ahead(d: RunData, z: RunState, v: int, line: int, at: int, draft: int) -> None:
    """The line with order v on the same run as what stands at `at`, directly before that."""
    z.length[draft] = 0
    copy(z, line, 0, at, draft, -1)
    put(z, draft, v << 1 | z.codes[line, at] & 1)
    copy(z, line, at, z.length[line], draft, 0)


@compiled
def behind(d: RunData, z: RunState, v: int, line: int, at: int, draft: int) -> None:
    """The same, directly after that."""
    z.length[draft] = 0
    copy(z, line, 0, at + 1, draft, -1)
    put(z, draft, v << 1)
    copy(z, line, at + 1, z.length[line], draft, -1)


@compiled
def alone(d: RunData, z: RunState, v: int, line: int, at: int, draft: int) -> None:
    """The line with a run for order v alone, before the run that begins at `at`."""
    z.length[draft] = 0
    copy(z, line, 0, at, draft, -1)
    put(z, draft, v << 1 | 1)
    copy(z, line, at, z.length[line], draft, -1)
