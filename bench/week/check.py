"""Is a horizon kept to its rules, and how often does a series change? Written apart from dispatch's own `week`: plain
loops from the words of docs/decisions/0021-several-days.md; one date's gates are `bench.online.plan_check`'s."""

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.online.plan_check import broken_gates, leg_min, paid_min
from dispatch.model import Day, Group, Interval, Order, Stop, Worker
from dispatch.policy import Policy
from dispatch.travel import Travel
from dispatch.week.model import Agenda, Horizon, Roster

SLACK_MIN = 1e-3
DAY_MIN = 1440.0
WEEKDAY_CODES = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


@dataclass(frozen=True, slots=True)
class Worked:
    begins_min: float
    ends_min: float
    work_min: float


def broken_rules(horizon: Horizon, policy: Policy, travel: Travel, *, gates: bool = True) -> list[str]:
    """One sentence per broken rule. `gates=False` leaves out those of single dates, which take long in a county."""
    broken: list[str] = []
    for agenda in horizon.agendas:
        broken += [f"{agenda.date}: {what}" for what in _served_on_leave(agenda, horizon)]
        if gates:
            day = _alone(agenda, horizon)
            broken += [f"{agenda.date}: {what}" for what in broken_gates(day, policy, travel)]
    worked = [worked_on(agenda, horizon, travel) for agenda in horizon.agendas]
    for roster in horizon.rosters:
        broken += [f"{roster.worker.id}: {what}" for what in _without_rest(roster, worked, policy)]
        broken += [f"{roster.worker.id}: {what}" for what in _over_hours(roster, horizon, worked)]
    return broken


def worked_on(agenda: Agenda, horizon: Horizon, travel: Travel) -> dict[str, Worked]:
    orders = {visit.id: (order, i) for order in agenda.orders for i, visit in enumerate(order.visits)}
    workers = {roster.worker.id: (roster.worker, _shifts(roster, agenda.date)) for roster in horizon.rosters}
    worked = {}
    for route in agenda.plan.routes:
        if not route.stops:
            continue
        worker, shifts = workers[route.worker_id]
        work_min, at = paid_min(worker), worker.position or worker.start
        for stop in route.stops:
            order, index = orders[stop.visit_id]
            work_min += leg_min(travel, worker, at, order.place, _due_hour(order, index))
            work_min += stop.end_min - stop.start_min
            at = order.place
        ends_min = route.stops[-1].end_min
        if worker.end is not None:
            home_min = leg_min(travel, worker, at, worker.end, max(shift.to_min for shift in shifts) / 60.0)
            work_min, ends_min = work_min + home_min, ends_min + home_min
        worked[worker.id] = Worked(route.stops[0].start_min, ends_min, work_min)
    return worked


def _due_hour(order: Order, index: int) -> float:
    gaps = order.synchronisation
    low, high = (gaps.min_gap_min, gaps.max_gap_min) if index else (0.0, 0.0)
    return (order.window.from_min + low + order.window.to_min + high) / 120.0


def _shifts(roster: Roster, date: datetime.date) -> tuple[Interval, ...]:
    by_code = {str(code): shifts for code, shifts in roster.shifts.items()}
    return roster.other_shifts.get(date, by_code.get(WEEKDAY_CODES[date.weekday()], ()))


def _alone(agenda: Agenda, horizon: Horizon) -> Day:
    """The date as a day of which nothing but itself is known."""
    workers = tuple(
        replace(roster.worker, shifts=_shifts(roster, agenda.date), last_shift_ended_min=-2 * DAY_MIN)
        for roster in horizon.rosters
    )
    groups = []
    for group in horizon.groups:
        ids = [order.id for order in agenda.orders if {order.id, order.series_id} & group.order_ids]
        groups.append(Group(order_ids=frozenset(ids), same_worker=group.same_worker))
    return Day(
        date=agenda.date,
        now_min=-DAY_MIN,
        workers=workers,
        orders=agenda.orders,
        plan=agenda.plan,
        groups=tuple(groups),
    )


def _served_on_leave(agenda: Agenda, horizon: Horizon) -> Iterator[str]:
    stops: dict[str, tuple[Stop, ...]] = {route.worker_id: route.stops for route in agenda.plan.routes}
    for roster in horizon.rosters:
        for leave in roster.leave:
            for stop in stops.get(roster.worker.id, ()) if leave.date == agenda.date else ():
                if leave.during is None or (
                    stop.start_min < leave.during.to_min - SLACK_MIN
                    and stop.end_min > leave.during.from_min + SLACK_MIN
                ):
                    yield f"{roster.worker.id} is on leave, but has {stop.visit_id}"


