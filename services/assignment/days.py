"""Orders and staff of the platform as dispatch's plain data, and dispatch's minutes as moments. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from contracts.order import OrderView, PlaceOnOrder, VisitView
from dispatch.model import (
    Interval,
    Order,
    Place,
    Sex,
    Stop,
    StopState,
    Synchronisation,
    Visit,
)
from services.assignment.model import Reading
from services.assignment.runs import pickup_of
from services.business_day import business_day, day_starts_at

LATE_AT_MOST_MIN = 60.0
"""A start later than this after the wished time is refused; before it is only late."""
STEP_TOLERANCE_MIN = 10.0
"""The second of two workers may begin so much later than agreed."""
OVERRUN_MIN = 5.0
"""Whoever is still at work after the planned end is expected to need so much longer."""
URGENT_PRIORITY = 3.0
_AGREED = frozenset({"planned", "offered", "accepted"})
_OVER = frozenset({"cancelled", "missed", "not_met", "interrupted"})
_BEGUN = frozenset({"on_the_way", "in_service", "done"})
_STATES: Mapping[str, StopState] = {
    "planned": StopState.PLANNED,
    "offered": StopState.TOLD,
    "accepted": StopState.TOLD,
    "on_the_way": StopState.STARTED,
    "in_service": StopState.STARTED,
    "done": StopState.DONE,
}


@dataclass(frozen=True, slots=True)
class Clock:
    """Minutes of one business day."""

    day: date

    def minutes(self, at: datetime) -> float:
        return (at - day_starts_at(self.day)) / timedelta(minutes=1)

    def moment(self, minutes: float) -> datetime:
        """To the second."""
        return day_starts_at(self.day) + timedelta(seconds=round(minutes * 60))


def order_is_over(view: OrderView) -> bool:
    """Nothing of it takes anybody's time on this day."""
    return all(visit.state in _OVER for visit in view.visits)


def open_visits(view: OrderView) -> tuple[VisitView, ...]:
    return tuple(visit for visit in view.visits if visit.state not in _OVER)


@dataclass(frozen=True, slots=True)
class Facts:
    """Of a day, what every order of it needs."""

    helpers: Mapping[UUID, frozenset[UUID]]
    """Unpaid helpers: worker → the elders they are paired with."""
    familiar: dict[UUID, Mapping[UUID, float]]
    """Elder → worker → share of the elder's last visits; those of orders that come later are added."""

    @classmethod
    def of(cls, reading: Reading) -> "Facts":
        return cls({one.id: one.only_for for one in reading.staff if one.only_for is not None}, dict(reading.familiar))

    def not_for(self, elder_id: UUID) -> frozenset[str]:
        return frozenset(str(helper) for helper, elders in self.helpers.items() if elder_id not in elders)


def orders_of(
    view: OrderView, facts: Facts, *, also_refused: Iterable[UUID] = (), in_box: bool = False, alone: bool = False
) -> tuple[Order, ...]:
    """`view` has a position and an open visit. One order as a rule. Of two visits of which one is over, the other is an
    order of one. Of two of which one waits while the other is agreed but has not begun, each is an order of its own,
    the one that waits bound to the other's moment and to somebody else: dispatch knows a pair only whole.

    :param in_box: a meal that has been fetched :param alone: a meal that is fetched for nobody else
    """
    order, visits = _order_of(view, facts, also_refused, in_box=in_box, alone=alone), open_visits(view)
    having = [visit for visit in visits if visit.state != "waiting" and visit.starts_at is not None]
    if len(visits) == 1 or len(having) != 1 or having[0].state not in _AGREED:
        return (order,)
    (had,), (waits,) = having, [visit for visit in visits if visit is not having[0]]
    starts = had.starts_at or view.wished_from
    start_min = Clock(view.day).minutes(starts)
    gaps = order.synchronisation
    bounds = (gaps.min_gap_min, gaps.max_gap_min) if waits.position == 1 else (-gaps.max_gap_min, -gaps.min_gap_min)
    window = Interval(*(start_min + one for one in bounds))
    half = _alone(order, visits.index(waits))
    refused = half.refused_workers | ({str(had.worker.id)} if had.worker else set())
    return (
        _alone(order, visits.index(had)),
        replace(half, window=window, latest_start_min=window.to_min, refused_workers=refused),
    )


