"""A first plan: what the caller brings, then every visit left at its cheapest place."""

from dispatch.kernel.arrays import (
    EXACT_LIMIT,
    LARGEST,
    LIMIT,
    MAX_TARDINESS,
    MOST_VISITS,
    MOST_WORK,
    POOL,
    TOTAL,
    Data,
    State,
)
from dispatch.kernel.compiled import compiled
from dispatch.kernel.links import into_pool, leg, link, may_serve, open_after, out_of_pool, overloaded, recount, unlink
from dispatch.kernel.pool import insert
from dispatch.kernel.problem import Floats, Ints
from dispatch.kernel.timetable import begin, largest_after, push, settle, undo_times

NEVER = 1e300
CHOICES = 3
"""Places of a pair's first visit that are tried with every place of the second."""


@compiled
def freeze(d: Data, z: State, nodes: Ints, places: Ints) -> None:
    """Link frozen visits after the given nodes, whatever that breaks: they are facts. Limits that the facts alone
    already break are moved to where the facts have put them, so that the rest can still be planned."""
    for i in range(len(nodes)):
        out_of_pool(d, z, nodes[i])
        link(d, z, nodes[i], places[i])
    for worker in range(d.m):
        last = z.prv[d.n + worker]
        if last < d.n:
            back = d.early[last] + d.dur[last] + leg(d, worker, last, d.n + worker)
            d.latest[d.n + worker] = max(d.latest[d.n + worker], back)
            d.of_worker[worker, MOST_WORK] = max(d.of_worker[worker, MOST_WORK], z.work[worker])
            d.of_worker[worker, MOST_VISITS] = max(d.of_worker[worker, MOST_VISITS], float(z.served[worker]))
    recount(d, z)


@compiled
def resume(d: Data, z: State, visits: Ints, workers: Ints) -> None:
    """Append visits to the routes in the given order where nothing hard forbids it. Pairs left half are taken out."""
    for i in range(len(visits)):
        if z.route[visits[i]] < 0:
            insert(d, z, visits[i], z.prv[d.n + workers[i]], NEVER)
    for v in d.movable:
        w = d.partner[v]
        if z.route[v] >= 0 and w >= 0 and z.route[w] < 0:
            unlink(d, z, v)
            begin(z)
            into_pool(d, z, v)
    recount(d, z)


@compiled
def trial(d: Data, z: State, v: int, a: int, bar: float) -> float:
    """Rise of the cost when skipped visit v goes after node `a`, or NEVER when forbidden or above `bar`. Changes
    nothing."""
    worker = z.route[a]
    if not (may_serve(d, z, v, worker) and open_after(d, z, a)):
        return NEVER
    begin(z)
    relief = z.route_cost[worker] + d.weights[MAX_TARDINESS] * z.now[LARGEST]
    rise = NEVER
    fixed = out_of_pool(d, z, v) + link(d, z, v, a)
    if not overloaded(d, z, worker):
        push(z, v)
        push(z, z.nxt[v])
        fits, change = settle(d, z, bar - fixed + relief)
        if fits:
            rise = fixed + change + d.weights[MAX_TARDINESS] * (largest_after(d, z) - z.now[LARGEST])
    undo_times(z)
    unlink(d, z, v)
    into_pool(d, z, v)
    return rise if rise <= bar else NEVER


@compiled
def best_place(d: Data, z: State, v: int, worker: int, bar: float, hurried: bool) -> tuple[int, float]:
    """The cheapest node of this worker's route to follow (hurried: only its end is tried); -1 when there is none
    below `bar`."""
    best, place = bar, -1
    node = d.n + d.m + worker
    if hurried:
        node = z.prv[d.n + worker]
    while node < d.n or node >= d.n + d.m:
        rise = trial(d, z, v, node, best)
        if rise < best:
            best, place = rise, node
        node = z.nxt[node]
    return place, best


@compiled
def cheapest(d: Data, z: State, v: int, bar: float, hurried: bool) -> tuple[int, float]:
    best, place = bar, -1
    for worker in range(d.m):
        if may_serve(d, z, v, worker):
            at, rise = best_place(d, z, v, worker, best, hurried)
            if at >= 0:
                best, place = rise, at
    return place, best


@compiled
def insert_pair_cheapest(
    d: Data, z: State, v: int, w: int, bar: float, hurried: bool, rises: Floats, places: Ints
) -> bool:
    """Both visits of a skipped pair: the best places of the first, each with the best place of the second."""
    for worker in range(d.m):
        rises[worker] = NEVER
        if d.eligible[v, worker]:
            places[worker], rises[worker] = best_place(d, z, v, worker, NEVER, hurried)
    best, best_a, best_b = bar, -1, -1
    tried = 0
    while tried < CHOICES or best_a < 0:
        worker = 0
        for other in range(d.m):
            if rises[other] < rises[worker]:
                worker = other
        if d.m == 0 or rises[worker] >= NEVER:
            break
        rise, a = rises[worker], places[worker]
        rises[worker] = NEVER
        tried += 1
        if insert(d, z, v, a, NEVER):
            b, more = cheapest(d, z, w, NEVER, hurried)
            if b >= 0 and rise + more < best:
                best, best_a, best_b = rise + more, a, b
            remove(d, z, v)
    return best_a >= 0 and insert(d, z, v, best_a, NEVER) and insert(d, z, w, best_b, NEVER)


@compiled
def remove(d: Data, z: State, v: int) -> None:
    """Take out a visit that was just put in; its route then has a timetable again for certain."""
    begin(z)
    follower = z.nxt[v]
    change = unlink(d, z, v)
    change += into_pool(d, z, v)
    push(z, follower)
    limit = z.sizes[LIMIT]
    z.sizes[LIMIT] = EXACT_LIMIT
    _, step = settle(d, z, NEVER)
    z.sizes[LIMIT] = limit
    largest = largest_after(d, z)
    z.now[TOTAL] += change + step + d.weights[MAX_TARDINESS] * (largest - z.now[LARGEST])
    z.now[LARGEST] = largest


@compiled
def fill(d: Data, z: State, order: Ints, hurried: bool, rises: Floats, places: Ints) -> None:
    """Give every skipped visit, in the given order, its cheapest place; leave out what has none worth its price."""
    for v in order:
        if z.route[v] >= 0 or z.sizes[POOL] == 0:
            continue
        w = d.partner[v]
        if w >= 0 and z.route[w] < 0:
            if not insert_pair_cheapest(d, z, v, w, 0.0, hurried, rises, places) and z.route[v] >= 0:
                remove(d, z, v)
            continue
        place, _ = cheapest(d, z, v, 0.0, hurried)
        if place >= 0:
            insert(d, z, v, place, NEVER)
    recount(d, z)
