"""Visits that change places, alone, in chains or in pairs. As every neighbourhood of the search, each makes its change,
and takes it back unless the cost rises by at most `bar`."""

from dispatch.kernel.arrays import LARGEST, MAX_TARDINESS, TOTAL, TRAVEL, USE, Data, State
from dispatch.kernel.compiled import compiled, inlined
from dispatch.kernel.links import (
    bonds_allow,
    leg,
    link,
    may_serve,
    open_after,
    overloaded,
    unlink,
    work_change,
)
from dispatch.kernel.timetable import begin, largest_after, push, settle, undo_times


@compiled
def decide(d: Data, z: State, fixed: float, relief: float, bar: float) -> bool:
    """Settle the heads and keep the change if the cost rises by at most `bar`; else restore all start times.

    `relief` = what the touched routes cost in tardiness and waiting before the change. The search gives up as soon as
    the rest rises by more than saving all of it could make good.
    """
    budget = bar - fixed + relief + d.weights[MAX_TARDINESS] * z.now[LARGEST]
    if budget >= 0.0:
        fits, change = settle(d, z, budget)
        if fits:
            largest = largest_after(d, z)
            rise = fixed + change + d.weights[MAX_TARDINESS] * (largest - z.now[LARGEST])
            if rise <= bar:
                z.now[TOTAL] += rise
                z.now[LARGEST] = largest
                return True
    undo_times(z)
    return False


@inlined
def decide_places(d: Data, z: State, v: int, w: int, fixed: float, relief: float, bar: float) -> bool:
    """`decide` where v and w (the same one, or of two routes) were just linked in, and nothing else needs a look but
    what follows them and what was pushed before. The caller takes the links back if it is refused."""
    if overloaded(d, z, z.route[v]) or overloaded(d, z, z.route[w]):
        undo_times(z)
        return False
    push(z, v)
    push(z, w)
    push(z, z.nxt[v])
    push(z, z.nxt[w])
    return decide(d, z, fixed, relief, bar)


@inlined
def _carry(d: Data, z: State, first: int, length: int, a: int) -> float:
    """Move a chain of visits to directly after node `a`; returns the change of fixed cost."""
    fixed = 0.0
    visit = first
    for _ in range(length):
        fixed += unlink(d, z, visit)
        visit = z.nxt[visit]  # an unlinked visit still knows its follower
    visit = first
    for _ in range(length):
        follower = z.nxt[visit]
        fixed += link(d, z, visit, a)
        a = visit
        visit = follower
    return fixed


@inlined
def _carried(d: Data, z: State, first: int, last: int, y: int, a: int) -> float:
    """What `_carry` of first..last (followed by y) to after `a` would return, without doing it."""
    source, target, x, b = z.route[first], z.route[a], z.prv[first], z.nxt[a]
    here, there, service, assign, length = 0.0, 0.0, 0.0, 0.0, 0
    visit = first
    while visit != y:
        length += 1
        service += d.dur[visit]
        assign += d.assign[visit, target] - d.assign[visit, source]
        if visit != last:
            here += leg(d, source, visit, z.nxt[visit])
            there += leg(d, target, visit, z.nxt[visit])
        visit = z.nxt[visit]
    here += leg(d, source, x, first) + leg(d, source, last, y)
    there += leg(d, target, a, first) + leg(d, target, last, b)
    fixed = assign
    if target == source or z.served[source] > length:
        here -= leg(d, source, x, y)
    else:
        fixed -= d.of_worker[source, USE]
    if z.served[target] > 0:
        there -= leg(d, target, a, b)
    else:
        fixed += d.of_worker[target, USE]
    fixed += d.weights[TRAVEL] * (there - here)
    if target == source:
        return fixed + work_change(d, z, source, there - here)
    return fixed + work_change(d, z, source, -here - service) + work_change(d, z, target, there + service)


@inlined
def _lateness_after(d: Data, z: State, visit: int, a: int) -> float:
    """At least what the visit's tardiness costs when it directly follows `a`, in a route that loses nothing."""
    arrival = z.start[a] + d.dur[a] + leg(d, z.route[a], a, visit)
    return d.price[visit] * max(0.0, arrival - d.due[visit])


