"""Reading instances of the meal delivery routing problem: four tab-separated files in a folder."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from dispatch.reading import UnreadableFile, read_text

COLUMNS = {
    "orders.txt": ("order", "x", "y", "placement_time", "restaurant", "ready_time"),
    "couriers.txt": ("courier", "x", "y", "on_time", "off_time"),
    "restaurants.txt": ("restaurant", "x", "y"),
    "instance_parameters.txt": (
        "meters_per_minute",
        "pickup service minutes",
        "dropoff service minutes",
        "target click-to-door",
        "maximum click-to-door",
        "pay per order",
        "guaranteed pay per hour",
    ),
}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Point:
    """Metres."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Order:
    name: str
    home: Point
    placed_min: float
    restaurant: str
    ready_min: float


@dataclass(frozen=True, slots=True)
class Courier:
    name: str
    start: Point
    on_min: float
    off_min: float


@dataclass(frozen=True, slots=True)
class Parameters:
    metres_per_min: float
    pickup_min: float
    dropoff_min: float
    target_min: float
    """Click to door; later is above the target."""
    longest_min: float
    pay_per_order: float
    pay_per_hour: float


@dataclass(frozen=True, slots=True)
class Instance:
    name: str
    orders: tuple[Order, ...]
    """As they are placed."""
    couriers: tuple[Courier, ...]
    restaurants: dict[str, Point]
    parameters: Parameters

    def travel_min(self, here: Point, there: Point) -> float:
        return whole_minutes(math.hypot(here.x - there.x, here.y - there.y), self.parameters.metres_per_min)


def whole_minutes(metres: float, metres_per_min: float) -> float:
    """Rounded up; a hair above a whole minute is that minute."""
    return float(math.ceil(metres / metres_per_min - 1e-9))


def instance_folders(folder: Path) -> list[Path]:
    """The folder itself, or all below it that hold an instance. :raises UnreadableFile: when there is none."""
    if not folder.is_dir():
        raise UnreadableFile(f"{folder} is no folder. Name the one that holds the instances.")
    if (folder / "orders.txt").exists():
        return [folder]
    found = sorted(path.parent for path in folder.rglob("orders.txt"))
    if not found:
        raise UnreadableFile(f"{folder}: no orders.txt is there. Name a folder with the files of an instance.")
    return found


def read_instance(folder: Path) -> Instance:
    """:raises UnreadableFile: with file, line, what is wrong and the mend."""
    restaurants = _named(folder / "restaurants.txt", lambda row: Point(row.number("x"), row.number("y")))
    orders = _named(folder / "orders.txt", lambda row: _order(row, restaurants))
    return Instance(
        name=folder.name,
        orders=tuple(sorted(orders.values(), key=lambda order: order.placed_min)),
        couriers=tuple(_named(folder / "couriers.txt", _courier).values()),
        restaurants=restaurants,
        parameters=_parameters(folder / "instance_parameters.txt"),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    path: Path
    line: int
    fields: dict[str, str]

    def wrong(self, what: str) -> UnreadableFile:
        return UnreadableFile(f"{self.path}, line {self.line}: {what}")

    def number(self, column: str) -> float:
        text = self.fields[column]
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise self.wrong(f"{column} is {text!r}, which is no number. Write one, like 12.")
        return number


def _rows(path: Path) -> Iterator[_Row]:
    columns = COLUMNS[path.name]
    lines = [line.rstrip() for line in read_text(path).splitlines()]
    header = tuple(name.strip() for name in lines[0].split("\t"))
    if path.name != "instance_parameters.txt" and header != columns:  # these have been spelt in several ways
        raise UnreadableFile(f"{path}, line 1: the header is not right. Write, with tabs between: {' '.join(columns)}")
    for at, line in enumerate(lines[1:], start=2):
        fields = [field.strip() for field in line.split("\t")]
        if fields == [""]:
            continue
        if len(fields) != len(columns):
            raise UnreadableFile(
                f"{path}, line {at}: {len(fields)} fields, needed are {len(columns)}. Write, with tabs between:"
                f" {' '.join(columns)}"
            )
        yield _Row(path, at, dict(zip(columns, fields, strict=True)))


def _named(path: Path, read: Callable[[_Row], T]) -> dict[str, T]:
    """By the first column, which names each line once."""
    found: dict[str, T] = {}
    for row in _rows(path):
        column = COLUMNS[path.name][0]
        name = row.fields[column]
        if not name or len(name.split()) > 1:
            raise row.wrong(f"{name!r} cannot name a {column}. Give it a name without blanks.")
        if name in found:
            raise row.wrong(f"the {column} {name} was listed before. Leave one of the two lines out.")
        found[name] = read(row)
    if not found:
        raise UnreadableFile(f"{path}, line 2: nothing stands below the header. Add at least one line.")
    return found


def _order(row: _Row, restaurants: dict[str, Point]) -> Order:
    if row.fields["restaurant"] not in restaurants:
        raise row.wrong(f"the restaurant {row.fields['restaurant']} is not in restaurants.txt. Add it there.")
    return Order(
        name=row.fields["order"],
        home=Point(row.number("x"), row.number("y")),
        placed_min=row.number("placement_time"),
        restaurant=row.fields["restaurant"],
        ready_min=row.number("ready_time"),
    )


def _courier(row: _Row) -> Courier:
    on_min, off_min = row.number("on_time"), row.number("off_time")
    if off_min < on_min:
        raise row.wrong("the courier's off_time is before the on_time. Correct one of them.")
    return Courier(row.fields["courier"], Point(row.number("x"), row.number("y")), on_min, off_min)


def _parameters(path: Path) -> Parameters:
    rows = list(_rows(path))
    if len(rows) != 1:
        raise UnreadableFile(f"{path}, line 2: one line of parameters is needed, here are {len(rows)}. Leave one.")
    speed, *others = (rows[0].number(column) for column in COLUMNS[path.name])
    if speed <= 0:
        raise rows[0].wrong("meters_per_minute must be above 0. Write the couriers' speed, like 320.")
    if min(others) < 0:
        raise rows[0].wrong("a parameter is below 0. Write minutes and pay of 0 or more.")
    return Parameters(speed, *others)
