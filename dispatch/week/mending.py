"""Leave becomes known for a date: what it touches changes, nothing else does, and every change is named."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dispatch.groups import sharing
from dispatch.improve import improve
from dispatch.insertion import insert
from dispatch.model import Day, Order, Plan, Stop, StopState
from dispatch.policy import Policy
from dispatch.proposal import Change, Proposal, Refusal, changes_between
from dispatch.repair import Release, opened
from dispatch.travel.great_circle import great_circle_km
from dispatch.travel.port import Travel
from dispatch.week.evaluation import as_planned
from dispatch.week.model import Horizon, Leave
from dispatch.week.neighbours import day_of
from dispatch.week.parts import holders, part_of, rejoined
from dispatch.week.search import worked_of

NEARBY = 80
"""Workers who are asked to take over a visit: the nearest to it. A county's whole day would not fit in memory."""
MOVES = 40_000
DISTURBANCE = 4.0
"""How many times dearer than a told visit one that leave does not touch is to change worker: leave is no occasion to
plan the rest of the date anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    horizon: Horizon
    released: Mapping[str, Release]
    """Visits that could not stay where they were, and why."""
    changes: tuple[Change, ...]
    """Everything on that date that lies elsewhere now; who was told is to be told anew."""
    unplaced: tuple[Refusal, ...]
    """Orders nobody can take now, each with its reasons."""


def mend_leave(horizon: Horizon, worker_id: str, leave: Leave, policy: Policy, travel: Travel) -> Mended:
    """Leave of a date that is not planned yet is kept for when it is. KeyError if there is no such worker."""
    horizon.roster(worker_id)
    horizon = replace(
        horizon,
        rosters=tuple(
            replace(roster, leave=(*roster.leave, leave)) if roster.worker.id == worker_id else roster
            for roster in horizon.rosters
        ),
    )
    if all(agenda.date != leave.date for agenda in horizon.agendas):
        return Mended(horizon=horizon, released={}, changes=(), unplaced=())
    return _mend(horizon, horizon.index(leave.date), worker_id, policy, travel)


def _mend(horizon: Horizon, at: int, worker_id: str, policy: Policy, travel: Travel) -> Mended:
    before = day_of(horizon, at, policy)
    own, released = opened(part_of(before, _with_partners(before, worker_id)), policy, travel)
    released = _with_other_halves(before, released)
    day = replace(before, plan=rejoined(before.plan, [own.plan]).without(frozenset(released)))
    refused: list[Refusal] = []
    for order in _weightiest_first(before, released):
        answer = _placed(day, order, policy, travel)
        if isinstance(answer, Refusal):
            refused.append(answer)
        else:
            day = replace(day, plan=answer)
    changes = changes_between(before.plan, day.plan)
    touched = {worker_id} | {one for change in changes for one in (change.from_worker_id, change.to_worker_id) if one}
    agenda = horizon.agendas[at]
    worked = {one: some for one, some in agenda.worked.items() if one not in touched}
    worked |= worked_of(as_planned(part_of(day, touched), policy, travel))
    mended = horizon.with_agenda(at, replace(agenda, plan=day.plan, worked=worked))
    return Mended(horizon=mended, released=released, changes=changes, unplaced=tuple(refused))


def _with_partners(day: Day, worker_id: str) -> set[str]:
    """The worker, and who shares a visit with them."""
    placed = day.plan.placed()
    both = [{placed[visit.id][0] for visit in order.visits if visit.id in placed} for order in day.orders]
    return {worker_id}.union(*(workers for workers in both if worker_id in workers))


def _with_other_halves(day: Day, released: Mapping[str, Release]) -> dict[str, Release]:
    """Visits by two go whole, also where the other worker was not in the part."""
    halves = {
        visit.id: Release.PARTNER
        for order in day.orders
        if any(visit.id in released for visit in order.visits)
        for visit in order.visits
    }
    return {**halves, **released}


def _weightiest_first(day: Day, released: Mapping[str, Release]) -> list[Order]:
    """The orders of what was released: those people know of first, then by the time they were planned for."""
    placed = day.plan.placed()
    orders = [order for order in day.orders if any(visit.id in released for visit in order.visits)]

    def weight(order: Order) -> tuple[bool, float]:
        stops = [placed[visit.id][1] for visit in order.visits if visit.id in placed]
        return all(stop.state is StopState.PLANNED for stop in stops), min(stop.start_min for stop in stops)

    return sorted(orders, key=weight)


def _placed(day: Day, order: Order, policy: Policy, travel: Travel) -> Plan | Refusal:
    """First where nobody else has to hear of it: the others are treated as if they had been told. If there is no such
    place, others who have not been told may be put off; at last they may change worker, at a high price. Nobody else is
    given up for it."""
    part = part_of(replace(day, plan=_as_told(day.plan)), nearby(day, order), {order.id})
    answer = insert(part, part.order(order.id), policy, travel)
    if isinstance(answer, Proposal):
        return rejoined(day.plan, [_as_before(answer.plan, day.plan)])
    part = part_of(day, nearby(day, order), {order.id})
    answer = insert(part, part.order(order.id), policy, travel)
    if isinstance(answer, Proposal):
        return rejoined(day.plan, [answer.plan])
    dearer = replace(policy, other_worker=policy.change_worker * DISTURBANCE)
    better = improve(_to_be_kept(part, order), dearer, travel, iterations=MOVES)
    wanted = part.plan.placed().keys() | {visit.id for visit in order.visits}
    return rejoined(day.plan, [better.plan]) if wanted <= better.plan.placed().keys() else answer


def _to_be_kept(part: Day, order: Order) -> Day:
    """Whoever has a visit is who usually comes to it; and what is planned weighs more than the order that is not."""
    placed = part.plan.placed()

    def kept(other: Order) -> Order:
        workers = frozenset(placed[visit.id][0] for visit in other.visits if visit.id in placed)
        return other if other.id == order.id else replace(other, usual_workers=workers, priority=2.0 * other.priority)

    return replace(part, orders=tuple(kept(other) for other in part.orders))


def _as_told(plan: Plan) -> Plan:
    def told(stop: Stop) -> Stop:
        return replace(stop, state=StopState.TOLD) if stop.state is StopState.PLANNED else stop

    return Plan(routes=tuple(replace(route, stops=tuple(told(stop) for stop in route.stops)) for route in plan.routes))


def _as_before(plan: Plan, before: Plan) -> Plan:
    """Who had not been told is not told now."""
    knew = {stop.visit_id for _, stop in before.stops() if stop.state is not StopState.PLANNED}

    def state_of(stop: Stop) -> Stop:
        return stop if stop.visit_id in knew else replace(stop, state=StopState.PLANNED, told_start_min=None)

    return Plan(
        routes=tuple(replace(route, stops=tuple(state_of(stop) for stop in route.stops)) for route in plan.routes)
    )


def nearby(day: Day, order: Order) -> set[str]:
    km = great_circle_km([order.place], [worker.start for worker in day.workers])[0]
    near = {day.workers[w].id for w in km.argsort(kind="stable")[:NEARBY]}
    return near | order.usual_workers | holders(day, sharing(day.groups, order.id))
