"""A day lived through: orders come in, runs are planned for what is known, couriers are told when they must leave."""

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from bench.meals.instances import Courier, Instance, Order, Point
from bench.meals.solutions import Assignment, Whereabouts, carry_out
from dispatch.meals.model import Carrier, Kitchen, MealDay, MealOrder, MealPolicy, Run, told
from dispatch.meals.planning import due_to_tell, plan_runs
from dispatch.model import Interval, Place, TravelMode
from dispatch.travel.port import TravelTimes

Plan = Callable[[MealDay, int], MealDay]
"""A day, and how many orders have just been placed → the day planned."""


METRES_PER_DEGREE = 111_195.0
"""Instances lie on a plane around where equator and first meridian meet."""


class StraightLines:
    """Whole minutes along straight lines on that plane."""

    def __init__(self, metres_per_min: float) -> None:
        self._metres_per_min = metres_per_min

    def times(
        self,
        origins: Sequence[Place],
        destinations: Sequence[Place],
        modes: Sequence[TravelMode],
        arrive_hours: NDArray[np.float64],
    ) -> TravelTimes:
        here, there = _metres(origins), _metres(destinations)
        metres = np.hypot(here[:, None, 0] - there[None, :, 0], here[:, None, 1] - there[None, :, 1])
        minutes = np.ceil(metres / self._metres_per_min - 1e-9)
        return TravelTimes(minutes=np.broadcast_to(minutes, (len(modes), *minutes.shape)), source="straight lines")


def _metres(places: Sequence[Place]) -> NDArray[np.float64]:
    return METRES_PER_DEGREE * np.array([(place.lon, place.lat) for place in places], np.float64).reshape(-1, 2)


def policy_of(instance: Instance) -> MealPolicy:
    parameters = instance.parameters
    return MealPolicy(pickup_min=parameters.pickup_min, dropoff_min=parameters.dropoff_min, end_in_shift=False)


@dataclass(slots=True)
class Pace:
    seconds_per_event: float
    """At most, on the clock on the wall; several orders placed at one moment are several events."""
    slowest_s: float = 0.0
    """The most that one event has taken."""


def planned(instance: Instance, pace: Pace) -> list[Assignment]:
    policy, travel = policy_of(instance), StraightLines(instance.parameters.metres_per_min)

    def plan(day: MealDay, events: int) -> MealDay:
        began = time.perf_counter()
        after = plan_runs(day, policy, travel, seconds=pace.seconds_per_event * events)
        pace.slowest_s = max(pace.slowest_s, (time.perf_counter() - began) / events)
        return after

    return live(instance, plan)


def live(instance: Instance, plan: Plan) -> list[Assignment]:
    """Nothing is known of an order before it is placed. After each moment at which some are, those are told who must
    leave before the next one."""
    orders = {order.name: order for order in instance.orders}
    couriers = {courier.name: courier for courier in instance.couriers}
    now = {courier.name: Whereabouts(courier.on_min, courier.start) for courier in instance.couriers}
    moments = [(at, list(group)) for at, group in groupby(instance.orders, key=lambda order: order.placed_min)]
    day = _morning(instance)
    done: list[Assignment] = []
    for (now_min, placed), (next_min, _) in pairwise([*moments, (math.inf, [])]):
        known = (*day.orders, *(_meal(instance, order) for order in placed))
        day = plan(replace(day, now_min=now_min, orders=known), len(placed))
        while runs := due_to_tell(day, next_min):
            done += [_carried_out(instance, run, orders, couriers, now) for run in runs]
            day = told(day, runs)
            if next_min == math.inf and day.orders:  # more than one plan had room for
                day = plan(day, 1)
    return done


def _carried_out(
    instance: Instance,
    run: Run,
    orders: Mapping[str, Order],
    couriers: Mapping[str, Courier],
    now: Mapping[str, Whereabouts],
) -> Assignment:
    own = [orders[name] for name in run.order_ids]
    return carry_out(instance, couriers[run.carrier_id], own, run.leave_min, now[run.carrier_id])


def lived(instance: Instance, assignments: Iterable[Assignment]) -> MealDay:
    """The whole day as it was, to be drawn."""
    dropoff_min = instance.parameters.dropoff_min
    runs = tuple(
        Run(
            carrier_id=it.courier.name,
            order_ids=tuple(order.name for order in it.orders),
            leave_min=it.told_min,
            pickup_min=it.pickup_min,
            door_min=it.dropoffs_min,
            end_min=it.dropoffs_min[-1] + dropoff_min / 2,
        )
        for it in assignments
    )
    orders = tuple(_meal(instance, order) for order in instance.orders)
    return replace(
        _morning(instance), now_min=max((run.end_min for run in runs), default=0.0), orders=orders, runs=runs
    )


def _morning(instance: Instance) -> MealDay:
    return MealDay(
        now_min=-math.inf,
        kitchens=tuple(Kitchen(id=name, place=_place(name, spot)) for name, spot in instance.restaurants.items()),
        carriers=tuple(
            Carrier(
                id=courier.name,
                start=_place(courier.name, courier.start),
                shifts=(Interval(courier.on_min, courier.off_min),),
            )
            for courier in instance.couriers
        ),
    )


def _meal(instance: Instance, order: Order) -> MealOrder:
    return MealOrder(
        id=order.name,
        kitchen_id=order.restaurant,
        place=_place(order.name, order.home),
        placed_at_min=order.placed_min,
        ready_min=order.ready_min,
        due_min=order.placed_min + instance.parameters.target_min,
        grave_min=order.placed_min + instance.parameters.longest_min,
    )


def _place(name: str, spot: Point) -> Place:
    return Place(id=name, lat=spot.y / METRES_PER_DEGREE, lon=spot.x / METRES_PER_DEGREE)
