"""Start times of synchronised routes: the earliest that satisfy windows, travel, absences and pairs.

After a change only what it touches is computed again. Pending nodes ("heads") are taken in the order of their
predecessor's start, which is close to a topological order, so most nodes are computed once. Routes that wait for each
other in a circle have no timetable; they show as a node that is computed again and again.
"""

from dispatch.kernel.arrays import (
    EPSILON,
    EVALUATION,
    EXACT_LIMIT,
    HEADS,
    LARGEST,
    LIMIT,
    LOG,
    LOGGED,
    MAX_TARDINESS,
    TAKEN,
    TIMES,
    UNSET,
    WAITING,
    Data,
    State,
)
from dispatch.kernel.compiled import compiled, inlined
from dispatch.kernel.presence import after_breaks, breaks_before, has_breaks, present


@inlined
def begin(z: State) -> None:
    z.sizes[EVALUATION] += 1
    z.sizes[LOG] = 0
    z.sizes[HEADS] = 0


@inlined
def push(z: State, node: int) -> None:
    if not z.is_head[node]:
        z.is_head[node] = True
        at = z.sizes[HEADS]
        z.heads[at] = node
        z.head_key[at] = z.start[z.prv[node]]
        z.sizes[HEADS] = at + 1


@inlined
def _pop(z: State) -> int:
    last = z.sizes[HEADS] - 1
    best = last
    for i in range(last):
        if z.head_key[i] < z.head_key[best]:
            best = i
    node = z.heads[best]
    z.heads[best] = z.heads[last]
    z.head_key[best] = z.head_key[last]
    z.sizes[HEADS] = last
    z.is_head[node] = False
    return node


@inlined
def drop_heads(z: State) -> None:
    for i in range(z.sizes[HEADS]):
        z.is_head[z.heads[i]] = False
    z.sizes[HEADS] = 0


@inlined
def _arrival(d: Data, z: State, node: int) -> float:
    before = z.prv[node]
    return z.start[before] + d.dur[before] + d.travel[d.mode[z.route[node]], d.loc[before], d.loc[node]]


@inlined
def _available(d: Data, z: State, visit: int, start: float) -> float:
    """The first start from `start` on at which the worker is there, and has had the breaks due before it."""
    worker = z.route[visit]
    start = present(d, worker, start, d.dur[visit])
    return after_breaks(d, z, visit, start) if has_breaks(d, worker) else start


@inlined
def _alone(d: Data, z: State, visit: int, arrival: float) -> float:
    if d.fixed[visit]:
        return d.early[visit]
    return _available(d, z, visit, max(arrival, d.early[visit]))


@inlined
def _together(d: Data, z: State, first: int, second: int, a: float, b: float) -> tuple[float, float]:
    """Starts of a pair, given when each could start alone; (inf, inf) when a frozen start forbids it."""
    low, high = d.gap_min[first], d.gap_max[first]
    for _ in range(64):
        later_a, later_b = a, b
        if not d.fixed[first] and b - high > a:
            later_a = _available(d, z, first, b - high)
        if not d.fixed[second] and later_a + low > b:
            later_b = _available(d, z, second, later_a + low)
        if later_a == a and later_b == b:
            break
        a, b = later_a, later_b
    out_of_step = b - a < low - EPSILON or b - a > high + EPSILON
    if out_of_step and not (d.fixed[first] and d.fixed[second]):
        return 1e300, 1e300
    return a, b


@inlined
def write(d: Data, z: State, node: int, start: float, cost: float) -> float:
    """Log the old values once per evaluation, set the new ones; returns the change of cost."""
    change = cost - z.cost[node]
    if z.marks[node, LOGGED] != z.sizes[EVALUATION]:
        z.marks[node, LOGGED] = z.sizes[EVALUATION]
        at = z.sizes[LOG]
        z.log_node[at, 0] = node
        z.log_node[at, 1] = z.marks[node, TAKEN]
        z.log_start[at] = z.start[node]
        z.log_cost[at] = z.cost[node]
        z.sizes[LOG] = at + 1
    z.start[node] = start
    z.cost[node] = cost
    if z.route[node] >= 0:
        z.route_cost[z.route[node]] += change
    return change


@inlined
def _place(d: Data, z: State, visit: int, start: float, arrival: float) -> float:
    """Give a visit its start; its successor becomes a head if that moved. Returns the change of cost."""
    taken, resting, worker = 0, 0.0, z.route[visit]
    rests = has_breaks(d, worker)
    if rests and not d.fixed[visit]:
        taken, resting = breaks_before(d, z, visit, start)
    cost = d.price[visit] * max(0.0, start - d.due[visit])
    # A predecessor that has no time yet gives no arrival; the visit is computed again when it has one.
    if d.weights[WAITING] > 0.0 and z.prv[visit] < d.n and z.start[z.prv[visit]] > UNSET:
        cost += d.weights[WAITING] * max(0.0, start - arrival - resting)
    moved = abs(start - z.start[visit]) > 1e-9 or (rests and taken != z.marks[visit, TAKEN])
    if not moved and cost == z.cost[visit]:
        return 0.0
    change = write(d, z, visit, start, cost)
    if rests:
        z.marks[visit, TAKEN] = taken
    if moved:
        push(z, z.nxt[visit])
    return change


