"""`yian dispatch …`"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from dispatch.files import read_day
from dispatch.policy import Policy
from dispatch.reading import one_sentence, read_json
from dispatch.travel import GreatCircleTravel
from dispatch.week import commands as week

app = typer.Typer(help="Plans of who goes where, from files.", no_args_is_help=True)
app.add_typer(week.app, name="week")


@dataclass(frozen=True, slots=True)
class AnyFile:
    format: str = ""


@app.callback()
def dispatch() -> None:
    """Plans of who goes where, from files."""


@app.command()
def plot(
    plan: Annotated[Path, typer.Argument(help="A day or a week with its plan, see docs/dispatch-file-formats.md.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="PNG or SVG; PLAN with the ending .png if not given.")
    ] = None,
) -> None:
    """Draw who does what when: a day with its routes on a map, or a week with a row for each worker."""
    target = out or plan.with_suffix(".png")
    with one_sentence():
        visits = _draw(plan, target)
    typer.echo(f"{target}: {visits} visits drawn")


def _draw(plan: Path, target: Path) -> int:
    """How many visits were drawn. The drawing is imported here: it takes a second, and `yian --help` shall not wait."""
    from dispatch.week.files import FORMAT as WEEK_FORMAT
    from dispatch.week.files import read_week

    if read_json(plan, AnyFile).format == WEEK_FORMAT:
        from dispatch.week.plot import draw_week

        horizon, title = read_week(plan, Policy(), GreatCircleTravel())
        draw_week(horizon, target, title)
        return sum(1 for agenda in horizon.agendas for _ in agenda.plan.stops())
    from dispatch.plot import draw_plan

    file = read_day(plan)
    draw_plan(file.day, target, file.title)
    return sum(1 for _ in file.day.plan.stops())
