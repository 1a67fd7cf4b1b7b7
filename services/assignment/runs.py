"""Meals that are carried together. Pure.

A meal is fetched in its kitchen. Whoever comes from the door of another meal of the same kitchen and half hour has it
along. From when a run has set out, its meals are in somebody's box: nobody else can bring them, and a meal that is
ordered later is not among them.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.order import OrderView, PlaceOnOrder, VisitView
from dispatch.model import Pickup, Place
from services.business_day import day_starts_at

PICK_UP_MIN = 5.0
"""In the kitchen."""
TOGETHER_MIN = 30
"""Meals wished within the same half hour are carried together, so that the last of them is still hot."""
_BEGUN = frozenset({"on_the_way", "in_service", "done", "not_met", "interrupted"})


def pickup_of(view: OrderView, *, alone: bool = False) -> Pickup | None:
    """Where a meal is fetched; None: it is none, or its kitchen has no position. `alone`: for nobody else."""
    if view.kitchen_place is None:
        return None
    since_min = (view.wished_from - day_starts_at(view.day)).total_seconds() / 60.0
    half_hour = int(since_min // TOGETHER_MIN)
    return Pickup(
        id=f"{view.kitchen_id}/{half_hour}" + (f"/{view.id}" if alone else ""),
        place=_kitchen(view.kitchen_id, view.kitchen_place),
        duration_min=PICK_UP_MIN,
        around_min=float(half_hour * TOGETHER_MIN),
    )


def _kitchen(kitchen_id: UUID | None, place: PlaceOnOrder) -> Place:
    return Place(id=str(kitchen_id), lat=place.lat, lon=place.lon)


def is_fetched_before(place: Place, before: Place | None) -> bool:
    """Does the way lead by the kitchen? `before`: None = the shift begins."""
    if place.pickup is None:
        return False
    return before is None or before.pickup is None or before.pickup.id != place.pickup.id


@dataclass(frozen=True, slots=True)
class _Carried:
    at: datetime
    run: str
    visit: VisitView
    worker_id: UUID


class Boxes:
    """What is in whose box, as the orders slice has it."""

    def __init__(self, views: Iterable[OrderView]) -> None:
        self._carriers = _in_boxes(views)

    def carrier(self, view: OrderView) -> UUID | None:
        """Who has the meal in the box; None: it is to be fetched, or is none."""
        return next((one for visit in view.visits if (one := self._carriers.get(visit.id))), None)

    def follow(self, views: Iterable[OrderView], known: Iterable[OrderView]) -> list[OrderView]:
        """These have changed. Returns them, and those whose meal is in a box now, or is no longer.

        :param known: all of the day, these among them
        """
        some = {view.id: view for view in views}
        workers = {one for view in some.values() for one in (*_workers(view), self.carrier(view)) if one is not None}
        if not workers:
            return list(some.values())
        theirs = [view for view in known if not workers.isdisjoint(_workers(view))]
        before = {visit_id: one for visit_id, one in self._carriers.items() if one in workers}
        now = _in_boxes(theirs)
        self._carriers = {visit_id: one for visit_id, one in self._carriers.items() if visit_id not in before} | now
        changed = {visit_id for visit_id in before.keys() | now.keys() if before.get(visit_id) != now.get(visit_id)}
        if changed:
            some |= {view.id: view for view in known if any(visit.id in changed for visit in view.visits)}
        return list(some.values())


def _workers(view: OrderView) -> set[UUID]:
    """Who brings the meal."""
    return {visit.worker.id for visit in view.visits if visit.worker} if view.kitchen_place else set()


def _in_boxes(views: Iterable[OrderView]) -> dict[UUID, UUID]:
    """Visit → worker."""
    boxed, runs = dict[UUID, UUID](), dict[UUID, tuple[str, bool]]()
    for one in sorted(_carried(views), key=lambda one: (one.at, one.visit.id)):
        begun = one.visit.state in _BEGUN
        if one.visit.picks_up:
            runs[one.worker_id] = (one.run, begun)
        elif begun or runs.get(one.worker_id) == (one.run, True):
            boxed[one.visit.id] = one.worker_id
    return boxed


def fetched_alone(views: Collection[OrderView]) -> set[UUID]:
    """Meals that are fetched though the one before is of the same run: because of a dish that is not fresh for long."""
    if not any(view.fresh_min for view in views):
        return set()
    found, last = set[UUID](), dict[UUID, str]()
    order_of = {visit.id: view.id for view in views for visit in view.visits}
    for one in sorted(_carried(views), key=lambda one: (one.at, one.visit.id)):
        if one.visit.picks_up and last.get(one.worker_id) == one.run:
            found.add(order_of[one.visit.id])
        last[one.worker_id] = one.run
    return found


def _carried(views: Iterable[OrderView]) -> Iterator[_Carried]:
    for view in views:
        if (pickup := pickup_of(view)) is not None:
            for visit in view.visits:
                if visit.worker is not None and visit.starts_at is not None:
                    yield _Carried(visit.starts_at, pickup.id, visit, visit.worker.id)
