"""`python -m bench.week`: what does planning several days together bring, and what does it cost?

A made week and a made fortnight of recurring visits are planned together, and each date alone by the same search with
as many moves, without knowledge of the other dates. Then the fortnight rolls on by a day, beside a fortnight that is
made anew, and workers take leave. Every plan is judged by `bench.week.check`. `--county` plans 1,000 workers and
5,000 visits a day for fourteen days instead, and says how much memory that takes.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench.program import run
from bench.tables import show
from bench.week.check import broken_rules, changes_of, least_other_workers
from bench.week.made import made_horizon
from dispatch.costs import total
from dispatch.kernel.warmup import prepare
from dispatch.policy import Policy
from dispatch.proposal import Change, changes_between
from dispatch.travel import GreatCircleTravel
from dispatch.week.evaluation import counted, terms_of
from dispatch.week.files import write_week
from dispatch.week.mending import mend_leave
from dispatch.week.model import Agenda, Horizon, Leave
from dispatch.week.planning import Effort, plan_horizon
from dispatch.week.rolling import roll_on

POLICY, TRAVEL = Policy(), GreatCircleTravel()
Say = Callable[[str], None]
Row = dict[str, object]
ON_LEAVE = 5
COUNTY = {"days": 14, "workers": 1_000, "visits_a_day": 5_000}
MOST_MB = 500


def timed(work: Callable[[], Horizon]) -> tuple[Horizon, float]:
    """What it gives, and the seconds of processor time it took."""
    began = time.process_time()
    return work(), time.process_time() - began


def planned_alone(horizon: Horizon, effort: Effort) -> Horizon:
    """Each date by itself: nothing is usual, rest and hours know only what was before the horizon."""
    dates = [replace(horizon, agendas=(agenda,)) for agenda in horizon.agendas]
    agendas = tuple(plan_horizon(date, POLICY, TRAVEL, effort).agendas[0] for date in dates)
    return counted(replace(horizon, agendas=agendas), POLICY, TRAVEL)


def _row(what: str, how: str, horizon: Horizon, seconds: float, *, gates: bool = True) -> Row:
    changes = changes_of(horizon, POLICY.usual_tolerance_min)
    broken = broken_rules(horizon, POLICY, TRAVEL, gates=gates)
    rest = sum("of rest before" in line for line in broken)
    hours = sum("minutes in the" in line for line in broken)
    terms = terms_of(horizon, POLICY, TRAVEL)
    return {
        "days": what,
        "planned": how,
        "series_visits": changes.visits,
        "other_worker": changes.other_worker,
        "more_faces": changes.faces,
        "other_hour": changes.other_hour,
        "travel_min": round(terms["travel"].amount),
        "unplaced": terms["unplaced"].amount,
        "rest_broken": rest,
        "hours_broken": hours,
        "else_broken": len(broken) - rest - hours,
        "points": round(total(terms)),
        "cpu_s": round(seconds, 1),
    }


def compare(days: int, arguments: argparse.Namespace, say: Say) -> tuple[list[Row], Horizon]:
    size = {"visits_a_day": arguments.visits, "workers": arguments.workers}
    horizon = made_horizon(seed=arguments.seed, days=days, **size)
    effort = Effort(moves_per_visit=arguments.moves, rounds=arguments.rounds, seed=arguments.seed)
    say(f"{days} days together …")
    together, seconds = timed(lambda: plan_horizon(horizon, POLICY, TRAVEL, effort, say))
    rows = [_row(str(days), "together", together, seconds)]
    say(f"{days} days, each alone …")
    alone, seconds = timed(lambda: planned_alone(horizon, effort))
    rows.append(_row(str(days), "each alone", alone, seconds))
    rows.append({"days": str(days), "planned": "at least", "other_worker": least_other_workers(horizon)})
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        write_week(arguments.out / f"{days}-together.json", together)
        write_week(arguments.out / f"{days}-alone.json", alone)
    return rows, together


def rolled(week: Horizon, arguments: argparse.Namespace, say: Say) -> list[Row]:
    effort = Effort(moves_per_visit=arguments.moves, rounds=arguments.rounds, seed=arguments.seed)
    say("rolling on by a day …")
    on, seconds = timed(lambda: roll_on(week, POLICY, TRAVEL, effort))
    rows = [_rolled_row("rolled on", week, on, seconds)]
    say("made anew …")
    bare = replace(on, agendas=tuple(Agenda(date=one.date, orders=one.orders) for one in on.agendas))
    anew, seconds = timed(lambda: plan_horizon(bare, POLICY, TRAVEL, effort))
    return [*rows, _rolled_row("made anew", week, anew, seconds)]


def _rolled_row(how: str, week: Horizon, after: Horizon, seconds: float) -> Row:
    moved = [
        change
        for old, new in zip(week.agendas[1:], after.agendas, strict=False)
        for change in changes_between(old.plan, new.plan)
    ]
    remaining = sum(1 for agenda in week.agendas[1:] for _ in agenda.plan.stops())
    usual = changes_of(after, POLICY.usual_tolerance_min).other_worker
    before = changes_of(replace(after, agendas=after.agendas[:-1]), POLICY.usual_tolerance_min).other_worker
    return {
        "the_next_day": how,
        "remaining_visits": remaining,
        "changed_hands": sum(change.from_worker_id != change.to_worker_id for change in moved),
        "moved_in_time": sum(change.from_worker_id == change.to_worker_id for change in moved),
        "other_worker_on_new_date": usual - before,
        "unplaced_on_new_date": _waiting(after.agendas[-1]),
        "broken": len(broken_rules(after, POLICY, TRAVEL, gates=False)),
        "cpu_s": round(seconds, 1),
    }


def _waiting(agenda: Agenda) -> int:
    placed = agenda.plan.placed()
    return sum(visit.id not in placed for order in agenda.orders for visit in order.visits)


def on_leave(week: Horizon) -> list[Row]:
    """The busiest workers of the second date, each by themselves."""
    agenda = week.agendas[1]
    busiest = sorted(agenda.plan.routes, key=lambda route: -len(route.stops))[:ON_LEAVE]
    rows: list[Row] = []
    for route in busiest:
        began = time.process_time()
        mended = mend_leave(week, route.worker_id, Leave(date=agenda.date), POLICY, TRAVEL)
        took_ms = 1000.0 * (time.process_time() - began)
        changes = mended.changes
        rows.append(
            {
                "on_leave": f"{route.worker_id} {agenda.date:%a}",
                "visits": len(route.stops),
                "changed_hands": sum(change.from_worker_id != change.to_worker_id for change in changes),
                "others_moved_in_time": sum(change.from_worker_id == change.to_worker_id for change in changes),
                "by_over_20_min": sum(_moved_far(change) for change in changes),
                "unplaced": len(mended.unplaced),
                "other_dates_changed": sum(
                    new is not old for new, old in zip(mended.horizon.agendas, week.agendas, strict=True)
                )
                - 1,
                "broken": len(broken_rules(mended.horizon, POLICY, TRAVEL, gates=False)),
                "cpu_ms": round(took_ms),
            }
        )
    return rows


def _moved_far(change: Change) -> bool:
    """The same worker, at a time that people would have to be told of."""
    if change.from_worker_id != change.to_worker_id or change.from_start_min is None or change.to_start_min is None:
        return False
    return abs(change.to_start_min - change.from_start_min) > POLICY.told_tolerance_min


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def county(arguments: argparse.Namespace, say: Say) -> list[Row]:
    horizon = made_horizon(seed=arguments.seed, **COUNTY)
    orders = sum(len(agenda.orders) for agenda in horizon.agendas)
    say(f"{orders} orders, {len(horizon.series)} series: {peak_mb():.0f} MB")
    effort = Effort(moves_per_visit=arguments.county_moves, rounds=arguments.county_rounds, seed=arguments.seed)
    week, seconds = timed(lambda: plan_horizon(horizon, POLICY, TRAVEL, effort, say))
    on, rolling = timed(lambda: roll_on(week, POLICY, TRAVEL, effort))
    holder = max(on.agendas[1].plan.routes, key=lambda route: len(route.stops)).worker_id
    _, mending = timed(lambda: mend_leave(on, holder, Leave(date=on.agendas[1].date), POLICY, TRAVEL).horizon)
    peak = peak_mb()
    changes = changes_of(week, POLICY.usual_tolerance_min)
    return [
        {
            "workers": COUNTY["workers"],
            "visits": sum(len(order.visits) for agenda in week.agendas for order in agenda.orders),
            "unplaced": sum(_waiting(agenda) for agenda in week.agendas),
            "other_worker": changes.other_worker,
            "other_hour": changes.other_hour,
            "broken": len(broken_rules(week, POLICY, TRAVEL, gates=False)),
            "plan_cpu_s": round(seconds, 1),
            "roll_cpu_s": round(rolling, 1),
            "leave_cpu_s": round(mending, 2),
            "peak_mb": round(peak),
            "to_reach_mb": MOST_MB,
        }
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.week", description=__doc__)
    parser.add_argument("--days", type=int, nargs="+", default=[7, 14], help="horizons to plan (7 14)")
    parser.add_argument("--visits", type=int, default=180, help="on the mean day (180)")
    parser.add_argument("--workers", type=int, default=60, help="(60)")
    parser.add_argument("--moves", type=int, default=2_000, help="of the search, for each visit and round (2000)")
    parser.add_argument("--rounds", type=int, default=4, help="at most, over all dates (4)")
    parser.add_argument("--seed", type=int, default=1, help="of the days and the search (1)")
    parser.add_argument("--out", type=Path, help="folder for the plans, for `yian dispatch plot`")
    parser.add_argument(
        "--county", action="store_true", help="the county's fortnight, for its memory, and nothing else"
    )
    parser.add_argument("--county-moves", type=int, default=300, help="as --moves (300)")
    parser.add_argument("--county-rounds", type=int, default=2, help="as --rounds (2)")
    parser.add_argument("--json", action="store_true", help="print JSON lines, one per table")
    return parser.parse_args()


def main() -> None:
    arguments = _arguments()

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    prepare(say)
    if arguments.county:
        show("A county's fortnight", county(arguments, say), as_json=arguments.json)
        return
    rows: list[Row] = []
    week: Horizon | None = None
    for days in arguments.days:
        more, week = compare(days, arguments, say)
        rows += more
    show("Several days planned together, and each date alone", rows, as_json=arguments.json)
    if week is not None:
        show("The next day", rolled(week, arguments, say), as_json=arguments.json)
        show("Leave", on_leave(week), as_json=arguments.json)


if __name__ == "__main__":
    run(main)
