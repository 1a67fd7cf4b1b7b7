"""A plan as a picture: every worker's route on the map, and who does what when (Gantt)."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, radians
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import hsv_to_rgb
from matplotlib.figure import Figure

from dispatch.breaks import breaks_of
from dispatch.gates import shift_time
from dispatch.model import FROZEN, Day, Interval, Place, Stop, StopState, Worker
from dispatch.travel import GreatCircleTravel
from dispatch.travel.ways import ways

MARKERS = {
    StopState.PLANNED: "o",
    StopState.TOLD: "s",
    StopState.PROMISED: "D",
    StopState.STARTED: ">",
    StopState.DONE: "v",
}
"""State by shape, not by colour alone."""
ROW_IN = 0.2
CJK_FONTS = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "DejaVu Sans"]


@dataclass(frozen=True, slots=True)
class _Visited:
    worker: Worker
    places: tuple[Place, ...]
    stops: tuple[Stop, ...]
    late: tuple[bool, ...]
    breaks: tuple[Interval, ...]
    colour: tuple[float, float, float]


def draw_plan(day: Day, path: Path, title: str = "") -> None:
    """PNG or SVG by the path's ending; ValueError for another one, OSError if it cannot be written."""
    routes = _visited(day)
    height = max(6.0, 1.6 + ROW_IN * max(1, len(routes)))
    with mpl.rc_context({"font.sans-serif": CJK_FONTS, "font.family": "sans-serif", "axes.unicode_minus": False}):
        figure = Figure(figsize=(16.0, height), layout="constrained")
        on_map, gantt = figure.subplots(1, 2, width_ratios=(1.0, 1.3))
        _draw_map(on_map, routes, _unplaced(day))
        _draw_gantt(gantt, day, routes)
        figure.suptitle(title or f"{day.date.isoformat()}: {_summary(day)}")
        save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """ValueError for another ending than .png or .svg."""
    if path.suffix.lower() not in {".png", ".svg"}:
        raise ValueError(f"{path.name}: the ending must be .png or .svg")
    # A fixed salt and no date: the same plan is the same file.
    with mpl.rc_context({"svg.hashsalt": "yian"}):
        figure.savefig(path, dpi=110, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)


def _visited(day: Day) -> list[_Visited]:
    orders = {visit.id: order for order in day.orders for visit in order.visits}
    routes = {route.worker_id: route for route in day.plan.routes if route.stops}
    workers = [worker for worker in day.workers if worker.id in routes]
    visited = []
    for i, worker in enumerate(workers):
        stops = routes[worker.id].stops
        places = tuple(orders[stop.visit_id].place for stop in stops)
        late = tuple(stop.start_min > orders[stop.visit_id].window.to_min for stop in stops)
        visited.append(_Visited(worker, places, stops, late, breaks_drawn(worker, places, stops), colour_of(i)))
    return visited


def breaks_drawn(worker: Worker, places: tuple[Place, ...], stops: tuple[Stop, ...]) -> tuple[Interval, ...]:
    return breaks_of(worker, shift_time(worker), stops, _ways_min(worker, places, stops)) if worker.breaks else ()


def _ways_min(worker: Worker, places: tuple[Place, ...], stops: tuple[Stop, ...]) -> list[float]:
    """To each visit, by the model that needs no map: a file does not say whose travel times it was planned with."""
    hours = np.array([stop.start_min / 60.0 for stop in stops])
    minutes = ways(GreatCircleTravel(), (worker.start, *places[:-1]), places, (worker.mode,), hours).minutes[0]
    return [float(way) for way in np.diagonal(minutes)]


def colour_of(number: int) -> tuple[float, float, float]:
    """Hues a golden section apart, so that neighbouring rows differ; every other one darker."""
    red, green, blue = hsv_to_rgb(((0.58 + 0.618034 * number) % 1.0, 0.75, 0.85 if number % 2 else 0.62))
    return float(red), float(green), float(blue)


def _unplaced(day: Day) -> list[Place]:
    return [order.place for order in day.waiting()]


