"""A new order gets the cheapest place the gates allow in the plan as it stands, at once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dispatch.costs import Term, difference
from dispatch.evaluation import compared
from dispatch.explain import explain, gates_in_brief, gates_in_full
from dispatch.formulation import Formulation, formulate
from dispatch.gates import Gate
from dispatch.kernel.insertions import Insertions, insertions_each
from dispatch.kernel.problem import Routes
from dispatch.model import Day, Order, Plan, StopState, visit_window
from dispatch.policy import Policy
from dispatch.proposal import (
    Alternative,
    Assignment,
    Proposal,
    Refusal,
    RefusalReason,
    Stopped,
    changes_between,
)
from dispatch.travel.port import Travel

IN_FULL = 3  # the chosen way and the next two
SAME_TIME_MIN = 0.5
"""Nobody calls less another moment."""
DEPEND_ON_PLAN = {
    Gate.DAY_VISITS,
    Gate.DAY_HOURS,
    Gate.WEEK_HOURS,
    Gate.MONTH_HOURS,
    Gate.USUAL_HOUR,
    Gate.BREAK,
    Gate.NO_ROOM,
    Gate.IN_STEP,
}


def insert(day: Day, order: Order, policy: Policy, travel: Travel) -> Proposal | Refusal:
    """Where `order` goes in `day.plan`: nothing planned changes worker, nothing frozen moves, told times stay within
    their tolerance. An order of a series is taken from its usual hour only if nobody has room for it there. The order
    may or may not be among the day's already; of a pair one visit may have begun, then only the other is placed.
    ValueError if there is nothing to place."""
    if all(known.id != order.id for known in day.orders):
        day = replace(day, orders=(*day.orders, order))
    answer = place(day, order, policy, travel, any_hour=frozenset())
    if isinstance(answer, Refusal) and order.usual_start_min is not None:
        return place(day, order, policy, travel, any_hour=frozenset({order.id}))
    return answer


@dataclass(frozen=True, slots=True)
class Places:
    """Where an order could go: what every answer is made of."""

    order: Order
    formulation: Formulation
    tasks: tuple[int, ...]
    """Of its visits that wait."""
    found: Insertions | None
    """None: the plan as it stands cannot be kept."""


def places_for(
    day: Day,
    orders: Sequence[Order],
    policy: Policy,
    travel: Travel,
    *,
    any_hour: frozenset[str],
    timed: int = IN_FULL,
) -> list[Places]:
    """Of each of these orders of the day, as if the others of them were none. `timed`: of so many ways the starts are
    known. ValueError if nothing of an order waits."""
    movable = frozenset(visit.id for order in orders for visit in order.visits)
    formulation = formulate(day, policy, travel, movable=movable, any_hour=any_hour)
    waiting: dict[str, list[int]] = {order.id: [] for order in orders}
    for i, task in enumerate(formulation.tasks):
        if task.stop is None and task.order.id in waiting:
            waiting[task.order.id].append(i)
    for order_id, tasks in waiting.items():
        if not tasks:
            raise ValueError(f"order {order_id}: every visit is planned already")
    each = [tuple(waiting[order.id]) for order in orders]
    found = insertions_each(formulation.problem, formulation.routes, each, timed)
    return [
        Places(order, formulation, tasks, None if found is None else found[i])
        for i, (order, tasks) in enumerate(zip(orders, each, strict=True))
    ]


def place(day: Day, order: Order, policy: Policy, travel: Travel, *, any_hour: frozenset[str]) -> Proposal | Refusal:
    """`insert` of an order the day has; those of `any_hour` may leave their usual hour."""
    planned = day.plan.placed()
    if too_late(order, [i for i, visit in enumerate(order.visits) if visit.id not in planned], day.now_min):
        return Refusal(order_id=order.id, reason=RefusalReason.TOO_LATE, stopped={})
    (places,) = places_for(day, [order], policy, travel, any_hour=any_hour)
    formulation, tasks, found = places.formulation, places.tasks, places.found
    if found is not None and len(found.rises):
        return proposal(places, found, gates_in_brief(formulation, tasks, found))
    stopped = gates_in_full(formulation, tasks, found)
    if found is None:
        return Refusal(order_id=order.id, reason=RefusalReason.PLAN_BROKEN, stopped=stopped)
    return Refusal(order_id=order.id, reason=why_not(_able(day, stopped)), stopped=stopped)


def proposal(places: Places, found: Insertions, stopped: Stopped) -> Proposal:
    """The cheapest of the ways, of which there is one: of those told in full, once planned visits that would begin at
    another moment have their price."""
    order, formulation, tasks = places.order, places.formulation, places.tasks
    day, policy = formulation.day, formulation.policy
    found = _least_moved(formulation, tasks, found)
    ways = [_way(formulation, tasks, found, row) for row in range(len(found.start))]
    plan = formulation.plan(with_visits(formulation.routes, tasks, found, 0), found.start[0])
    return Proposal(
        order_id=order.id,
        assignments=_assignments(plan, [formulation.tasks[i].id for i in tasks]),
        changes=changes_between(day.plan, plan),
        plan=plan,
        explanation=explain(formulation, ways[0], ways[1:], found, stopped),
        tell_by_min=tell_by_min(plan, order, day.now_min, policy),
    )


def _least_moved(formulation: Formulation, tasks: Sequence[int], found: Insertions) -> Insertions:
    price, timed = formulation.policy.move_planned, len(found.start)
    if not price:
        return found
    points = found.rises[:timed] + [price * _moved(formulation, tasks, found, row) for row in range(timed)]
    order = np.append(np.argsort(points, kind="stable"), np.arange(timed, len(found.rises)))
    return found._replace(
        workers=found.workers[order],
        positions=found.positions[order],
        rises=found.rises[order],
        start=found.start[order[:timed]],
    )


def _moved(formulation: Formulation, tasks: Sequence[int], found: Insertions, row: int) -> int:
    """Planned visits that would begin at another moment."""
    elsewhere = np.flatnonzero(np.abs(found.start[row] - found.start_before) > SAME_TIME_MIN).tolist()
    return sum(
        task not in tasks and (stop := formulation.tasks[task].stop) is not None and stop.state is StopState.PLANNED
        for task in elsewhere
        if task < len(formulation.tasks)
    )


def tell_by_min(plan: Plan, order: Order, now_min: float, policy: Policy) -> float:
    """Now for an urgent order; another one may wait while there is slack until the notice people are owed."""
    placed = plan.placed()
    first_min = min(placed[visit.id][1].start_min for visit in order.visits)
    return now_min if order.urgent else max(now_min, first_min - policy.notice_min)


def _way(formulation: Formulation, tasks: Sequence[int], found: Insertions, row: int) -> Alternative:
    routes = with_visits(formulation.routes, tasks, found, row)
    before, after = compared(formulation, (formulation.routes, found.start_before), (routes, found.start[row]))
    terms = difference(after.terms, before.terms)
    terms.pop("unplaced", None)  # the same for every way: taking the order on is not a choice here
    if (price := formulation.policy.move_planned) and (moved := _moved(formulation, tasks, found, row)):
        terms["move_planned"] = Term(float(moved), moved * price)
    return Alternative(worker_ids=tuple(formulation.day.workers[w].id for w in found.workers[row]), terms=terms)


def with_visits(routes: Routes, tasks: Sequence[int], found: Insertions, row: int) -> Routes:
    longer = [list(route) for route in routes]
    for task, worker, position in zip(tasks, found.workers[row], found.positions[row], strict=True):
        longer[worker].insert(position, task)
    return tuple(tuple(route) for route in longer)


def _assignments(plan: Plan, visit_ids: Sequence[str]) -> tuple[Assignment, ...]:
    placed = plan.placed()
    return tuple(
        Assignment(visit_id=visit_id, worker_id=worker_id, start_min=stop.start_min, end_min=stop.end_min)
        for visit_id in visit_ids
        for worker_id, stop in [placed[visit_id]]
    )


def too_late(order: Order, waiting: Iterable[int], now_min: float) -> bool:
    """Has the latest start of a visit that waits passed, or does it lie before its window?"""
    windows = (visit_window(order, index) for index in waiting)
    return any(latest < max(earliest, now_min) for earliest, _, latest in windows)


def why_not(able: Sequence[Collection[object]]) -> RefusalReason:
    """`able`: of each visit the workers whom nothing stops but what is planned."""
    if not all(able):
        return RefusalReason.NO_WORKER
    if len(set().union(*able)) < len(able):
        return RefusalReason.NO_SECOND_WORKER
    return RefusalReason.NO_ROOM


def _able(day: Day, stopped: Stopped) -> list[set[str]]:
    """`stopped` has every worker who cannot."""
    return [
        {worker.id for worker in day.workers if DEPEND_ON_PLAN.issuperset(gates.get(worker.id, ()))}
        for gates in stopped.values()
    ]
