"""The machine code of the search: compiled at set-up, read back by whoever searches.

Compiling takes a minute or more and no process that answers people may wait for it: what is not in the cache is
refused there (`load`). It also needs more memory than the search ever does, so it runs in processes of its own, a part
of the functions in each; the process that searches only reads what they leave.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dispatch.kernel import anneal, bonds, cache, construct, moves, offers, pool, run_search, runs, tails
from dispatch.kernel.arrays import Data, State, empty_state, pack
from dispatch.kernel.problem import Pairs, Problem, Visits, Weights, Workers, never_away

_loaded = False


class NotCompiled(RuntimeError):
    """The machine code is not on this machine, and making it would keep somebody waiting."""


def load() -> None:
    """Have the machine code in this process. :raises NotCompiled: when it would have to be made first."""
    if not _loaded:
        place = cache.folder()
        if place is None or not cache.is_complete(place):
            raise NotCompiled(
                "The dispatch search is not compiled on this machine: run `make kernel` (two minutes, once)."
            )
        _read_back()


def prepare(on_compile: Callable[[str], None] | None = None) -> float:
    """For those who may wait: compiled where it must be, and loaded. Returns the seconds that took.

    `on_compile` is told what is being compiled, and how much of it there is.
    """
    began = time.perf_counter()
    if not _loaded:
        place = cache.folder()
        if place is not None and not cache.is_complete(place):
            with cache.alone(place):
                if not cache.is_complete(place) and _compile(on_compile or (lambda _: None)):
                    cache.complete(place)
        _read_back()
    return time.perf_counter() - began


def _read_back() -> None:
    """Also where nothing may be kept: then each of these compiles."""
    global _loaded  # noqa: PLW0603 -- the state of the process, as that of an import
    for stage in CALLED:
        stage()
    _loaded = True


def _compile(tell: Callable[[str], None]) -> bool:
    tell(f"Compiling the dispatch search, once for this version of it: about two minutes, {len(STAGES)} parts.")
    for number, name in enumerate(STAGES, start=1):
        tell(f"Compiling the dispatch search: {name.replace('_', ' ')} ({number} of {len(STAGES)})")
        if not _in_own_process(name):
            return False
    return True


def _in_own_process(stage: str) -> bool:
    """False when it failed (no processes allowed, …): then this process compiles for itself."""
    command = [sys.executable, "-m", __spec__.name, stage]
    try:
        with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE) as child:
            return child.wait() == 0
    except OSError:
        return False


def _end_with_parent() -> None:
    """The parent holds the other end of our input, and says nothing: its end is the parent's."""

    def wait() -> None:
        sys.stdin.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _tiny() -> tuple[Data, State]:
    """Two visits in nobody's route, one worker."""
    two, one = np.zeros(2), np.zeros(1)
    never = np.full(1, np.inf)
    problem = Problem(
        visits=Visits(
            location=np.zeros(2, np.int64),
            duration=two,
            earliest=two,
            due=two,
            latest=np.full(2, np.inf),
            priority=two,
            skip_cost=two,
            fixed_start=np.full(2, np.nan),
        ),
        workers=Workers(
            start_location=np.zeros(1, np.int64),
            end_location=np.zeros(1, np.int64),
            shift_start=one,
            shift_end=never,
            shift_limit=never,
            contract_minutes=never,
            work_limit=never,
            visit_limit=never,
            use_cost=one,
            mode=np.zeros(1, np.int64),
        ),
        eligible=np.ones((2, 1), np.bool_),
        assignment_cost=np.zeros((2, 1)),
        travel=np.zeros((1, 1, 1)),
        pairs=Pairs(
            first=np.empty(0, np.int64), second=np.empty(0, np.int64), min_gap=np.empty(0), max_gap=np.empty(0)
        ),
        away=never_away(),
        weights=Weights(),
    )
    data = pack(problem)
    return data, empty_state(data, 0)


def _timetables() -> None:
    data, state = _tiny()
    none = np.empty(0, np.int64)
    construct.freeze(data, state, none, none)
    construct.resume(data, state, none, none)