@compiled
def relocate(d: Data, z: State, first: int, length: int, a: int, bar: float) -> bool:
    """Move `length` visits from `first` on to directly after node `a`."""
    target, source, old = z.route[a], z.route[first], z.prv[first]
    if a == old or not open_after(d, z, a):
        return False
    visit = last = first
    for _ in range(length):
        if visit >= d.n or visit == a or (target != source and not may_serve(d, z, visit, target)):
            return False
        last = visit
        visit = z.nxt[visit]
    relief = z.route_cost[source]
    least = _carried(d, z, first, last, visit, a)
    if target != source:
        relief += z.route_cost[target]
        least += _lateness_after(d, z, first, a)
    if least > bar + relief + d.weights[MAX_TARDINESS] * z.now[LARGEST]:
        return False
    begin(z)
    fixed = _carry(d, z, first, length, a)
    if not (overloaded(d, z, target) or overloaded(d, z, source)):
        push(z, visit)
        visit = first
        for _ in range(length):
            push(z, visit)
            visit = z.nxt[visit]
        push(z, visit)
        if decide(d, z, fixed, relief, bar):
            return True
    _carry(d, z, first, length, old)
    return False


@inlined
def _swapped(d: Data, z: State, v: int, x: int) -> float:
    """The change of fixed cost when v and x, not neighbours, take each other's places."""
    one, two = z.route[v], z.route[x]
    first = leg(d, one, z.prv[v], x) + leg(d, one, x, z.nxt[v]) - leg(d, one, z.prv[v], v) - leg(d, one, v, z.nxt[v])
    other = leg(d, two, z.prv[x], v) + leg(d, two, v, z.nxt[x]) - leg(d, two, z.prv[x], x) - leg(d, two, x, z.nxt[x])
    fixed = d.weights[TRAVEL] * (first + other)
    if one == two:
        return fixed + work_change(d, z, one, first + other)
    fixed += d.assign[x, one] - d.assign[v, one] + d.assign[v, two] - d.assign[x, two]
    more = d.dur[x] - d.dur[v]
    return fixed + work_change(d, z, one, first + more) + work_change(d, z, two, other - more)


@compiled
def swap(d: Data, z: State, v: int, x: int, bar: float) -> bool:
    """Two visits take each other's places, in two routes or (not neighbours) in one."""
    one, two = z.route[v], z.route[x]
    if v == x or z.nxt[v] == x or z.nxt[x] == v or d.fixed[v] or d.fixed[x]:
        return False
    if one != two:
        if not (d.eligible[v, two] and d.eligible[x, one]):
            return False
        p, q = d.partner[v], d.partner[x]
        if p != x and ((p >= 0 and z.route[p] == two) or (q >= 0 and z.route[q] == one)):
            return False
        if not (bonds_allow(d, z, v, two, x) and bonds_allow(d, z, x, one, v)):
            return False
    relief = z.route_cost[one] + (z.route_cost[two] if one != two else 0.0)
    if _swapped(d, z, v, x) > bar + relief + d.weights[MAX_TARDINESS] * z.now[LARGEST]:
        return False
    begin(z)
    a, b = z.prv[v], z.prv[x]
    fixed = unlink(d, z, v) + unlink(d, z, x)
    fixed += link(d, z, x, a) + link(d, z, v, b)
    if decide_places(d, z, v, x, fixed, relief, bar):
        return True
    unlink(d, z, v)
    unlink(d, z, x)
    link(d, z, v, a)
    link(d, z, x, b)
    return False


@compiled
def relocate_pair(d: Data, z: State, v: int, a: int, w: int, b: int, bar: float) -> bool:
    """Both visits of a pair move: v to after node `a`, its partner w to after node `b`."""
    if a in (v, w) or b in (v, w) or z.route[a] == z.route[b] or d.fixed[v] or d.fixed[w]:
        return False
    if not (d.eligible[v, z.route[a]] and d.eligible[w, z.route[b]]):
        return False
    if not (bonds_allow(d, z, v, z.route[a], -1) and bonds_allow(d, z, w, z.route[b], -1)):
        return False
    begin(z)
    relief = z.route_cost[z.route[v]] + z.route_cost[z.route[w]] + z.route_cost[z.route[a]] + z.route_cost[z.route[b]]
    old_v, next_v = z.prv[v], z.nxt[v]
    fixed = unlink(d, z, v)
    old_w, next_w = z.prv[w], z.nxt[w]
    fixed += unlink(d, z, w)
    if open_after(d, z, a) and open_after(d, z, b):
        fixed += link(d, z, v, a) + link(d, z, w, b)
        push(z, next_v)
        push(z, next_w)
        if decide_places(d, z, v, w, fixed, relief, bar):
            return True
        unlink(d, z, v)
        unlink(d, z, w)
    link(d, z, w, old_w)
    link(d, z, v, old_v)
    return False
