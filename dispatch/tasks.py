"""The rows of the kernel's visits: one task per visit of the day, one anchor per worker who stands idle now."""

from dataclasses import dataclass

import numpy as np

from dispatch.gates import Gate, GateKeeper
from dispatch.groups import parted_from
from dispatch.kernel.problem import Bools, Floats, Routes
from dispatch.model import BEGUN, Day, Order, Place, Stop, StopState


@dataclass(frozen=True, slots=True)
class Task:
    """One row of the kernel's visits."""

    order: Order
    index: int
    """Which visit of the order."""
    stop: Stop | None
    worker_id: str | None
    """Where the plan has it; None = waiting."""
    partner_begun_by: str | None = None
    """Who has begun the order's other visit; that worker may not do this one."""

    @property
    def id(self) -> str:
        return self.order.visits[self.index].id

    @property
    def begun(self) -> bool:
        return self.stop is not None and self.stop.state in BEGUN

    @property
    def promised(self) -> bool:
        return self.stop is not None and self.stop.state is StopState.PROMISED


@dataclass(frozen=True, slots=True)
class Anchor:
    """A worker who has nothing begun that is still going on stands somewhere now, and can leave from there."""

    worker_id: str
    place: Place


def tasks_of(day: Day) -> tuple[Task, ...]:
    """In the order of the day's orders; the two visits of a pair stand side by side."""
    placed = day.plan.placed()
    tasks = []
    for order in day.orders:
        for index, visit in enumerate(order.visits):
            worker_id, stop = placed.get(visit.id, (None, None))
            begun_by = [
                placed[other.id][0]
                for other in order.visits
                if other.id != visit.id and other.id in placed and placed[other.id][1].state in BEGUN
            ]
            tasks.append(Task(order, index, stop, worker_id, begun_by[0] if begun_by else None))
    return tuple(tasks)


def forbidding(task: Task, day: Day, gates: GateKeeper) -> dict[Gate, Bools]:
    """Each gate but those that depend on the rest of the plan → (workers,) does it forbid them this visit."""
    return {**gates.forbidding(task.order, task.index), Gate.SAME_WORKER: _has_begun_the_other(task, day)}


def forbidding_as_planned(task: Task, day: Day, gates: GateKeeper, windows: Floats | None = None) -> dict[Gate, Bools]:
    """`forbidding`, and where the others of its groups are planned. `windows`: others than its own, and shapes as of
    `GateKeeper.forbidding_within`."""
    order, index = task.order, task.index
    alone = gates.forbidding(order, index) if windows is None else gates.forbidding_within(order, index, windows)
    return {**alone, Gate.SAME_WORKER: _has_begun_the_other(task, day), Gate.GROUP: parted_from(day, order, index)}


def _has_begun_the_other(task: Task, day: Day) -> Bools:
    same = np.zeros(len(day.workers), dtype=np.bool_)
    if task.partner_begun_by is not None:
        same[:] = [worker.id == task.partner_begun_by for worker in day.workers]
    return same


def stopping(task: Task, day: Day, gates: GateKeeper) -> dict[str, tuple[Gate, ...]]:
    """Worker id → the gates that forbid them this visit beside its groups as they are planned; whom none forbids is not
    in it."""
    masks = forbidding_as_planned(task, day, gates)
    stopped = {
        worker.id: tuple(gate for gate, forbidden in masks.items() if forbidden[w])
        for w, worker in enumerate(day.workers)
    }
    return {worker_id: some for worker_id, some in stopped.items() if some}


def anchors_of(day: Day, gates: GateKeeper, tasks: tuple[Task, ...], task_index: dict[str, int]) -> tuple[Anchor, ...]:
    anchors = []
    routes = {route.worker_id: route for route in day.plan.routes}
    for worker in day.workers:
        route, free = routes.get(worker.id), gates.free[worker.id]
        begun = [stop for stop in route.stops if stop.state in BEGUN] if route else []
        if begun and begun[-1].end_min < day.now_min and free and free[-1].to_min > day.now_min:
            last_place = tasks[task_index[begun[-1].visit_id]].order.place
            anchors.append(Anchor(worker.id, worker.position or last_place))
    return tuple(anchors)


def routes_of(day: Day, task_index: dict[str, int], anchor_of: dict[str, int]) -> Routes:
    planned = {route.worker_id: route for route in day.plan.routes}
    routes = []
    for worker in day.workers:
        stops = planned[worker.id].stops if worker.id in planned else ()
        begun = [task_index[stop.visit_id] for stop in stops if stop.state in BEGUN]
        ahead = [task_index[stop.visit_id] for stop in stops if stop.state not in BEGUN]
        anchor = [anchor_of[worker.id]] if worker.id in anchor_of else []
        routes.append(tuple(begun + anchor + ahead))
    return tuple(routes)
