"""A plan of dispatch as what has to be proposed: which visits lie elsewhere than the orders slice has them. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np

from contracts.assignment import AssignmentProposed, PlacedVisit
from contracts.order import VisitView
from dispatch.costs import Terms
from dispatch.gates import Gate
from dispatch.model import BEGUN, Order, Place, Route, Worker
from dispatch.proposal import Explanation, Proposal, Stopped
from dispatch.travel.port import Travel
from dispatch.travel.ways import ways
from services.assignment.days import Clock, view_id_of
from services.assignment.runs import is_fetched_before
from services.assignment.workers import elsewhere_until_min

SAME_MOMENT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a visit is: with whom, and from when to when they are taken."""

    worker_id: UUID
    sets_out_at: datetime
    starts_at: datetime
    ends_at: datetime
    picks_up: bool = False
    """By way of the kitchen."""

    @classmethod
    def of(cls, visit: VisitView) -> "Spot | None":
        if visit.worker is None or visit.starts_at is None or visit.ends_at is None:
            return None
        sets_out_at = visit.sets_out_at or visit.starts_at
        return cls(visit.worker.id, sets_out_at, visit.starts_at, visit.ends_at, visit.picks_up)

    def same(self, other: "Spot | None") -> bool:
        return (
            other is not None
            and (self.worker_id, self.picks_up) == (other.worker_id, other.picks_up)
            and abs((self.sets_out_at - other.sets_out_at).total_seconds()) <= SAME_MOMENT_SECONDS
            and abs((self.starts_at - other.starts_at).total_seconds()) <= SAME_MOMENT_SECONDS
        )

    def about_as(self, other: "Spot | None", least: timedelta) -> bool:
        """With the same person by the same way, at a time that differs by less."""
        if other is None or (self.worker_id, self.picks_up) != (other.worker_id, other.picks_up):
            return False
        return abs(self.starts_at - other.starts_at) < least

    def as_placed(self, visit_id: UUID, order_id: UUID, version: int) -> PlacedVisit:
        return PlacedVisit(
            visit_id=visit_id,
            order_id=order_id,
            order_version=version,
            worker_id=self.worker_id,
            sets_out_at=self.sets_out_at,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            picks_up=self.picks_up,
        )


@dataclass(frozen=True, slots=True)
class Orders:
    """What is known of the orders of a route's visits."""

    order_of: Mapping[str, tuple[Order, int]]
    """Visit → its order and which of its visits it is."""
    travel: Travel

    def view_id(self, visit_id: UUID) -> UUID:
        return view_id_of(self.order_of[str(visit_id)][0].id)


def spots_of(worker: Worker, route: Route, known: Orders, clock: Clock) -> dict[str, Spot]:
    """Of the visits ahead. Whoever has time sets out as late as the way allows, but never before the visit before has
    ended, be it of another area."""
    places = [known.order_of[stop.visit_id][0].place for stop in route.stops]
    ahead = [at for at, stop in enumerate(route.stops) if stop.state not in BEGUN]
    legs = _legs_min(worker, places, [stop.start_min for stop in route.stops], known.travel) if ahead else []
    found, free_from = dict[str, Spot](), None
    for at, stop in enumerate(route.stops):
        sets_out_min = stop.start_min - (legs[at] if ahead else 0.0)
        spot = Spot(
            worker_id=UUID(worker.id),
            sets_out_at=clock.moment(max(sets_out_min, elsewhere_until_min(worker, stop.start_min))),
            starts_at=clock.moment(stop.start_min),
            ends_at=clock.moment(stop.end_min),
            picks_up=is_fetched_before(places[at], places[at - 1] if at else None),
        )
        if free_from is not None and stop.state not in BEGUN and spot.sets_out_at < free_from <= spot.starts_at:
            spot = replace(spot, sets_out_at=free_from)
        free_from = spot.ends_at
        if stop.state not in BEGUN:
            found[stop.visit_id] = spot
    return found


def _legs_min(worker: Worker, places: list[Place], starts_min: list[float], travel: Travel) -> list[float]:
    """From each place's predecessor to it; to the first from where the shift begins."""
    hours = np.array(starts_min) / 60.0
    minutes = ways(travel, [worker.start, *places[:-1]], places, (worker.mode,), hours).minutes[0]
    return [float(one) if np.isfinite(one) else 0.0 for one in minutes.diagonal()]


def apart(new: Mapping[UUID, Spot], before: Mapping[UUID, Spot], known: Orders) -> list[dict[UUID, Spot]]:
    """In parts of which each can be taken without the others: orders are whole, and between the workers of two parts
    nothing changes hands. What is refused because one order has moved meanwhile is then little."""
    parts = list[tuple[set[UUID], dict[UUID, Spot]]]()
    for visit_id, spot in new.items():
        ties, visits = {known.view_id(visit_id), spot.worker_id}, {visit_id: spot}
        if (was := before.get(visit_id)) is not None:
            ties.add(was.worker_id)
        for tied in [part for part in parts if not ties.isdisjoint(part[0])]:
            parts.remove(tied)
            ties, visits = ties | tied[0], tied[1] | visits
        parts.append((ties, visits))
    return [visits for _, visits in parts]


def proposal_of(
    new: Mapping[UUID, Spot],
    known: Orders,
    version_of: Callable[[UUID], int],
    clock: Clock,
    *,
    area: str,
    now: datetime,
    of: tuple[UUID, Proposal] | None,
) -> AssignmentProposed:
    """:param of: the order for which it is made"""
    orders = {visit_id: known.view_id(visit_id) for visit_id in new}
    versions = {order_id: version_of(order_id) for order_id in orders.values()}
    return AssignmentProposed(
        proposal_id=uuid4(),
        area=area,
        order_id=of[0] if of else None,
        visits=tuple(
            spot.as_placed(visit_id, orders[visit_id], versions[orders[visit_id]]) for visit_id, spot in new.items()
        ),
        tell_at=clock.moment(of[1].tell_by_min) if of else None,
        why=_why(of[1].explanation) if of else {},
        at=now,
    )


def _why(why: Explanation) -> dict[str, Any]:
    """For the record: in numbers, from which sentences can be made."""
    return {
        "points": _rounded(why.points),
        "terms": _terms(why.terms),
        "next_best": [
            {"worker_ids": list(way.worker_ids), "points": _rounded(way.points), "terms": _terms(way.terms)}
            for way in why.next_best
        ],
        "others": len(why.dearer) + len(why.at_least),
        "stopped_by": counted(why.stopped),
        "travel": why.travel_source,
    }


def _terms(terms: Terms) -> dict[str, list[float]]:
    """Name → amount, points."""
    return {name: [_rounded(term.amount), _rounded(term.points)] for name, term in terms.items()}


def _rounded(number: float) -> float:
    """Of numpy's numbers too: an event is written as JSON."""
    return round(float(number), 1)


def counted(stopped: Stopped) -> dict[str, int]:
    """Gate → how many workers it stops, by the first that does; of two visits, those of the one with more."""
    each = [Counter(str(gates[0]) for gates in by.values() if gates) for by in stopped.values()]
    return {gate: max(one[gate] for one in each) for gate in (str(g) for g in Gate) if any(one[gate] for one in each)}


def touched_by(answer: Proposal) -> set[str]:
    workers = {one.from_worker_id for one in answer.changes} | {one.to_worker_id for one in answer.changes}
    return {one for one in workers if one is not None}
