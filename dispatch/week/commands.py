"""`yian dispatch week …`. The search is imported by what needs it: `yian --help` shall not wait for it."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dispatch.model import Interval
from dispatch.policy import Policy
from dispatch.reading import one_sentence
from dispatch.travel import GreatCircleTravel

if TYPE_CHECKING:
    from dispatch.week.model import Horizon
    from dispatch.week.planning import Effort

app = typer.Typer(help="Several days at once: recurring visits, rest, hours and leave.", no_args_is_help=True)
POLICY, TRAVEL = Policy(), GreatCircleTravel()

File = Annotated[Path, typer.Argument(help="A week, see docs/dispatch-file-formats.md.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Where the week is written; FILE itself if not given.")]
Moves = Annotated[int, typer.Option("--moves", min=1, help="Moves of the search for each visit of a date.")]
Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same plan.")]


@app.command()
def plan(file: File, out: Out = None, moves: Moves = 2_000, seed: Seed = 0) -> None:
    """Plan every date, from what is planned already; visits that were told to people stay as far as they can."""
    from dispatch.week.planning import plan_horizon

    _rewritten(
        file, out, lambda week: plan_horizon(week, POLICY, TRAVEL, _effort(moves, seed), lambda line: _say(file, line))
    )


@app.command()
def roll(file: File, out: Out = None, moves: Moves = 2_000, seed: Seed = 0) -> None:
    """The first date is past and a new one comes at the end; every other date stays as it is."""
    from dispatch.week.rolling import roll_on

    _rewritten(file, out, lambda week: roll_on(week, POLICY, TRAVEL, _effort(moves, seed)))


@app.command()
def leave(
    file: File,
    worker: Annotated[str, typer.Argument(help="The worker's id.")],
    date: Annotated[datetime.datetime, typer.Argument(formats=["%Y-%m-%d"])],
    hours: Annotated[
        tuple[float, float] | None, typer.Option(help="From and to, minutes after 00:00; the whole day if not given.")
    ] = None,
    out: Out = None,
) -> None:
    """Somebody is away on a date: what it touches is planned anew, and every change is said."""
    from dispatch.week.mending import mend_leave
    from dispatch.week.model import Leave
    from dispatch.week.words import said_mended

    away = Leave(date=date.date(), during=None if hours is None else Interval(*hours))

    def mended(week: "Horizon") -> "Horizon":
        try:
            result = mend_leave(week, worker, away, POLICY, TRAVEL)
        except KeyError:
            raise ValueError(f"{file}: there is no worker {worker}. Name one of the week's rosters.") from None
        for line in said_mended(result, away.date):
            typer.echo(line)
        return result.horizon

    _rewritten(file, out, mended)


@app.command()
def why(
    file: File,
    date: Annotated[datetime.datetime, typer.Argument(formats=["%Y-%m-%d"])],
    order: Annotated[str, typer.Argument(help="The order's id; one of a series by the series' id.")],
) -> None:
    """Why this worker comes on this day, and what somebody else would mean."""
    from dispatch.kernel.warmup import prepare
    from dispatch.week.files import read_week
    from dispatch.week.why import why as reasons
    from dispatch.week.words import said_why

    with one_sentence():
        week, _ = read_week(file, POLICY, TRAVEL)
        prepare(lambda line: _say(file, line))
        try:
            at = week.index(date.date())
            found = next(one for one in week.agendas[at].orders if order in (one.id, one.series_id))
        except (KeyError, StopIteration):
            raise ValueError(f"{file}: {date.date()} has no order {order}. Name a date and an order of it.") from None
        for line in said_why(reasons(week, at, found.id, POLICY, TRAVEL)):
            typer.echo(line)


def _rewritten(file: Path, out: Path | None, change: "Callable[[Horizon], Horizon]") -> None:
    from dispatch.kernel.warmup import prepare
    from dispatch.week.files import read_week, write_week

    with one_sentence():
        week, title = read_week(file, POLICY, TRAVEL)
        prepare(lambda line: _say(file, line))
        week = change(week)
        write_week(out or file, week, title)
    planned = sum(1 for agenda in week.agendas for _ in agenda.plan.stops())
    waiting = sum(len(order.visits) for agenda in week.agendas for order in agenda.orders) - planned
    first, last = week.agendas[0].date, week.agendas[-1].date
    typer.echo(f"{out or file}: {first} to {last}, {planned} visits planned, {waiting} wait")


def _effort(moves: int, seed: int) -> "Effort":
    from dispatch.week.planning import Effort

    return Effort(moves_per_visit=moves, seed=seed)


def _say(file: Path, line: str) -> None:
    typer.echo(f"{file}: {line}", err=True)
