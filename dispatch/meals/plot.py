"""Meal runs as a picture: from kitchens to doors on the map, and who is on which run when (Gantt)."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dispatch.meals.model import MealDay, Run
from dispatch.plot import CJK_FONTS, ROW_IN, colour_of

Colour = tuple[float, float, float]


def draw_meals(meals: MealDay, path: Path, title: str = "") -> None:
    """PNG or SVG by the path's ending; ValueError for another one, OSError if it cannot be written."""
    if path.suffix.lower() not in {".png", ".svg"}:
        raise ValueError(f"{path.name}: the ending must be .png or .svg")
    busy = [it.id for it in meals.carriers if any(run.carrier_id == it.id for run in meals.runs)]
    rows = {carrier_id: row for row, carrier_id in enumerate(busy)}
    height = min(60.0, max(6.0, 1.6 + ROW_IN * len(rows)))
    with mpl.rc_context({"font.sans-serif": CJK_FONTS, "font.family": "sans-serif", "axes.unicode_minus": False}):
        figure = Figure(figsize=(16.0, height), layout="constrained")
        on_map, gantt = figure.subplots(1, 2, width_ratios=(1.0, 1.3))
        _draw_map(on_map, meals, rows)
        _draw_gantt(gantt, meals, rows)
        figure.suptitle(title or f"{len(meals.runs)} runs, {len(rows)} carriers")
        with mpl.rc_context({"svg.hashsalt": "yian"}):
            figure.savefig(path, dpi=110, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)


def _draw_map(axes: Axes, meals: MealDay, rows: dict[str, int]) -> None:
    kitchens = {kitchen.id: kitchen.place for kitchen in meals.kitchens}
    orders = {order.id: order for order in meals.orders}
    for run in meals.runs:
        meal = [orders[order_id] for order_id in run.order_ids]
        way = [kitchens[meal[0].kitchen_id], *(order.place for order in meal)]
        axes.plot(
            [place.lon for place in way],
            [place.lat for place in way],
            color=colour_of(rows[run.carrier_id]),
            lw=1.0,
            alpha=0.7,
            marker="o",
            ms=2.5,
        )
    for kitchen in meals.kitchens:
        axes.plot(kitchen.place.lon, kitchen.place.lat, "k^", ms=6)
    carried = {order_id for run in meals.runs for order_id in run.order_ids}
    for order in meals.orders:
        if order.id not in carried:
            axes.plot(order.place.lon, order.place.lat, "kx", ms=8)
    axes.set(xlabel="longitude (°, WGS-84)", ylabel="latitude (°, WGS-84)")
    axes.set_title("Runs (▲ kitchen, ● door, × on no run)", fontsize=10)
    axes.set_anchor("N")
    axes.grid(alpha=0.25)


def _draw_gantt(axes: Axes, meals: MealDay, rows: dict[str, int]) -> None:
    for carrier in (it for it in meals.carriers if it.id in rows):
        row = rows[carrier.id]
        for shift in carrier.shifts:
            axes.barh(row, shift.to_min - shift.from_min, left=shift.from_min, height=0.86, color="0.94", zorder=0)
        for visit in carrier.busy:
            during = visit.during
            axes.barh(row, during.to_min - during.from_min, left=during.from_min, height=0.66, color="0.6", hatch="//")
    due = {order.id: order.due_min for order in meals.orders}
    for run in meals.runs:
        _draw_run(axes, run, rows[run.carrier_id], due)
    axes.set_yticks(range(len(rows)), list(rows), fontsize=7)
    axes.set_ylim(max(1, len(rows)) - 0.4, -0.6)
    first, last = (int(edge // 60) for edge in axes.get_xlim())
    hours = range(max(first, 0), last + 2)
    axes.set_xticks([60 * hour for hour in hours], [f"{hour % 24:02d}:00" for hour in hours], fontsize=7)
    axes.grid(axis="x", alpha=0.25)
    axes.set_title(
        "Runs (pale: to the kitchen; full: delivering; | a door, red if late; hatched: a visit)", fontsize=10
    )


def _draw_run(axes: Axes, run: Run, row: int, due: dict[str, float]) -> None:
    shade = colour_of(row)
    axes.barh(row, run.pickup_min - run.leave_min, left=run.leave_min, height=0.5, color=shade, alpha=0.35)
    axes.barh(row, run.end_min - run.pickup_min, left=run.pickup_min, height=0.66, color=shade, ec="black", lw=0.3)
    for order_id, door_min in zip(run.order_ids, run.door_min, strict=True):
        late = door_min > due[order_id]
        axes.vlines(door_min, row - 0.33, row + 0.33, color="red" if late else "white", lw=1.4)
