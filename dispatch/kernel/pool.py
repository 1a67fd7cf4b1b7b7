"""Visits that are left out, put in, or take each other's place in and out of the plan."""

from dispatch.kernel.arrays import Data, State
from dispatch.kernel.compiled import compiled
from dispatch.kernel.links import bonds_allow, into_pool, link, may_serve, open_after, out_of_pool, overloaded, unlink
from dispatch.kernel.moves import decide, decide_places
from dispatch.kernel.timetable import begin, push, undo_times


@compiled
def insert(d: Data, z: State, v: int, a: int, bar: float) -> bool:
    """A skipped visit gets a place after node `a`; its partner, if it has one, is not skipped."""
    if not (may_serve(d, z, v, z.route[a]) and open_after(d, z, a)):
        return False
    begin(z)
    relief = z.route_cost[z.route[a]]
    fixed = out_of_pool(d, z, v) + link(d, z, v, a)
    if decide_places(d, z, v, v, fixed, relief, bar):
        return True
    unlink(d, z, v)
    into_pool(d, z, v)
    return False


@compiled
def insert_pair(d: Data, z: State, v: int, a: int, w: int, b: int, bar: float) -> bool:
    if z.route[a] == z.route[b] or not (d.eligible[v, z.route[a]] and d.eligible[w, z.route[b]]):
        return False
    if not (open_after(d, z, a) and open_after(d, z, b)):
        return False
    if not (bonds_allow(d, z, v, z.route[a], -1) and bonds_allow(d, z, w, z.route[b], -1)):
        return False
    begin(z)
    relief = z.route_cost[z.route[a]] + z.route_cost[z.route[b]]
    fixed = out_of_pool(d, z, v) + out_of_pool(d, z, w) + link(d, z, v, a) + link(d, z, w, b)
    if decide_places(d, z, v, w, fixed, relief, bar):
        return True
    unlink(d, z, v)
    unlink(d, z, w)
    into_pool(d, z, v)
    into_pool(d, z, w)
    return False


@compiled
def leave_out(d: Data, z: State, v: int, bar: float) -> bool:
    """A visit is skipped, with its partner unless that is frozen."""
    w = d.partner[v]
    if w >= 0 and d.fixed[w]:
        w = -1
    begin(z)
    one, two = z.route[v], z.route[w] if w >= 0 else z.route[v]
    relief = z.route_cost[z.route[v]]
    old_v, next_v, old_w, next_w = z.prv[v], z.nxt[v], -1, -1
    fixed = unlink(d, z, v)
    fixed += into_pool(d, z, v)
    if w >= 0:
        relief += z.route_cost[z.route[w]]
        old_w, next_w = z.prv[w], z.nxt[w]
        fixed += unlink(d, z, w)
        fixed += into_pool(d, z, w)
        push(z, next_w)
    push(z, next_v)
    if overloaded(d, z, one) or overloaded(d, z, two):
        undo_times(z)
    elif decide(d, z, fixed, relief, bar):
        return True
    if w >= 0:
        out_of_pool(d, z, w)
        link(d, z, w, old_w)
    out_of_pool(d, z, v)
    link(d, z, v, old_v)
    return False


@compiled
def replace(d: Data, z: State, v: int, x: int, bar: float) -> bool:
    """A skipped visit takes the place of visit x, which is skipped; neither has a partner."""
    worker = z.route[x]
    if d.fixed[x] or not d.eligible[v, worker] or not bonds_allow(d, z, v, worker, x):
        return False
    begin(z)
    relief = z.route_cost[worker]
    a = z.prv[x]
    fixed = unlink(d, z, x)
    fixed += into_pool(d, z, x)
    fixed += out_of_pool(d, z, v) + link(d, z, v, a)
    if decide_places(d, z, v, v, fixed, relief, bar):
        return True
    unlink(d, z, v)
    into_pool(d, z, v)
    out_of_pool(d, z, x)
    link(d, z, x, a)
    return False
