"""Who carries which meals together, and when they must be told."""

import math
import time
from dataclasses import replace

import numpy as np

from dispatch.kernel.run_search import anneal_runs, insert_runs, keep_runs
from dispatch.kernel.runs import RunData, RunState, cost_of
from dispatch.kernel.warmup import load
from dispatch.meals.formulation import MealFormulation
from dispatch.meals.model import MealDay, MealPolicy, Run
from dispatch.travel.port import Travel

LOOK_AHEAD_MIN = 120.0
"""Carriers who are free only later than that are looked at only for meals that nobody else can bring."""
STEPS_PER_ORDER = 2_000
SLICE_STEPS = 2_000
ENDING_S = 0.02
"""Kept for turning the plan found into runs."""
HOT, COLD = 3.0, 0.1
"""Points: the temperature at the begin and the end of each search."""


def plan_runs(
    day: MealDay,
    policy: MealPolicy,
    travel: Travel,
    *,
    seconds: float = math.inf,
    steps_per_order: int = STEPS_PER_ORDER,
    seed: int = 0,
) -> MealDay:
    """The day with all its waiting meals planned anew, beginning with the runs planned before. Meals that no run could
    be found for are on none; `explain.unserved` says why.

    It ends after the steps or the seconds, counted from the call. :raises NotCompiled: see `dispatch.kernel.warmup`.
    """
    ends = time.perf_counter() + max(seconds - ENDING_S, 1e-3)
    load()
    for until_min in (day.now_min + LOOK_AHEAD_MIN, math.inf):
        formulation = MealFormulation(day, policy, travel, until_min=until_min)
        day = replace(day, runs=_searched(formulation, ends, steps_per_order * len(day.orders), seed))
        if sum(len(run.order_ids) for run in day.runs) == len(day.orders):
            break
    return day


def _searched(formulation: MealFormulation, ends: float, todo: int, seed: int) -> tuple[Run, ...]:
    """The best runs met in that many steps, or before `ends` on the clock."""
    if not formulation.day.orders or not formulation.stretches:
        return ()
    began = time.perf_counter()
    d, z = formulation.data, formulation.state(seed)
    _settle(d, z)
    insert_runs(d, z)
    codes, length, best = z.codes.copy(), z.length.copy(), np.zeros(1)
    keep_runs(z, codes, length, best)
    done, cooled = 0, 0.0
    while done < todo and cooled < 1.0:
        steps = min(SLICE_STEPS, todo - done)
        anneal_runs(d, z, codes, length, best, steps, HOT, COLD, cooled, min(1.0, cooled + steps / todo))
        done += steps
        # Who has no time for all steps cools faster.
        cooled = max(done / todo, (time.perf_counter() - began) / max(ends - began, 1e-9))
    return formulation.runs(codes, length)


def _settle(d: RunData, z: RunState) -> None:
    """Costs of the runs planned before; what has become impossible since is taken out."""
    for w in range(len(z.cost)):
        z.cost[w] = cost_of(d, z, w, w)
        if math.isinf(z.cost[w]):
            z.row[z.codes[w, : z.length[w]] >> 1] = -1
            z.length[w], z.cost[w] = 0, 0.0
    z.total[0] = z.cost.sum() + d.skip[z.row < 0].sum()


def due_to_tell(day: MealDay, before_min: float) -> tuple[Run, ...]:
    """The planned runs whose carriers have to leave before then, in order of time."""
    due = (run for run in day.runs if run.leave_min < before_min)
    return tuple(sorted(due, key=lambda run: run.leave_min))
