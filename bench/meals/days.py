"""Instances from a stated distribution, in the files the bench reads; the same seed gives the same files.

`python -m bench.meals.days FOLDER` writes days of 200, 800 and 3,000 orders, each with few, enough and plenty of
couriers. A day has sixteen hours with a peak at lunch and a higher one at dinner. Restaurants stand in clusters of a
city some kilometres wide, some sell much more than others; homes are scattered around them. Ready = placed + 5 to 30
minutes. Couriers have shifts of a few hours that follow the demand.
"""

import argparse
import math
import random
from dataclasses import dataclass
from pathlib import Path

from bench.meals.instances import COLUMNS, Courier, Instance, Order, Parameters, Point
from bench.program import run

DAY_MIN = 960
PEAKS = ((270.0, 50.0, 0.32), (630.0, 75.0, 0.48))
"""Lunch and dinner: the middle in minutes, the spread, the share of the day's orders; the rest comes evenly."""
SHIFTS_MIN = (120, 180, 240, 300)
PARAMETERS = Parameters(320.0, 4.0, 4.0, 40.0, 90.0, 10.0, 15.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    orders: int
    restaurants: int
    radius_m: float
    """Of the city; homes lie up to `reach_m` from their restaurant."""
    reach_m: float
    orders_per_hour: float
    """How many orders there are for an hour of a courier's shift."""
    preparation_min: tuple[int, int] = (5, 30)


SHAPES = {
    "200-few": Shape(orders=200, restaurants=50, radius_m=4_000, reach_m=3_500, orders_per_hour=1.7),
    "200-enough": Shape(orders=200, restaurants=80, radius_m=6_000, reach_m=3_500, orders_per_hour=1.4),
    "200-plenty": Shape(orders=200, restaurants=60, radius_m=5_000, reach_m=3_000, orders_per_hour=0.9),
    "800-few": Shape(orders=800, restaurants=90, radius_m=6_000, reach_m=4_000, orders_per_hour=1.75),
    "800-enough": Shape(orders=800, restaurants=160, radius_m=8_000, reach_m=4_500, orders_per_hour=1.5),
    "800-plenty": Shape(orders=800, restaurants=120, radius_m=5_000, reach_m=3_000, orders_per_hour=1.15),
    "3000-few": Shape(orders=3_000, restaurants=220, radius_m=8_000, reach_m=4_500, orders_per_hour=1.75),
    "3000-enough": Shape(orders=3_000, restaurants=300, radius_m=10_000, reach_m=5_000, orders_per_hour=1.55),
    "3000-plenty": Shape(orders=3_000, restaurants=260, radius_m=7_000, reach_m=3_500, orders_per_hour=1.35),
}


def generate_instance(name: str, shape: Shape, seed: int) -> Instance:
    chance = random.Random(f"{name} {seed}")
    centres = [_around(chance, Point(0.0, 0.0), shape.radius_m) for _ in range(max(3, shape.restaurants // 15))]
    restaurants = {
        f"r{number}": _around(chance, chance.choice(centres), shape.radius_m / 6)
        for number in range(1, shape.restaurants + 1)
    }
    sold = [1.0 / (rank + 3.0) ** 0.7 for rank in range(len(restaurants))]
    moments = sorted(_moment(chance) for _ in range(shape.orders))
    chosen = chance.choices(list(restaurants), sold, k=shape.orders)
    orders = tuple(
        Order(
            name=f"o{number}",
            home=_around(chance, restaurants[restaurant], shape.reach_m),
            placed_min=placed_min,
            restaurant=restaurant,
            ready_min=placed_min + chance.randint(*shape.preparation_min),
        )
        for number, (placed_min, restaurant) in enumerate(zip(moments, chosen, strict=True), start=1)
    )
    return Instance(name, orders, _couriers(chance, shape, centres), restaurants, PARAMETERS)


def _around(chance: random.Random, centre: Point, radius_m: float) -> Point:
    """Evenly in a disc."""
    angle, distance = chance.uniform(0.0, 2.0 * math.pi), radius_m * math.sqrt(chance.random())
    return Point(
        float(round(centre.x + distance * math.cos(angle))), float(round(centre.y + distance * math.sin(angle)))
    )


def _moment(chance: random.Random) -> float:
    """When an order is placed: whole minutes, the last hour without."""
    draw = chance.random()
    for middle, spread, share in PEAKS:
        if draw < share:
            return float(min(DAY_MIN - 60, max(0, round(chance.gauss(middle, spread)))))
        draw -= share
    return float(chance.randint(30, DAY_MIN - 90))


def _couriers(chance: random.Random, shape: Shape, centres: list[Point]) -> tuple[Courier, ...]:
    """Until there are enough hours. Shifts lie where the orders do; every fourth holds an end of the day."""
    hours_left = shape.orders / shape.orders_per_hour
    couriers: list[Courier] = []
    while hours_left > 0.0:
        length_min = chance.choice(SHIFTS_MIN)
        begins_min = max(0.0, min(DAY_MIN - length_min, _moment(chance) - chance.uniform(0.3, 0.6) * length_min))
        if len(couriers) % 4 == 0:
            begins_min, length_min = (0.0, 300) if len(couriers) % 8 == 0 else (DAY_MIN - 300.0, 300)
        begins_min = 10.0 * round(begins_min / 10)
        start = _around(chance, chance.choice(centres), shape.radius_m / 3)
        couriers.append(Courier(f"c{len(couriers) + 1}", start, begins_min, begins_min + length_min))
        hours_left -= length_min / 60
    return tuple(couriers)


def write_instance(folder: Path, instance: Instance) -> None:
    parameters = instance.parameters
    rows: dict[str, list[tuple[str | float, ...]]] = {
        "orders.txt": [(o.name, o.home.x, o.home.y, o.placed_min, o.restaurant, o.ready_min) for o in instance.orders],
        "couriers.txt": [(c.name, c.start.x, c.start.y, c.on_min, c.off_min) for c in instance.couriers],
        "restaurants.txt": [(name, place.x, place.y) for name, place in instance.restaurants.items()],
        "instance_parameters.txt": [
            (
                parameters.metres_per_min,
                parameters.pickup_min,
                parameters.dropoff_min,
                parameters.target_min,
                parameters.longest_min,
                parameters.pay_per_order,
                parameters.pay_per_hour,
            )
        ],
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in rows.items():
        text = ["\t".join(COLUMNS[name])]
        text += ["\t".join(v if isinstance(v, str) else f"{v:.10g}" for v in line) for line in lines]
        (folder / name).write_text("\n".join(text) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.meals.days", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a folder of this name is made for each day")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", metavar="PART", default="", help="only days with this in their name, like 800")
    arguments = parser.parse_args()
    for name, shape in SHAPES.items():
        if arguments.only in name:
            write_instance(arguments.folder / name, generate_instance(name, shape, arguments.seed))
            print(arguments.folder / name)


if __name__ == "__main__":
    run(main)
