"""Why this worker comes for an order, and what somebody else would mean: asked of a plan as it stands."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dispatch.living.day import LivingDay
from dispatch.model import FROZEN, Day, Order
from dispatch.policy import Policy
from dispatch.proposal import Alternative, Proposal, Refusal, Stopped
from dispatch.travel.port import Travel


@dataclass(frozen=True, slots=True)
class Why:
    order: Order
    planned: bool
    answer: Proposal | Refusal
    """Of a planned order: with whom it is planned, the next two, and what stops all others. Of one that waits: what an
    insertion would answer."""


def why(day: Day, order_id: str, policy: Policy, travel: Travel) -> Why:
    """KeyError for an unknown order, ValueError for one of which a visit has begun or is promised: it moves no more."""
    order, placed = day.order(order_id), day.plan.placed()
    if any(placed[visit.id][1].state in FROZEN for visit in order.visits if visit.id in placed):
        raise ValueError(f"order {order_id}: a visit has begun or is promised. Ask for one that may still change.")
    come = {placed[visit.id][0] for visit in order.visits if visit.id in placed}
    if not come:
        return Why(order, planned=False, answer=LivingDay(day, policy, travel).insert(order))
    free = replace(day, plan=day.plan.without(frozenset(visit.id for visit in order.visits)))
    living, everybody = LivingDay(free, policy, travel), {worker.id for worker in day.workers}
    planned = living.insert(_refusing(order, everybody - come))
    if isinstance(planned, Proposal):  # else the plan cannot be kept as it is
        planned = _beside(planned, living.insert(_refusing(order, come)))
    return Why(order, planned=True, answer=planned)


def _refusing(order: Order, worker_ids: Iterable[str]) -> Order:
    return replace(order, refused_workers=order.refused_workers | frozenset(worker_ids))


def _beside(planned: Proposal, others: Proposal | Refusal) -> Proposal:
    """What is planned, with the other ways there are. Whoever comes was refused in `others`: that stops nobody."""
    come = {assignment.worker_id for assignment in planned.assignments}
    if isinstance(others, Refusal):
        why = replace(planned.explanation, next_best=(), dearer={}, at_least={}, stopped=_less(others.stopped, come))
        return replace(planned, explanation=why)
    theirs = others.explanation
    best = Alternative(worker_ids=tuple(one.worker_id for one in others.assignments), terms=theirs.terms)
    ways = (best, *theirs.next_best)
    why = replace(
        theirs,
        terms=planned.explanation.terms,
        next_best=ways[:2],
        dearer={**{worker_id: way.points for way in ways[2:] for worker_id in way.worker_ids}, **theirs.dearer},
        stopped=_less(theirs.stopped, come),
    )
    return replace(planned, explanation=why)


def _less(stopped: Stopped, worker_ids: Iterable[str]) -> Stopped:
    return {
        visit_id: {worker_id: gates for worker_id, gates in by_worker.items() if worker_id not in worker_ids}
        for visit_id, by_worker in stopped.items()
    }
