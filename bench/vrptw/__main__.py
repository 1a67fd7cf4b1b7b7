"""Vehicle routing with time windows against given solutions: how far above, after how long.

FILEs are instances (VRPLIB or Solomon's format) and `.sol` files; NAME.sol belongs to the instance NAME.*, and one that
lies beside its instance is found by itself. Distances are counted in the convention that the `.sol` cost fits (exact,
dimacs = cut after one decimal, or rounded), else in --convention. PyVRP searches, on one core; every plan is checked by
loops of our own. (The kernel of `dispatch` is for synchronised visits and has no capacity.)
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pyvrp import Client, Depot, IteratedLocalSearchParams, Location, ProblemData, SolveParams, VehicleType
from pyvrp import solve as search

from bench.convergence import draw, sparkline
from bench.program import run
from bench.tables import show
from bench.vrptw.checker import broken
from bench.vrptw.instances import (
    Convention,
    Instance,
    Reference,
    Routes,
    fitting,
    length,
    read_instance,
    read_reference,
    sol_text,
)
from dispatch.kernel.problem import Progress

UNITS = {Convention.EXACT: 10_000, Convention.DIMACS: 10, Convention.ROUNDED: 1}
"""PyVRP counts in whole numbers: this many of them make one unit of the file."""
FAR = 1 << 40
ENDING_S = 0.02


@dataclass(frozen=True, slots=True)
class Outcome:
    instance: Instance
    convention: Convention
    reference: Reference | None
    fits: bool
    routes: Routes
    cost: float
    wrong: tuple[str, ...]
    seconds: float
    history: tuple[Progress, ...]

    def row(self) -> dict[str, Any]:
        gap = round(100 * (self.cost / self.reference.cost - 1), 3) if self.reference else None
        return {
            "instance": self.instance.name,
            "customers": self.instance.customers,
            "distances": self.convention.value,
            "cost": round(self.cost, 2),
            "vehicles": len(self.routes),
            ".sol cost": self.reference.cost if self.reference else None,
            ".sol vehicles": sum(1 for route in self.reference.routes if route) if self.reference else None,
            ".sol fits": (self.convention.value if self.fits else "no convention") if self.reference else None,
            "gap %": gap,
            "seconds": round(self.seconds, 2),
            "check": "; ".join(self.wrong) or "ok",
            "convergence": sparkline(self.history, self.seconds),
        }


class _Clock:
    """PyVRP's stopping criterion: the budget, counted from `began`, and the history on the way."""

    def __init__(self, began: float, seconds: float, unit: int, tell: Callable[[Progress], None]) -> None:
        self.began, self.until, self.unit, self.tell = began, began + seconds - ENDING_S, unit, tell
        self.history: list[Progress] = []
        self.rounds = 0

    def __call__(self, best_cost: int) -> bool:
        now = time.perf_counter()
        self.rounds += 1
        if best_cost < FAR * self.unit:
            point = Progress(seconds=now - self.began, iterations=self.rounds, cost=best_cost / self.unit)
            if not self.history or point.cost < self.history[-1].cost:
                self.history.append(point)
            self.tell(point)
        return now >= self.until


def plan(
    instance: Instance, convention: Convention, seconds: float, seed: int, tell: Callable[[Progress], None]
) -> tuple[Routes, tuple[Progress, ...]]:
    """The clock starts with the call. A short search looks back less far for what it still accepts: at 1 s of a quiet
    core and 200 customers 3.1 % above the reference instead of 3.8."""
    clock = _Clock(time.perf_counter(), seconds, UNITS[convention], tell)
    short = IteratedLocalSearchParams(history_length=round(min(300, max(100, 30 * seconds))))
    params = SolveParams(ils=short)
    result = search(_data(instance, convention), stop=clock, seed=seed, collect_stats=False, params=params)
    routes = tuple(
        tuple(activity.idx + 1 for activity in route if activity.is_client()) for route in result.best.routes()
    )
    return routes, tuple(clock.history)


