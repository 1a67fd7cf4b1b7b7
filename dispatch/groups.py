"""Orders that must share a worker, or must not, among the visits of a day."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

import numpy as np

from dispatch.kernel.problem import Bools, Ints
from dispatch.model import Day, Group, Order, Stop


def bond_rows(day: Day, task_index: Mapping[str, int]) -> Ints:
    """As the kernel's `Problem.bonds`, which joins whatever shares a worker with the same visit: so without those that
    are torn and cannot be served."""
    torn, orders = torn_visits(day), {order.id: order for order in day.orders}
    rows = [
        (task_index[one], task_index[other], int(group.same_worker))
        for group in day.groups
        for first, second in combinations(sorted(group.order_ids & orders.keys()), 2)
        for one, other in _bound(group, orders[first], orders[second])
        if one not in torn and other not in torn
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def torn_visits(day: Day) -> frozenset[str]:
    """Visits that wait and must share a worker with visits of several workers, directly or through others."""
    if not day.groups:
        return frozenset()
    placed = day.plan.placed()
    return frozenset(
        visit.id
        for order in day.waiting()
        for index, visit in enumerate(order.visits)
        if visit.id not in placed and len(_sharing_it(day, order, index, placed)) > 1
    )


def _sharing_it(day: Day, order: Order, index: int, placed: Mapping[str, tuple[str, Stop]]) -> set[str]:
    """The workers who have visits that must share one with this visit; while it waits, also through others."""
    waits = order.visits[index].id not in placed
    direct = [group.order_ids for group in day.groups if group.same_worker and order.id in group.order_ids]
    if not direct:
        return set()
    bound = (sharing(day.groups, order.id) if waits else frozenset().union(*direct)) - {order.id}
    visits = (other.visits[index].id for other in day.orders if other.id in bound and index < len(other.visits))
    return {placed[visit_id][0] for visit_id in visits if visit_id in placed}


def sharing(groups: Iterable[Group], order_id: str) -> frozenset[str]:
    """The order and all that must share a worker with it, directly or through others. Only itself where none must."""
    bound, found, before = [group.order_ids for group in groups if group.same_worker], frozenset({order_id}), -1
    while len(found) > before:
        before, found = len(found), found.union(*(ids for ids in bound if ids & found))
    return found


def _bound(group: Group, first: Order, second: Order) -> Iterator[tuple[str, str]]:
    """Ids of visits of which the group speaks."""
    for i, one in enumerate(first.visits):
        for j, other in enumerate(second.visits):
            if i == j or not group.same_worker:
                yield one.id, other.id


def parted_from(day: Day, order: Order, index: int) -> Bools:
    """(workers,) who may not do this visit, because others of its groups are planned with them, or elsewhere."""
    groups = [group for group in day.groups if order.id in group.order_ids]
    forbidden = np.zeros(len(day.workers), dtype=np.bool_)
    if not groups:
        return forbidden
    placed, orders = day.plan.placed(), {other.id: other for other in day.orders}
    apart = (orders[id_] for group in groups if not group.same_worker for id_ in group.order_ids & orders.keys())
    for other in apart:
        for visit in other.visits if other.id != order.id else ():
            if visit.id in placed:
                forbidden |= _is(day, placed[visit.id][0])
    for worker_id in _sharing_it(day, order, index, placed):
        forbidden |= ~_is(day, worker_id)
    return forbidden


def _is(day: Day, worker_id: str) -> Bools:
    return np.array([worker.id == worker_id for worker in day.workers], dtype=np.bool_)
