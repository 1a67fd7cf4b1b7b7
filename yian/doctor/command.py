"""The report."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import typer

from yian.doctor import broker, bus, database, machine, processes
from yian.doctor.finding import Findings
from yian.surroundings import Surroundings


def examine(around: Surroundings) -> Iterator[Findings]:
    """One part after the other, so that each is shown as soon as it is known."""
    yield machine.examine(around)
    yield asyncio.run(database.examine(around))
    yield asyncio.run(bus.examine(around))
    yield broker.examine(around)
    yield processes.examine(around)


def doctor_command(data: Path) -> None:
    """Exit code 1 when anything is wrong."""
    count = 0
    for found in examine(Surroundings.at(data)):
        typer.echo(found.title)
        for finding in found.lines:
            typer.echo(finding.line())
            count += finding.verdict == "wrong"
    typer.echo(f"\n{count} things to mend." if count else "\nAll is well.")
    raise typer.Exit(1 if count else 0)
