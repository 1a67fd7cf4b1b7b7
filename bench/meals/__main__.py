"""How much of the distance between nobody planning and a courier always there do meal runs recover?

FOLDER holds an instance of the meal delivery routing problem (Reyes et al. 2018; `orders.txt`, `couriers.txt`,
`restaurants.txt`, `instance_parameters.txt`), or folders of them. Orders become known one by one, as they are placed.
*greedy* gives each, when it is placed, to the courier who can be there first, none together. *bound* is a courier
always there: ready + half the pickup + travel + half the drop-off − placed; nobody can beat it. Every solution is
judged by `bench.meals.checker`.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.meals.checker import check
from bench.meals.greedy import bound_min, greedy
from bench.meals.instances import Instance, instance_folders, read_instance
from bench.meals.solutions import Assignment, write_solution
from bench.program import run
from bench.tables import percentile, show

Row = dict[str, Any]
MEAN, ABOVE, CHECK = "click-to-door", "above target %", "check"


def main() -> int:
    arguments = _arguments()
    folders = instance_folders(arguments.folder)
    instances = [read_instance(folder) for folder in folders]
    with tempfile.TemporaryDirectory() as unwanted:
        days = []
        for folder, instance in zip(folders, instances, strict=True):
            ways = {"bound": _bound_row(instance)}
            target = Path(unwanted) / "greedy"
            ways["greedy"] = _judged(folder, instance, target, greedy)
            days.append((instance.name, ways))
    rows = [{"day": name, "plan": way, **row} for name, ways in days for way, row in ways.items()]
    show("Meal runs while orders come in, minutes", rows, as_json=arguments.json)
    return 1 if any(row.get(CHECK, "ok") != "ok" for row in rows) else 0


def _judged(folder: Path, instance: Instance, target: Path, plan: Callable[[Instance], Sequence[Assignment]]) -> Row:
    print(f"{instance.name} …", file=sys.stderr, flush=True)
    write_solution(target, instance, plan(instance))
    verdict = check(folder, target)
    return {**_rounded(verdict.figures()), CHECK: "; ".join(verdict.broken[:3]) or "ok"}


def _bound_row(instance: Instance) -> Row:
    minutes = [bound_min(instance, order) for order in instance.orders]
    target = instance.parameters.target_min
    return _rounded(
        {
            "delivered %": 100.0,
            MEAN: sum(minutes) / len(minutes),
            "p90": percentile(minutes, 0.9),
            ABOVE: 100.0 * sum(value > target for value in minutes) / len(minutes),
        }
    )


def _rounded(figures: dict[str, float]) -> Row:
    return {name: round(value, 2) for name, value in figures.items()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.meals", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--json", action="store_true", help="print JSON lines, one per table")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