@inlined
def _close(d: Data, z: State, end: int) -> float:
    """The end of a route; an unused worker has neither travel nor lateness."""
    worker = z.route[end]
    if z.served[worker] == 0:
        return write(d, z, end, d.early[end + d.m], 0.0)
    arrival = _arrival(d, z, end)
    return write(d, z, end, arrival, d.price[end] * max(0.0, arrival - d.due[end]))


@inlined
def _visit(d: Data, z: State, visit: int) -> tuple[bool, float]:
    arrival = _arrival(d, z, visit)
    start = _alone(d, z, visit, arrival)
    other = d.partner[visit]
    if other < 0 or z.route[other] < 0:
        if start > d.latest[visit] + EPSILON:
            return False, 0.0
        return True, _place(d, z, visit, start, arrival)
    other_arrival = _arrival(d, z, other)
    other_start = _alone(d, z, other, other_arrival)
    if d.is_first[visit]:
        start, other_start = _together(d, z, visit, other, start, other_start)
    else:
        other_start, start = _together(d, z, other, visit, other_start, start)
    if start > min(d.latest[visit] + EPSILON, 1e299) or other_start > min(d.latest[other] + EPSILON, 1e299):
        return False, 0.0
    return True, _place(d, z, visit, start, arrival) + _place(d, z, other, other_start, other_arrival)


@compiled
def settle(d: Data, z: State, budget: float) -> tuple[bool, float]:
    """Compute from the heads on. (False, _) when a hard time is broken, a circle is met, or the cost of the nodes
    rises by more than `budget`; else (True, change of the nodes' cost). The caller undoes or keeps."""
    change, risen = 0.0, 0.0
    stamp = z.sizes[EVALUATION] * TIMES
    while z.sizes[HEADS] > 0:
        node = _pop(z)
        z.times[node] = max(z.times[node], stamp)
        z.times[node] += 1
        if z.times[node] > stamp + z.sizes[LIMIT]:
            return False, 0.0
        if node < d.n:
            fits, step = _visit(d, z, node)
        else:
            step = _close(d, z, node)
            fits = z.start[node] <= d.latest[node] + EPSILON
        if not fits:
            return False, 0.0
        change += step
        risen += max(0.0, step)
        if risen > budget:
            return False, 0.0
    return True, change


@compiled
def undo_times(z: State) -> None:
    """Take back every write of this evaluation. The links must still be those of the move."""
    drop_heads(z)
    for i in range(z.sizes[LOG]):
        node = z.log_node[i, 0]
        if z.route[node] >= 0:
            z.route_cost[z.route[node]] += z.log_cost[i] - z.cost[node]
        z.start[node] = z.log_start[i]
        z.cost[node] = z.log_cost[i]
        z.marks[node, TAKEN] = z.log_node[i, 1]


@compiled
def largest_tardiness(d: Data, z: State) -> float:
    largest = 0.0
    for visit in range(d.n):
        largest = max(largest, z.start[visit] - d.due[visit])
    return largest


@compiled
def largest_after(d: Data, z: State) -> float:
    """The largest tardiness after this evaluation; looks at all visits only when the old largest one shrank."""
    if d.weights[MAX_TARDINESS] == 0.0:
        return 0.0
    largest = z.now[LARGEST]
    shrank = False
    risen = 0.0
    for i in range(z.sizes[LOG]):
        node = z.log_node[i, 0]
        if node < d.n:
            tardiness = z.start[node] - d.due[node]
            risen = max(risen, tardiness)
            if z.log_start[i] - d.due[node] >= largest - 1e-9 and tardiness < largest:
                shrank = True
    if risen >= largest:
        return risen
    if shrank and largest > 0.0:
        return largest_tardiness(d, z)
    return largest


@compiled
def timetable(d: Data, z: State) -> bool:
    """All starts from scratch; False when the routes have none."""
    drop_heads(z)
    begin(z)
    for visit in range(d.n):
        z.start[visit] = UNSET
        z.cost[visit] = 0.0
        z.marks[visit, TAKEN] = 0
    for worker in range(d.m):
        z.route_cost[worker] = 0.0
        z.cost[d.n + worker] = 0.0
        push(z, z.nxt[d.n + d.m + worker])
    limit = z.sizes[LIMIT]
    z.sizes[LIMIT] = EXACT_LIMIT
    fits, _ = settle(d, z, 1e300)
    z.sizes[LIMIT] = limit
    drop_heads(z)
    z.now[LARGEST] = largest_tardiness(d, z)
    return fits
