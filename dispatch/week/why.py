"""Why this worker comes on this day, at this hour, and what somebody else would mean."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

from dispatch.costs import Terms
from dispatch.gates import Gate
from dispatch.insertion import insert
from dispatch.model import Day, Order
from dispatch.policy import Policy
from dispatch.proposal import Alternative, Proposal, Refusal
from dispatch.travel.port import Travel
from dispatch.week.habits import Occurrences, occurrences
from dispatch.week.mending import nearby
from dispatch.week.model import Horizon
from dispatch.week.neighbours import day_of
from dispatch.week.parts import part_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    date: datetime.date
    order: Order
    workers: Mapping[str, float]
    """Who comes → start of their visit, minutes. Empty = nobody."""
    usual_workers: Mapping[str, int]
    """Who does most of the series' other visits → how many of them; empty = it comes once, or for the first time."""
    others: int
    """How many other visits of the series there are, past and planned."""
    usual_start_min: float | None
    usual_stopped: Mapping[str, tuple[Gate, ...]]
    """Of the usual workers who do not come: what stops them that day; () = nothing but the price."""
    terms: Terms
    """What the visit costs as it is planned, term by term."""
    instead: tuple[Alternative, ...]
    """The cheapest other ways, and what each costs."""


def why(horizon: Horizon, at: int, order_id: str, policy: Policy, travel: Travel) -> Why:
    """KeyError for an unknown order."""
    day = day_of(horizon, at, policy)
    order, placed = day.order(order_id), day.plan.placed()
    seen = occurrences(horizon, without=at).get(order.series_id, Occurrences())
    workers = {placed[visit.id][0]: placed[visit.id][1].start_min for visit in order.visits if visit.id in placed}
    part = part_of(day, nearby(day, order), {order_id})
    part = replace(part, plan=part.plan.without(frozenset(visit.id for visit in order.visits)))
    everybody = {worker.id for worker in part.workers}
    planned = _without(part, order, everybody - workers.keys(), policy, travel) if workers else None
    instead = _without(part, order, set(workers), policy, travel)
    stopped = instead.explanation.stopped if isinstance(instead, Proposal) else instead.stopped
    return Why(
        date=day.date,
        order=order,
        workers=workers,
        usual_workers={worker_id: seen.workers[worker_id] for worker_id in sorted(order.usual_workers)},
        others=len(seen.starts_min),
        usual_start_min=order.usual_start_min,
        usual_stopped={
            worker_id: tuple(dict.fromkeys(gate for gates in stopped.values() for gate in gates.get(worker_id, ())))
            for worker_id in sorted(order.usual_workers - workers.keys())
        },
        terms=planned.explanation.terms if isinstance(planned, Proposal) else {},
        instead=_ways(instead) if isinstance(instead, Proposal) else (),
    )


def _without(part: Day, order: Order, worker_ids: set[str], policy: Policy, travel: Travel) -> Proposal | Refusal:
    """The order's best place if none of these workers may have it."""
    wanted = replace(order, refused_workers=order.refused_workers | worker_ids)
    orders = tuple(wanted if known.id == order.id else known for known in part.orders)
    return insert(replace(part, orders=orders), wanted, policy, travel)


def _ways(answer: Proposal) -> tuple[Alternative, ...]:
    workers = tuple(assignment.worker_id for assignment in answer.assignments)
    return Alternative(worker_ids=workers, terms=answer.explanation.terms), *answer.explanation.next_best
