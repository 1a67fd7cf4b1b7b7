"""Good files of every format that people give us, to be spoilt."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dispatch_days import a_day, an_order

from bench.hhcrsp.instances import read_best_known, read_instance
from bench.vrptw import instances as vrptw
from dispatch.files import read_day, write_day
from dispatch.travel import MatrixFileTravel

TOWN = Path(__file__).parents[1] / "data" / "vrptw" / "scattered-25"
INSTANCE: dict[str, Any] = {
    "patients": [{"id": "p1", "time_window": [100, 120], "required_caregivers": [{"service": "s1"}]}],
    "services": [{"id": "s1", "default_duration": 15}],
    "caregivers": [{"id": "c1", "abilities": ["s1"]}],
    "distances": [[0, 30], [30, 0]],
}

READERS: dict[str, Callable[[Path], object]] = {
    "best_known.csv": read_best_known,
    "instance.json": read_instance,
    "day.json": read_day,
    "ways.csv": MatrixFileTravel,
    "town.vrp": vrptw.read_instance,
    "town.txt": vrptw.read_instance,
    "town.sol": lambda path: vrptw.read_reference(path, 25),
}


def write_good(folder: Path) -> None:
    (folder / "best_known.csv").write_text("instance,best_known_cost\ninstance.json,218.2\n")
    (folder / "instance.json").write_text(json.dumps(INSTANCE, indent=1))
    write_day(folder / "day.json", a_day(an_order("o1")))
    (folder / "ways.csv").write_text("mode,from,to,minutes\ncar,home,centre,7.5\n")
    for suffix in (".vrp", ".txt", ".sol"):
        (folder / f"town{suffix}").write_bytes(TOWN.with_suffix(suffix).read_bytes())
