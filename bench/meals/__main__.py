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
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.meals.checker import check
from bench.meals.greedy import bound_min, greedy
from bench.meals.instances import Instance, instance_folders, read_instance
from bench.meals.solutions import Assignment, write_solution
from bench.meals.world import Pace, lived, planned
from bench.program import run
from bench.tables import percentile, show
from dispatch.kernel.warmup import prepare
from dispatch.meals.files import write_meals

Row = dict[str, Any]
Ways = Mapping[str, Row]
BOUND, GREEDY, PLANNED = "bound", "greedy", "planned"
MEAN, ABOVE, CHECK = "click-to-door", "above target %", "check"


def main() -> int:
    arguments = _arguments()
    folders = instance_folders(arguments.folder)
    instances = [read_instance(folder) for folder in folders]
    prepare(lambda text: print(text, file=sys.stderr))
    with tempfile.TemporaryDirectory() as unwanted:
        out = arguments.out or Path(unwanted) / "planned"
        days = {
            str(folder.relative_to(arguments.folder)) if folder != arguments.folder else instance.name: _ways(
                folder,
                instance,
                arguments.seconds_per_event,
                Path(unwanted),
                out / folder.relative_to(arguments.folder),
            )
            for folder, instance in zip(folders, instances, strict=True)
        }
    rows = [{"day": day, "plan": way, **row} for day, ways in days.items() for way, row in ways.items()]
    show("Meal runs while orders come in, minutes", rows, as_json=arguments.json)
    show("Recovered of the distance from greedy to the bound", _recovered(days), as_json=arguments.json)
    return 1 if any(row.get(CHECK, "ok") != "ok" for row in rows) else 0


def _ways(folder: Path, instance: Instance, seconds: float, unwanted: Path, out: Path) -> Ways:
    print(f"{instance.name}: {len(instance.orders)} orders …", file=sys.stderr, flush=True)
    pace = Pace(seconds)
    bound, nobody = _bound(instance), _judged(folder, instance, unwanted / GREEDY, greedy)
    began = time.perf_counter()
    row = _judged(folder, instance, out, lambda it: planned(it, pace))
    row |= {
        "s/event": round((time.perf_counter() - began) / len(instance.orders), 4),
        "slowest": round(pace.slowest_s, 3),
    }
    return {BOUND: bound, GREEDY: nobody, PLANNED: row}


def _judged(folder: Path, instance: Instance, target: Path, plan: Callable[[Instance], Sequence[Assignment]]) -> Row:
    assignments = plan(instance)
    write_solution(target, instance, assignments)
    write_meals(target / "meals.json", lived(instance, assignments), instance.name)
    verdict = check(folder, target)
    return {**_rounded(verdict.figures()), CHECK: "; ".join(verdict.broken[:3]) or "ok"}


def _bound(instance: Instance) -> Row:
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


def _recovered(days: Mapping[str, Ways]) -> list[Row]:
    """Of each day, and of all distances added up."""
    rows = [{"day": day, MEAN: _share([ways], MEAN), ABOVE: _share([ways], ABOVE)} for day, ways in days.items()]
    together = list(days.values())
    return [*rows, {"day": "together", MEAN: _share(together, MEAN), ABOVE: _share(together, ABOVE)}]


def _share(days: Sequence[Ways], figure: str) -> str:
    way = sum(ways[GREEDY][figure] - ways[BOUND][figure] for ways in days)
    done = sum(ways[GREEDY][figure] - ways[PLANNED][figure] for ways in days)
    return f"{100.0 * done / way:.1f} %" if way > 0.005 else "no distance"


def _rounded(figures: dict[str, float]) -> Row:
    return {name: round(value, 3) for name, value in figures.items()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.meals", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--seconds-per-event", type=float, default=0.2, help="at most, for each order placed (0.2)")
    parser.add_argument("--out", type=Path, metavar="SOLUTIONS", help="folder for the solutions, as FOLDER is laid out")
    parser.add_argument("--json", action="store_true", help="print JSON lines, one per table")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
