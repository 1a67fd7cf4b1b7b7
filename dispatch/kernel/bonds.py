"""Visits that must share a worker, or must not."""

from dispatch.kernel.arrays import Data, State
from dispatch.kernel.compiled import compiled, inlined
from dispatch.kernel.links import link, open_after, overloaded, unlink
from dispatch.kernel.moves import decide
from dispatch.kernel.timetable import begin, push, undo_times


@inlined
def _gather(d: Data, z: State, v: int) -> int:
    """v and the visits that share its worker into the room behind the heads; how many."""
    room = d.n + 2 * d.m
    z.heads[room] = v
    count = 1
    for i in range(d.bonds[v], d.bonds[v + 1]):
        if d.bonds[i] & 1 and z.route[d.bonds[i] >> 1] >= 0:
            z.heads[room + count] = d.bonds[i] >> 1
            count += 1
    return count


@inlined
def _may_move(d: Data, z: State, count: int, target: int) -> bool:
    for i in range(count):
        u = z.heads[d.n + 2 * d.m + i]
        other = d.partner[u]
        if d.fixed[u] or not d.eligible[u, target] or (other >= 0 and z.route[other] == target):
            return False
        for bond in range(d.bonds[u], d.bonds[u + 1]):
            if not d.bonds[bond] & 1 and z.route[d.bonds[bond] >> 1] == target:
                return False
    return True


@inlined
def _in_time(d: Data, z: State, worker: int, moment: float) -> int:
    """The last node of a route that starts by then, behind the frozen ones."""
    node = d.n + d.m + worker
    follower = z.nxt[node]
    while follower < d.n and (d.fixed[follower] or z.start[follower] <= moment):
        node, follower = follower, z.nxt[follower]
    return node


@compiled
def relocate_group(d: Data, z: State, v: int, a: int, bar: float) -> bool:
    """Visit v moves to after node `a`, and what shares its worker moves along, into that route by the present times."""
    source, target = z.route[v], z.route[a]
    count = _gather(d, z, v)
    if source == target or not open_after(d, z, a) or not _may_move(d, z, count, target):
        return False
    begin(z)
    relief = z.route_cost[source] + z.route_cost[target]
    fixed, moved = 0.0, d.n + 2 * d.m
    moved_from = moved + d.n
    for i in range(count):
        u = z.heads[moved + i]
        z.heads[moved_from + i] = z.prv[u]
        push(z, z.nxt[u])
        fixed += unlink(d, z, u)
    for i in range(count):
        u = z.heads[moved + i]
        fixed += link(d, z, u, a if i == 0 else _in_time(d, z, target, z.start[u]))
        push(z, u)
        push(z, z.nxt[u])
    if overloaded(d, z, source) or overloaded(d, z, target):
        undo_times(z)
    elif decide(d, z, fixed, relief, bar):
        return True
    for i in range(count - 1, -1, -1):
        unlink(d, z, z.heads[moved + i])
    for i in range(count - 1, -1, -1):
        link(d, z, z.heads[moved + i], z.heads[moved_from + i])
    return False
