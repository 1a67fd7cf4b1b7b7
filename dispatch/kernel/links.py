"""Putting visits into routes and taking them out: links, work and pool, and what that costs.

"Fixed" cost below = the part that does not depend on start times: travel, assignment, use, work, skipping.
"""

from dispatch.kernel.arrays import (
    CONTRACT,
    EPSILON,
    MOST_VISITS,
    MOST_WORK,
    OVERTIME,
    POOL,
    TOTAL,
    TRAVEL,
    UNSET,
    USE,
    WORK_SQUARED,
    Data,
    State,
)
from dispatch.kernel.compiled import compiled, inlined
from dispatch.kernel.timetable import drop_heads, largest_tardiness, timetable, write


@inlined
def leg(d: Data, worker: int, a: int, b: int) -> float:
    return d.travel[d.mode[worker], d.loc[a], d.loc[b]]


@inlined
def work_price(d: Data, worker: int, work: float) -> float:
    return d.weights[OVERTIME] * max(0.0, work - d.of_worker[worker, CONTRACT]) + d.weights[WORK_SQUARED] * work * work


@inlined
def work_change(d: Data, z: State, worker: int, minutes: float) -> float:
    return work_price(d, worker, z.work[worker] + minutes) - work_price(d, worker, z.work[worker])


@inlined
def change_work(d: Data, z: State, worker: int, minutes: float) -> float:
    change = work_change(d, z, worker, minutes)
    z.work[worker] += minutes
    return change


@inlined
def overloaded(d: Data, z: State, worker: int) -> bool:
    """With work, or with visits."""
    most_work, most_visits = d.of_worker[worker, MOST_WORK], d.of_worker[worker, MOST_VISITS]
    return z.work[worker] > most_work + EPSILON or z.served[worker] > most_visits


@inlined
def unlink(d: Data, z: State, visit: int) -> float:
    worker, a, b = z.route[visit], z.prv[visit], z.nxt[visit]
    travel = -leg(d, worker, a, visit) - leg(d, worker, visit, b)
    z.served[worker] -= 1
    change = -d.assign[visit, worker]
    if z.served[worker] > 0:
        travel += leg(d, worker, a, b)
    else:
        change -= d.of_worker[worker, USE]
    z.nxt[a] = b
    z.prv[b] = a
    z.route[visit] = -1
    z.route_cost[worker] -= z.cost[visit]
    return change + d.weights[TRAVEL] * travel + change_work(d, z, worker, travel - d.dur[visit])


@inlined
def link(d: Data, z: State, visit: int, a: int) -> float:
    """Insert directly after node `a`."""
    worker, b = z.route[a], z.nxt[a]
    travel = leg(d, worker, a, visit) + leg(d, worker, visit, b)
    change = d.assign[visit, worker]
    if z.served[worker] > 0:
        travel -= leg(d, worker, a, b)
    else:
        change += d.of_worker[worker, USE]
    z.served[worker] += 1
    z.nxt[a] = visit
    z.prv[visit] = a
    z.nxt[visit] = b
    z.prv[b] = visit
    z.route[visit] = worker
    z.route_cost[worker] += z.cost[visit]
    return change + d.weights[TRAVEL] * travel + change_work(d, z, worker, travel + d.dur[visit])


@compiled
def into_pool(d: Data, z: State, visit: int) -> float:
    """Of an unlinked visit. The change includes that of its timetable cost."""
    at = z.sizes[POOL]
    z.pool[at] = visit
    z.pool_at[visit] = at
    z.sizes[POOL] = at + 1
    return d.skip[visit] + write(d, z, visit, UNSET, 0.0)


@compiled
def out_of_pool(d: Data, z: State, visit: int) -> float:
    at, last = z.pool_at[visit], z.sizes[POOL] - 1
    moved = z.pool[last]
    z.pool[at] = moved
    z.pool_at[moved] = at
    z.sizes[POOL] = last
    return -d.skip[visit]


@compiled
def _bonds_allow(d: Data, z: State, visit: int, worker: int, leaving: int) -> bool:
    for i in range(d.bonds[visit], d.bonds[visit + 1]):
        other, together = d.bonds[i] >> 1, d.bonds[i] & 1 == 1
        if z.route[other] >= 0 and other != leaving and (z.route[other] == worker) != together:
            return False
    return True


@inlined
def bonds_allow(d: Data, z: State, visit: int, worker: int, leaving: int) -> bool:
    """Whom the visit shares its worker with, or must not, is where it should be; `leaving` = a visit whose place the
    visit takes, or -1."""
    return d.bonds[visit] == d.bonds[visit + 1] or _bonds_allow(d, z, visit, worker, leaving)


@inlined
def may_serve(d: Data, z: State, visit: int, worker: int) -> bool:
    """Eligible, the other visit of its pair is not this worker's, and no bond forbids it."""
    if not d.eligible[visit, worker]:
        return False
    other = d.partner[visit]
    return (other < 0 or z.route[other] != worker) and bonds_allow(d, z, visit, worker, -1)


@inlined
def open_after(d: Data, z: State, node: int) -> bool:
    """Nothing may be put before a frozen visit."""
    follower = z.nxt[node]
    return follower >= d.n or not d.fixed[follower]


@compiled
def fixed_cost(d: Data, z: State) -> float:
    total = 0.0
    for worker in range(d.m):
        if z.served[worker] == 0:
            continue
        total += d.of_worker[worker, USE] + work_price(d, worker, z.work[worker])
        node = d.n + d.m + worker
        while node < d.n or node >= d.n + d.m:
            follower = z.nxt[node]
            total += d.weights[TRAVEL] * leg(d, worker, node, follower)
            if follower < d.n:
                total += d.assign[follower, worker]
            node = follower
    for i in range(z.sizes[POOL]):
        total += d.skip[z.pool[i]]
    return total


@compiled
def recount(d: Data, z: State) -> bool:
    """Everything that is kept up to date by differences, from scratch; False when the routes have no timetable."""
    for worker in range(d.m):
        work = 0.0
        count = 0
        node = d.n + d.m + worker
        while node < d.n or node >= d.n + d.m:
            follower = z.nxt[node]
            work += d.dur[node] + leg(d, worker, node, follower)
            if follower < d.n:
                count += 1
            node = follower
        z.served[worker] = count
        z.work[worker] = work if count > 0 else 0.0
    fits = timetable(d, z)
    drop_heads(z)
    total = fixed_cost(d, z) + d.weights[1] * largest_tardiness(d, z)
    for worker in range(d.m):
        total += z.route_cost[worker]
    z.now[TOTAL] = total
    return fits
