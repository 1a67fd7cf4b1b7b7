"""Good files of every format that people give us, to be spoilt."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from dispatch_days import a_day, an_order
from dispatch_weeks import a_horizon, a_series
from meal_days import a_day as a_meal_day
from meal_days import a_meal

from bench.hhcrsp.documents import read_solution
from bench.hhcrsp.instances import read_best_known, read_instance
from bench.meals import instances as meals
from bench.vrptw import instances as vrptw
from dispatch.files import read_day, write_day
from dispatch.meals.files import read_meals, write_meals
from dispatch.meals.model import Run
from dispatch.policy import Policy
from dispatch.travel import GreatCircleTravel, MatrixFileTravel
from dispatch.week.files import read_week, write_week

TOWN = Path(__file__).parents[1] / "data" / "vrptw" / "scattered-25"
INSTANCE: dict[str, Any] = {
    "patients": [{"id": "p1", "time_window": [100, 120], "required_caregivers": [{"service": "s1"}]}],
    "services": [{"id": "s1", "default_duration": 15}],
    "caregivers": [{"id": "c1", "abilities": ["s1"]}],
    "distances": [[0, 30], [30, 0]],
}
STOP = {"patient": "p1", "service": "s1", "arrival_time": 100, "departure_time": 115}
SOLUTION: dict[str, Any] = {"routes": [{"caregiver_id": "c1", "locations": [STOP]}]}
A_RUN = Run(carrier_id="c1", order_ids=("m1",), leave_min=718.0, pickup_min=720.0, door_min=(729.0,), end_min=731.0)
MEALS = {
    "orders.txt": [("o1", "640", "0", "10", "r1", "25"), ("o2", "0", "330", "11", "r1", "20")],
    "couriers.txt": [("c1", "0", "960", "0", "240")],
    "restaurants.txt": [("r1", "0", "0")],
    "instance_parameters.txt": [("320", "4", "4", "40", "90", "10", "15")],
}


def write_instance(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        text = "\n".join("\t".join(row) for row in (meals.COLUMNS[name], *MEALS[name]))
        (folder / name).write_text(f"{text}\n")


def read_instance_with(path: Path) -> object:
    """Whatever this one is, the other three of the instance are good."""
    write_instance(path.parent, MEALS.keys() - {path.name})
    return meals.read_instance(path.parent)


READERS: dict[str, Callable[[Path], object]] = {
    "best_known.csv": read_best_known,
    "instance.json": read_instance,
    "solution.json": read_solution,
    "day.json": read_day,
    "week.json": lambda path: read_week(path, Policy(), GreatCircleTravel()),
    "meals.json": read_meals,
    "ways.csv": MatrixFileTravel,
    "town.vrp": vrptw.read_instance,
    "town.txt": vrptw.read_instance,
    **dict.fromkeys(meals.COLUMNS, read_instance_with),
    "town.sol": lambda path: vrptw.read_reference(path, 25),
}


def write_good(folder: Path) -> None:
    (folder / "best_known.csv").write_text("instance,best_known_cost\ninstance.json,218.2\n")
    (folder / "instance.json").write_text(json.dumps(INSTANCE, indent=1))
    (folder / "solution.json").write_text(json.dumps(SOLUTION, indent=1))
    write_day(folder / "day.json", a_day(an_order("o1")))
    write_week(folder / "week.json", a_horizon(a_series(), days=2))
    write_meals(folder / "meals.json", replace(a_meal_day(a_meal()), runs=(A_RUN,)))
    (folder / "ways.csv").write_text("mode,from,to,minutes\ncar,home,centre,7.5\n")
    write_instance(folder, MEALS)
    for suffix in (".vrp", ".txt", ".sol"):
        (folder / f"town{suffix}").write_bytes(TOWN.with_suffix(suffix).read_bytes())
