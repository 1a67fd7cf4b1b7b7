"""Two routes exchange their ends."""

from dispatch.kernel.arrays import TRAVEL, USE, Data, State
from dispatch.kernel.compiled import compiled, inlined
from dispatch.kernel.links import change_work, leg, open_after, overloaded
from dispatch.kernel.moves import decide
from dispatch.kernel.timetable import begin, push


@inlined
def _bond_in_danger(d: Data, z: State, node: int, target: int) -> bool:
    """Moves among others that move could break one of the visit's bonds. More is refused than must be: a group that
    shares a worker moves by `relocate_group`."""
    for i in range(d.bonds[node], d.bonds[node + 1]):
        at = z.route[d.bonds[i] >> 1]
        if at == target or (at >= 0 and d.bonds[i] & 1):
            return True
    return False


@inlined
def _tail(d: Data, z: State, node: int, source: int, target: int) -> tuple[bool, int, float, float, float, float]:
    """From `node` to the end of its route: may all be served by `target`; how many, their assignment change, service
    and travel between them by the one worker's means and by the other's (the leg to the route's end included)."""
    count, assign, service, here, there = 0, 0.0, 0.0, 0.0, 0.0
    while node < d.n:
        if not d.eligible[node, target] or _bond_in_danger(d, z, node, target):
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
    """May the same visits in the same order need other times: another means of travel, absences, breaks."""
    absent = d.away_at[one + 1, 0] > d.away_at[one, 0] or d.away_at[two + 1, 0] > d.away_at[two, 0]
    return d.mode[one] != d.mode[two] or absent


@inlined
def _use(d: Data, z: State, worker: int) -> float:
    return d.of_worker[worker, USE] if z.served[worker] > 0 else 0.0


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
    fixed -= _use(d, z, one) + _use(d, z, two)
    z.served[one] += to_one - to_two
    z.served[two] += to_two - to_one
    fixed += _use(d, z, one) + _use(d, z, two)
    if not (overloaded(d, z, one) or overloaded(d, z, two)):
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
