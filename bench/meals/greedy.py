"""The two ends between which planning stands: no planning at all, and a courier always there."""

from bench.meals.instances import Instance, Order
from bench.meals.solutions import Assignment, Whereabouts, carry_out


def greedy(instance: Instance) -> list[Assignment]:
    """Each order, when it is placed, to the courier who can be at the restaurant first; none together. Who is under way
    is told when he is free."""
    now = {courier.name: Whereabouts(courier.on_min, courier.start) for courier in instance.couriers}
    assignments = []
    for order in instance.orders:
        arrivals = []
        for at, courier in enumerate(instance.couriers):
            told_min = max(order.placed_min, now[courier.name].free_min)
            way_min = instance.travel_min(now[courier.name].place, instance.restaurants[order.restaurant])
            pickup_min = max(told_min + way_min + instance.parameters.pickup_min / 2, order.ready_min)
            if pickup_min <= courier.off_min:
                arrivals.append((told_min + way_min, way_min, at))
        if arrivals:
            arrives_min, way_min, at = min(arrivals)
            courier = instance.couriers[at]
            assignments.append(carry_out(instance, courier, [order], arrives_min - way_min, now[courier.name]))
    return assignments


def bound_min(instance: Instance, order: Order) -> float:
    """Click to door if a courier always stood at the restaurant."""
    parameters = instance.parameters
    way_min = instance.travel_min(instance.restaurants[order.restaurant], order.home)
    served_min = parameters.pickup_min / 2 + way_min + parameters.dropoff_min / 2
    return order.ready_min + served_min - order.placed_min
