"""Orders that must share a worker, or must not, among the visits of a day."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

import numpy as np

from dispatch.kernel.problem import Bools, Ints
from dispatch.model import Day, Group, Order


def bond_rows(day: Day, task_index: Mapping[str, int]) -> Ints:
    """As the kernel's `Problem.bonds`."""
    orders = {order.id: order for order in day.orders}
    rows = [
        (task_index[one], task_index[other], int(group.same_worker))
        for group in day.groups
        for first, second in combinations(sorted(group.order_ids & orders.keys()), 2)
        for one, other in _bound(group, orders[first], orders[second])
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


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
    for group in groups:
        for other_id in group.order_ids & orders.keys() - {order.id}:
            for one, other in _bound(group, order, orders[other_id]):
                if one == order.visits[index].id and other in placed:
                    theirs = np.array([worker.id == placed[other][0] for worker in day.workers], dtype=np.bool_)
                    forbidden |= ~theirs if group.same_worker else theirs
    return forbidden
