"""Do these routes keep capacity and windows, in plain loops? Nothing of the solver is used."""

from collections import Counter
from collections.abc import Iterator

from bench.vrptw.instances import Floats, Instance, Routes

TOLERANCE = 1e-6


def broken(instance: Instance, routes: Routes, distance: Floats) -> Iterator[str]:
    """Every broken rule in words. `distance` = travel time, by the convention of the run."""
    seen = Counter(customer for route in routes for customer in route)
    yield from (f"customer {c} is served {seen[c]} times" for c in range(1, instance.customers + 1) if seen[c] != 1)
    yield from (f"{c} is no customer" for c in seen if not 0 < c <= instance.customers)
    used = sum(1 for route in routes if route)
    if used > instance.vehicles:
        yield f"{used} vehicles are used of {instance.vehicles}"
    for number, route in enumerate(routes, start=1):
        load = sum(float(instance.demand[customer]) for customer in route)
        if load > instance.capacity + TOLERANCE:
            yield f"route {number} carries {load:g} of {instance.capacity:g}"
        here, free_at = 0, float(instance.opens[0])
        for stop in (*route, 0):
            arrival = free_at + float(distance[here, stop])
            if arrival > float(instance.closes[stop]) + TOLERANCE:
                yield f"route {number} comes to {stop} at {arrival:.4f}, it closes at {instance.closes[stop]:g}"
            free_at = max(arrival, float(instance.opens[stop])) + float(instance.service[stop])
            here = stop
