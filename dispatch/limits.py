"""Which limits, once lifted, would make room: the true reason why somebody who may has no place in the plan."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from dispatch.columns import visit_columns
from dispatch.formulation import Formulation
from dispatch.gates import Gate
from dispatch.kernel.insertions import insertions
from dispatch.kernel.problem import Bools, Problem

Limited = dict[tuple[int, int], tuple[Gate, ...]]
"""(row of `tasks`, worker) → the fewest limits that must be lifted together."""


def limits_stopping(formulation: Formulation, tasks: Sequence[int], stuck: Bools) -> Limited:
    """`tasks`: one that waits, or both of a pair. `stuck` (tasks, workers): whom no gate forbids it, yet have no place.
    Those whom no lifted limit helps are not in it."""
    named: Limited = {}
    if not stuck.any():
        return named
    binding = _binding(formulation, tasks, stuck)
    for count in range(1, len(binding) + 1):
        for gates in combinations(binding, count):
            found = insertions(_lifted(formulation, tasks, gates), formulation.routes, tasks)
            if found is None:
                continue
            for row, worker in np.argwhere(found.possible & stuck):
                named.setdefault((int(row), int(worker)), gates)
    return named


def _binding(formulation: Formulation, tasks: Sequence[int], stuck: Bools) -> list[Gate]:
    """The limits that somebody who is stuck has at all."""
    workers = [formulation.day.workers[w] for w in np.flatnonzero(stuck.any(axis=0))]
    binding = []
    if any(worker.work_limit_min(week=False) > worker.work_limit_min() for worker in workers):
        binding.append(Gate.WEEK_HOURS)
    if any(worker.work_limit_min(month=False) > worker.work_limit_min() for worker in workers):
        binding.append(Gate.MONTH_HOURS)
    if any(worker.work_limit_min(week=False, month=False) > worker.work_limit_min() for worker in workers):
        binding = [Gate.WEEK_HOURS, Gate.MONTH_HOURS]
    if any(_narrowed(formulation, task) for task in tasks):
        binding.append(Gate.USUAL_HOUR)
    return binding


def _narrowed(formulation: Formulation, task: int) -> bool:
    order, visits = formulation.tasks[task].order, formulation.problem.visits
    latest = order.latest_start_min
    return order.usual_start_min is not None and bool(
        visits.earliest[task] > order.window.from_min or visits.latest[task] < latest
    )


def _lifted(formulation: Formulation, tasks: Sequence[int], gates: tuple[Gate, ...]) -> Problem:
    problem = formulation.problem
    week, month = Gate.WEEK_HOURS not in gates, Gate.MONTH_HOURS not in gates
    limits = [worker.work_limit_min(week=week, month=month) for worker in formulation.day.workers]
    problem = replace(problem, workers=replace(problem.workers, work_limit=np.array(limits)))
    if Gate.USUAL_HOUR not in gates:
        return problem
    orders = frozenset(formulation.tasks[task].order.id for task in tasks)
    wide = visit_columns(formulation.day, formulation.policy, formulation.tasks, (), orders)
    earliest, latest = problem.visits.earliest.copy(), problem.visits.latest.copy()
    for task in tasks:
        earliest[task], latest[task] = wide.earliest[task], wide.latest[task]
    return replace(problem, visits=replace(problem.visits, earliest=earliest, latest=latest))