def order_ids_of(view_id: UUID) -> tuple[str, ...]:
    """Every id that `orders_of` may give to an order of this view."""
    return str(view_id), f"{view_id}/0", f"{view_id}/1"


def view_id_of(order_id: str) -> UUID:
    return UUID(order_id.partition("/")[0])


def _alone(order: Order, at: int) -> Order:
    gaps = order.synchronisation
    after = gaps.min_gap_min if at == 1 else 0.0
    return replace(
        order,
        id=f"{order.id}/{at}",
        visits=(order.visits[at],),
        window=Interval(order.window.from_min + after, order.window.to_min + after),
        latest_start_min=order.latest_start_min + after,
    )


def _order_of(view: OrderView, facts: Facts, also_refused: Iterable[UUID], *, in_box: bool, alone: bool) -> Order:
    clock, visits = Clock(view.day), open_visits(view)
    after = view.second_after_min if visits[0].position == 1 else 0
    from_min = clock.minutes(view.wished_from) + after
    until_min = max(from_min, clock.minutes(view.wished_until) + after)
    fetched = in_box or any(visit.state in _BEGUN for visit in visits)
    refused = {*view.refused_worker_ids, *also_refused, *(one for visit in visits for one in visit.refused_worker_ids)}
    return Order(
        id=str(view.id),
        elder_id=str(view.elder.id),
        place=replace(
            place_of(str(view.elder.id), served_at(view), view.region_code),
            pickup=None if fetched else pickup_of(view, alone=alone),
        ),
        visits=tuple(_visit(visit, view) for visit in visits),
        window=Interval(from_min, until_min),
        latest_start_min=until_min + LATE_AT_MOST_MIN,
        synchronisation=Synchronisation(
            min_gap_min=view.second_after_min, max_gap_min=view.second_after_min + STEP_TOLERANCE_MIN
        ),
        placed_at_min=clock.minutes(view.placed_at),
        priority=URGENT_PRIORITY if view.urgent else 1.0,
        urgent=view.urgent,
        refused_workers=facts.not_for(view.elder.id) | {str(one) for one in refused},
        usual_workers=frozenset(str(worker) for worker in view.usual_worker_ids),
        familiarity={str(worker): share for worker, share in facts.familiar.get(view.elder.id, {}).items()},
    )


def _visit(visit: VisitView, view: OrderView) -> Visit:
    needed = {f"skill:{code}" for code in view.skills} | {f"certificate:{kind}" for kind in view.certificates}
    sex = Sex(view.worker_sex) if view.worker_sex else None
    return Visit(id=str(visit.id), duration_min=view.duration_min, skills=frozenset(needed), worker_sex=sex)


def served_at(view: OrderView) -> PlaceOnOrder:
    """:raises ValueError: the address has no position"""
    if view.place is None:
        raise ValueError(f"order {view.id} has no position")
    return view.place


def stop_of(visit: VisitView, view: OrderView, now_min: float) -> tuple[str, Stop] | None:
    """(worker, stop) of a visit that somebody has."""
    if visit.worker is None or visit.starts_at is None or visit.state not in _STATES:
        return None
    clock, state = Clock(view.day), _STATES[visit.state]
    start_min = clock.minutes(visit.starts_at)
    end_min = clock.minutes(visit.ends_at) if visit.ends_at else start_min + view.duration_min
    if visit.state == "on_the_way":
        late_min = max(0.0, now_min - start_min)
        start_min, end_min = start_min + late_min, end_min + late_min
    if state is StopState.STARTED and end_min < now_min:
        end_min = now_min + OVERRUN_MIN
    if visit.locked and state in (StopState.PLANNED, StopState.TOLD):
        state = StopState.PROMISED
    told = visit.told_starts_at or visit.starts_at
    told_min = None if state is StopState.PLANNED else clock.minutes(told)
    stop = Stop(visit_id=str(visit.id), start_min=start_min, end_min=end_min, state=state, told_start_min=told_min)
    return str(visit.worker.id), stop


def is_far(day: date, now: datetime) -> bool:
    """Nobody sets out for it soon."""
    return day > business_day(now)


def place_of(id_: str, place: PlaceOnOrder, region: str) -> Place:
    return Place(id=id_, lat=place.lat, lon=place.lon, region=region)
