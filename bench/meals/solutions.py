"""What was done, as the three files of a solution."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.meals.instances import Courier, Instance, Order, Point

START = "0"


@dataclass(frozen=True, slots=True)
class Assignment:
    """Told once and final: one restaurant, its orders in the sequence of delivery."""

    told_min: float
    pickup_min: float
    courier: Courier
    orders: tuple[Order, ...]
    dropoffs_min: tuple[float, ...]


@dataclass(slots=True)
class Whereabouts:
    """A courier between two assignments."""

    free_min: float
    place: Point


def carry_out(
    instance: Instance, courier: Courier, orders: Sequence[Order], told_min: float, now: Whereabouts
) -> Assignment:
    """Rides at once, and `now` becomes where and when it ends. The caller has seen that he is free."""
    half_pickup, half_dropoff = instance.parameters.pickup_min / 2, instance.parameters.dropoff_min / 2
    restaurant = instance.restaurants[orders[0].restaurant]
    arrives_min = told_min + instance.travel_min(now.place, restaurant)
    pickup_min = max(arrives_min + half_pickup, *(order.ready_min for order in orders))
    dropoffs: list[float] = []
    now.place, now.free_min = restaurant, pickup_min + half_pickup
    for order in orders:
        dropoffs.append(now.free_min + instance.travel_min(now.place, order.home) + half_dropoff)
        now.place, now.free_min = order.home, dropoffs[-1] + half_dropoff
    return Assignment(told_min, pickup_min, courier, tuple(orders), tuple(dropoffs))


def write_solution(folder: Path, instance: Instance, assignments: Iterable[Assignment]) -> None:
    told = sorted(assignments, key=lambda it: (it.told_min, it.courier.name))
    folder.mkdir(parents=True, exist_ok=True)
    by_courier = {courier.name: [it for it in told if it.courier is courier] for courier in instance.couriers}
    files: dict[str, tuple[str, Iterable[Sequence[str | float]]]] = {
        "assignments": (
            "assignment_time pickup_time courier orders",
            ((it.told_min, it.pickup_min, it.courier.name, *(o.name for o in it.orders)) for it in told),
        ),
        "orders": (
            "order placement_time ready_time pickup_time dropoff_time courier",
            (line for it in told for line in _delivered(it)),
        ),
        "couriers": (
            "courier departure_time origin destination",
            (move for own in by_courier.values() for move in _moves(instance, own)),
        ),
    }
    for name, (header, lines) in files.items():
        text = "".join(" ".join(_field(value) for value in line) + "\n" for line in lines)
        (folder / f"solution_info_{name}.txt").write_text(f"{header}\n{text}")


def _delivered(it: Assignment) -> Iterator[Sequence[str | float]]:
    for order, dropoff_min in zip(it.orders, it.dropoffs_min, strict=True):
        yield order.name, order.placed_min, order.ready_min, it.pickup_min, dropoff_min, it.courier.name


def _moves(instance: Instance, own: Iterable[Assignment]) -> Iterator[Sequence[str | float]]:
    place = START
    for it in own:
        restaurant = it.orders[0].restaurant
        yield it.courier.name, it.told_min, place, restaurant
        place, leaves_min = restaurant, it.pickup_min + instance.parameters.pickup_min / 2
        for order, dropoff_min in zip(it.orders, it.dropoffs_min, strict=True):
            yield it.courier.name, leaves_min, place, order.name
            place, leaves_min = order.name, dropoff_min + instance.parameters.dropoff_min / 2


def _field(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.10g}"
