"""`yian sim …`: the simulated devices, and the simulated day, which needs a whole city around them."""

from pathlib import Path
from typing import Annotated

import typer

from device_sim.commands import app

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
