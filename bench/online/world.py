"""A day lived through: orders come in, workers set out, people are told, and a strategy plans what is still open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from dispatch.breaks import Due, taken_between
from dispatch.commitment import due_to_tell
from dispatch.events import order_placed, visit_done, visit_started, visits_told
from dispatch.formulation import Formulation, formulate
from dispatch.living.day import LivingDay
from dispatch.model import END_OF_DAY_MIN, Day, Order, Plan, Route, StopState
from dispatch.policy import Policy
from dispatch.travel import Travel

MORNING_MIN = 400.0
EVENING_MIN = 1140.0
TICK_MIN = 15.0

Improve = Callable[[LivingDay, frozenset[str]], tuple[Plan, float]]
"""A day, and the workers whom the last event touched → its plan after the time between two events, and the points of
what people had to be told anew."""


@dataclass(slots=True)
class Lived:
    living: LivingDay
    disturbance_points: float = 0.0
    refused: list[str] = field(default_factory=list)

    @property
    def day(self) -> Day:
        return self.living.day


def live(whole: Day, policy: Policy, travel: Travel, improve: Improve) -> Lived:
    """`whole` has all orders of the day, each with the moment it becomes known. Cheapest insertion as they come;
    `improve` between the events, which are the arrivals and every quarter of an hour."""
    coming = sorted(whole.orders, key=lambda order: (order.placed_at_min, order.id))
    empty = Plan(routes=tuple(Route(worker_id=worker.id) for worker in whole.workers))
    day = replace(whole, orders=(), plan=empty, now_min=MORNING_MIN)
    lived = Lived(living=LivingDay(day, policy, travel))
    for now_min in moments(coming):
        day = advance(replace(lived.day, now_min=now_min), policy, travel)
        while coming and coming[0].placed_at_min <= now_min:
            day = order_placed(day, coming.pop(0))
        touched = lived.living.become(day)
        for order in day.waiting():
            touched |= _try(lived.living, order)
        plan, disturbance = improve(lived.living, frozenset(touched))
        lived.living.become(replace(lived.day, plan=plan))
        lived.disturbance_points += disturbance
    lived.living.become(advance(replace(lived.day, now_min=END_OF_DAY_MIN), policy, travel))
    lived.refused = [order.id for order in lived.day.waiting()]
    return lived


def moments(orders: Sequence[Order]) -> list[float]:
    """When something happens: every quarter of an hour, and whenever an order comes in."""
    ticks = {MORNING_MIN + TICK_MIN * i for i in range(int((EVENING_MIN - MORNING_MIN) / TICK_MIN) + 1)}
    return sorted(ticks | {order.placed_at_min for order in orders if order.placed_at_min > MORNING_MIN})


def _try(living: LivingDay, order: Order) -> set[str]:
    """Returns the workers whom it touches."""
    answer = living.proposal(order)
    return set() if answer is None else living.become(replace(living.day, plan=answer.plan))


def advance(day: Day, policy: Policy, travel: Travel) -> Day:
    """People are told what is due; who has to leave by now has left; what has ended is done."""
    day = visits_told(day, due_to_tell(day, policy))
    formulation = formulate(day, policy, travel, movable=frozenset())
    for visit_id, departs_min in _departures(formulation):
        if departs_min <= day.now_min:
            day = visit_started(day, visit_id)
    for _, stop in day.plan.stops():
        if stop.state is StopState.STARTED and stop.end_min <= day.now_min:
            day = visit_done(day, stop.visit_id)
    return day


def _departures(formulation: Formulation) -> list[tuple[str, float]]:
    """(visit id, when its worker must leave for it) of all that has not begun: as late as the start allows, and a break
    after the way."""
    departures = []
    visits, workers = formulation.problem.visits, formulation.problem.workers
    for worker, route in enumerate(formulation.routes):
        at, free_min = int(workers.start_location[worker]), float(workers.shift_start[worker])
        due = [Due(*row[1:]) for row in formulation.problem.breaks.tolist() if row[0] == worker]
        for visit in route:
            here = int(visits.location[visit])
            task = formulation.tasks[visit] if visit < len(formulation.tasks) else None
            if task is not None and task.stop is not None and not task.begun:
                way_min = formulation.travel_min(worker, at, here)
                rests = taken_between(due, free_min, way_min, task.stop.start_min)
                arrives_min = task.stop.start_min - sum(rest.to_min - rest.from_min for rest in rests)
                arrives_min = min([arrives_min, *(one.until_min for one in due[: len(rests)])])
                departures.append((task.id, max(free_min, arrives_min - way_min)))
                due = due[len(rests) :]
            at, free_min = here, _end_min(formulation, visit)
    return departures


def _end_min(formulation: Formulation, visit: int) -> float:
    """Of a visit as it is planned; of the present, which is no visit: the moment somebody can leave it."""
    stop = formulation.tasks[visit].stop if visit < len(formulation.tasks) else None
    return float(formulation.problem.visits.fixed_start[visit]) if stop is None else stop.end_min