def _data(instance: Instance, convention: Convention) -> ProblemData:
    """Travel is rounded up a hair in the exact convention, so that what fits here fits in full precision."""
    unit = UNITS[convention]
    travel: Any = np.ceil(convention.of(instance.distance) * unit - 1e-6).astype(np.int64)
    opens = np.ceil(instance.opens * unit - 1e-6).astype(np.int64)
    closes = np.floor(np.minimum(instance.closes, FAR) * unit + 1e-6).astype(np.int64)
    service = np.ceil(instance.service * unit - 1e-6).astype(np.int64)
    load = 1 if np.array_equal(instance.demand, np.rint(instance.demand)) else 1000
    return ProblemData(
        locations=[Location(float(x), float(y)) for x, y in instance.place],
        clients=[
            Client(
                location=row,
                delivery=[round(load * instance.demand[row])],
                service_duration=int(service[row]),
                tw_early=int(opens[row]),
                tw_late=int(closes[row]),
            )
            for row in range(1, instance.customers + 1)
        ],
        depots=[Depot(location=0)],
        vehicle_types=[
            VehicleType(
                num_available=instance.vehicles,
                capacity=[int(load * instance.capacity)],
                tw_early=int(opens[0]),
                tw_late=int(closes[0]),
            )
        ],
        distance_matrices=[travel],
        duration_matrices=[travel],
    )


def main() -> int:
    arguments = _arguments()
    references = {path.stem: path for path in arguments.files if path.suffix == ".sol"}
    outcomes = [_solve(path, references, arguments) for path in arguments.files if path.suffix != ".sol"]
    rows = [outcome.row() for outcome in outcomes]
    if arguments.chart is not None:
        targets = {outcome.instance.name: outcome.reference.cost for outcome in outcomes if outcome.reference}
        draw({outcome.instance.name: outcome.history for outcome in outcomes}, targets, arguments.chart)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if arguments.json:
        facts = {"seconds": arguments.seconds, "seed": arguments.seed, "peak_rss_mb": peak}
        print(json.dumps({**facts, "instances": rows}, ensure_ascii=False, indent=1))
    else:
        show(f"vehicle routing with time windows, {arguments.seconds:g} s each", rows, as_json=False)
        print(f"\npeak memory {peak} MB")
    return 1 if any(outcome.wrong for outcome in outcomes) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.vrptw", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--seconds", type=float, default=10.0, help="budget of each instance (default 10)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--convention", type=Convention, choices=list(Convention), default=None, metavar="NAME",
                        help="exact, dimacs or rounded; default: what the .sol fits, else exact")  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="folder to write .sol files to")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="draw the convergence, PNG or SVG")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    return parser.parse_args()


def _solve(path: Path, references: dict[str, Path], arguments: argparse.Namespace) -> Outcome:
    began = time.perf_counter()
    instance = read_instance(path)
    beside = path.with_suffix(".sol")
    sol = references.get(path.stem) or (beside if beside.exists() else None)
    reference = read_reference(sol, instance.customers) if sol else None
    fits = fitting(instance, reference) if reference else None
    convention = arguments.convention or fits or Convention.EXACT
    left = arguments.seconds - (time.perf_counter() - began)
    routes, history = plan(instance, convention, left, arguments.seed, _teller(path.name))
    seconds = time.perf_counter() - began
    distance = convention.of(instance.distance)
    cost = length(routes, distance)
    if arguments.out is not None:
        arguments.out.mkdir(parents=True, exist_ok=True)
        (arguments.out / f"{instance.name}.sol").write_text(sol_text(routes, cost))
    wrong = tuple(broken(instance, routes, distance))
    return Outcome(instance, convention, reference, fits is convention, routes, cost, wrong, seconds, history)


def _teller(name: str) -> Callable[[Progress], None]:
    told_at = -10.0

    def tell(progress: Progress) -> None:
        nonlocal told_at
        if progress.seconds - told_at >= (0.3 if sys.stderr.isatty() else 10):
            told_at = progress.seconds
            end = "\x1b[K\r" if sys.stderr.isatty() else "\n"
            print(f"{name}  {progress.seconds:6.1f} s  cost {progress.cost:.2f}", end=end, file=sys.stderr, flush=True)

    return tell


if __name__ == "__main__":
    run(main)
