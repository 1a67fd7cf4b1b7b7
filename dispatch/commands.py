"""`yian dispatch …`"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dispatch.files import read_day
from dispatch.meals import files as meals
from dispatch.policy import Policy
from dispatch.reading import one_sentence, read_json
from dispatch.travel import GreatCircleTravel
from dispatch.week import commands as week
from dispatch.words.en import EN
from dispatch.words.zh import ZH

app = typer.Typer(help="Plans of who goes where, from files.", no_args_is_help=True)
app.add_typer(week.app, name="week")


class Tongue(StrEnum):
    EN = "en"
    ZH = "zh"


LANGUAGES = {Tongue.EN: EN, Tongue.ZH: ZH}


@dataclass(frozen=True, slots=True)
class AnyFile:
    format: str = ""


@app.callback()
def dispatch() -> None:
    """Plans of who goes where, from files."""


@app.command()
def plot(
    plan: Annotated[
        Path, typer.Argument(help="A day or a week with its plan, or meals, see docs/dispatch-file-formats.md.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="PNG or SVG; PLAN with the ending .png if not given.")
    ] = None,
) -> None:
    """Draw who does what when: a day or meal runs with a map, or a week with a row for each worker."""
    target = out or plan.with_suffix(".png")
    with one_sentence():
        drawn = _draw(plan, target)
    typer.echo(f"{target}: {drawn} drawn")


@app.command()
def why(
    plan: Annotated[Path, typer.Argument(help="A day with its plan, see docs/dispatch-file-formats.md.")],
    order: Annotated[str, typer.Argument(help="The order's id.")],
    lang: Annotated[Tongue, typer.Option("--lang", help="Language of the answer.")] = Tongue.EN,
) -> None:
    """Why this worker comes for an order, what somebody else would mean, and what stops the others."""
    from dispatch.kernel.warmup import prepare
    from dispatch.why import why as reasons
    from dispatch.words.say import said_why

    with one_sentence():
        day = read_day(plan).day
        prepare(lambda line: typer.echo(f"{plan}: {line}", err=True))
        try:
            found = reasons(day, order, Policy(), GreatCircleTravel())
        except KeyError:
            raise ValueError(f"{plan}: there is no order {order}. Name one of the day's orders.") from None
    for line in said_why(found, LANGUAGES[lang]):
        typer.echo(line)


def _draw(plan: Path, target: Path) -> str:
    """What was drawn. The drawing is imported here: it takes a second, and `yian --help` shall not wait."""
    from dispatch.week import files as week_files

    match read_json(plan, AnyFile).format:
        case week_files.FORMAT:
            from dispatch.week.plot import draw_week

            horizon, title = week_files.read_week(plan, Policy(), GreatCircleTravel())
            draw_week(horizon, target, title)
            return f"{sum(1 for agenda in horizon.agendas for _ in agenda.plan.stops())} visits"
        case meals.FORMAT:
            from dispatch.meals.plot import draw_meals

            runs = meals.read_meals(plan)
            draw_meals(runs.meals, target, runs.title)
            return f"{len(runs.meals.runs)} meal runs"
    from dispatch.plot import draw_plan

    file = read_day(plan)
    draw_plan(file.day, target, file.title)
    return f"{sum(1 for _ in file.day.plan.stops())} visits"
