"""The two ends between which planning stands: no planning at all, and a courier always there."""

import numpy as np

from bench.meals.instances import Instance, Order, Point
from bench.meals.solutions import Assignment, Whereabouts, carry_out


def greedy(instance: Instance) -> list[Assignment]:
    """Each order, when it is placed, to the courier who can be at the restaurant first, of two the nearer; none
    together. Who is under way is told when he is free. An order that no shift is left for stays behind."""
    couriers, parameters = instance.couriers, instance.parameters
    here = np.array([(courier.start.x, courier.start.y) for courier in couriers])
    free_min = np.array([courier.on_min for courier in couriers])
    off_min = np.array([courier.off_min for courier in couriers])
    assignments = []
    for order in instance.orders:
        there = instance.restaurants[order.restaurant]
        metres = np.hypot(here[:, 0] - there.x, here[:, 1] - there.y)
        way_min = np.ceil(metres / parameters.metres_per_min - 1e-9)
        arrives_min = np.maximum(free_min, order.placed_min) + way_min
        late = np.maximum(arrives_min + parameters.pickup_min / 2, order.ready_min) > off_min
        first = int(np.lexsort((way_min, arrives_min, late))[0])
        if not late[first]:
            now = Whereabouts(float(free_min[first]), Point(*here[first].tolist()))
            told_min = float(arrives_min[first] - way_min[first])
            assignments.append(carry_out(instance, couriers[first], [order], told_min, now))
            here[first], free_min[first] = (now.place.x, now.place.y), now.free_min
    return assignments


def bound_min(instance: Instance, order: Order) -> float:
    """Click to door if a courier always stood at the restaurant."""
    parameters = instance.parameters
    way_min = instance.travel_min(instance.restaurants[order.restaurant], order.home)
    served_min = parameters.pickup_min / 2 + way_min + parameters.dropoff_min / 2
    return order.ready_min + served_min - order.placed_min
