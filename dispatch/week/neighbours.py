"""One date of a horizon as a `Day`: what the other dates leave of rest and hours, and what they make usual."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import replace

from dispatch.model import END_OF_DAY_MIN, Day, Group, Interval, Order, Worker
from dispatch.policy import Policy
from dispatch.week.habits import Occurrences, occurrences
from dispatch.week.model import Agenda, Horizon, Roster

ROUNDING_MIN = 1e-6
"""Rest and hours that are used up to the last minute must not be found short by a rounding."""
WHOLE_DAY = Interval(-END_OF_DAY_MIN, 3 * END_OF_DAY_MIN)
Same = Callable[[datetime.date, datetime.date], bool]


def day_of(horizon: Horizon, at: int, policy: Policy, *, sharing: bool = False) -> Day:
    """`sharing`: of the hours left in a week or month, dates that have no plan yet are left their part."""
    agenda = horizon.agendas[at]
    asking_min = tuple(_asking_min(one) for one in horizon.agendas) if sharing else ()
    seen = occurrences(horizon, without=at)
    return Day(
        date=agenda.date,
        now_min=horizon.now_min - at * END_OF_DAY_MIN,
        workers=tuple(worker_on(horizon, at, roster, asking_min) for roster in horizon.rosters),
        orders=tuple(_as_usual(order, seen, policy) for order in agenda.orders),
        plan=agenda.plan,
        groups=tuple(group for group in (_on(agenda, one) for one in horizon.groups) if len(group.order_ids) > 1),
    )


def _on(agenda: Agenda, group: Group) -> Group:
    """With the ids of the date's own orders."""
    ids = group.order_ids
    return replace(
        group, order_ids=frozenset(order.id for order in agenda.orders if order.id in ids or order.series_id in ids)
    )


def _as_usual(order: Order, seen: dict[str, Occurrences], policy: Policy) -> Order:
    if order.series_id not in seen:
        return order
    of_series = seen[order.series_id]
    return replace(
        order,
        usual_workers=of_series.usual_workers(),
        usual_start_min=of_series.usual_start_min(policy.usual_tolerance_min),
    )


def _asking_min(agenda: Agenda) -> float:
    """Minutes of service that a date asks for."""
    return sum(visit.duration_min for order in agenda.orders for visit in order.visits)


def worker_on(horizon: Horizon, at: int, roster: Roster, asking_min: Sequence[float] = ()) -> Worker:
    """`asking_min`: of each date, by which hours are shared with dates that have no plan yet; () = they are not."""
    date = horizon.agendas[at].date
    return replace(
        roster.worker,
        shifts=roster.shifts_on(date),
        leave=(*roster.worker.leave, *(leave.during or WHOLE_DAY for leave in roster.leave if leave.date == date)),
        last_shift_ended_min=_ended_min(horizon, at, roster),
        next_shift_begins_min=_begins_min(horizon, at, roster),
        week_left_min=_left_min(horizon, at, roster, same_week, asking_min),
        month_left_min=_left_min(horizon, at, roster, same_month, asking_min),
    )


def _ended_min(horizon: Horizon, at: int, roster: Roster) -> float:
    """End of the last work before, in minutes of this date. Older than yesterday's it may be: rest only grows."""
    for before in range(at - 1, -1, -1):
        worked = horizon.agendas[before].worked.get(roster.worker.id)
        if worked is not None:
            return worked.ends_min - (at - before) * END_OF_DAY_MIN - ROUNDING_MIN
    return roster.worker.last_shift_ended_min - at * END_OF_DAY_MIN


def _begins_min(horizon: Horizon, at: int, roster: Roster) -> float | None:
    if at + 1 == len(horizon.agendas):
        return None
    worked = horizon.agendas[at + 1].worked.get(roster.worker.id)
    return None if worked is None else worked.begins_min + END_OF_DAY_MIN + ROUNDING_MIN


def same_week(one: datetime.date, other: datetime.date) -> bool:
    return one.isocalendar()[:2] == other.isocalendar()[:2]


def same_month(one: datetime.date, other: datetime.date) -> bool:
    return (one.year, one.month) == (other.year, other.month)


def _left_min(horizon: Horizon, at: int, roster: Roster, same: Same, asking_min: Sequence[float]) -> float | None:
    limit_min = roster.week_limit_min if same is same_week else roster.month_limit_min
    if limit_min is None:
        return None
    date = horizon.agendas[at].date
    used_min = sum(minutes for day, minutes in roster.worked_min.items() if same(day, date))
    later = [at]
    for i, agenda in enumerate(horizon.agendas):
        if i == at or not same(agenda.date, date):
            continue
        worked = agenda.worked.get(roster.worker.id)
        used_min += worked.work_min if worked else 0.0
        if i > at and agenda.orders and not agenda.worked:
            later.append(i)
    left_min = limit_min - used_min + ROUNDING_MIN
    if not asking_min or len(later) == 1:
        return left_min
    wanted = [asking_min[i] * _shift_min(roster, horizon.agendas[i].date) for i in later]
    return left_min * wanted[0] / sum(wanted) if any(wanted) else left_min


def _shift_min(roster: Roster, date: datetime.date) -> float:
    if any(leave.date == date and leave.during is None for leave in roster.leave):
        return 0.0
    return sum(shift.to_min - shift.from_min for shift in roster.shifts_on(date))
