"""`yian metrics recompute|verify`: whether the figures are what the facts say, and the facts what was written."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.metrics.recounting import broken_facts, recount_month
from services.metrics.store_recount import Difference
from yian.in_a_transaction import in_a_transaction
from yian.plain_errors import plain_errors

app = typer.Typer(help="Figures of service quality.", no_args_is_help=True, add_completion=False)
Data = Annotated[Path, typer.Option("--data", envvar="YIAN_DATA", help="of the city that runs here")]
DEFAULT_DATA = Path(".yian")
NAMED = 50
"""Of what differs, so many are printed."""
NAME = "yian metrics"


@app.command()
@plain_errors
def recompute(
    *,
    month: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="as 2026-10")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Count a month again from its facts alone, and name each difference. Exit code 1 if there is one."""
    of = date(month.year, month.month, 1)
    found = in_a_transaction(data, NAME, lambda tx: recount_month(tx, of))
    for difference in found.differences[:NAMED]:
        typer.echo(_line(difference))
    if len(found.differences) > NAMED:
        typer.echo(f"… and {len(found.differences) - NAMED} more")
    if found.closed is not None:
        holds = "is" if found.digest_holds else "is NOT"
        typer.echo(f"Closed {found.closed.closed_at:%Y-%m-%d}; what is published {holds} what was closed.")
    typer.echo(
        f"{of:%Y-%m}: the facts come to the same counts."
        if not found.differences
        else f"{of:%Y-%m}: {len(found.differences)} counts are not what the facts come to."
    )
    raise typer.Exit(0 if found.agrees else 1)


def _line(one: Difference) -> str:
    stands, counted = (
        "nothing" if counts is None else f"{counts[1]} of {counts[0]}, {counts[2]} left out"
        for counts in (one.stands, one.counted)
    )
    where = f"{one.place or 'nowhere'} {one.part}".strip()
    return f"{one.figure} v{one.version} {where}: there stands {stands}; the facts come to {counted}"


@app.command()
@plain_errors
def verify(*, data: Data = DEFAULT_DATA) -> None:
    """Check the chain of all facts. Exit code 1 if one was changed, taken out or put in."""
    broken = in_a_transaction(data, NAME, broken_facts)
    for one in broken[:NAMED]:
        typer.echo(f"batch {one.batch}: {one.says}")
    typer.echo("The chain of facts holds." if not broken else f"It does not hold from batch {broken[0].batch} on.")
    raise typer.Exit(1 if broken else 0)
