"""`solve`: the best plan within a budget, any time, the same for the same seed and iterations."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from dispatch.kernel.anneal import anneal, keep
from dispatch.kernel.arrays import MAX_TARDINESS, TOTAL, Data, State
from dispatch.kernel.construct import fill
from dispatch.kernel.plans import plan_of, resumed, routes_of
from dispatch.kernel.problem import Cancelled, Floats, Ints, OnProgress, Plan, Problem, Progress
from dispatch.kernel.reasons import skipped_visits
from dispatch.kernel.warmup import load

SHARES = np.cumsum([0.10, 0.01, 0.39, 0.10, 0.20])
"""Of the moves: a whole pair, leaving out, one visit, a chain of two or three, a swap; the rest exchanges tails."""
SLICE_STEPS = 2048
SLICE_SECONDS = 0.02
REPORT_SECONDS = 0.25
FILL_STEPS = 8
USUAL_STEPS_PER_SECOND = 1_200_000
LATE_CYCLE_STEPS, CYCLE_STEPS = 40_000, 15_000
"""A visit, of one cycle where much is late, and elsewhere; there a longer search has more cycles and longer ones."""
AMPLE_STEPS, EVEN_STEPS = 80_000, 120_000
"""A visit, of a whole search: with so many it may begin as hot as where much is late, and need not hurry past that."""


@dataclass(slots=True)
class _Run:
    """One search: its clock, its best plan so far and who is told of it."""

    data: Data
    state: State
    seconds: float
    iterations: int
    on_progress: OnProgress | None
    cancelled: Cancelled | None
    began: float
    done: int = 0
    stopped: bool = False
    best: Floats = field(default_factory=lambda: np.full(1, np.inf))
    history: list[Progress] = field(default_factory=list)
    reported: float = -math.inf

    def elapsed(self) -> float:
        return time.perf_counter() - self.began

    def over(self) -> bool:
        if self.cancelled is not None and self.cancelled():
            self.stopped = True
        return self.stopped or self.elapsed() >= self.seconds or self.done >= self.iterations

    def share_done(self) -> float:
        """0..1 of the budget: of the iterations where they are limited, so that the clock decides nothing else."""
        if self.iterations < NO_LIMIT:
            return self.done / self.iterations
        return min(1.0, self.elapsed() / self.seconds)

    def note(self) -> None:
        cost, now = float(self.best[0]), self.elapsed()
        point = Progress(seconds=now, iterations=self.done, cost=cost)
        if not self.history or cost < self.history[-1].cost - 1e-9:
            self.history.append(point)
        if self.on_progress is not None and now - self.reported >= REPORT_SECONDS:
            self.reported = now
            self.on_progress(point)


NO_LIMIT = 1 << 62


def solve(
    problem: Problem,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    on_progress: OnProgress | None = None,
    cancelled: Cancelled | None = None,
) -> Plan:
    """Search until the seconds or the iterations are used up, or `cancelled()` says so; then the best plan so far.

    The clock starts with the call, after the machine code was read. Give `iterations` alone for a plan that is the same
    on every machine.

    :raises NotCompiled: see `warmup`.
    """
    if seconds is None and iterations is None:
        raise ValueError("a search needs a budget: seconds, iterations or both")
    load()
    began = time.perf_counter()
    data, state = resumed(problem, neighbours=True, seed=seed)
    run = _Run(
        data=data,
        state=state,
        seconds=math.inf if seconds is None else max(seconds, 1e-3),
        iterations=NO_LIMIT if iterations is None else iterations,
        on_progress=on_progress,
        cancelled=cancelled,
        began=began,
    )
    _construct(run)
    best_next = state.nxt.copy()
    keep(state, best_next, run.best)
    run.note()
    if len(data.movable) and data.m:
        _search(run, best_next, _scale(problem), warm=any(problem.routes))
    return _finish(problem, run, best_next)


def _construct(run: _Run) -> None:
    """Every visit at its cheapest place, the earliest due first; once time is up, at the cheapest end of a route."""
    data, state = run.data, run.state
    order = data.movable[np.argsort(data.due[data.movable], kind="stable")]
    rises, places = np.zeros(data.m), np.zeros(data.m, np.int64)
    for at in range(0, len(order), FILL_STEPS):
        hurried = run.elapsed() >= run.seconds or (run.cancelled is not None and run.cancelled())
        fill(data, state, order[at : at + FILL_STEPS], hurried, rises, places)


def _scale(problem: Problem) -> float:
    """A typical cost of one leg: the unit of temperature."""
    places = np.unique(problem.visits.location)
    # The middle one, not the mean: a caller may say "no way" by a very long leg.
    middle_leg = float(np.median(problem.travel[:, places[:, None], places])) if len(places) > 1 else 0.0
    return max(problem.weights.travel * middle_leg, 0.1 * problem.weights.tardiness, 1e-3)


@dataclass(frozen=True, slots=True)
class _Cooling:
    """Temperatures in units of `_scale`."""

    hot: float
    cold: float
    bend: float = 1.0
    """Below 1 the high temperatures pass sooner: there nothing is decided unless visits are late."""
    cycles: int = 1
    """How often it is cooled from hot to cold: where one worker is the bottleneck, the order of that one route decides
    all, and a second melting down finds another more surely than cooling twice as slowly (docs/decisions/0010)."""

    def at(self, share_done: float) -> float:
        return self.hot * float((self.cold / self.hot) ** ((share_done * self.cycles % 1.0) ** self.bend))


AROUND = _Cooling(0.3, 0.02)
LOOK, LOOK_SHARE = _Cooling(0.5, 0.05), 0.04
MUCH_LATE = 0.15
"""Of the cost, for tardiness. Instances of the benchmark where one worker is the bottleneck have 0.19 to 0.43 after
a look, the others up to 0.10."""


def _anew(run: _Run) -> _Cooling:
    """The order of a worker whom too much depends on is decided at high temperatures, all else at low ones."""
    each = _steps_a_visit(run)
    if _late_share(run) > MUCH_LATE:
        cycles = each / LATE_CYCLE_STEPS
        return _Cooling(3.0 * min(1.0, max(0.1, cycles)), 0.04, cycles=max(1, round(cycles)))
    hot = min(3.0, max(0.5, 3.0 * (each / AMPLE_STEPS) ** 3))
    bend = min(1.0, max(0.7, each / EVEN_STEPS))
    return _Cooling(hot, 0.02, bend=bend, cycles=max(1, round(math.sqrt(each / CYCLE_STEPS))))


def _steps_a_visit(run: _Run) -> float:
    steps = run.iterations if run.iterations < NO_LIMIT else run.seconds * USUAL_STEPS_PER_SECOND
    return steps / max(1, len(run.data.movable))


def _late_share(run: _Run) -> float:
    """Of the cost of the plan as it is, without what is skipped: how much of it is for tardiness."""
    data, state = run.data, run.state
    late = np.maximum(0.0, state.start[: data.n] - data.due[: data.n])
    tardiness = float((data.price[: data.n] * late).sum()) + data.weights[MAX_TARDINESS] * late.max(initial=0.0)
    skipped = float(data.skip[state.route[: data.n] < 0].sum())
    return float(tardiness / max(state.now[TOTAL] - skipped, 1e-9))


def _slices(run: _Run) -> Iterator[int]:
    """Steps of the next slice: short enough to be stopped at any moment."""
    steps = SLICE_STEPS
    while not run.over():
        before = run.elapsed()
        todo = min(steps, run.iterations - run.done)
        yield todo
        run.done += todo
        took = run.elapsed() - before
        if run.iterations == NO_LIMIT and took > 0.0:
            left = min(SLICE_SECONDS, max(run.seconds - run.elapsed(), 1e-4))
            steps = max(64, min(2 * steps, int(steps * left / took)))


def _search(run: _Run, best_next: Ints, scale: float, *, warm: bool) -> None:
    """A plan that people already know is searched around, not melted down. Of any other a short look comes first, which
    tells how to cool."""
    look, cooling = (0.0, AROUND) if warm else (LOOK_SHARE, None)
    for steps in _slices(run):
        share = run.share_done()
        if share < look:
            temperature = scale * LOOK.at(share / look)
        else:
            cooling = cooling or _anew(run)
            temperature = scale * cooling.at((share - look) / (1.0 - look))
        anneal(run.data, run.state, best_next, run.best, SHARES, steps, temperature)
        run.note()


def _finish(problem: Problem, run: _Run, best_next: Ints) -> Plan:
    """The best plan met, from scratch, with whatever still fits put in."""
    run.state.nxt[:] = best_next
    data, state = resumed(replace(problem, routes=routes_of(run.data, run.state)))
    fill(data, state, data.movable, False, np.zeros(data.m), np.zeros(data.m, np.int64))
    plan = plan_of(problem, data, state, skipped_visits(problem, data, state))
    return replace(
        plan,
        iterations=run.done,
        seconds=run.elapsed(),
        cancelled=run.stopped,
        history=tuple(run.history),
    )
