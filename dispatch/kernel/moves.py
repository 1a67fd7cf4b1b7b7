"""The neighbourhoods of the search. Each makes its change, and takes it back unless the cost rises by at most `bar`."""

from dispatch.kernel.arrays import LARGEST, MAX_TARDINESS, TOTAL, TRAVEL, Data, State
from dispatch.kernel.compiled import compiled, inlined
from dispatch.kernel.links import (
    change_work,
    into_pool,
    leg,
    link,
    may_serve,
    open_after,
    out_of_pool,
    overworked,
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
        fixed -= d.use[source]
    if z.served[target] > 0:
        there -= leg(d, target, a, b)
    else:
        fixed += d.use[target]
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
    if not (overworked(d, z, target) or overworked(d, z, source)):
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
    relief = z.route_cost[one] + (z.route_cost[two] if one != two else 0.0)
    if _swapped(d, z, v, x) > bar + relief + d.weights[MAX_TARDINESS] * z.now[LARGEST]:
        return False
    begin(z)
    a, b = z.prv[v], z.prv[x]
    fixed = unlink(d, z, v) + unlink(d, z, x)
    fixed += link(d, z, x, a) + link(d, z, v, b)
    if not (overworked(d, z, one) or overworked(d, z, two)):
        push(z, v)
        push(z, x)
        push(z, z.nxt[v])
        push(z, z.nxt[x])
        if decide(d, z, fixed, relief, bar):
            return True
    unlink(d, z, v)
    unlink(d, z, x)
    link(d, z, v, a)
    link(d, z, x, b)
    return False


@inlined
def _tail(d: Data, z: State, node: int, source: int, target: int) -> tuple[bool, int, float, float, float, float]:
    """From `node` to the end of its route: may all be served by `target`; how many, their assignment change, service
    and travel between them by the one worker's means and by the other's (the leg to the route's end included)."""
    count, assign, service, here, there = 0, 0.0, 0.0, 0.0, 0.0
    while node < d.n:
        if not d.eligible[node, target]:
            return False, 0, 0.0, 0.0, 0.0, 0.0
        count += 1
        assign += d.assign[node, target] - d.assign[node, source]
        service += d.dur[node]
        follower = z.nxt[node]
        here += leg(d, source, node, follower)
        there += leg(d, target, node, follower if follower < d.n else d.n + target)
        node = follower
    return True, count, assign, service, here, there


@inlined
def _join(d: Data, z: State, a: int, node: int, last: int) -> None:
    """Hang the tail node..last after `a`, and the end of a's worker after it; an empty tail is node >= n."""
    worker = z.route[a]
    end = d.n + worker
    if node >= d.n:
        z.nxt[a] = end
        z.prv[end] = a
        return
    z.nxt[a] = node
    z.prv[node] = a
    z.nxt[last] = end
    z.prv[end] = last
    while node != end:
        z.route_cost[z.route[node]] -= z.cost[node]
        z.route_cost[worker] += z.cost[node]
        z.route[node] = worker
        node = z.nxt[node]


@inlined
def _split_pair(d: Data, z: State, node: int, until: int, kept: int) -> bool:
    """Does a visit from `node` on have its partner among the visits of the other route that stay (node `kept` and
    before)? Then one worker would get both."""
    while kept < d.n:
        other = d.partner[kept]
        if other >= 0 and z.route[other] == until:
            probe = node
            while probe < d.n:
                if probe == other:
                    return True
                probe = z.nxt[probe]
        kept = z.prv[kept]
    return False


@inlined
def _closed(d: Data, worker: int, a: int, node: int) -> float:
    """The leg from `a` into a tail of this worker; none when nothing is left of the route."""
    if a >= d.n and node >= d.n:
        return 0.0
    return leg(d, worker, a, node if node < d.n else d.n + worker)


@inlined
def _unlike(d: Data, one: int, two: int) -> bool:
    """May the same visits in the same order need other times: another means of travel, or absences."""
    absent = d.away_at[one + 1] > d.away_at[one] or d.away_at[two + 1] > d.away_at[two]
    return d.mode[one] != d.mode[two] or absent


@inlined
def _push_visits(d: Data, z: State, node: int) -> None:
    """A visit whose start stays is still to be looked at: its way there may be another one now."""
    while node < d.n:
        push(z, node)
        node = z.nxt[node]


@compiled
def exchange_tails(d: Data, z: State, a: int, x: int, bar: float) -> bool:
    """Visit or end x and all after it follow node `a`; what followed `a` follows x's predecessor."""
    one, two = z.route[a], z.route[x]
    b, y = z.prv[x], z.nxt[a]
    if one == two or (x >= d.n and y >= d.n) or not open_after(d, z, a) or not open_after(d, z, b):
        return False
    fits, to_one, assign_x, service_x, x_by_two, x_by_one = _tail(d, z, x, two, one)
    if not fits:
        return False
    fits, to_two, assign_y, service_y, y_by_one, y_by_two = _tail(d, z, y, one, two)
    if not fits or _split_pair(d, z, x, two, a) or _split_pair(d, z, y, one, b):
        return False
    last_x, last_y = z.prv[d.n + two], z.prv[d.n + one]
    relief = z.route_cost[one] + z.route_cost[two]
    travel_one = _closed(d, one, a, x) + x_by_one - _closed(d, one, a, y) - y_by_one
    travel_two = _closed(d, two, b, y) + y_by_two - _closed(d, two, b, x) - x_by_two
    fixed = assign_x + assign_y + d.weights[TRAVEL] * (travel_one + travel_two)
    work_one, work_two = z.work[one], z.work[two]
    fixed += change_work(d, z, one, travel_one + service_x - service_y)
    fixed += change_work(d, z, two, travel_two + service_y - service_x)
    fixed -= (d.use[one] if z.served[one] > 0 else 0.0) + (d.use[two] if z.served[two] > 0 else 0.0)
    z.served[one] += to_one - to_two
    z.served[two] += to_two - to_one
    fixed += (d.use[one] if z.served[one] > 0 else 0.0) + (d.use[two] if z.served[two] > 0 else 0.0)
    if not (overworked(d, z, one) or overworked(d, z, two)):
        begin(z)
        _join(d, z, a, x, last_x)
        _join(d, z, b, y, last_y)
        push(z, z.nxt[a])
        push(z, z.nxt[b])
        push(z, d.n + one)
        push(z, d.n + two)
        if _unlike(d, one, two):
            _push_visits(d, z, z.nxt[a])
            _push_visits(d, z, z.nxt[b])
        if decide(d, z, fixed, relief, bar):
            return True
        _join(d, z, a, y, last_y)
        _join(d, z, b, x, last_x)
    z.served[one] -= to_one - to_two
    z.served[two] -= to_two - to_one
    z.work[one], z.work[two] = work_one, work_two
    return False


@compiled
def relocate_pair(d: Data, z: State, v: int, a: int, w: int, b: int, bar: float) -> bool:
    """Both visits of a pair move: v to after node `a`, its partner w to after node `b`."""
    if a in (v, w) or b in (v, w) or z.route[a] == z.route[b] or d.fixed[v] or d.fixed[w]:
        return False
    if not (d.eligible[v, z.route[a]] and d.eligible[w, z.route[b]]):
        return False
    begin(z)
    relief = z.route_cost[z.route[v]] + z.route_cost[z.route[w]] + z.route_cost[z.route[a]] + z.route_cost[z.route[b]]
    old_v, next_v = z.prv[v], z.nxt[v]
    fixed = unlink(d, z, v)
    old_w, next_w = z.prv[w], z.nxt[w]
    fixed += unlink(d, z, w)
    if open_after(d, z, a) and open_after(d, z, b):
        fixed += link(d, z, v, a) + link(d, z, w, b)
        if not (overworked(d, z, z.route[v]) or overworked(d, z, z.route[w])):
            push(z, next_v)
            push(z, next_w)
            push(z, v)
            push(z, w)
            push(z, z.nxt[v])
            push(z, z.nxt[w])
            if decide(d, z, fixed, relief, bar):
                return True
        unlink(d, z, v)
        unlink(d, z, w)
    link(d, z, w, old_w)
    link(d, z, v, old_v)
    return False


@compiled
def insert(d: Data, z: State, v: int, a: int, bar: float) -> bool:
    """A skipped visit gets a place after node `a`; its partner, if it has one, is not skipped."""
    if not (may_serve(d, z, v, z.route[a]) and open_after(d, z, a)):
        return False
    begin(z)
    relief = z.route_cost[z.route[a]]
    fixed = out_of_pool(d, z, v) + link(d, z, v, a)
    if not overworked(d, z, z.route[a]):
        push(z, v)
        push(z, z.nxt[v])
        if decide(d, z, fixed, relief, bar):
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
    begin(z)
    relief = z.route_cost[z.route[a]] + z.route_cost[z.route[b]]
    fixed = out_of_pool(d, z, v) + out_of_pool(d, z, w) + link(d, z, v, a) + link(d, z, w, b)
    if not (overworked(d, z, z.route[v]) or overworked(d, z, z.route[w])):
        push(z, v)
        push(z, w)
        push(z, z.nxt[v])
        push(z, z.nxt[w])
        if decide(d, z, fixed, relief, bar):
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
    if overworked(d, z, one) or overworked(d, z, two):
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
    if d.fixed[x] or not d.eligible[v, worker]:
        return False
    begin(z)
    relief = z.route_cost[worker]
    a = z.prv[x]
    fixed = unlink(d, z, x)
    fixed += into_pool(d, z, x)
    fixed += out_of_pool(d, z, v) + link(d, z, v, a)
    if overworked(d, z, worker):
        undo_times(z)
    else:
        push(z, v)
        push(z, z.nxt[v])
        if decide(d, z, fixed, relief, bar):
            return True
    unlink(d, z, v)
    into_pool(d, z, v)
    out_of_pool(d, z, x)
    link(d, z, x, a)
    return False
