"""What a planned day answers: free times, what a change would cost, why her, the plan. The day stays as it is."""

import math
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import numpy as np

from contracts.order import OrderView, PersonOnOrder, VisitView
from dispatch.events import order_cancelled
from dispatch.gates import Gate
from dispatch.living.overriding import what_if_here
from dispatch.model import Interval, Order, StopState, TravelMode
from dispatch.proposal import Change, Refusal, Stopped
from dispatch.travel.port import Travel
from dispatch.what_if import Consequences
from dispatch.why import Why, why_here
from dispatch.words.en import EN
from dispatch.words.say import said_override, said_why
from dispatch.words.zh import ZH
from services.assignment.answers import (
    Hours,
    Moved,
    OrderAsked,
    PlanTold,
    Sentences,
    Slot,
    SlotsAsked,
    SlotsTold,
    Unassigned,
    VisitOnPlan,
    WayAsked,
    WayTold,
    WhatIfAsked,
    WhatIfTold,
    WhyTold,
    WorkerOnPlan,
)
from services.assignment.days import open_visits, order_ids_of, order_is_over, orders_of, place_of, view_id_of
from services.assignment.model import Staff
from services.assignment.planned_day import PlannedDay
from services.assignment.proposing import Spot
from services.assignment.sentences import not_to_this_elder
from services.assignment.sentences import settled as said_settled
from services.business_day import ZONE

EVERY_MIN = 15.0


class NotThere(Exception):
    """No such order, visit or worker on this day."""


class Begun(Exception):
    """A visit that has begun goes to nobody else."""


def slots(day: PlannedDay, asked: SlotsAsked) -> SlotsTold:
    if asked.order.place is None:
        return SlotsTold(slots=())
    clock = day.clock
    (order,) = orders_of(asked.order, day.facts)
    wished_min = clock.minutes(asked.wished_at)
    order = replace(order, window=Interval(wished_min, wished_min))
    within = [Interval(clock.minutes(one.begin), clock.minutes(one.end)) for one in asked.within]
    as_it_was = without = day.living.day
    for order_id in (order.id, *map(str, asked.may_give_way)):  # of one that is to be moved its own visits
        if order_id in day.living.timing.book.orders:
            without = order_cancelled(without, order_id)
    if without is not as_it_was:
        day.living.become(without)
    found = day.living.slots(order, count=asked.count, every_min=EVERY_MIN, within=within)
    if without is not as_it_was:
        day.living.become(as_it_was)
    return SlotsTold(
        slots=tuple(
            Slot(
                starts_at=clock.moment(slot.start_min),
                worker_ids=tuple(UUID(worker_id) for worker_id in slot.worker_ids),
            )
            for slot in found
        )
    )


def way(travel: Travel, asked: WayAsked) -> WayTold:
    """How long it takes at this hour."""
    here, there = place_of("origin", asked.origin, ""), place_of("destination", asked.destination, "")
    local = asked.at.astimezone(ZONE)
    hour = np.array([local.hour + local.minute / 60])
    minutes = travel.times([here], [there], (TravelMode(asked.mode),), hour).minutes.item()
    return WayTold(minutes=minutes if math.isfinite(minutes) else None)


def what_if(day: PlannedDay, asked: WhatIfAsked) -> WhatIfTold:
    """:raises NotThere: :raises Begun:"""
    order = next(
        (
            order
            for order_id in order_ids_of(asked.order_id)
            if (order := day.living.timing.book.orders.get(order_id)) is not None
            and any(visit.id == str(asked.visit_id) for visit in order.visits)
        ),
        None,
    )
    who = day.staff.get(str(asked.worker_id))
    if order is None or who is None:
        raise NotThere
    number = next(at for at, visit in enumerate(order.visits) if visit.id == str(asked.visit_id))
    try:
        found = what_if_here(day.living, order.id, str(asked.worker_id), visit=number)
    except ValueError:
        raise Begun from None
    return WhatIfTold(
        possible=not found.gates,
        gates=tuple(found.gates),
        points=round(float(found.points), 1),
        terms={
            name: (round(float(term.amount), 1), round(float(term.points), 1)) for name, term in found.terms.items()
        },
        moved=tuple(_moved(day, change) for change in found.changes),
        said=_override(day, order, found, who),
    )


def _override(day: PlannedDay, order: Order, found: Consequences, who: Staff) -> Sentences:
    if Gate.REFUSED in found.gates:
        paired = str(who.id) in day.facts.not_for(UUID(order.elder_id))
        view = day.views[view_id_of(order.id)]
        if said := not_to_this_elder(view, who.id, who.name, paired_with_others=paired):
            return said
    return Sentences(zh=tuple(said_override(found, ZH, who.name)), en=tuple(said_override(found, EN, who.name)))


def _moved(day: PlannedDay, change: Change) -> Moved:
    order, _ = day.living.timing.book.order_of[change.visit_id]
    view = day.views[view_id_of(order.id)]

    def at(minutes: float | None) -> object:
        return None if minutes is None else day.clock.moment(minutes)

    return Moved.model_validate(
        {
            "visit_id": UUID(change.visit_id),
            "order_id": view.id,
            "elder": view.elder,
            "from_worker": _person(day, change.from_worker_id),
            "from_starts_at": at(change.from_start_min),
            "to_worker": _person(day, change.to_worker_id),
            "to_starts_at": at(change.to_start_min),
            "told": change.state in (StopState.TOLD, StopState.PROMISED),
        }
    )


