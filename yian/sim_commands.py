"""`yian sim …`: the simulated devices, and the simulated day and history, which need a whole city around them."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from device_sim.commands import app
from yian.plain_errors import plain_errors

__all__ = ["app"]


@app.command()
def day(
    *,
    elders: Annotated[int, typer.Option(help="people of the city", min=1)] = 3000,
    orders: Annotated[int, typer.Option(help="that families want to place", min=1)] = 1500,
    workers: Annotated[int, typer.Option(help="who serve", min=1)] = 120,
    speed: Annotated[float, typer.Option(help="seconds of the day a second", min=1)] = 240,
    seed: Annotated[int, typer.Option(help="the same seed: the same people want the same")] = 1,
    real: Annotated[bool, typer.Option("--real", help="Mosquitto and Kafka instead of what is built in")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="the figures as one JSON object")] = False,
    data: Annotated[Path | None, typer.Option(help="an empty folder for the city, kept; else a temporary one")] = None,
) -> None:
    """A day of orders in a city of its own, with its processes killed amid it, and what its books say afterwards."""
    from yian.day.command import DayOptions, day_command

    options = DayOptions(elders, orders, workers, speed, seed, real, as_json, data)
    raise typer.Exit(day_command(options))


@app.command()
@plain_errors
def history(
    *,
    months: Annotated[int, typer.Option(help="the last one before the city's own figures", min=1, max=60)] = 12,
    elders: Annotated[int, typer.Option(help="for how many elders things happen", min=1)] = 20_000,
    seed: Annotated[int, typer.Option(help="the same seed in the same city: the same events")] = 1,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m"], help="the last month, as 2026-11")] = None,
    dsn: Annotated[str | None, typer.Option(help="another database than that of the city that runs here")] = None,
    log: Annotated[Path | None, typer.Option(help="a file for all events as they were told, a JSON line each")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="what was written as one JSON object")] = False,
) -> None:
    """Months of alarms, orders and welfare visits, as facts for the figures. No case and no order is made."""
    from yian.history.command import HistoryOptions, history_command
    from yian.surroundings import Surroundings

    last = until.date() if until else None
    history_command(HistoryOptions(months, elders, seed, last, dsn or Surroundings.here().database, log, as_json))