def _draw_map(axes: Axes, routes: Iterable[_Visited], unplaced: list[Place]) -> None:
    for route in routes:
        way = [route.worker.start, *route.places] + ([route.worker.end] if route.worker.end else [])
        axes.plot([place.lon for place in way], [place.lat for place in way], color=route.colour, lw=1.1, alpha=0.75)
        axes.plot(route.worker.start.lon, route.worker.start.lat, marker="P", color=route.colour, ms=7)
        axes.annotate(route.worker.id, (route.worker.start.lon, route.worker.start.lat), fontsize=6)
        for place, stop in zip(route.places, route.stops, strict=True):
            axes.plot(place.lon, place.lat, marker=MARKERS[stop.state], color=route.colour, ms=5, mec="black", mew=0.4)
    if unplaced:
        axes.plot([place.lon for place in unplaced], [place.lat for place in unplaced], "kx", ms=8, label="nobody can")
        axes.legend(loc="lower right")
    axes.set(xlabel="longitude (°, WGS-84)", ylabel="latitude (°, WGS-84)")
    axes.set_title("Routes (+ start, ○ planned, □ told, ◇ promised, ▷ begun, ▽ done)", fontsize=10)
    axes.set_anchor("N")
    axes.set_aspect(1.0 / _cos_of_middle(axes))
    axes.grid(alpha=0.25)


def _cos_of_middle(axes: Axes) -> float:
    low, high = axes.get_ylim()
    return max(0.1, cos(radians((low + high) / 2)))


def _draw_gantt(axes: Axes, day: Day, routes: list[_Visited]) -> None:
    for row, route in enumerate(routes):
        for shift in route.worker.shifts:
            axes.barh(row, shift.to_min - shift.from_min, left=shift.from_min, height=0.86, color="0.94", zorder=0)
        for leave in route.worker.leave:
            axes.barh(
                row,
                leave.to_min - leave.from_min,
                left=leave.from_min,
                height=0.86,
                color="none",
                hatch="////",
                ec="0.7",
            )
        for rest in route.breaks:
            axes.barh(row, rest.to_min - rest.from_min, left=rest.from_min, height=0.3, color="none", ec="0.35", lw=0.8)
        for stop, late in zip(route.stops, route.late, strict=True):
            axes.barh(
                row,
                stop.end_min - stop.start_min,
                left=stop.start_min,
                height=0.66,
                color=route.colour,
                ec="red" if late else "black",
                lw=1.6 if late else 0.4,
                alpha=1.0 if stop.state in FROZEN else 0.65,
            )
    axes.set_yticks(range(len(routes)), [route.worker.id for route in routes], fontsize=8)
    axes.set_ylim(max(1, len(routes)) - 0.4, -0.6)
    _hours(axes, routes)
    if axes.get_xlim()[0] < day.now_min < axes.get_xlim()[1]:
        axes.axvline(day.now_min, color="black", lw=1.0, ls="--")
        axes.annotate("now", (day.now_min, -0.6), fontsize=8, ha="center", va="bottom")
    axes.set_title("Visits (red edge: late; solid: frozen; hatched: leave; thin: break)", fontsize=10)


def _hours(axes: Axes, routes: list[_Visited]) -> None:
    times = [t for route in routes for shift in route.worker.shifts for t in (shift.from_min, shift.to_min)]
    times += [t for route in routes for stop in route.stops for t in (stop.start_min, stop.end_min)] or [480.0, 1080.0]
    first, last = int(min(times) // 60), int(-(-max(times) // 60))
    hours = range(first, last + 1, max(1, (last - first) // 12))
    axes.set_xticks([60 * hour for hour in hours], [f"{hour % 24:02d}:00" for hour in hours], fontsize=8)
    axes.set_xlim(60 * first, 60 * last)
    axes.grid(axis="x", alpha=0.25)


def _summary(day: Day) -> str:
    visits = sum(1 for _ in day.plan.stops())
    busy = sum(1 for route in day.plan.routes if route.stops)
    waiting = len(day.waiting())
    return f"{visits} visits, {busy} workers" + (f", {waiting} orders nobody can take" if waiting else "")
