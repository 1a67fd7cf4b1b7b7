"""A person overrides: what would it mean, for everyone it touches?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from dispatch.costs import Terms, difference, total
from dispatch.evaluation import WorkerDay, compared
from dispatch.formulation import Formulation, formulate
from dispatch.gates import Gate
from dispatch.insertion import with_visits
from dispatch.kernel.insertions import insertions
from dispatch.kernel.plans import evaluate as timetable
from dispatch.kernel.problem import Floats, Routes
from dispatch.limits import Limits
from dispatch.model import BEGUN, Day, Order, Plan
from dispatch.policy import Policy
from dispatch.proposal import Change, changes_between
from dispatch.tasks import stopping
from dispatch.travel.port import Travel


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    gates: tuple[Gate, ...]
    """What forbids it; () = it can be done, and the rest says at what price."""
    plan: Plan | None = None
    terms: Terms
    """The plan's cost with the override less the cost without."""
    changes: tuple[Change, ...] = ()
    """Every visit, and so every elder, that is moved."""
    workers: Mapping[str, tuple[WorkerDay, WorkerDay]]
    """Everybody whose day changes: before and after."""

    @property
    def points(self) -> float:
        return total(self.terms)


def what_if(day: Day, order_id: str, worker_id: str, policy: Policy, travel: Travel, *, visit: int = 0) -> Consequences:
    """The order's visit (0, or 1 of a pair) goes to this worker, at the best place in their route; a pair's other visit
    finds its place anew. KeyError for an unknown order or worker, ValueError for a visit that has begun."""
    order, placed = day.order(order_id), day.plan.placed()
    visit_ids = frozenset(one.id for one in order.visits)
    if any(placed[visit_id][1].state in BEGUN for visit_id in visit_ids & placed.keys()):
        raise ValueError(f"order {order_id}: a visit has begun")
    current = formulate(day, policy, travel, movable=visit_ids)
    worker = current.worker_index[worker_id]
    task = current.tasks[current.task_index[order.visits[visit].id]]
    before = timetable(current.problem, current.routes)
    gates = stopping(task, day, current.gates).get(worker_id, ())
    if gates or before is None:  # a plan that is broken already has room for nothing
        return Consequences(gates=gates or (Gate.NO_ROOM,), terms={}, workers={})
    open_plan = formulate(replace(day, plan=day.plan.without(visit_ids)), policy, travel, movable=visit_ids)
    forced = _forced(open_plan, order, visit, worker)
    if forced is None:
        alone = Limits(open_plan).stopping(open_plan.task_index[order.visits[visit].id], worker)
        return Consequences(gates=alone or (Gate.IN_STEP,), terms={}, workers={})
    old, new = compared(current, (current.routes, before.start), forced)
    plan = current.plan(*forced)
    touched = [name for name in old.workers if old.workers[name] != new.workers[name]]
    return Consequences(
        gates=(),
        plan=plan,
        terms=difference(new.terms, old.terms),
        changes=changes_between(day.plan, plan),
        workers={name: (old.workers[name], new.workers[name]) for name in touched},
    )


def _forced(open_plan: Formulation, order: Order, visit: int, worker: int) -> tuple[Routes, Floats] | None:
    """Routes and starts with the order, its visit done by nobody but this worker; None if they have no room."""
    tasks = [open_plan.task_index[one.id] for one in order.visits]
    eligible = open_plan.problem.eligible.copy()
    eligible[tasks[visit]] = np.arange(eligible.shape[1]) == worker
    found = insertions(replace(open_plan.problem, eligible=eligible), open_plan.routes, tasks)
    if found is None or not len(found.rises):
        return None
    return with_visits(open_plan.routes, tasks, found, 0), found.start[0]
