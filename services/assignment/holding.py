"""A time is kept for an order that is just being placed, or moved to another time, until the order itself is heard of.

Of two who confirm the last free time at once exactly one has it: questions have their turns one after the other,
and whoever is second finds it taken. Kept is a visit with somebody, as if a person had decided it. It is never
proposed; it ends with the first event of the order, or after a while where none comes.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from contracts.order import OrderView, PersonOnOrder, VisitView
from dispatch.insertion import SAME_TIME_MIN
from dispatch.living.slots import OTHERS_LATER_MIN
from dispatch.model import Order, visit_window
from dispatch.proposal import Proposal
from services.assignment import freshness
from services.assignment.belief import Hold
from services.assignment.days import orders_of
from services.assignment.planned_day import PlannedDay
from services.assignment.proposing import Orders, Spot, spots_of, touched_by

HELD_FOR = timedelta(seconds=20)
"""From the answer to the order's first event passes a second, on a crowded machine ten."""


def hold(day: PlannedDay, view: OrderView, *, now: datetime, until: datetime) -> bool:
    """Whether somebody can come within the wished time; then it is kept.

    :param view: as it would be, its visits waiting; of an order that is to be moved its version as it is known
    """
    let_go(day, now, of=view)
    if view.place is None or not view.visits:
        return True
    known, as_it_was = day.views.get(view.id), day.living.day
    if known is not None and known.version > view.version:
        return True
    day.stands(view, now)
    (order,) = orders_of(view, day.facts)
    answer = day.living.proposal(_in_time(order))
    if answer is not None and freshness.too_long_in_box(day, answer.plan, touched_by(answer), view):
        order = freshness.by_itself(day, view, now)
        answer = day.living.proposal(_in_time(order))
    if answer is None or _makes_late(day, answer):
        day.belief.alone.discard(view.id)
        day.living.become(as_it_was)
        return False
    day.living.become(replace(day.living.day, plan=answer.plan))
    day.belief.hold(Hold(_held(day, view), until))
    day.stands(day.views[view.id], now)
    return True


def pass_time(day: PlannedDay, now: datetime) -> list[str]:
    """See `PlannedDay.pass_time`."""
    let_go(day, now)
    return day.pass_time(now)


def let_go(day: PlannedDay, now: datetime, of: OrderView | None = None) -> None:
    """What has been kept for too long; and what is kept for this order, or for the same wish of the same elder: nobody
    keeps more than one time of a service free for one elder."""
    for order_id, kept in list(day.belief.holds.items()):
        if kept.until <= now or (of is not None and _same_wish(kept.view, of)):
            day.stands(day.belief.let_go(order_id) or _over(kept.view), now)


def _over(view: OrderView) -> OrderView:
    return view.model_copy(update={"visits": ()})


def _same_wish(one: OrderView, other: OrderView) -> bool:
    return one.id == other.id or (one.elder.id, one.service_code) == (other.elder.id, other.service_code)


def _in_time(order: Order) -> Order:
    """Late is not what was wished."""
    return replace(order, latest_start_min=order.window.to_min)


def _makes_late(day: PlannedDay, answer: Proposal) -> bool:
    """Somebody else, or later than they are without it."""
    order_of = day.living.timing.book.order_of
    for change in answer.changes:
        if change.from_start_min is not None and change.to_start_min is not None:
            _, due_min, _ = visit_window(*order_of[change.visit_id])
            if change.to_start_min > max(due_min + OTHERS_LATER_MIN, change.from_start_min + SAME_TIME_MIN):
                return True
    return False


def _held(day: PlannedDay, view: OrderView) -> OrderView:
    spots = _spots(day, {str(visit.id) for visit in view.visits})
    visits = tuple(
        VisitView(
            id=visit.id,
            position=visit.position,
            state="planned",
            worker=PersonOnOrder(id=(spot := spots[visit.id]).worker_id, name=day.staff[str(spot.worker_id)].name),
            sets_out_at=spot.sets_out_at,
            starts_at=spot.starts_at,
            ends_at=spot.ends_at,
            picks_up=spot.picks_up,
            locked=True,
        )
        for visit in view.visits
    )
    return view.model_copy(update={"visits": visits})


def _spots(day: PlannedDay, visit_ids: set[str]) -> dict[UUID, Spot]:
    book = day.living.timing.book
    known = Orders(book.order_of, day.travel)
    found = dict[UUID, Spot]()
    for worker_id in {book.spot[visit_id][0] for visit_id in visit_ids}:
        route = spots_of(book.worker(worker_id), book.routes[worker_id], known, day.clock)
        found |= {UUID(visit_id): spot for visit_id, spot in route.items() if visit_id in visit_ids}
    return found
