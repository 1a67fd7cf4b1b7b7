"""`yian dispatch …`"""

from pathlib import Path
from typing import Annotated

import typer

from dispatch.files import read_day
from dispatch.reading import UnreadableFile

app = typer.Typer(help="Plans of who goes where, from files.", no_args_is_help=True)


@app.callback()
def dispatch() -> None:
    """Plans of who goes where, from files."""


@app.command()
def plot(
    plan: Annotated[Path, typer.Argument(help="A day with its plan, see docs/dispatch-file-formats.md.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="PNG or SVG; PLAN with the ending .png if not given.")
    ] = None,
) -> None:
    """Draw the routes on a map and who does what when."""
    from dispatch.plot import draw_plan  # takes a second to import; `yian --help` shall not wait for it

    target = out or plan.with_suffix(".png")
    try:
        file = read_day(plan)
        draw_plan(file.day, target, file.title)
    except (UnreadableFile, ValueError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{target}: {sum(1 for _ in file.day.plan.stops())} visits drawn")
