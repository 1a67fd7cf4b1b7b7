"""Is this a solution of that instance, and how good is it? Written from the format's page alone: it reads only the
files and imports nothing of the planner.

`python -m bench.meals.checker INSTANCE SOLUTION` prints the figures, and every broken rule.
"""

import argparse
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

TOLERANCE_MIN = 1e-6
Row = dict[str, str]
Spot = tuple[float, float]


@dataclass(slots=True)
class Verdict:
    broken: list[str] = field(default_factory=list)
    """Every broken rule in words; empty = a solution."""
    orders: int = 0
    click_to_door: list[float] = field(default_factory=list)
    """Minutes, one an order delivered."""
    ready_to_door: list[float] = field(default_factory=list)
    target_min: float = 0.0
    busy_min: float = 0.0
    """Driving and serving, of all couriers."""
    duty_min: float = 0.0
    """From on_time to off_time, or to the end of a delivery that ends later."""

    def figures(self) -> dict[str, float]:
        doors = sorted(self.click_to_door)
        count = max(1, len(doors))
        return {
            "delivered %": 100.0 * len(doors) / max(1, self.orders),
            "click-to-door": sum(doors) / count,
            "p90": doors[min(len(doors) - 1, int(0.9 * len(doors)))] if doors else 0.0,
            "above target %": 100.0 * sum(minutes > self.target_min + TOLERANCE_MIN for minutes in doors) / count,
            "ready-to-door": sum(self.ready_to_door) / count,
            "utilisation %": 100.0 * self.busy_min / self.duty_min if self.duty_min else 0.0,
        }


@dataclass(frozen=True, slots=True)
class _Told:
    told: float
    pickup: float
    courier: str
    orders: list[str]


class _Instance:
    def __init__(self, folder: Path) -> None:
        self.orders = {row["order"]: row for row in _tabbed(folder / "orders.txt")}
        self.couriers = {row["courier"]: row for row in _tabbed(folder / "couriers.txt")}
        self.restaurants = {row["restaurant"]: row for row in _tabbed(folder / "restaurants.txt")}
        lines = (folder / "instance_parameters.txt").read_text().splitlines()
        self.speed, pickup, dropoff, self.target, *_ = (float(text) for text in lines[1].split("\t"))
        self.half_pickup, self.half_dropoff = pickup / 2, dropoff / 2

    def travel(self, here: Row, there: Row) -> float:
        metres = math.dist(_spot(here), _spot(there))
        return math.ceil(metres / self.speed - 1e-9)


def _spot(row: Row) -> Spot:
    return float(row["x"]), float(row["y"])


def _tabbed(path: Path) -> Iterator[Row]:
    header, *lines = path.read_text(encoding="utf-8-sig").splitlines()
    names = [name.strip() for name in header.rstrip().split("\t")]
    yield from (
        dict(zip(names, (text.strip() for text in line.rstrip().split("\t")), strict=True))
        for line in lines
        if line.strip()
    )


def _blanked(path: Path) -> list[list[str]]:
    """The fields of every line below the header."""
    return [line.split() for line in path.read_text().splitlines()[1:] if line.strip()]


def check(instance_folder: Path, solution_folder: Path) -> Verdict:
    instance = _Instance(instance_folder)
    verdict = Verdict(orders=len(instance.orders), target_min=instance.target)
    told = [
        _Told(float(told), float(pickup), courier, orders)
        for told, pickup, courier, *orders in _blanked(solution_folder / "solution_info_assignments.txt")
    ]
    delivered = {line[0]: line[1:] for line in _blanked(solution_folder / "solution_info_orders.txt")}
    moves: dict[str, list[list[str]]] = {}
    for courier, *move in _blanked(solution_folder / "solution_info_couriers.txt"):
        moves.setdefault(courier, []).append(move)
    verdict.broken += _whole(instance, told, delivered, moves)
    if not verdict.broken:
        for name, row in instance.couriers.items():
            own = sorted((it for it in told if it.courier == name), key=lambda it: it.told)
            _ride(instance, row, own, delivered, moves.get(name, []), verdict)
    for name, line in delivered.items():
        if name in instance.orders:
            verdict.click_to_door.append(float(line[3]) - float(instance.orders[name]["placement_time"]))
            verdict.ready_to_door.append(float(line[3]) - float(instance.orders[name]["ready_time"]))
    return verdict


