"""`yian devices provision|list|bind|unbind|revoke|export`."""

import asyncio
import time
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from services.elders.credentials import hash_secret
from services.elders.model import DeviceKind
from yian import devices
from yian.plain_errors import plain_errors, sentence
from yian.surroundings import Surroundings

app = typer.Typer(help="Devices and their credentials.", no_args_is_help=True)
Data = Annotated[Path, typer.Option("--data", envvar="YIAN_DATA", help="of the city that runs here")]
DEFAULT_DATA = Path(".yian")


@app.command()
@plain_errors
def provision(
    device_ids: Annotated[list[str], typer.Argument(help="one or more, for example W-100001")],
    *,
    model: Annotated[str, typer.Option(help="what it is sold as")] = "W3",
    kind: Annotated[DeviceKind, typer.Option(help="what it is")] = DeviceKind.WATCH,
    renew: Annotated[bool, typer.Option("--renew", help="a new credential for devices there are already")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Make credentials and print each once: user name, password. The broker of a city here learns them at once."""
    around = Surroundings.at(data)
    made = asyncio.run(devices.provision(around, device_ids, model=model, kind=kind, renew=renew))
    for device_id, secret in made.items():
        typer.echo(f"{device_id}\t{secret}")
    broker = devices.broker_of(around)
    if broker is None:
        typer.echo("Carry them to your broker: yian devices export --to ITS_CONFIG_FOLDER, then SIGHUP it.", err=True)
        return
    config, pid = broker
    devices.write_export(asyncio.run(devices.export(around)), config)
    devices.tell_broker(pid)
    around.data.add_devices(made)
    typer.echo("The broker here knows them, and the simulator (yian sim) may use them.", err=True)


@app.command(name="list")
@plain_errors
def list_(data: Data = DEFAULT_DATA) -> None:
    """Every device: who wears it is not shown here."""
    for device in asyncio.run(devices.known(Surroundings.at(data))):
        seen = device.last_seen_at.isoformat(timespec="seconds") if device.last_seen_at else "never"
        bound = "revoked" if device.retired_at else "bound" if device.elder_id else "bound to nobody"
        typer.echo(f"{device.device_id:<24} {device.kind.value:<15} {device.model:<8} {bound:<16} last seen {seen}")


@app.command()
@plain_errors
def bind(
    device_id: Annotated[str, typer.Argument(help="provisioned before")],
    elder_id: Annotated[UUID, typer.Argument(help="as GET /api/v1/elders gives it")],
    *,
    move: Annotated[bool, typer.Option("--move", help="take it from another elder who carries it")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """From now on the device's alarms are this elder's; open cases stay whose they are."""
    asyncio.run(devices.bind(Surroundings.at(data), device_id, elder_id, move=move))
    typer.echo(f"{device_id} is carried by {elder_id}.")


@app.command()
@plain_errors
def unbind(device_id: Annotated[str, typer.Argument()], data: Data = DEFAULT_DATA) -> None:
    """Nobody wears the device any more; its alarms still ring, but without a name."""
    asyncio.run(devices.unbind(Surroundings.at(data), device_id))
    typer.echo(f"{device_id} is carried by nobody.")


@app.command()
@plain_errors
def revoke(
    device_ids: Annotated[list[str], typer.Argument(help="lost, stolen or broken")], data: Data = DEFAULT_DATA
) -> None:
    """Revoke credentials: the devices are disconnected and cannot connect. `provision --renew` gives new ones."""
    around = Surroundings.at(data)
    asyncio.run(devices.revoke(around, device_ids))
    if (broker := devices.broker_of(around)) is not None:
        asyncio.run(devices.carry(around, *broker))
    elif around.get("YIAN_MQTT"):
        devices.throw_off(around, device_ids)
    typer.echo(f"{', '.join(device_ids)}: revoked, bound to nobody.")
    if broker is None:
        typer.echo("Carry it to your broker: yian devices export --to ITS_CONFIG_FOLDER, then SIGHUP it.", err=True)
        typer.echo(
            "A device that has a client certificate can connect again until the certificate is on the broker's list of"
            " revoked ones (crlfile): whoever issued it adds it there, then SIGHUP the broker.",
            err=True,
        )


@app.command()
@plain_errors
def export(
    to: Annotated[Path, typer.Option("--to", help="the folder that the broker reads as config/")],
    with_gateway: Annotated[
        bool, typer.Option(help="also the gateways' password, from YIAN_MQTT_PASSWORD, and the access rules")
    ] = False,
    pid: Annotated[int | None, typer.Option(help="of the broker, to be told to read it again")] = None,
    every: Annotated[float, typer.Option(help="seconds: go on, whenever something has changed; 0: once")] = 0,
    data: Data = DEFAULT_DATA,
) -> None:
    """Write the broker's password files from the database."""
    around = Surroundings.at(data)
    hashes = asyncio.run(devices.export(around))
    gateway_hash = hash_secret(around.need("YIAN_MQTT_PASSWORD")) if with_gateway else None
    devices.write_export(hashes, to, gateway_hash=gateway_hash)
    if pid is not None:
        devices.tell_broker(pid)
    typer.echo(f"{len(hashes)} devices written to {to}." + ("" if pid else " Now SIGHUP the broker."))
    while every:
        time.sleep(every)
        _carry(around, to, pid)


def _carry(around: Surroundings, to: Path, pid: int | None) -> None:
    """If the database is away, waits for the next time."""
    try:
        if asyncio.run(devices.carry(around, to, pid)):
            typer.echo(f"Something has changed: written to {to}.")
    except Exception as error:
        said = sentence(error)
        if said is None:
            raise
        typer.echo(said, err=True)
