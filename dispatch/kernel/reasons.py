"""Why a visit was left out."""

import numpy as np

from dispatch.kernel.arrays import Data, State, empty_state
from dispatch.kernel.construct import NEVER, cheapest, freeze, insert_pair_cheapest, remove
from dispatch.kernel.problem import Problem, Skipped, SkipReason


def skipped_visits(problem: Problem, data: Data, state: State) -> tuple[Skipped, ...]:
    left = [int(visit) for visit in np.flatnonzero(state.route[: data.n] < 0)]
    if not left:
        return ()
    bare = only_frozen(data, state)
    return tuple(Skipped(visit, _reason(problem, data, state, bare, visit)) for visit in left)


def only_frozen(data: Data, state: State) -> State:
    """The frozen visits where they are, and nothing else."""
    bare = empty_state(data, 0)
    frozen, places = [], []
    for worker in range(data.m):
        at = data.n + data.m + worker
        node = state.nxt[at]
        while node < data.n and data.fixed[node]:
            frozen.append(node)
            places.append(at)
            at, node = node, state.nxt[node]
    freeze(data, bare, np.array(frozen, np.int64), np.array(places, np.int64))
    return bare


def _reason(problem: Problem, data: Data, state: State, bare: State, visit: int) -> SkipReason:
    if problem.visits.latest[visit] < problem.visits.earliest[visit]:
        return SkipReason.EMPTY_WINDOW
    if not problem.eligible[visit].any():
        return SkipReason.NO_ELIGIBLE_WORKER
    other = int(data.partner[visit])
    if other >= 0 and not _two_workers(data, visit, other):
        return SkipReason.NO_SECOND_WORKER
    if not _fits(data, bare, visit):
        return SkipReason.NOT_IN_TIME
    return SkipReason.NOT_WORTH_IT if _fits(data, state, visit) else SkipReason.NO_ROOM


def _two_workers(data: Data, visit: int, other: int) -> bool:
    one, two = data.eligible[visit], data.eligible[other]
    return bool(two.any() and (one | two).sum() > 1)


def _fits(data: Data, state: State, visit: int) -> bool:
    """Is there any place for the visit (and its partner) in this state; the state is left as it was."""
    other = int(data.partner[visit])
    if other >= 0 and state.route[other] < 0:
        rises, places = np.zeros(data.m), np.zeros(data.m, np.int64)
        placed = bool(insert_pair_cheapest(data, state, visit, other, NEVER, False, rises, places))
        for each in (visit, other):
            if state.route[each] >= 0:
                remove(data, state, each)
        return placed
    place, _ = cheapest(data, state, visit, NEVER, False)
    return bool(place >= 0)
