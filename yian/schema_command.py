"""`yian migrate`."""

import asyncio
from pathlib import Path

import typer

from services.db.migrate import pending
from yian.plain_errors import plain_errors
from yian.schema import bring_up_to_date
from yian.surroundings import Surroundings


@plain_errors
def migrate_command(data: Path, *, check: bool) -> None:
    around = Surroundings.at(data)
    if check:
        due = asyncio.run(pending(around.database))
        typer.echo("\n".join(f"pending: {label}" for label in due) or "The schema is that of this release.")
        raise typer.Exit(1 if due else 0)
    applied = asyncio.run(bring_up_to_date(around.database, around.bus, lambda label: typer.echo(f"applied {label}")))
    typer.echo(f"Schema and topics are those of this release ({len(applied)} migrations applied now).")
