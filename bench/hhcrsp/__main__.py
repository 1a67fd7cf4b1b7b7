"""Dispatch on the home health care routing benchmark: how far above the best published costs, after how long.

FOLDER holds instances of Mankowska, Meisel and Bierwirth (2014) as JSON and `best_known.csv`. Each is solved on one
core, written as a solution and judged by `bench.hhcrsp.checker`. Compiling, once after each change of the search, is
not in the time; reading the instance is.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from bench.convergence import draw, sparkline
from bench.hhcrsp.checker import Verdict, check
from bench.hhcrsp.documents import read_size
from bench.hhcrsp.greedy_append import greedy_append
from bench.hhcrsp.instances import Instance, read_best_known, read_instance, solution_document
from bench.program import run
from bench.tables import show
from dispatch.kernel.plans import evaluate
from dispatch.kernel.problem import Plan, Progress
from dispatch.kernel.search import solve
from dispatch.kernel.warmup import prepare
from dispatch.reading import UnreadableFile

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    instance: Instance
    plan: Plan
    document: dict[str, Any]
    verdict: Verdict
    seconds: float
    """Reading, solving and writing; not checking."""
    best_known: float | None
    greedy: float | None

    def row(self) -> Row:
        cost = self.verdict.cost
        return {
            "instance": self.instance.name.removesuffix(".json"),
            "patients": self.instance.patients,
            "cost": round(cost, 3),
            "best known": self.best_known,
            "gap %": _gap(cost, self.best_known),
            "greedy append gap %": _gap(self.greedy, self.best_known),
            "seconds": round(self.seconds, 2),
            "moves/s": round(self.plan.iterations / self.seconds),
            "check": "; ".join(self.verdict.broken) or "ok",
            "convergence": sparkline(self.plan.history, self.seconds),
        }


def main() -> int:
    arguments = _arguments()
    paths = _instances(arguments.folder, arguments.size, arguments.instances)
    best_path = arguments.best_known or arguments.folder / "best_known.csv"
    best_known = read_best_known(best_path) if arguments.best_known or best_path.exists() else {}
    compile_s = prepare(lambda text: print(text, file=sys.stderr))
    if arguments.out is not None:
        arguments.out.mkdir(parents=True, exist_ok=True)
    outcomes = [_solve(path, arguments, best_known.get(path.name)) for path in paths]
    rows, sizes = [outcome.row() for outcome in outcomes], _by_size(outcomes)
    if arguments.chart is not None:
        histories = {outcome.row()["instance"]: outcome.plan.history for outcome in outcomes}
        draw(histories, {o.row()["instance"]: o.best_known for o in outcomes if o.best_known}, arguments.chart)
    facts = {
        "seconds": arguments.seconds,
        "seed": arguments.seed,
        "ready_s": round(compile_s, 2),
        "peak_rss_mb": _rss(),
    }
    if arguments.json:
        print(json.dumps({**facts, "instances": rows, "sizes": sizes}, ensure_ascii=False, indent=1))
    else:
        show("instances", rows, as_json=False)
        show(f"by size, {arguments.seconds:g} s each, seed {arguments.seed}", sizes, as_json=False)
        print(f"\nsearch ready (compiled or read back) in {compile_s:.1f} s; peak memory {_rss()} MB")
    return 1 if any(outcome.verdict.broken for outcome in outcomes) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.hhcrsp", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--seconds", type=float, default=10.0, help="budget of each instance (default 10)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--out", type=Path, metavar="SOLUTIONS", help="folder to write solutions to, named as instances"
    )
    parser.add_argument("--size", type=int, action="append", metavar="PATIENTS", help="only this size; may be repeated")
    parser.add_argument("--instances", action="append", metavar="PART", help="only names with this part; repeatable")
    parser.add_argument("--best-known", type=Path, metavar="CSV", help="default: FOLDER/best_known.csv")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="draw the convergence, PNG or SVG")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
    return parser.parse_args()


def _instances(folder: Path, sizes: Sequence[int] | None, parts: Sequence[str] | None) -> list[Path]:
    """By size, then by name. :raises UnreadableFile: when there is none."""
    if not folder.is_dir():
        raise UnreadableFile(f"{folder} is no folder. Name the one that holds the instances.")
    found = []
    for path in sorted(folder.glob("*.json")):
        count = read_size(path)
        if count is not None and (not sizes or count in sizes) and (not parts or any(p in path.name for p in parts)):
            found.append((count, path))
    if not found:
        raise UnreadableFile(f"{folder}: no instance there fits. Name another folder, or drop --size, --instances.")
    return [path for _, path in sorted(found)]


def _solve(path: Path, arguments: argparse.Namespace, best_known: float | None) -> Outcome:
    began = time.perf_counter()
    instance = read_instance(path)
    left = arguments.seconds - (time.perf_counter() - began)
    plan = solve(instance.problem, seconds=left, seed=arguments.seed, on_progress=_teller(path.name, best_known))
    document = solution_document(instance, plan)
    if arguments.out is not None:
        (arguments.out / path.name).write_text(json.dumps(document))
    seconds = time.perf_counter() - began
    greedy = evaluate(instance.problem, greedy_append(instance.problem))
    return Outcome(
        instance=instance,
        plan=plan,
        document=document,
        verdict=check(json.loads(path.read_text()), document),
        seconds=seconds,
        best_known=best_known,
        greedy=greedy.cost if greedy is not None else None,
    )


def _teller(name: str, best_known: float | None) -> Callable[[Progress], None]:
    """On a terminal one line that changes; elsewhere a line at the start and then every ten seconds."""
    live = sys.stderr.isatty()
    told_at = -10.0

    def tell(progress: Progress) -> None:
        nonlocal told_at
        if not live and progress.seconds - told_at < 10:
            return
        told_at = progress.seconds
        gap = f", {_gap(progress.cost, best_known):+.2f} % of best known" if best_known else ""
        text = f"{name}  {progress.seconds:6.1f} s  cost {progress.cost:.3f}{gap}"
        print(f"\r{text}\x1b[K" if live else text, end="" if live else "\n", file=sys.stderr, flush=True)

    return tell


def _by_size(outcomes: Sequence[Outcome]) -> list[Row]:
    rows = []
    for size in sorted({outcome.instance.patients for outcome in outcomes}):
        group = [outcome for outcome in outcomes if outcome.instance.patients == size]
        gaps = [_gap(outcome.verdict.cost, outcome.best_known) for outcome in group]
        greedy = [_gap(outcome.greedy, outcome.best_known) for outcome in group]
        rows.append(
            {
                "patients": size,
                "instances": len(group),
                "mean gap %": _mean(gaps),
                "worst gap %": max((gap for gap in gaps if gap is not None), default=None),
                "greedy append gap %": _mean(greedy),
                "longest s": round(max(outcome.seconds for outcome in group), 2),
                "valid": sum(not outcome.verdict.broken for outcome in group),
            }
        )
    return rows


def _gap(cost: float | None, target: float | None) -> float | None:
    return round(100 * (cost / target - 1), 3) if cost is not None and target else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(fmean(known), 3) if known else None


def _rss() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    run(main)
