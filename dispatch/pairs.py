"""Visits of a pair where a part of a day has only one of them."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from dispatch.groups import sharing
from dispatch.model import Group, Interval, Order, Synchronisation, visit_window


def alone(order: Order, index: int) -> Order:
    """One visit of the order as an order of its own, with the same times and its share of the pay."""
    if len(order.visits) == 1:
        return order
    earliest, due, latest = visit_window(order, index)
    return replace(
        order,
        visits=(order.visits[index],),
        window=Interval(earliest, due),
        latest_start_min=latest,
        synchronisation=Synchronisation(),
        pay_fen=order.pay_fen // len(order.visits),
        usual_start_min=None if index else order.usual_start_min,
    )


def groups_beside(groups: Iterable[Group], seconds: Collection[str]) -> tuple[Group, ...]:
    """`seconds`: orders of which there is the second visit alone. As an order of its own it would count as a first one,
    with which the first visits of others share a worker: such groups are without it."""
    return tuple(
        replace(group, order_ids=group.order_ids.difference(seconds)) if group.same_worker and seconds else group
        for group in groups
    )


def second_visits_beside(groups: Iterable[Group], orders: Iterable[Order], seconds: Collection[str]) -> set[str]:
    """Ids of the visits that must share a worker with one of `seconds` (see `groups_beside`): as no group says so any
    more, they have to stay where they are."""
    bound = {other for order_id in seconds for other in sharing(groups, order_id)}
    return {order.visits[1].id for order in orders if order.id in bound and len(order.visits) > 1}
