"""One date of a horizon as a `Day`: what the other dates leave of rest and hours, and what they make usual."""

import datetime
from collections.abc import Callable
from dataclasses import replace

from dispatch.model import END_OF_DAY_MIN, Day, Interval, Order, Worker
from dispatch.policy import Policy
from dispatch.week.habits import Occurrences, occurrences
from dispatch.week.model import Horizon, Roster

ROUNDING_MIN = 1e-6
"""Rest and hours that are used up to the last minute must not be found short by a rounding."""
WHOLE_DAY = Interval(-END_OF_DAY_MIN, 3 * END_OF_DAY_MIN)
Same = Callable[[datetime.date, datetime.date], bool]


def day_of(horizon: Horizon, at: int, policy: Policy, *, sharing: bool = False) -> Day:
    """`sharing`: of the hours left in a week or month, dates that have no plan yet are left their part."""
    agenda = horizon.agendas[at]
    seen = occurrences(horizon, without=at)
    return Day(
        date=agenda.date,
        now_min=horizon.now_min - at * END_OF_DAY_MIN,
        workers=tuple(worker_on(horizon, at, roster, sharing=sharing) for roster in horizon.rosters),
        orders=tuple(_as_usual(order, seen, policy) for order in agenda.orders),
        plan=agenda.plan,
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


def worker_on(horizon: Horizon, at: int, roster: Roster, *, sharing: bool = False) -> Worker:
    date = horizon.agendas[at].date
    return replace(
        roster.worker,
        shifts=roster.shifts_on(date),
        leave=(*roster.worker.leave, *(leave.during or WHOLE_DAY for leave in roster.leave if leave.date == date)),
        last_shift_ended_min=_ended_min(horizon, at, roster),
        next_shift_begins_min=_begins_min(horizon, at, roster),
        week_left_min=_left_min(horizon, at, roster, same_week, sharing=sharing),
        month_left_min=_left_min(horizon, at, roster, same_month, sharing=sharing),
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


def _left_min(horizon: Horizon, at: int, roster: Roster, same: Same, *, sharing: bool) -> float | None:
    limit_min = roster.week_limit_min if same is same_week else roster.month_limit_min
    if limit_min is None:
        return None
    date = horizon.agendas[at].date
    used_min = sum(minutes for day, minutes in roster.worked_min.items() if same(day, date))
    own_min, later_min = _shift_min(roster, date), 0.0
    for i, agenda in enumerate(horizon.agendas):
        if i == at or not same(agenda.date, date):
            continue
        worked = agenda.worked.get(roster.worker.id)
        used_min += worked.work_min if worked else 0.0
        if sharing and i > at and agenda.orders and not agenda.worked:
            later_min += _shift_min(roster, agenda.date)
    left_min = limit_min - used_min + ROUNDING_MIN
    return left_min * own_min / (own_min + later_min) if later_min else left_min


def _shift_min(roster: Roster, date: datetime.date) -> float:
    if any(leave.date == date and leave.during is None for leave in roster.leave):
        return 0.0
    return sum(shift.to_min - shift.from_min for shift in roster.shifts_on(date))
