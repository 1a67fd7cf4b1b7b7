"""A horizon rolls on by a day: the past date goes, a new one comes at the end. Nothing that stands is made anew."""

import datetime
from dataclasses import replace
from itertools import permutations

import numpy as np

from dispatch.gates import GateKeeper
from dispatch.model import END_OF_DAY_MIN, Day, Order, Plan, Route, Stop
from dispatch.policy import Policy
from dispatch.travel.port import Travel
from dispatch.week.model import PAST_KEPT, Agenda, Horizon, Past, Roster, Series
from dispatch.week.neighbours import day_of, same_month, same_week
from dispatch.week.planning import Effort, plan_date
from dispatch.week.recurrence import due_on

DAY = datetime.timedelta(days=1)


def roll_on(
    horizon: Horizon, policy: Policy, travel: Travel, effort: Effort = Effort(), *, orders: tuple[Order, ...] = ()
) -> Horizon:
    """`orders`: what is known beside the series for the date that comes in. What was planned for the first date counts
    as done: when people's work ended, how long they worked, who came to each series and when."""
    past, date = horizon.agendas[0], horizon.agendas[-1].date + DAY
    kept = replace(
        horizon,
        now_min=max(0.0, horizon.now_min - END_OF_DAY_MIN),
        rosters=tuple(_after(roster, past, past.date + DAY) for roster in horizon.rosters),
        series=_remembering(horizon.series, past),
        agendas=horizon.agendas[1:],
    )
    new = Agenda(date=date, orders=(*orders, *due_on(horizon.series, date)))
    longer = replace(kept, agendas=(*kept.agendas, new))
    longer = longer.with_agenda(len(kept.agendas), replace(new, plan=_as_usual(longer, policy)))
    for turn in range(effort.rounds):
        longer, saved = plan_date(longer, len(longer.agendas) - 1, policy, travel, effort, turn=turn)
        if saved < policy.least_saving:
            break
    return longer


def _after(roster: Roster, past: Agenda, first: datetime.date) -> Roster:
    """The roster for a horizon that begins on `first`, the date after the past one."""
    worked = past.worked.get(roster.worker.id)
    ended_min = worked.ends_min if worked else roster.worker.last_shift_ended_min
    minutes = {**roster.worked_min, **({past.date: worked.work_min} if worked else {})}
    return replace(
        roster,
        worker=replace(roster.worker, last_shift_ended_min=ended_min - END_OF_DAY_MIN),
        worked_min={date: some for date, some in minutes.items() if same_week(date, first) or same_month(date, first)},
        leave=tuple(leave for leave in roster.leave if leave.date >= first),
        other_shifts={date: shifts for date, shifts in roster.other_shifts.items() if date >= first},
    )


def _remembering(series: tuple[Series, ...], past: Agenda) -> tuple[Series, ...]:
    placed = past.plan.placed()
    came: dict[str, Past] = {}
    for order in past.orders:
        if order.series_id and all(visit.id in placed for visit in order.visits):
            workers = tuple(placed[visit.id][0] for visit in order.visits)
            came[order.series_id] = Past(worker_ids=workers, start_min=placed[order.visits[0].id][1].start_min)
    return tuple(replace(one, past=(*one.past, came[one.id])[-PAST_KEPT:]) if one.id in came else one for one in series)


def _as_usual(horizon: Horizon, policy: Policy) -> Plan:
    """Of the last date: every series with its usual workers at its usual hour, where the gates let them. The search
    begins there, and takes out what has no room together."""
    day = day_of(horizon, len(horizon.agendas) - 1, policy)
    gates = GateKeeper(day, policy)
    stops: dict[str, list[Stop]] = {}
    for order in day.orders:
        start_min, workers = order.usual_start_min, _who(order, day, gates)
        if start_min is None:
            continue
        for visit, worker_id in zip(order.visits, workers, strict=False):
            stop = Stop(visit_id=visit.id, start_min=start_min, end_min=start_min + visit.duration_min)
            stops.setdefault(worker_id, []).append(stop)
    return Plan(
        routes=tuple(
            Route(worker_id=worker_id, stops=tuple(sorted(route, key=lambda stop: stop.start_min)))
            for worker_id, route in stops.items()
        )
    )


def _who(order: Order, day: Day, gates: GateKeeper) -> tuple[str, ...]:
    """One usual worker for each visit whom no gate forbids it; () = there are not enough of them."""
    index = {worker.id: w for w, worker in enumerate(day.workers) if worker.id in order.usual_workers}
    if len(index) < len(order.visits):
        return ()
    forbidden = [np.any(list(gates.forbidding(order, i).values()), axis=0) for i in range(len(order.visits))]
    for workers in permutations(sorted(index), len(order.visits)):
        if not any(forbidden[i][index[worker_id]] for i, worker_id in enumerate(workers)):
            return workers
    return ()
