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
    return why_here(LivingDay(day, policy, travel), order_id)


def why_here(living: LivingDay, order_id: str) -> Why:
    """The same of a living day, which stays as it is."""
    day, book = living.day, living.timing.book
    order = book.orders[order_id]
    planned = [visit.id for visit in order.visits if visit.id in book.spot]
    if any(book.stop(visit_id).state in FROZEN for visit_id in planned):
        raise ValueError(f"order {order_id}: a visit has begun or is promised. Ask for one that may still change.")
    come = {book.spot[visit_id][0] for visit_id in planned}
    if not come:
        return Why(order, planned=False, answer=living.insert(order))
    everybody = {worker.id for worker in day.workers}
    living.become(replace(day, plan=day.plan.without(frozenset(planned))))
    try:
        answer = living.insert(_refusing(order, everybody - come))
        if isinstance(answer, Proposal):  # else the plan cannot be kept as it is
            answer = _beside(answer, living.insert(_refusing(order, come)))
    finally:
        living.become(day)
    return Why(order, planned=True, answer=answer)


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
