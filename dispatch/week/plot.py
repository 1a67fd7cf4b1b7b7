"""A week as a picture: a row for each worker, a column for each date."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from dispatch.model import END_OF_DAY_MIN, Interval
from dispatch.plot import CJK_FONTS, breaks_drawn, colour_of, save
from dispatch.policy import Policy
from dispatch.week.habits import Occurrences, occurrences
from dispatch.week.model import Agenda, Horizon, Roster
from dispatch.week.neighbours import worker_on

ROW_IN, DATE_IN = 0.16, 2.2
ONCE = (0.75, 0.75, 0.75)


def draw_week(horizon: Horizon, path: Path, title: str = "") -> None:
    """PNG or SVG by the path's ending; ValueError for another one, OSError if it cannot be written."""
    height = max(5.0, 1.8 + ROW_IN * len(horizon.rosters))
    with mpl.rc_context({"font.sans-serif": CJK_FONTS, "font.family": "sans-serif", "axes.unicode_minus": False}):
        figure = Figure(figsize=(2.0 + DATE_IN * len(horizon.agendas), height), layout="constrained")
        columns = figure.subplots(1, len(horizon.agendas), sharey=True, squeeze=False)[0]
        first, last = _hours(horizon)
        colours = {roster.worker.id: colour_of(w) for w, roster in enumerate(horizon.rosters)}
        seen = occurrences(horizon)
        for agenda, axes in zip(horizon.agendas, columns, strict=True):
            _draw_date(axes, agenda, horizon, seen, colours)
            axes.set_xticks(range(60 * first, 60 * last + 1, 240), [f"{h % 24:02d}" for h in range(first, last + 1, 4)])
            axes.set_xlim(60 * first, 60 * last)
            axes.tick_params(labelsize=7)
        names = [roster.worker.id for roster in horizon.rosters]
        columns[0].set_yticks(range(len(names)), names, fontsize=6)
        columns[0].set_ylim(len(names) - 0.4, -0.6)
        figure.legend(handles=_legend(), loc="outside lower center", ncols=5, fontsize=8)
        figure.suptitle(title or f"{horizon.agendas[0].date} to {horizon.agendas[-1].date}: {_summary(horizon, seen)}")
        save(figure, path)


def _draw_date(
    axes: Axes,
    agenda: Agenda,
    horizon: Horizon,
    seen: dict[str, Occurrences],
    colours: dict[str, tuple[float, float, float]],
) -> None:
    orders = {visit.id: order for order in agenda.orders for visit in order.visits}
    rows = {roster.worker.id: row for row, roster in enumerate(horizon.rosters)}
    for row, roster in enumerate(horizon.rosters):
        _draw_shifts(axes, row, roster, agenda)
    for worker_id, stop in agenda.plan.stops():
        order = orders[stop.visit_id]
        usual = seen[order.series_id].mainly() if order.series_id in seen else ()
        other = bool(usual) and worker_id not in usual
        owner = worker_id if worker_id in usual else next(iter(usual), "")
        axes.barh(
            rows[worker_id],
            stop.end_min - stop.start_min,
            left=stop.start_min,
            height=0.74,
            color=colours.get(owner, ONCE),
            ec="red" if other else "black",
            lw=1.3 if other else 0.3,
        )
    at = horizon.index(agenda.date)
    for route in agenda.plan.routes:
        worker = worker_on(horizon, at, horizon.roster(route.worker_id))
        places = tuple(orders[stop.visit_id].place for stop in route.stops)
        for rest in breaks_drawn(worker, places, route.stops):
            rest_min = rest.to_min - rest.from_min
            axes.barh(rows[worker.id], rest_min, left=rest.from_min, height=0.3, color="none", ec="0.35", lw=0.6)
    waiting = sum(1 for visit in orders if visit not in agenda.plan.placed())
    axes.set_title(f"{agenda.date:%a} {agenda.date.isoformat()}" + (f", {waiting} wait" if waiting else ""), fontsize=9)
    axes.grid(axis="x", alpha=0.25)


def _draw_shifts(axes: Axes, row: int, roster: Roster, agenda: Agenda) -> None:
    whole = Interval(-END_OF_DAY_MIN, 2 * END_OF_DAY_MIN)
    leave = [one.during or whole for one in roster.leave if one.date == agenda.date]
    for shift in roster.shifts_on(agenda.date):
        axes.barh(row, shift.to_min - shift.from_min, left=shift.from_min, height=0.92, color="0.94", zorder=0)
        for away in leave:
            begins, ends = max(shift.from_min, away.from_min), min(shift.to_min, away.to_min)
            if begins < ends:
                axes.barh(row, ends - begins, left=begins, height=0.92, color="none", hatch="////", ec="0.6", lw=0.3)


def _hours(horizon: Horizon) -> tuple[int, int]:
    """First and last hour that any date needs."""
    shifts = [shift for one in horizon.agendas for roster in horizon.rosters for shift in roster.shifts_on(one.date)]
    begins = min((shift.from_min for shift in shifts), default=480.0)
    ends = max((shift.to_min for shift in shifts), default=1080.0)
    return int(begins // 60), int(-(-ends // 60))


def _legend() -> list[Patch]:
    return [
        Patch(facecolor=colour_of(1), ec="black", lw=0.3, label="by who usually comes: one colour a row"),
        Patch(facecolor=colour_of(2), ec="red", lw=1.3, label="by somebody else: the colour of who usually comes"),
        Patch(facecolor=ONCE, ec="black", lw=0.3, label="comes once"),
        Patch(facecolor="white", ec="0.6", hatch="////", label="leave"),
        Patch(facecolor="white", ec="0.35", lw=0.6, label="break (thin)"),
    ]


def _summary(horizon: Horizon, seen: dict[str, Occurrences]) -> str:
    planned = sum(1 for agenda in horizon.agendas for _ in agenda.plan.stops())
    waiting = sum(len(order.visits) for agenda in horizon.agendas for order in agenda.orders) - planned
    workers = sum(series.other_workers() for series in seen.values())
    hours = sum(series.other_hours(Policy().usual_tolerance_min) for series in seen.values())
    return f"{planned} visits, {waiting} wait; {workers} by another worker, {hours} at another hour than usual"
