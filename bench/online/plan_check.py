"""Does a plan keep every gate, and what does it cost? Written apart from dispatch's own gates, costs and kernel: plain
loops over plain data, from the words of docs/decisions/0011-dispatch-policy.md alone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from bench.online.break_check import Gap, gaps
from dispatch.model import Day, Order, Place, Route, Stop, StopState, Visit, Worker
from dispatch.policy import Policy
from dispatch.travel import Travel

BEGUN = (StopState.STARTED, StopState.DONE)
SLACK = 1e-4


@dataclass(frozen=True, slots=True)
class Leg:
    worker: Worker
    order: Order
    visit: Visit
    index: int
    stop: Stop
    travel_min: float
    waits_from_min: float | None
    """When the worker could first be there after the visit before; None = the first of the day."""
    leaves_after_min: float
    """The worker cannot have left for it earlier."""
    gap: Gap
    """With the breaks before it."""


def broken_gates(day: Day, policy: Policy, travel: Travel) -> list[str]:
    """One sentence per broken gate; visits begun are facts and break none."""
    broken = [f"{visit_id} is planned twice" for visit_id in _twice([stop.visit_id for _, stop in day.plan.stops()])]
    for leg in _legs(day, policy, travel):
        if leg.stop.state not in BEGUN:
            broken += [f"{leg.visit.id} by {leg.worker.id}: {what}" for what in _broken_by(leg, day, policy)]
    for worker in day.workers:
        broken += [f"{worker.id}: {what}" for what in _broken_day(worker, day, policy, travel)]
    for order in day.orders:
        broken += [f"{order.id}: {what}" for what in _broken_pair(order, day)]
    return broken + list(_broken_groups(day))


def _twice(ids: list[str]) -> set[str]:
    return {one for one in ids if ids.count(one) > 1}


def _broken_by(leg: Leg, day: Day, policy: Policy) -> Iterator[str]:
    worker, order, visit, stop = leg.worker, leg.order, leg.visit, leg.stop
    for skill in visit.skills:
        if not any(c.skill == skill and c.valid_from <= day.date <= c.valid_until for c in worker.certificates):
            yield f"no valid {skill}"
    if worker.id in order.refused_workers:
        yield "refused"
    if visit.worker_sex not in (None, worker.sex):
        yield "wrong sex"
    if worker.areas and not [area for area in worker.areas if order.place.region[: len(area)] == area]:
        yield "outside the area"
    end = stop.start_min + visit.duration_min
    if not [turn for turn in worker.shifts if turn.from_min <= stop.start_min + SLACK and end <= turn.to_min + SLACK]:
        yield f"{stop.start_min:.2f}–{end:.2f} lies in no shift"
    for leave in worker.leave:
        if stop.start_min < leave.to_min - SLACK and end > leave.from_min + SLACK:
            yield "on leave"
    if stop.start_min < worker.last_shift_ended_min + policy.rest_between_days_min - SLACK:
        yield "not rested"
    if end > _must_end(worker, policy) + SLACK:
        yield "no rest before tomorrow"
    if worker.last_departure_min is not None and end > worker.last_departure_min + SLACK:
        yield "misses the last bus"
    for missing in leg.gap.missing:
        yield f"no break by {missing.window.to_min}"
    gaps = order.synchronisation if leg.index else None
    if stop.start_min < order.window.from_min + (gaps.min_gap_min if gaps else 0.0) - SLACK:
        yield "too early"
    if stop.start_min > order.latest_start_min + (gaps.max_gap_min if gaps else 0.0) + SLACK:
        yield "later than the latest start"
    if stop.start_min < leg.leaves_after_min + leg.travel_min - SLACK:
        yield f"cannot be there before {leg.leaves_after_min + leg.travel_min:.2f}, but starts {stop.start_min:.2f}"
    if leg.travel_min > policy.longest_leg_min + SLACK:
        yield "too long a way"


def _broken_day(worker: Worker, day: Day, policy: Policy, travel: Travel) -> Iterator[str]:
    legs = [leg for leg in _legs(day, policy, travel) if leg.worker.id == worker.id]
    ahead = [leg for leg in legs if leg.stop.state not in BEGUN]
    if not ahead:
        return
    home_min = leg_min(travel, worker, legs[-1].order.place, worker.end, _home_hour(worker)) if worker.end else 0.0
    work_min = sum(leg.travel_min + leg.stop.end_min - leg.stop.start_min for leg in legs) + home_min
    for limit_min in (worker.max_work_min, worker.week_left_min, worker.month_left_min):
        if limit_min is not None and work_min > max(0.0, limit_min - paid_min(worker)) + SLACK:
            yield f"{work_min:.1f} minutes of work beside paid breaks, not {limit_min:.1f}"
    if worker.max_visits is not None and len(legs) > worker.max_visits:
        yield f"{len(legs)} visits"
    if worker.end and legs[-1].stop.end_min + home_min > max(turn.to_min for turn in worker.shifts) + SLACK:
        yield "home after the shift"
    if worker.end and legs[-1].stop.end_min + home_min > _must_end(worker, policy) + SLACK:
        yield "home too late to be rested tomorrow"


def _broken_groups(day: Day) -> Iterator[str]:
    placed = day.plan.placed()
    orders = {order.id: order for order in day.orders}
    for group in day.groups:
        here = [orders[order_id] for order_id in sorted(group.order_ids) if order_id in orders]
        for one, other in ((a, b) for a in here for b in here if a.id < b.id):
            for i, j in ((i, j) for i in range(len(one.visits)) for j in range(len(other.visits))):
                ids = (one.visits[i].id, other.visits[j].id)
                if set(ids) <= placed.keys():
                    (who, first), (whom, second) = placed[ids[0]], placed[ids[1]]
                    wrong = (i == j and who != whom) if group.same_worker else who == whom
                    if wrong and not (first.state in BEGUN and second.state in BEGUN):
                        yield f"{one.id} and {other.id}: {who}, {whom}"


def _broken_pair(order: Order, day: Day) -> Iterator[str]:
    placed = day.plan.placed()
    stops = [placed[visit.id] for visit in order.visits if visit.id in placed]
    if len(order.visits) < 2 or not stops:
        return
    if len(stops) == 1:
        if stops[0][1].state not in BEGUN:
            yield "half of a pair is planned"
        return
    (one, first), (two, second) = stops
    if one == two:
        yield "both visits by one worker"
    gap_min, gaps = second.start_min - first.start_min, order.synchronisation
    both_begun = first.state in BEGUN and second.state in BEGUN
    if not both_begun and not gaps.min_gap_min - SLACK <= gap_min <= gaps.max_gap_min + SLACK:
        yield f"{gap_min:.2f} minutes between the two"


def _legs(day: Day, policy: Policy, travel: Travel) -> Iterator[Leg]:
    for route in day.plan.routes:
        worker = next(worker for worker in day.workers if worker.id == route.worker_id)
        legs = list(_legs_without_breaks(worker, route, day, travel))
        stops = [(leg.stop.state, leg.stop.start_min, leg.stop.end_min, leg.travel_min) for leg in legs]
        for leg, gap in zip(legs, gaps(worker, stops, day, policy), strict=True):
            resting_min = max(0.0, gap.leaves_after_min - day.now_min)
            waits_from_min = None if leg.waits_from_min is None else leg.waits_from_min + resting_min
            leaves_after_min = max(leg.leaves_after_min, gap.leaves_after_min) + gap.resting_min
            yield replace(leg, gap=gap, waits_from_min=waits_from_min, leaves_after_min=leaves_after_min)


def _legs_without_breaks(worker: Worker, route: Route, day: Day, travel: Travel) -> Iterator[Leg]:
    orders = {visit.id: (order, index) for order in day.orders for index, visit in enumerate(order.visits)}
    begun = [stop for stop in route.stops if stop.state in BEGUN]
    at = worker.start if begun else worker.position or worker.start
    waits_from, leaves_after = None, _working_from(worker, day)
    for position, stop in enumerate(route.stops):
        order, index = orders[stop.visit_id]
        if position == len(begun) and begun and begun[-1].end_min < day.now_min:
            at, waits_from, leaves_after = worker.position or at, day.now_min, day.now_min
        elif position == 0 and not begun:
            leaves_after = max(leaves_after, day.now_min)
        gap = order.synchronisation
        opens = order.window.from_min + (gap.min_gap_min if index else 0.0)
        due = order.window.to_min + (gap.max_gap_min if index else 0.0)
        way_min = leg_min(travel, worker, at, order.place, (opens + due) / 120.0)
        arrives = None if waits_from is None else waits_from + way_min
        yield Leg(worker, order, order.visits[index], index, stop, way_min, arrives, leaves_after, Gap(0.0, 0.0, ()))
        at, waits_from, leaves_after = order.place, stop.end_min, stop.end_min


def paid_min(worker: Worker) -> float:
    return sum(rest.duration_min for rest in worker.breaks if rest.paid)


def _must_end(worker: Worker, policy: Policy) -> float:
    tomorrow_min = worker.next_shift_begins_min
    return np.inf if tomorrow_min is None else tomorrow_min - policy.rest_between_days_min


def _usual_within(policy: Policy) -> float:
    return policy.usual_tolerance_min + 1e-6


def _working_from(worker: Worker, day: Day) -> float:
    from_min = min((turn.from_min for turn in worker.shifts), default=0.0)
    for leave in sorted(worker.leave, key=lambda interval: interval.from_min):
        if leave.from_min <= from_min < leave.to_min:
            from_min = leave.to_min
    return from_min


def _home_hour(worker: Worker) -> float:
    return max(turn.to_min for turn in worker.shifts) / 60.0


def leg_min(travel: Travel, worker: Worker, one: Place, other: Place, hour: float) -> float:
    """By way of the kitchen, where there is something to fetch."""

    def direct(here: Place, there: Place, at_hour: float) -> float:
        return float(travel.times([here], [there], [worker.mode], np.array([at_hour])).minutes[0, 0, 0])

    fetched = other.pickup
    if fetched is None or (one.pickup is not None and one.pickup.id == fetched.id):
        return direct(one, other, hour)
    by = direct(one, fetched.place, fetched.around_min / 60.0) + fetched.duration_min
    return by + direct(fetched.place, other, hour)


def cost_points(day: Day, policy: Policy, travel: Travel) -> float:
    """What the plan costs, orders without a place included, news to people not."""
    incomes = [worker.income_fen for worker in day.workers]
    mean_fen = sum(incomes) / len(incomes) if incomes else 0.0
    points = worst = 0.0
    work_min = {worker.id: 0.0 for worker in day.workers}
    last: dict[str, Leg] = {}
    for leg in _legs(day, policy, travel):
        gap = leg.order.synchronisation.max_gap_min if leg.index else 0.0
        late_min = max(0.0, leg.stop.start_min - leg.order.window.to_min - gap)
        worst = max(worst, late_min)
        points += policy.travel_per_min * leg.travel_min + policy.tardiness_per_min * leg.order.priority * late_min
        if leg.waits_from_min is not None:
            points += policy.waiting_per_min * max(0.0, leg.stop.start_min - leg.waits_from_min - leg.gap.resting_min)
        points += policy.stranger * (1.0 - leg.order.familiarity.get(leg.worker.id, 0.0))
        points += policy.unpunctual * (1.0 - leg.worker.punctuality)
        if leg.order.usual_workers and leg.worker.id not in leg.order.usual_workers:
            points += policy.other_worker
        usual_min = leg.order.usual_start_min
        if usual_min is not None and not leg.index and abs(leg.stop.start_min - usual_min) > _usual_within(policy):
            points += policy.other_hour
        above = min(1.0, max(0.0, leg.worker.income_fen / mean_fen - 1.0)) if mean_fen > 0 else 0.0
        points += policy.income_per_yuan * above * leg.order.pay_fen / 100.0 / len(leg.order.visits)
        work_min[leg.worker.id] += leg.travel_min + leg.stop.end_min - leg.stop.start_min
        last[leg.worker.id] = leg
    for worker in day.workers:
        if worker.id in last and worker.end:
            home_min = leg_min(travel, worker, last[worker.id].order.place, worker.end, _home_hour(worker))
            points += policy.travel_per_min * home_min
            work_min[worker.id] += home_min
        contract_min = max(0.0, worker.contract_work_min - paid_min(worker))
        points += policy.overtime_per_min * max(0.0, work_min[worker.id] - contract_min)
        points += policy.load_per_h2 * (work_min[worker.id] / 60.0) ** 2
    placed = day.plan.placed()
    for order in day.orders:
        out = sum(visit.id not in placed for visit in order.visits)
        points += policy.unplaced * order.priority * out / len(order.visits)
    return points + policy.max_tardiness_per_min * worst
