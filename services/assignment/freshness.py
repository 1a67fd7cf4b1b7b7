"""How long a meal that is carried behind others has been in the box when it is at the door. The search knows ways, not
boxes: what it finds is looked at here, and a meal that would not be fresh is fetched by itself.

Who does that goes the shortest way there is from the kitchen; how far that may be is the kitchen's to say.
"""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from contracts.order import OrderView
from dispatch.model import Order, Place, Plan, Route, Worker
from dispatch.travel.port import Travel
from services.assignment.days import view_id_of
from services.assignment.runs import is_fetched_before

if TYPE_CHECKING:
    from services.assignment.planned_day import PlannedDay

TOLERANCE_MIN = 0.5


def too_long_in_box(day: "PlannedDay", plan: Plan, workers: Collection[str], *asked: OrderView) -> list[OrderView]:
    """What these workers would bring later after it was fetched than a dish allows. `asked`: not placed yet."""
    book, found = day.living.timing.book, list[OrderView]()
    known = {view.id: view for view in asked}
    for route in plan.routes:
        if route.worker_id not in workers:
            continue
        ids = [view_id_of(book.order_of[stop.visit_id][0].id) for stop in route.stops]
        views = [known.get(one) or day.views[one] for one in ids]
        if any(view.fresh_min for view in views):
            orders = [book.order_of[stop.visit_id][0] for stop in route.stops]
            ages = in_box_min(route, orders, book.worker(route.worker_id), day.travel)
            found += [
                view
                for view, age in zip(views, ages, strict=True)
                if view.fresh_min is not None and age is not None and age > view.fresh_min + TOLERANCE_MIN
            ]
    return found


def in_box_min(route: Route, orders: Collection[Order], worker: Worker, travel: Travel) -> list[float | None]:
    """Of each stop how long its meal has been in the box; None: it is none, or was not carried behind another."""
    found, before, left_min = list[float | None](), None, 0.0
    for stop, order in zip(route.stops, orders, strict=True):
        place, age = order.place, None
        if is_fetched_before(place, before):
            left_min = stop.start_min - _onward_min(place, worker, stop.start_min, travel)
        elif place.pickup is not None:
            age = stop.start_min - left_min
        found.append(age)
        before = place
    return found


def by_itself(day: "PlannedDay", view: OrderView, now: datetime) -> Order:
    """A meal that is from now on fetched for nobody else; what was carried behind it is fetched again."""
    day.belief.alone.add(view.id)
    day.stands(view, now)
    return day.living.timing.book.orders[str(view.id)]


def _onward_min(place: Place, worker: Worker, start_min: float, travel: Travel) -> float:
    """From the kitchen to the door."""
    assert place.pickup is not None
    hour = np.array([start_min / 60.0])
    minutes = float(travel.times([place.pickup.place], [place], (worker.mode,), hour).minutes.item())
    return minutes if np.isfinite(minutes) else 0.0