def _filling() -> None:
    data, state = _tiny()
    construct.fill(data, state, data.movable, False, np.zeros(1), np.zeros(1, np.int64))
    construct.cheapest(data, state, 0, construct.NEVER, False)
    construct.insert_pair_cheapest(data, state, 0, 1, construct.NEVER, False, np.zeros(1), np.zeros(1, np.int64))
    data, state = _tiny()
    pool.insert(data, state, 0, data.n, construct.NEVER)
    construct.remove(data, state, 0)


def _placed() -> tuple[Data, State]:
    data, state = _tiny()
    construct.resume(data, state, data.movable, np.zeros(2, np.int64))
    return data, state


def _moves() -> None:
    data, state = _placed()
    moves.relocate(data, state, 0, 1, 1, 0.0)
    moves.swap(data, state, 0, 1, 0.0)
    tails.exchange_tails(data, state, 0, 1, 0.0)


def _pair_moves() -> None:
    data, state = _placed()
    moves.relocate_pair(data, state, 0, 1, 1, 0, 0.0)
    pool.insert_pair(data, state, 0, 1, 1, 0, 0.0)
    pool.leave_out(data, state, 0, 0.0)
    pool.replace(data, state, 0, 1, 0.0)
    bonds.relocate_group(data, state, 0, 1, 0.0)


def _offering() -> None:
    data, state = _tiny()
    one = np.zeros(1, np.int64)
    found = offers.Offers(
        np.zeros((2, 1), np.int64), np.zeros((2, 1)), one, np.zeros(1), np.zeros((1, 2), np.int64), np.zeros(1)
    )
    offers.places_of(data, state, 0, found.places[0], found.rises[0])
    offers.pair_places(data, state, 0, 1, one, found)
    offers.all_pair_places(data, state, 0, 1, found)
    offers.has_place_if(data, data, state, 0, 0)


def _annealing() -> None:
    data, state = _placed()
    anneal.anneal(data, state, state.nxt.copy(), np.full(1, np.inf), np.zeros(5), 0, 1.0)
    anneal.keep(state, state.nxt.copy(), np.full(1, np.inf))


def _one_meal() -> tuple[runs.RunData, runs.RunState]:
    """From one kitchen to one home, one courier."""
    one, at, way, ways = np.zeros(1), np.zeros(1, np.int64), np.zeros((1, 1)), np.zeros((1, 1, 1))
    data = runs.RunData(
        kitchen=at, ready=one, due=one, grave=one, spoilt=one, size=one, skip=one,
        free=one, last_pickup=one, until=one, goal=at, box=one, mode=at, leaving=one, staying=way,
        out=way, back=ways, first=way, between=ways, onward=ways,
        near=np.zeros((1, 1), np.int64), of_kitchen=at, kitchen_at=np.zeros(2, np.int64),
        half_pickup=0.0, half_dropoff=0.0, late=0.0, grave_per_min=0.0, work_per_min=0.0,
    )  # fmt: skip
    return data, runs.empty_rows(stretches=1, orders=1, seed=0)


def _runs() -> None:
    data, state = _one_meal()
    run_search.insert_runs(data, state)
    codes, length, best = state.codes.copy(), state.length.copy(), np.zeros(1)
    run_search.keep_runs(state, codes, length, best)
    run_search.anneal_runs(data, state, codes, length, best, 0, 1.0, 1.0, 0.0, 0.0)
    runs.cost_of(data, state, 0, 0)


STAGES: dict[str, Callable[[], None]] = {
    "timetables": _timetables,
    "filling": _filling,
    "moves": _moves,
    "pair_moves": _pair_moves,
    "offering": _offering,
    "annealing": _annealing,
    "runs": _runs,
}

CALLED = (_timetables, _filling, _offering, _annealing, _runs)
"""Those with what Python calls. The moves are in the machine code of `anneal`; they are stages because compiling all of
it in one process would take more memory."""

if __name__ == "__main__":  # a stage, or all of them, each in a process of its own
    if sys.argv[1:]:
        _end_with_parent()
        STAGES[sys.argv[1]]()
    else:
        prepare(lambda text: print(f"  {text}", flush=True))
