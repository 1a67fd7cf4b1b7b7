"""Where every worker could take one more visit, or pair, in the routes as they are. Nothing is changed."""

from typing import NamedTuple

from dispatch.kernel.arrays import EXACT_LIMIT, LIMIT, Data, State
from dispatch.kernel.compiled import compiled, inlined
from dispatch.kernel.construct import NEVER, best_place, remove, trial
from dispatch.kernel.pool import insert
from dispatch.kernel.problem import Floats, Ints
from dispatch.kernel.timetable import begin, push, settle, undo_times


class Offers(NamedTuple):
    """Arrays to write into: compiled code of the kernel allocates nothing."""

    places: Ints
    """(2, workers) of each visit alone, as `places_of` gives them."""
    rises: Floats
    second: Ints
    """(workers,) of the second visit while the first is in."""
    more: Floats
    nodes: Ints
    """(rows, 2)"""
    rise: Floats


@compiled
def places_of(d: Data, z: State, v: int, places: Ints, rises: Floats) -> None:
    """(workers,) the node to follow in each route, and the rise; −1 and NEVER where the visit cannot go."""
    for worker in range(d.m):
        places[worker], rises[worker] = -1, NEVER
        if d.eligible[v, worker]:
            place, rise = best_place(d, z, v, worker, NEVER, False)
            if place >= 0:
                places[worker], rises[worker] = place, rise


@compiled
def _with_second(d: Data, z: State, w: int, place: int, rise: float, rows: int, found: Offers) -> int:
    """The first visit was just put in after `place`: a row for every worker who has a place for w."""
    places_of(d, z, w, found.second, found.more)
    for other in range(d.m):
        if other != z.route[place] and found.second[other] >= 0:
            found.nodes[rows, 0] = place
            found.nodes[rows, 1] = found.second[other]
            found.rise[rows] = rise + found.more[other]
            rows += 1
    return rows


@compiled
def pair_places(d: Data, z: State, v: int, w: int, firsts: Ints, found: Offers) -> int:
    """Each of the given workers' best place for v with every worker's best for w; returns how many rows were filled."""
    rows = 0
    for worker in firsts:
        place = found.places[0, worker]
        if place >= 0 and insert(d, z, v, place, NEVER):
            rows = _with_second(d, z, w, place, found.rises[0, worker], rows, found)
            remove(d, z, v)
    return rows


@compiled
def all_pair_places(d: Data, z: State, v: int, w: int, found: Offers) -> int:
    """As `pair_places`, with every place of every worker for v, until the rows are full. 0 = the pair has no places."""
    rows = 0
    for worker in range(d.m):
        node = d.n + d.m + worker
        while found.places[0, worker] >= 0 and (node < d.n or node >= d.n + d.m):
            if rows + d.m > len(found.rise):
                return rows
            rise = trial(d, z, v, node, NEVER)
            if rise < NEVER and insert(d, z, v, node, NEVER):
                rows = _with_second(d, z, w, node, rise, rows, found)
                remove(d, z, v)
            node = z.nxt[node]
    return rows


@inlined
def _retime(d: Data, z: State, worker: int) -> bool:
    """This worker's visits anew, and what depends on them."""
    begin(z)
    node = z.nxt[d.n + d.m + worker]
    while node < d.n:
        push(z, node)
        node = z.nxt[node]
    push(z, node)
    limit = z.sizes[LIMIT]
    z.sizes[LIMIT] = EXACT_LIMIT
    fits, _ = settle(d, z, NEVER)
    z.sizes[LIMIT] = limit
    return fits


@compiled
def has_place_if(d: Data, lifted: Data, z: State, v: int, worker: int) -> bool:
    """Would v have a place in this worker's route if `lifted` held instead of d? It differs for this worker alone."""
    start, place = d.n + d.m + worker, -1
    z.start[start] = lifted.early[start]
    if _retime(lifted, z, worker):
        place, _ = best_place(lifted, z, v, worker, NEVER, False)
        z.start[start] = d.early[start]
        _retime(d, z, worker)
    else:
        undo_times(z)
        z.start[start] = d.early[start]
    return place >= 0
