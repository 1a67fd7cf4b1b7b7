"""One visit that waits, seen against all workers at once: which gates stop whom, and a bound on everybody else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dispatch.columns import visit_columns
from dispatch.costs import AssignmentCosts, kernel_weights
from dispatch.gates import Gate, GateKeeper
from dispatch.kernel.problem import Bools, Floats, Ints, Visits
from dispatch.living.book import Book
from dispatch.living.bounds import Approach, Bounds, BoundsOf, First, Newcomer
from dispatch.living.reasons import bits_for, bits_of
from dispatch.model import Order, Plan, visit_window
from dispatch.policy import Policy
from dispatch.tasks import Task, forbidding_as_planned, tasks_of


@dataclass(frozen=True, slots=True)
class Look:
    task: Task
    stopped: Ints
    """(workers,) bits of the gates that stop each; 0 = perhaps none does."""
    visit: Newcomer
    approach: Approach
    assignment: Floats
    bounds: Bounds

    @property
    def able(self) -> Bools:
        """(workers,) whom no gate forbids it, whatever is planned."""
        able: Bools = (self.stopped == 0) | (self.stopped == bits_for((Gate.NO_ROOM,)))
        return able

    @property
    def possible(self) -> bool:
        """Perhaps somebody could."""
        return bool((self.bounds.points < np.inf).any())


@dataclass(slots=True)
class Looking:
    """What is known of a day's workers, for any visit."""

    book: Book
    gates: GateKeeper
    costs: AssignmentCosts
    bounds: BoundsOf
    policy: Policy

    def at(self, order: Order, any_hour: frozenset[str], *, with_reasons: bool = True) -> tuple[Look, ...]:
        """One look for each of the order's visits that is in no route. `with_reasons`: that there is no way is told
        apart from that there is no room."""
        return self.at_each([order], any_hour, with_reasons=with_reasons)[0]

    def at_each(
        self, orders: Sequence[Order], any_hour: frozenset[str], *, with_reasons: bool
    ) -> list[tuple[Look, ...]]:
        """Of one order at several moments: forms of it that differ in their windows alone."""
        visits = orders[0].visits
        holders = {self.book.spot[visit.id][0] for visit in visits if visit.id in self.book.spot}
        plan = Plan(routes=tuple(self.book.routes[worker_id] for worker_id in holders))
        day = replace(self.book.day, orders=tuple(orders), plan=plan)
        tasks = tasks_of(day)
        columns = visit_columns(day, self.policy, tasks, (), bounds={}, any_hour=any_hour)
        looks = [
            self._at_each(
                tasks[index :: len(visits)],
                [_newcomer(tasks[i], columns, i, self.policy) for i in range(index, len(tasks), len(visits))],
                with_reasons=with_reasons,
            )
            for index in range(len(visits))
            if tasks[index].stop is None
        ]
        return list(zip(*looks, strict=True)) if looks else [() for _ in orders]

    def able(self, order: Order) -> Bools:
        """(workers,) whom no gate forbids any of its visits, whoever has them now."""
        tasks = tasks_of(replace(self.book.day, orders=(order,), plan=Plan(routes=())))
        forbidding = (
            gate for task in tasks for gate in forbidding_as_planned(task, self.book.day, self.gates).values()
        )
        able: Bools = ~np.any(list(forbidding), axis=0)
        return able

    def _at_each(self, tasks: Sequence[Task], visits: Sequence[Newcomer], *, with_reasons: bool) -> list[Look]:
        """Of one visit."""
        windows = np.array([visit_window(task.order, task.index) for task in tasks])
        masks = forbidding_as_planned(tasks[0], self.book.day, self.gates, windows)
        stopped = np.broadcast_to(bits_of(masks), (len(tasks), len(self.book.day.workers)))
        approaches = self.bounds.approach_each(visits, stopped == 0, with_reasons=with_reasons)
        assignment = self.costs.points(tasks[0].order, None)
        looks = []
        for i, bounds in enumerate(self.bounds.bounds_each(visits, approaches, assignment)):
            no_room, reachable = (stopped[i] == 0) & (bounds.points == np.inf), approaches[i].reachable
            without = bits_of({Gate.NO_ROOM: no_room & reachable, Gate.TRAVEL: no_room & ~reachable})
            looks.append(Look(tasks[i], stopped[i] | without, visits[i], approaches[i], assignment, bounds))
        return looks

    def both(self, one: Look, two: Look, rows: Ints, start_min: Floats, *, moves_alone: bool) -> Floats:
        """(workers,) bounds on a pair, by who has the second visit. `rows`: who may have the first, and when each would
        start with it at the earliest."""
        points = np.full(len(two.stopped), np.inf)
        for moment in np.unique(start_min):
            there = rows[start_min == moment]
            bounds = self._second(one, two, there, float(moment), moves_alone=moves_alone)
            if len(there) == 1:
                bounds[there] = np.inf
            points = np.minimum(points, bounds)
        return points

    def _second(self, one: Look, two: Look, rows: Ints, start_min: float, *, moves_alone: bool) -> Floats:
        gaps, visit = one.task.order.synchronisation, one.visit
        settled, paired = one.bounds.settled[rows], one.bounds.paired[rows]
        first = First(
            start_min=start_min,
            max_gap_min=gaps.max_gap_min,
            due_min=visit.due_min,
            # Where it is the first of its day, keeping it back may save waiting too.
            points_per_min_late=max(0.0, visit.points_per_min_late - kernel_weights(self.policy).waiting),
            kept_back=float(paired.min() - settled.min()),
            moves_alone=moves_alone,
        )
        soonest_min = max(two.visit.earliest_min, start_min + gaps.min_gap_min)
        second = replace(two.visit, earliest_min=soonest_min, first=first)
        points: Floats = settled.min() + self.bounds.bounds(second, two.approach, two.assignment).paired
        return points


def _newcomer(task: Task, columns: Visits, i: int, policy: Policy) -> Newcomer:
    earliest, due, _ = visit_window(task.order, task.index)
    return Newcomer(
        place=task.order.place,
        duration_min=float(columns.duration[i]),
        earliest_min=float(columns.earliest[i]),
        due_min=float(columns.due[i]),
        latest_min=float(columns.latest[i]),
        points_per_min_late=float(columns.priority[i]) * kernel_weights(policy).tardiness,
        hour=(earliest + due) / 120.0,
    )