def _without_rest(roster: Roster, worked: list[dict[str, Worked]], policy: Policy) -> Iterator[str]:
    ended_min = roster.worker.last_shift_ended_min
    for at, of_date in enumerate(worked):
        if roster.worker.id not in of_date:
            continue
        one = of_date[roster.worker.id]
        rest_min = at * DAY_MIN + one.begins_min - ended_min
        if rest_min < policy.rest_between_days_min - SLACK_MIN:
            yield f"{rest_min:.1f} minutes of rest before date {at + 1}"
        ended_min = at * DAY_MIN + one.ends_min


def _over_hours(roster: Roster, horizon: Horizon, worked: list[dict[str, Worked]]) -> Iterator[str]:
    weeks, months = Counter[datetime.date](), Counter[datetime.date]()
    minutes = dict(roster.worked_min)
    for agenda, of_date in zip(horizon.agendas, worked, strict=True):
        if roster.worker.id in of_date:
            minutes[agenda.date] = of_date[roster.worker.id].work_min
    for date, some in minutes.items():
        weeks[date - datetime.timedelta(days=date.weekday())] += some  # type: ignore[assignment]
        months[date.replace(day=1)] += some  # type: ignore[assignment]
    for name, sums, limit_min in (("week", weeks, roster.week_limit_min), ("month", months, roster.month_limit_min)):
        for begins, total_min in sums.items():
            if limit_min is not None and total_min > limit_min + SLACK_MIN:
                yield f"{total_min:.1f} minutes in the {name} of {begins}, not {limit_min:.1f}"


@dataclass(frozen=True, slots=True)
class Changes:
    visits: int
    """Of series that come more than once."""
    other_worker: int
    """By somebody else than who does most of the series."""
    faces: int
    """Workers a series sees beyond the first (of visits by two: the first two)."""
    other_hour: int
    """More than the tolerance from the hour that most of the series keep to."""


def changes_of(horizon: Horizon, tolerance_min: float) -> Changes:
    workers: dict[str, list[str]] = {}
    starts: dict[str, list[float]] = {}
    together = {series.id: len(series.order.visits) for series in horizon.series}
    for agenda in horizon.agendas:
        orders = {visit.id: (order, i) for order in agenda.orders for i, visit in enumerate(order.visits)}
        for worker_id, stop in agenda.plan.stops():
            order, index = orders[stop.visit_id]
            if order.series_id:
                workers.setdefault(order.series_id, []).append(worker_id)
                if not index:
                    starts.setdefault(order.series_id, []).append(stop.start_min)
    visits = other = faces = hours = 0
    for series_id, came in workers.items():
        if len(came) > together[series_id]:
            counts = [count for _, count in Counter(came).most_common()]
            visits += len(came)
            other += sum(counts[together[series_id] :])
            faces += len(counts[together[series_id] :])
    for some in starts.values():
        hours += len(some) - max(
            sum(first <= one <= first + 2 * tolerance_min + 1e-6 for one in some) for first in some
        )
    return Changes(visits, other, faces, hours)


def least_other_workers(horizon: Horizon) -> int:
    """No plan has fewer: even if each series had its best worker all to itself, that worker has free days."""
    dates = [agenda.date for agenda in horizon.agendas]
    least = 0
    for series in horizon.series:
        coming = [agenda.date for agenda in horizon.agendas if any(o.series_id == series.id for o in agenda.orders)]
        missed = sorted(
            sum(_away(roster, date) for date in coming)
            for roster in horizon.rosters
            if _able(roster.worker, series.order, dates[0])
        )
        least += sum(missed[: len(series.order.visits)])
    return least


def _away(roster: Roster, date: datetime.date) -> bool:
    return not _shifts(roster, date) or any(leave.date == date and leave.during is None for leave in roster.leave)


def _able(worker: Worker, order: Order, date: datetime.date) -> bool:
    skills = set().union(*(visit.skills for visit in order.visits))
    return skills <= {it.skill for it in worker.certificates if it.valid_from <= date <= it.valid_until}
