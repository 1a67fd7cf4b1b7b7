"""The travel times of one day, between every two places a route may touch."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dispatch.columns import modes_of
from dispatch.model import END_OF_DAY_MIN, Day, Worker, visit_window
from dispatch.policy import Policy
from dispatch.tasks import Anchor, Task
from dispatch.travel.port import Travel, TravelTimes
from dispatch.travel.ways import ways

UNREACHABLE_MIN = 100_000.0


def leg_times(
    day: Day, tasks: tuple[Task, ...], anchors: tuple[Anchor, ...], *, travel: Travel, policy: Policy
) -> TravelTimes:
    """(modes, locations, locations) minutes; locations are tasks, anchors, workers' starts, workers' ends.

    A leg is taken at the hour around which its destination is due, so that one matrix holds the rush hours. What is
    further than the policy's longest leg is `UNREACHABLE_MIN`.
    """
    begun = {task.worker_id for task in tasks if task.begun}
    places = [task.order.place for task in tasks] + [anchor.place for anchor in anchors]
    visits = len(places)
    places += [worker.start if worker.id in begun else worker.position or worker.start for worker in day.workers]
    places += [worker.end or worker.start for worker in day.workers]
    hours = _arrival_hours(day, tasks, anchors)
    answer = ways(travel, places, places, modes_of(day), hours)
    minutes = np.minimum(answer.minutes, UNREACHABLE_MIN)
    to_visits = minutes[:, :, :visits]
    to_visits[to_visits > policy.longest_leg_min] = UNREACHABLE_MIN
    return replace(answer, minutes=minutes)


def _arrival_hours(day: Day, tasks: tuple[Task, ...], anchors: tuple[Anchor, ...]) -> NDArray[np.float64]:
    windows = [visit_window(task.order, task.index) for task in tasks]
    due_min = [(earliest + due) / 2 for earliest, due, _ in windows]
    standing_min = [day.now_min] * (len(anchors) + len(day.workers))
    return np.array(due_min + standing_min + [home_min(worker) for worker in day.workers]) / 60.0


def home_min(worker: Worker) -> float:
    """Around when the way home is taken."""
    return max((shift.to_min for shift in worker.shifts), default=END_OF_DAY_MIN)
