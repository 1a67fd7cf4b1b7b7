"""`yian demo --elders N`."""

import asyncio
from pathlib import Path

import typer

from yian import devices
from yian.plain_errors import plain_errors
from yian.surroundings import Surroundings
from yian.town import DEMO_USERS, found
from yian.up.city import Secrets


@plain_errors
def demo_command(data: Path, *, elders: int) -> None:
    around = Surroundings.at(data)
    around.data.make()
    secrets = Secrets.of(around.data, [user.username for user in DEMO_USERS])
    variables = {**around.variables, "YIAN_DATABASE": around.database}
    town = asyncio.run(found(variables, secrets, elders=elders, say=typer.echo))
    around.data.add_devices(town.credentials, town.homes)
    broker = devices.broker_of(around)
    if broker:
        devices.write_export(asyncio.run(devices.export(around)), broker[0])
        devices.tell_broker(broker[1])
    typer.echo(f"{elders} elders: {town.note}. Credentials for the simulator: {around.data.devices_file}")
