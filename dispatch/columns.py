"""A day's tasks and workers as the columns the kernel wants."""

from collections.abc import Mapping

import numpy as np

from dispatch.bounds import ROUNDING_MIN, Bounds
from dispatch.kernel import problem as kernel
from dispatch.kernel.problem import Floats
from dispatch.model import Day, Stop, StopState, TravelMode, visit_window
from dispatch.policy import Policy
from dispatch.tasks import Anchor, Task

NEVER_SKIP = 1e9


def told_start_min(stop: Stop) -> float:
    return stop.start_min if stop.told_start_min is None else stop.told_start_min


def modes_of(day: Day) -> list[TravelMode]:
    """Those in use, in the order of the kernel's travel array."""
    return sorted({worker.mode for worker in day.workers})


def visit_columns(
    day: Day,
    policy: Policy,
    tasks: tuple[Task, ...],
    anchors: tuple[Anchor, ...],
    *,
    bounds: Mapping[str, Bounds],
    any_hour: frozenset[str],
) -> kernel.Visits:
    """`bounds`: by worker id."""
    windows = np.array([_window(task, tasks, i, policy, any_hour) for i, task in enumerate(tasks)]).reshape(-1, 3)
    waiting = np.array([task.stop is None for task in tasks], dtype=np.bool_)
    windows[waiting, 0] = np.maximum(windows[waiting, 0], day.now_min)
    stands_until = np.array([bounds[anchor.worker_id].stands_until_min for anchor in anchors])
    begun = np.array([task.begun for task in tasks], dtype=np.bool_)
    starts = np.array([task.stop.start_min if task.stop else np.nan for task in tasks])
    return kernel.Visits(
        location=np.arange(len(tasks) + len(anchors)),
        duration=np.concatenate(([_duration(task) for task in tasks], np.zeros(len(anchors)))),
        earliest=np.concatenate((windows[:, 0], stands_until)),
        due=np.concatenate((windows[:, 1], stands_until)),
        latest=np.concatenate((windows[:, 2], stands_until)),
        priority=np.concatenate(([task.order.priority for task in tasks], np.ones(len(anchors)))),
        skip_cost=np.concatenate(([_skip_cost(task, policy) for task in tasks], np.full(len(anchors), NEVER_SKIP))),
        fixed_start=np.concatenate((np.where(begun, starts, np.nan), stands_until)),
    )


def _duration(task: Task) -> float:
    if task.begun and task.stop is not None:
        return task.stop.end_min - task.stop.start_min
    return task.order.visits[task.index].duration_min


def _skip_cost(task: Task, policy: Policy) -> float:
    frozen = task.begun or task.promised
    return NEVER_SKIP if frozen else policy.unplaced * task.order.priority / len(task.order.visits)


def _window(
    task: Task, tasks: tuple[Task, ...], at: int, policy: Policy, any_hour: frozenset[str]
) -> tuple[float, float, float]:
    """(earliest, due, latest) start: the order's, narrowed by what people were told or are used to and by a partner
    already begun. Where the plan has it, it may start whatever rounding has made of its moment."""
    earliest, due, latest = visit_window(task.order, task.index)
    stop = task.stop
    if stop is not None and stop.state is StopState.PROMISED:
        return stop.start_min, due, stop.start_min + ROUNDING_MIN
    if stop is not None and stop.state is StopState.TOLD:
        told_min, tolerance = told_start_min(stop), policy.told_tolerance_min
        earliest = max(earliest, min(told_min - tolerance, stop.start_min))
        latest = min(latest, max(told_min + tolerance, stop.start_min))
    elif not task.begun and task.index == 0 and task.order.id not in any_hour:
        earliest, latest = _at_usual_hour(task, earliest, latest, policy)
    if len(task.order.visits) == 2:
        other = tasks[at + 1 - 2 * task.index]
        if other.begun and other.stop is not None and not task.begun:
            gaps, begun_min = task.order.synchronisation, other.stop.start_min
            low, high = gaps.min_gap_min, gaps.max_gap_min
            low, high = (low, high) if task.index == 1 else (-high, -low)
            earliest, latest = max(earliest, begun_min + low), min(latest, begun_min + high)
    if stop is not None and stop.start_min <= latest + ROUNDING_MIN:
        latest = max(latest, stop.start_min + ROUNDING_MIN)
    return earliest, due, latest


def _at_usual_hour(task: Task, earliest: float, latest: float, policy: Policy) -> tuple[float, float]:
    """A search leaves the visits of a series at their usual hour; where a plan already has one elsewhere, it may stay
    there. A window that has left the usual hour is what counts."""
    usual_min, tolerance = task.order.usual_start_min, policy.usual_tolerance_min
    if usual_min is None:
        return earliest, latest
    starts = [usual_min - tolerance, usual_min + tolerance] + ([task.stop.start_min] if task.stop else [])
    first, last = max(earliest, min(starts)), min(latest, max(starts))
    return (first, last) if first <= last else (earliest, latest)


def pair_columns(tasks: tuple[Task, ...]) -> kernel.Pairs:
    """A pair of which one visit has begun is no pair any more: the other one's window says when it must follow."""
    firsts = [
        i
        for i, task in enumerate(tasks)
        if len(task.order.visits) == 2 and task.index == 0 and not task.begun and not tasks[i + 1].begun
    ]
    gaps = [tasks[i].order.synchronisation for i in firsts]
    return kernel.Pairs(
        first=np.array(firsts, dtype=np.int64),
        second=np.array(firsts, dtype=np.int64) + 1,
        min_gap=np.array([gap.min_gap_min for gap in gaps]),
        max_gap=np.array([gap.max_gap_min for gap in gaps]),
    )


def worker_columns(
    day: Day, bounds: Mapping[str, Bounds], tasks: tuple[Task, ...], anchors: tuple[Anchor, ...]
) -> kernel.Workers:
    m, visits = len(day.workers), len(tasks) + len(anchors)
    each = [bounds[worker.id] for worker in day.workers]
    modes = modes_of(day)
    return kernel.Workers(
        start_location=visits + np.arange(m),
        end_location=np.array(
            [visits + m + w if worker.end else kernel.NO_PLACE for w, worker in enumerate(day.workers)], dtype=np.int64
        ),
        shift_start=np.array([one.ready_min for one in each], dtype=np.float64),
        shift_end=np.full(m, np.inf),
        shift_limit=np.array([one.home_by_min for one in each], dtype=np.float64),
        contract_minutes=np.array([one.contract_min for one in each], dtype=np.float64),
        work_limit=np.array([one.work_limit_min for one in each], dtype=np.float64),
        visit_limit=np.array([one.visit_limit for one in each], dtype=np.float64),
        use_cost=np.zeros(m),
        mode=np.array([modes.index(worker.mode) for worker in day.workers], dtype=np.int64),
    )


def away_rows(day: Day, bounds: Mapping[str, Bounds]) -> Floats:
    """As the kernel's `Problem.away`."""
    rows = [
        (float(w), time.from_min, time.to_min)
        for w, worker in enumerate(day.workers)
        for time in bounds[worker.id].away
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def break_rows(day: Day, bounds: Mapping[str, Bounds]) -> Floats:
    """As the kernel's `Problem.breaks`."""
    rows = [(float(w), *due) for w, worker in enumerate(day.workers) for due in bounds[worker.id].breaks]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)
