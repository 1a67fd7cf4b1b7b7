"""Compiling once per version of the sources, before any clock runs.

The compiler needs more memory than the search ever does, so it runs in processes of its own, a part of the functions
in each, and leaves machine code in the cache; the process that searches only reads it.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dispatch.kernel import anneal, construct, moves, pool, tails
from dispatch.kernel.arrays import Data, State, empty_state, pack
from dispatch.kernel.compiled import cache_folder
from dispatch.kernel.problem import Pairs, Problem, Visits, Weights, Workers, never_away

_MARK = "complete"
_ready = False


def prepare(on_compile: Callable[[], None] | None = None) -> float:
    """Have the machine code in this process; returns the seconds that took (nothing after the first call).

    `on_compile` is told when it has to be compiled first, which takes about half a minute.
    """
    global _ready  # noqa: PLW0603 -- the state of the process, as that of an import
    if _ready:
        return 0.0
    began = time.perf_counter()
    folder = cache_folder()
    if folder and not (Path(folder) / _MARK).exists():
        if on_compile is not None:
            on_compile()
        if all(_in_own_process(name) for name in STAGES):
            (Path(folder) / _MARK).touch()
    for stage in STAGES.values():
        stage()
    _ready = True
    return time.perf_counter() - began


def _in_own_process(stage: str) -> bool:
    """False when it failed (no processes allowed, …): then this process compiles for itself."""
    try:
        command = [sys.executable, "-m", "dispatch.kernel.warmup", stage]
        root = str(Path(__file__).parents[2])
        return subprocess.run(command, cwd=root, check=False, stdin=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


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


def _annealing() -> None:
    data, state = _placed()
    anneal.anneal(data, state, state.nxt.copy(), np.full(1, np.inf), np.zeros(5), 0, 1.0)
    anneal.keep(state, state.nxt.copy(), np.full(1, np.inf))


STAGES: dict[str, Callable[[], None]] = {
    "timetables": _timetables,
    "filling": _filling,
    "moves": _moves,
    "pair_moves": _pair_moves,
    "annealing": _annealing,
}

if __name__ == "__main__":  # a stage, or all of them, each in a process of its own
    (STAGES[sys.argv[1]] if sys.argv[1:] else prepare)()
