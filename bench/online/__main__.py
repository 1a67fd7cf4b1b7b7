"""`python -m bench.online`: how good is planning while orders come in, and how fast?

Each day is lived through twice: by cheapest insertion alone (greedy), and with the time-boxed improvement between the
events. Both are compared with the hindsight plan: all orders known from the start, the same search, no one told
anything. Cost is the policy's, in points (one = a minute of travel), unplaced orders and broken news included.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.online.days import generate_day
from bench.online.latency import latencies
from bench.online.sizes import SIZES, by_size
from bench.online.world import Improve, Lived, live, moments
from bench.program import run
from bench.tables import show
from dispatch.costs import Terms, total
from dispatch.evaluation import evaluate
from dispatch.files import read_day, write_day
from dispatch.formulation import formulate
from dispatch.kernel.search import solve
from dispatch.kernel.warmup import prepare
from dispatch.living.day import LivingDay
from dispatch.living.neighbourhood import WORKERS, improve_near
from dispatch.model import Day, Plan, StopState
from dispatch.policy import Policy
from dispatch.travel import GreatCircleTravel

POLICY, TRAVEL = Policy(), GreatCircleTravel()
TELLING_ANEW = ("change_worker", "change_time")


def nothing(living: LivingDay, _touched: frozenset[str]) -> tuple[Plan, float]:
    return living.day.plan, 0.0


def improving(seconds: float, seed: int) -> Improve:
    """`seconds` of search between two events: where there was one, and of a small day everywhere."""

    def between(living: LivingDay, touched: frozenset[str]) -> tuple[Plan, float]:
        seeds = touched if len(living.day.workers) > WORKERS else living.timing.ids
        better = improve_near(living.timing, seeds, POLICY, TRAVEL, seconds=seconds, seed=seed)
        return better.plan, sum(better.terms[name].points for name in TELLING_ANEW if name in better.terms)

    return between


def lived_terms(day: Day) -> Terms:
    """What the day has cost, by the times at which everything really was."""
    formulation = formulate(day, POLICY, TRAVEL, movable=frozenset())
    placed = day.plan.placed()
    starts = [placed[task.id][1].start_min if task.id in placed else np.nan for task in formulation.tasks]
    return evaluate(formulation, formulation.routes, np.array(starts)).terms


def hindsight(whole: Day, lived: Day, seconds: float, seed: int) -> tuple[Day, Terms]:
    """The better of two searches with everything known: from nothing, and from what was lived."""
    open_routes = tuple(
        replace(route, stops=tuple(replace(stop, state=StopState.PLANNED) for stop in route.stops))
        for route in lived.plan.routes
    )
    best: tuple[Day, Terms] | None = None
    for plan in (Plan(), Plan(routes=open_routes)):
        formulation = formulate(replace(whole, plan=plan), POLICY, TRAVEL)
        found = solve(formulation.problem, seconds=seconds / 2, seed=seed)
        terms = evaluate(formulation, found.routes, found.start).terms
        if best is None or total(terms) < total(best[1]):
            best = replace(whole, plan=formulation.plan(found.routes, found.start)), terms
    assert best is not None
    return best


def _row(day: str, how: str, terms: Terms, disturbance: float, best: float, seconds: float) -> dict[str, object]:
    cost = total(terms) + disturbance
    amounts = {name: round(terms[name].amount, 1) for name in ("travel", "tardiness", "waiting")}
    return {
        "day": day,
        "plan": how,
        "points": round(cost, 1),
        "gap_pct": round((cost / best - 1.0) * 100.0, 2),
        **{f"{name}_min": amount for name, amount in amounts.items()},
        "unplaced": terms["unplaced"].amount,
        "told_anew_points": round(disturbance, 1),
        "seconds": round(seconds, 1),
    }


def compare(
    name: str, whole: Day, arguments: argparse.Namespace, say: Callable[[str], None]
) -> list[dict[str, object]]:
    each = arguments.seconds / len(moments(whole.orders))
    outcomes: dict[str, tuple[Lived, float]] = {}
    for how, between in (("greedy", nothing), ("online", improving(each, arguments.seed))):
        say(f"{name}: {how} …")
        began = time.perf_counter()
        outcomes[how] = (live(whole, POLICY, TRAVEL, between), time.perf_counter() - began)
    online = outcomes["online"][0]
    say(f"{name}: hindsight …")
    began = time.perf_counter()
    best_day, best = hindsight(whole, online.day, arguments.seconds, arguments.seed)
    rows = [_row(name, "hindsight", best, 0.0, total(best), time.perf_counter() - began)]
    for how, (lived, seconds) in outcomes.items():
        rows.append(_row(name, how, lived_terms(lived.day), lived.disturbance_points, total(best), seconds))
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        for how, day in (("greedy", outcomes["greedy"][0].day), ("online", online.day), ("hindsight", best_day)):
            write_day(arguments.out / f"{name}-{how}.json", day, f"{name}: {how}")
    return rows


def _days(arguments: argparse.Namespace) -> dict[str, Day]:
    if arguments.file:
        return {path.stem: replace(read_day(path).day, plan=Plan()) for path in arguments.file}
    seeds = range(arguments.seed, arguments.seed + arguments.days)
    return {
        f"seed {seed}": generate_day(seed=seed, orders=arguments.orders, workers=arguments.workers) for seed in seeds
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.online", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of search a day, over all events (60)")
    parser.add_argument("--seed", type=int, default=1, help="of the days and the search (1)")
    parser.add_argument("--days", type=int, default=2, help="how many days to generate (2)")
    parser.add_argument("--orders", type=int, default=240, help="a generated day (240)")
    parser.add_argument("--workers", type=int, default=60, help="a generated day (60)")
    parser.add_argument("--file", type=Path, nargs="+", help="days of one's own: docs/dispatch-file-formats.md")
    parser.add_argument("--out", type=Path, help="folder for the lived days, for `yian dispatch plot`")
    parser.add_argument("--no-latency", action="store_true", help="leave the tables of how long answers take out")
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=SIZES, help="workers of the days in the table by size (60 to 1000)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON lines, one per table")
    return parser.parse_args()


def main() -> None:
    arguments = _arguments()

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    days = _days(arguments)
    prepare(say)
    rows = [row for name, day in days.items() for row in compare(name, day, arguments, say)]
    show("Planning while orders come in, against hindsight", rows, as_json=arguments.json)
    gaps = {
        how: float(np.mean([float(str(row["gap_pct"])) for row in rows if row["plan"] == how]))
        for how in ("greedy", "online")
    }
    verdict = {
        "greedy_gap_pct": round(gaps["greedy"], 2),
        "online_gap_pct": round(gaps["online"], 2),
        "online_over_greedy": round(gaps["online"] / gaps["greedy"], 3) if gaps["greedy"] > 0 else None,
        "to_reach": 0.5,
    }
    show("Mean gap to hindsight", [verdict], as_json=arguments.json)
    if not arguments.no_latency:
        show("How long an answer takes", latencies(arguments.seed, say), as_json=arguments.json)
        show("How answers grow with the day", by_size(arguments.seed, arguments.sizes, say), as_json=arguments.json)


if __name__ == "__main__":
    run(main)
