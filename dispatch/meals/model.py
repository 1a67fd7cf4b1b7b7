"""Kitchens, meals and who carries them, as plain data. `*_min` as in `dispatch.model`: minutes after 00:00."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dispatch.model import Interval, Place, TravelMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Kitchen:
    id: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class MealOrder:
    id: str
    kitchen_id: str
    place: Place
    ready_min: float
    """When the kitchen has it ready; nobody leaves with it earlier."""
    placed_at_min: float = 0.0
    """When it became known."""
    due_min: float = math.inf
    """At the door after this is late."""
    grave_min: float = math.inf
    """After this each minute is worse."""
    fresh_min: float = math.inf
    """The dish's limit: at the door so many minutes after it was ready, or not at all."""
    portions: float = 1.0
    """How much of a box it fills."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """An ordinary visit of the same worker."""

    during: Interval
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    id: str
    start: Place
    """Where each shift begins."""
    shifts: tuple[Interval, ...]
    """Nothing is picked up after the end of a shift."""
    mode: TravelMode = TravelMode.EBIKE
    box_portions: float = math.inf
    busy: tuple[Busy, ...] = ()
    position: Place | None = None
    """Where the last run told ends; None = none was told yet."""
    free_from_min: float = -math.inf
    """When it ends. Until then nothing more can be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One way from a kitchen to one or more doors. Once told it is final."""

    carrier_id: str
    order_ids: tuple[str, ...]
    """In the sequence of delivery; all of one kitchen."""
    leave_min: float
    """When the carrier is told, and leaves: no earlier than needed."""
    pickup_min: float
    door_min: tuple[float, ...]
    """When each meal is handed over."""
    end_min: float
    """When the carrier is free again, at the last door."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MealDay:
    """What is known at one moment, less what was told already."""

    now_min: float
    kitchens: tuple[Kitchen, ...]
    carriers: tuple[Carrier, ...]
    orders: tuple[MealOrder, ...] = ()
    """Placed, and told to nobody yet."""
    runs: tuple[Run, ...] = ()
    """Planned for them, each carrier's in order of time; may still change."""


def told(day: MealDay, runs: Sequence[Run]) -> MealDay:
    """The runs are final: their orders are off the table, and their carriers are free where the runs end."""
    final = {run.carrier_id: run for run in sorted(runs, key=lambda run: run.leave_min)}
    gone = {order_id for run in runs for order_id in run.order_ids}
    ends = {order.id: order.place for order in day.orders if order.id in gone}

    def after(carrier: Carrier) -> Carrier:
        run = final.get(carrier.id)
        return carrier if run is None else replace(carrier, position=ends[run.order_ids[-1]], free_from_min=run.end_min)

    return replace(
        day,
        carriers=tuple(after(carrier) for carrier in day.carriers),
        orders=tuple(order for order in day.orders if order.id not in gone),
        runs=tuple(run for run in day.runs if gone.isdisjoint(run.order_ids)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MealPolicy:
    """Points: one is a minute that a ready meal waits."""

    pickup_min: float = 4.0
    """At the kitchen, half before the meal is taken over and half after."""
    dropoff_min: float = 4.0
    """At the door, half before it is handed over and half after."""
    late_points: float = 20.0
    """For each meal at the door after `due_min`."""
    grave_points_per_min: float = 3.0
    work_points_per_min: float = 0.1
    """For each minute of travel and service."""
    remote_points_per_min: float = 0.1
    """For each minute that a carrier ends farther from the kitchens (of the meals that wait now) than he began."""
    unserved_points: float = 1e6
    """Of a meal on no run: more than any delay."""
    end_in_shift: bool = True
    """Deliveries end before the shift does; else only pickups do."""
