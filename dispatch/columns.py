"""A day's tasks and workers as the columns the kernel wants."""

import numpy as np

from dispatch.gates import GateKeeper
from dispatch.kernel import problem as kernel
from dispatch.kernel.problem import Floats
from dispatch.model import Day, Stop, StopState, TravelMode, visit_window
from dispatch.policy import Policy
from dispatch.tasks import Anchor, Task

NEVER_SKIP = 1e9
FOREVER_MIN = 1e6


def told_start_min(stop: Stop) -> float:
    return stop.start_min if stop.told_start_min is None else stop.told_start_min


def modes_of(day: Day) -> list[TravelMode]:
    """Those in use, in the order of the kernel's travel array."""
    return sorted({worker.mode for worker in day.workers})


def visit_columns(
    day: Day, policy: Policy, tasks: tuple[Task, ...], anchors: tuple[Anchor, ...], any_hour: frozenset[str]
) -> kernel.Visits:
    windows = np.array([_window(task, tasks, i, policy, any_hour) for i, task in enumerate(tasks)]).reshape(-1, 3)
    ones = np.ones(len(anchors))
    begun = np.array([task.begun for task in tasks], dtype=np.bool_)
    starts = np.array([task.stop.start_min if task.stop else np.nan for task in tasks])
    return kernel.Visits(
        location=np.arange(len(tasks) + len(anchors)),
        duration=np.concatenate(([_duration(task) for task in tasks], 0.0 * ones)),
        earliest=np.concatenate((windows[:, 0], day.now_min * ones)),
        due=np.concatenate((windows[:, 1], day.now_min * ones)),
        latest=np.concatenate((windows[:, 2], day.now_min * ones)),
        priority=np.ones(len(tasks) + len(anchors)),
        skip_cost=np.concatenate(([_skip_cost(task, policy) for task in tasks], NEVER_SKIP * ones)),
        fixed_start=np.concatenate((np.where(begun, starts, np.nan), day.now_min * ones)),
    )


def _duration(task: Task) -> float:
    if task.begun and task.stop is not None:
        return task.stop.end_min - task.stop.start_min
    return task.order.visits[task.index].duration_min


def _skip_cost(task: Task, policy: Policy) -> float:
    frozen = task.begun or task.promised
    return NEVER_SKIP if frozen else policy.unplaced / len(task.order.visits)


def _window(
    task: Task, tasks: tuple[Task, ...], at: int, policy: Policy, any_hour: frozenset[str]
) -> tuple[float, float, float]:
    """(earliest, due, latest) start: the order's, narrowed by what people were told or are used to and by a partner
    already begun."""
    earliest, due, latest = visit_window(task.order, task.index)
    stop = task.stop
    if stop is not None and stop.state is StopState.PROMISED:
        return stop.start_min, due, stop.start_min
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


def worker_columns(day: Day, gates: GateKeeper, tasks: tuple[Task, ...], anchors: tuple[Anchor, ...]) -> kernel.Workers:
    m, visits = len(day.workers), len(tasks) + len(anchors)
    begun = {task.worker_id for task in tasks if task.begun}
    free = [gates.free[worker.id] for worker in day.workers]
    ready = [intervals[0].from_min if intervals else day.now_min for intervals in free]
    ended = [intervals[-1].to_min if intervals else day.now_min for intervals in free]
    last_frozen_min = _last_frozen_min(tasks)
    modes = modes_of(day)
    return kernel.Workers(
        start_location=visits + np.arange(m),
        end_location=np.array(
            [visits + m + w if worker.end else kernel.NO_PLACE for w, worker in enumerate(day.workers)], dtype=np.int64
        ),
        shift_start=np.array(
            [
                ready_min if worker.id in begun else max(ready_min, day.now_min)
                for worker, ready_min in zip(day.workers, ready, strict=True)
            ]
        ),
        shift_end=np.full(m, np.inf),
        # Services outside working time are kept out by `away`; this keeps the way home inside it. Somebody whom
        # frozen visits or an emptied shift keep out longer already is not forbidden what has happened.
        shift_limit=np.array(
            [
                end_min
                if worker.end and max(last_frozen_min.get(worker.id, day.now_min), day.now_min) < end_min
                else np.inf
                for worker, end_min in zip(day.workers, ended, strict=True)
            ]
        ),
        contract_minutes=np.array([worker.contract_work_min for worker in day.workers], dtype=np.float64),
        work_limit=np.array([worker.work_limit_min() for worker in day.workers], dtype=np.float64),
        use_cost=np.zeros(m),
        mode=np.array([modes.index(worker.mode) for worker in day.workers], dtype=np.int64),
    )


def _last_frozen_min(tasks: tuple[Task, ...]) -> dict[str, float]:
    """Worker id → end of the last visit that is begun or promised."""
    ends: dict[str, float] = {}
    for task in tasks:
        if task.stop is not None and task.worker_id is not None and (task.begun or task.promised):
            ends[task.worker_id] = max(ends.get(task.worker_id, -np.inf), task.stop.end_min)
    return ends


def away_rows(day: Day, gates: GateKeeper) -> Floats:
    """(k, 3) everything that is not working time."""
    rows: list[tuple[float, float, float]] = []
    for w, worker in enumerate(day.workers):
        edges = [-FOREVER_MIN]
        for interval in gates.free[worker.id]:
            edges += [interval.from_min, interval.to_min]
        edges.append(FOREVER_MIN)
        rows += [(float(w), edges[i], edges[i + 1]) for i in range(0, len(edges), 2)]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)
