"""Weeks as JSON files: docs/dispatch-file-formats.md."""

import datetime
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import msgspec

from dispatch.files import wrong_in as wrong_in_day
from dispatch.model import Day, Group, Order, Plan
from dispatch.policy import Policy
from dispatch.reading import UnreadableFile, read_json
from dispatch.travel.port import Travel
from dispatch.week.evaluation import counted
from dispatch.week.model import Agenda, Horizon, Roster, Series
from dispatch.week.recurrence import filled, order_on
from dispatch.week.recurrence import wrong_in as wrong_in_rule

FORMAT = "yian.dispatch.week.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateInFile:
    date: datetime.date
    orders: tuple[Order, ...] = ()
    """Without those that are as their series says."""
    plan: Plan = field(default_factory=Plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekInFile:
    rosters: tuple[Roster, ...]
    dates: tuple[DateInFile, ...]
    series: tuple[Series, ...] = ()
    groups: tuple[Group, ...] = ()
    now_min: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFile:
    format: str
    week: WeekInFile
    title: str = ""


def write_week(path: Path, horizon: Horizon, title: str = "") -> None:
    series = {one.id: one for one in horizon.series}

    def of_its_own(agenda: Agenda) -> tuple[Order, ...]:
        return tuple(
            order
            for order in agenda.orders
            if order.series_id not in series or order != order_on(series[order.series_id], agenda.date)
        )

    week = WeekInFile(
        rosters=horizon.rosters,
        dates=tuple(DateInFile(date=one.date, orders=of_its_own(one), plan=one.plan) for one in horizon.agendas),
        series=horizon.series,
        groups=horizon.groups,
        now_min=horizon.now_min,
    )
    content = msgspec.json.encode(WeekFile(format=FORMAT, week=week, title=title))
    path.write_bytes(msgspec.json.format(content, indent=1))


def read_week(path: Path, policy: Policy, travel: Travel) -> tuple[Horizon, str]:
    """The week with its title; every series has its order on each of its dates. UnreadableFile if it cannot be read,
    is no such file, or contradicts itself."""
    file = read_json(path, WeekFile)
    if file.format != FORMAT:
        raise UnreadableFile(f"{path}: format is {file.format!r}, not {FORMAT!r}. Name a week of this format.")
    wrong = _wrong_before_dates(file.week)
    if not wrong:
        agendas = tuple(Agenda(date=one.date, orders=one.orders, plan=one.plan) for one in file.week.dates)
        horizon = filled(
            Horizon(
                agendas=agendas,
                rosters=file.week.rosters,
                series=file.week.series,
                groups=file.week.groups,
                now_min=file.week.now_min,
            )
        )
        wrong = next((found for agenda in horizon.agendas if (found := _wrong_on(agenda, horizon))), "")
    if wrong:
        raise UnreadableFile(f"{path}: {wrong}. Correct this, or name another file.")
    return counted(horizon, policy, travel), file.title


def _wrong_before_dates(week: WeekInFile) -> str:
    """What would keep the dates from being filled; "" = nothing."""
    if not week.dates:
        return "the week has no dates"
    for one, next_one in pairwise(week.dates):
        if next_one.date != one.date + datetime.timedelta(days=1):
            return f"{next_one.date} does not follow {one.date}: dates are consecutive"
    ids = [series.id for series in week.series]
    for series in week.series:
        if ids.count(series.id) > 1:
            return f"series {series.id} is there twice"
        if len(series.order.visits) not in (1, 2):
            return f"series {series.id} needs one visit or two"
        if wrong := wrong_in_rule(series.rule, series.begins):
            return f"the rule {series.rule!r} of series {series.id} is none: {wrong}"
    for roster in week.rosters:
        if min(roster.week_limit_min or 0.0, roster.month_limit_min or 0.0) < 0:
            return f"worker {roster.worker.id} may work a negative time"
    return ""


def _wrong_on(agenda: Agenda, horizon: Horizon) -> str:
    known = {series.id for series in horizon.series}
    if odd := [order for order in agenda.orders if order.series_id and order.series_id not in known]:
        return f"order {odd[0].id} is of the unknown series {odd[0].series_id}"
    workers = tuple(replace(roster.worker, shifts=roster.shifts_on(agenda.date)) for roster in horizon.rosters)
    day = Day(date=agenda.date, now_min=0.0, workers=workers, orders=agenda.orders, plan=agenda.plan)
    wrong = wrong_in_day(day)
    return f"{agenda.date}: {wrong}" if wrong else ""
