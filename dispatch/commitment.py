"""Who must be told now, and what may still wait for a better moment."""

from collections.abc import Mapping

from dispatch.model import Day, Order, Stop, StopState
from dispatch.policy import Policy

Placed = Mapping[str, tuple[str, Stop]]


def slack_min(day: Day, order_id: str, policy: Policy) -> float:
    """Minutes this order may still wait before its people must be told; 0 = told, urgent, or no time left."""
    return _slack_min(day.order(order_id), day.plan.placed(), day.now_min, policy)


def due_to_tell(day: Day, policy: Policy) -> tuple[str, ...]:
    """Ids of planned visits whose slack has run out, in the order of the day's orders."""
    placed = day.plan.placed()
    return tuple(
        visit.id
        for order in day.orders
        for visit in order.visits
        if visit.id in placed
        and placed[visit.id][1].state is StopState.PLANNED
        and _slack_min(order, placed, day.now_min, policy) <= 0.0
    )


def _slack_min(order: Order, placed: Placed, now_min: float, policy: Policy) -> float:
    stops = [placed[visit.id][1] for visit in order.visits if visit.id in placed]
    if order.urgent or any(stop.state is not StopState.PLANNED for stop in stops):
        return 0.0
    first_min = min((stop.start_min for stop in stops), default=order.window.to_min)
    return max(0.0, first_min - policy.notice_min - now_min)