def _whole(
    instance: _Instance, told: list[_Told], delivered: dict[str, list[str]], moves: dict[str, list[list[str]]]
) -> Iterator[str]:
    """Everything named exists, is of one restaurant, is told once, and told once it is known."""
    seen: set[str] = set()
    for it in told:
        if it.courier not in instance.couriers:
            yield f"there is no courier {it.courier}"
        if not it.orders:
            yield f"{it.courier} is told of nothing at {it.told:g}"
        unknown = [order for order in it.orders if order not in instance.orders]
        yield from (f"there is no order {order}" for order in unknown)
        if unknown:
            continue
        if len({instance.orders[order]["restaurant"] for order in it.orders}) > 1:
            yield f"{' '.join(it.orders)} come from more than one restaurant"
        for order in it.orders:
            if order in seen:
                yield f"{order} is told twice"
            seen.add(order)
            if it.told < float(instance.orders[order]["placement_time"]) - TOLERANCE_MIN:
                yield f"{order} is told at {it.told:g}, before it was placed"
    for order in sorted(seen ^ delivered.keys()):
        yield f"{order} stands in only one of assignments and orders"
    yield from (f"there is no courier {courier}" for courier in sorted(moves.keys() - instance.couriers.keys()))


def _ride(
    instance: _Instance,
    courier: Row,
    own: list[_Told],
    delivered: dict[str, list[str]],
    moves: list[list[str]],
    verdict: Verdict,
) -> None:
    """One courier's day, from the assignments; the two other files must say the same."""
    name, say = courier["courier"], verdict.broken.append
    here, place, free = courier, "0", float(courier["on_time"])
    left = iter(moves)
    for it in own:
        restaurant = instance.restaurants[instance.orders[it.orders[0]]["restaurant"]]
        departs, origin, goal = next(left, ["nan", "-", "-"])
        if it.told < free - TOLERANCE_MIN:
            say(f"{name} is told at {it.told:g}, but is under way or off until {free:g}")
        if not float(departs) >= it.told - TOLERANCE_MIN or (origin, goal) != (place, restaurant["restaurant"]):
            wanted = f"{place} for {restaurant['restaurant']} from {it.told:g} on"
            say(f"{name} must leave {wanted}, not {departs} {origin} {goal}")
        way = instance.travel(here, restaurant)
        if it.pickup < float(departs) + way + instance.half_pickup - TOLERANCE_MIN:
            say(f"{name} cannot be at {restaurant['restaurant']} for the pickup at {it.pickup:g}")
        if it.pickup > float(courier["off_time"]) + TOLERANCE_MIN:
            say(f"{name} picks up at {it.pickup:g}, after the off_time")
        verdict.busy_min += way + 2 * instance.half_pickup
        here, place, free = restaurant, restaurant["restaurant"], it.pickup + instance.half_pickup
        for order in it.orders:
            row = instance.orders[order]
            if it.pickup < float(row["ready_time"]) - TOLERANCE_MIN:
                say(f"{order} is picked up at {it.pickup:g}, before it is ready")
            if (move := next(left, ["nan", "-", "-"]))[1:] != [place, order] or abs(
                float(move[0]) - free
            ) > TOLERANCE_MIN:
                say(f"{name} must leave {place} for {order} at {free:g}, not {' '.join(move)}")
            way = instance.travel(here, row)
            dropoff = free + way + instance.half_dropoff
            _line(row, delivered[order], it.pickup, dropoff, name, verdict)
            verdict.busy_min += way + 2 * instance.half_dropoff
            here, place, free = row, order, dropoff + instance.half_dropoff
    for departs, origin, goal in left:
        say(f"{name} leaves {origin} for {goal} at {departs} without an order")
    verdict.duty_min += max(float(courier["off_time"]), free) - float(courier["on_time"])


def _line(row: Row, line: list[str], pickup: float, dropoff: float, courier: str, verdict: Verdict) -> None:
    *times, by = line
    right = [float(row["placement_time"]), float(row["ready_time"]), pickup, dropoff]
    if by != courier or any(abs(float(t) - r) > TOLERANCE_MIN for t, r in zip(times, right, strict=True)):
        wanted = " ".join(f"{time:g}" for time in right)
        verdict.broken.append(f"the line of {row['order']} must be {wanted} {courier}, not {' '.join(line)}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.meals.checker", description=__doc__)
    parser.add_argument("instance", type=Path)
    parser.add_argument("solution", type=Path)
    arguments = parser.parse_args()
    try:
        verdict = check(arguments.instance, arguments.solution)
    except (OSError, ValueError, LookupError) as unreadable:
        print(f"These are not the files of an instance and its solution: {unreadable}", file=sys.stderr)
        return 2
    for rule in verdict.broken:
        print(rule)
    for name, figure in verdict.figures().items():
        print(f"{name:16} {figure:.2f}")
    return 1 if verdict.broken else 0


if __name__ == "__main__":
    sys.exit(main())