def _person(day: PlannedDay, worker_id: str | None) -> PersonOnOrder | None:
    staff = day.staff.get(worker_id or "")
    return PersonOnOrder(id=staff.id, name=staff.name) if staff else None


def why(day: PlannedDay, asked: OrderAsked) -> WhyTold:
    """In words that a person can repeat on the phone. :raises NotThere:"""
    known = day.living.timing.book.orders
    orders = [known[order_id] for order_id in order_ids_of(asked.order_id) if order_id in known]
    if not orders:
        raise NotThere
    names = {worker_id: staff.name for worker_id, staff in day.staff.items()}
    zh, en = list[str](), list[str]()
    planned, settled = True, False
    for order in orders:
        try:
            found = why_here(day.living, order.id)
        except ValueError:
            settled = True
            said = said_settled(day.views[view_id_of(order.id)], [visit.id for visit in order.visits], names)
            zh, en = [*zh, *said.zh], [*en, *said.en]
            continue
        found = _of_those_asked(day, found)
        planned &= found.planned
        zh += said_why(found, ZH, names)
        en += said_why(found, EN, names)
    return WhyTold(planned=planned, settled=settled, said=Sentences(zh=tuple(zh), en=tuple(en)))


def _of_those_asked(day: PlannedDay, found: Why) -> Why:
    """Helpers of other elders are nobody whom one would have asked."""
    elder_id = UUID(found.order.elder_id)
    strangers = day.facts.not_for(elder_id)
    if not strangers:
        return found
    answer = found.answer
    if isinstance(answer, Refusal):
        return replace(found, answer=replace(answer, stopped=_without(answer.stopped, strangers)))
    why = replace(answer.explanation, stopped=_without(answer.explanation.stopped, strangers))
    return replace(found, answer=replace(answer, explanation=why))


def _without(stopped: Stopped, worker_ids: frozenset[str]) -> Stopped:
    return {
        visit_id: {worker_id: gates for worker_id, gates in by.items() if worker_id not in worker_ids}
        for visit_id, by in stopped.items()
    }


def plan(days: Collection[PlannedDay], area: str, day: date) -> PlanTold:
    """Of all providers in the area."""
    workers = [_row(one, staff) for one in days for staff in one.staff.values() if staff.hours or _visits(one, staff)]
    unassigned = [
        _unassigned(view, visit)
        for one in days
        for view in one.views.values()
        if not order_is_over(view)
        for visit in open_visits(view)
        if visit.state == "waiting"
    ]
    late = [visit for row in workers for visit in row.visits if visit.late_min and visit.state != "done"]
    return PlanTold.model_validate(
        {
            "area": area,
            "day": day,
            "workers": sorted(workers, key=lambda row: (row.worker.name, row.worker.id)),
            "unassigned": sorted(unassigned, key=lambda one: (one.wished_from, one.visit_id)),
            "late": [visit.visit_id for visit in sorted(late, key=lambda visit: -visit.late_min)],
        }
    )


def _row(day: PlannedDay, staff: Staff) -> WorkerOnPlan:
    moment = day.clock.moment
    return WorkerOnPlan(
        worker=PersonOnOrder(id=staff.id, name=staff.name),
        provider_id=day.key.provider_id,
        base=staff.base,
        hours=tuple(Hours(begin=moment(one.from_min), end=moment(one.to_min)) for one in staff.hours),
        visits=tuple(
            sorted((_visit(view, visit, spot) for view, visit, spot in _visits(day, staff)), key=lambda v: v.starts_at)
        ),
    )


def _visits(day: PlannedDay, staff: Staff) -> list[tuple[OrderView, VisitView, Spot]]:
    book = day.living.timing.book
    found = []
    for stop in book.routes[str(staff.id)].stops:
        view = day.views[view_id_of(book.order_of[stop.visit_id][0].id)]
        visit = next(one for one in view.visits if str(one.id) == stop.visit_id)
        spot = day.belief.spots.get(visit.id)
        if spot is not None and view.id not in day.belief.holds:
            found.append((view, visit, spot))
    return found


def _visit(view: OrderView, visit: VisitView, spot: Spot) -> VisitOnPlan:
    wished_until = view.wished_until + timedelta(minutes=view.second_after_min if visit.position else 0)
    assert view.place is not None
    return VisitOnPlan(
        visit_id=visit.id,
        order_id=view.id,
        order_version=view.version,
        elder=view.elder,
        place=view.place,
        service_name_zh=view.service_name.zh,
        service_name_en=view.service_name.en,
        state=visit.state if visit.state != "waiting" else "planned",
        locked=visit.locked,
        sets_out_at=spot.sets_out_at,
        starts_at=spot.starts_at,
        ends_at=spot.ends_at,
        late_min=max(0, round((spot.starts_at - wished_until).total_seconds() / 60)),
    )


def _unassigned(view: OrderView, visit: VisitView) -> Unassigned:
    return Unassigned(
        visit_id=visit.id,
        order_id=view.id,
        order_version=view.version,
        elder=view.elder,
        place=view.place,
        provider=view.provider,
        service_name_zh=view.service_name.zh,
        service_name_en=view.service_name.en,
        wished_from=view.wished_from,
        wished_until=view.wished_until,
        waits_because=visit.waits_because,
    )
