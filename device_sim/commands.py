"""`yian sim …`: simulated devices on the command line."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvloop

from device_sim import tihm
from device_sim.events import KINDS, Fix
from device_sim.fleet import Fleet, Plan, allow_sockets
from device_sim.identities import Identity, UnknownDevice, find_identity, read_identities
from device_sim.link import Broker, LinkLost, Refused
from device_sim.manners import MANNERS
from device_sim.misbehaving import Misbehaving
from device_sim.pressing import STAGES, Pressing
from device_sim.replay import Replay
from device_sim.store import EventStore

app = typer.Typer(help="Simulated devices: single presses, fleets, bad manners, replays.", no_args_is_help=True)

Mqtt = Annotated[str, typer.Option("--mqtt", envvar="YIAN_DEVICES_MQTT", help="mqtt://host:port, or mqtts:// for TLS")]
Devices = Annotated[
    Path, typer.Option("--devices-file", envvar="YIAN_DEVICES_FILE", help="credentials: {device id: secret}")
]
State = Annotated[Path, typer.Option("--state-dir", help="where unsettled events are kept")]
Seconds = Annotated[float | None, typer.Option(help="end after so many seconds")]
DEFAULT_MQTT = "mqtt://127.0.0.1:1883"
DEFAULT_DEVICES = Path(".yian/devices.json")
DEFAULT_STATE = Path(".yian/sim")
_T = TypeVar("_T")


@app.command()
def press(
    device_id: Annotated[str, typer.Argument(help="for example W-000123")],
    *,
    kind: Annotated[str, typer.Option(help=f"one of {', '.join(KINDS)}, or any other word")] = "sos",
    also: Annotated[list[str] | None, typer.Option(help="a further alarm of the same moment")] = None,
    at: Annotated[str | None, typer.Option(help="where, as LAT,LON in WGS-84; else near the bearer's home")] = None,
    until: Annotated[str, typer.Option(help=f"wait until {', '.join(STAGES)}; rejected ends it too")] = "closed",
    seconds: Seconds = None,
    mqtt: Mqtt = DEFAULT_MQTT,
    devices_file: Devices = DEFAULT_DEVICES,
    state_dir: State = DEFAULT_STATE,
) -> None:
    """Presses the button of one device and prints the receipts as they come."""
    if until not in STAGES:
        raise typer.BadParameter(f"one of {', '.join(STAGES)}", param_hint="--until")
    fix = _fix(at)
    identity = _identity(devices_file, device_id)
    store = EventStore(state_dir / f"{device_id}.sqlite3")
    pressing = Pressing(until, typer.echo)
    reached = _run(pressing.run(identity, Broker.at(mqtt), store, kind, also=also or [], at=fix, seconds=seconds))
    store.close()
    if not reached:
        typer.echo(f"no '{until}' yet; the event stays on disk and is repeated by the next press", err=True)
        raise typer.Exit(1)


@app.command()
def fleet(
    *,
    devices: Annotated[int, typer.Option(help="how many of the credentials file")] = 200,
    rate: Annotated[float, typer.Option(help="telemetry messages a second, of all together")] = 0.0,
    alarms_per_hour: Annotated[float, typer.Option(help="presses, falls and the like, of all together")] = 0.0,
    seconds: Seconds = None,
    mqtt: Mqtt = DEFAULT_MQTT,
    devices_file: Devices = DEFAULT_DEVICES,
    state_dir: State = DEFAULT_STATE,
) -> None:
    """A fleet of honest devices. Without --rate each reports once a minute."""
    identities = [known for known in _identities(devices_file).values() if not known.device_id.startswith("TIHM-")]
    if len(identities) < devices:
        typer.echo(f"{devices_file} knows {len(identities)} devices; all of them take part", err=True)
    identities = identities[:devices]
    plan = Plan(rate or len(identities) / 60, alarms_per_hour)
    store = EventStore(state_dir / "fleet.sqlite3")
    count = _run(Fleet(identities, Broker.at(mqtt), store, plan).run(seconds, typer.echo))
    store.close()
    if count is not None:
        typer.echo(count.line(seconds or 0))


@app.command()
def manners(
    name: Annotated[str, typer.Argument(help=f"one of {', '.join(MANNERS)}")],
    devices: Annotated[int, typer.Option(help="how many devices at once")] = 1,
    seed: Annotated[str, typer.Option(help="the same seed does the same")] = "1",
    mqtt: Mqtt = DEFAULT_MQTT,
    devices_file: Devices = DEFAULT_DEVICES,
) -> None:
    """Devices that do something wrong, on request."""
    if name not in MANNERS:
        raise typer.BadParameter(f"one of {', '.join(MANNERS)}", param_hint="NAME")
    identities = list(_identities(devices_file).values())[:devices]
    _run(_misbehave(identities, Broker.at(mqtt), name, seed))


@app.command()
def replay(
    folder: Annotated[Path, typer.Argument(help="the TIHM data set", exists=True, file_okay=False)],
    speed: Annotated[float, typer.Option(help="recorded seconds a second; 0: as fast as it goes")] = 3600,
    list_devices: Annotated[
        bool, typer.Option("--list-devices", help="print the device ids it needs, and end")
    ] = False,
    mqtt: Mqtt = DEFAULT_MQTT,
    devices_file: Devices = DEFAULT_DEVICES,
) -> None:
    """Plays real homes through MQTT with their recorded times. Running it again changes nothing."""
    if list_devices:
        typer.echo("\n".join(tihm.device_ids(folder)))
        return
    samples = tihm.samples(folder)
    identities = _identities(devices_file)
    missing = sorted({sample.device_id for sample in samples} - set(identities))
    if missing:
        typer.echo(
            f"{devices_file} lacks {len(missing)} of the recorded devices, for example {missing[0]}; provision them:\n"
            f"  yian devices provision $(yian sim replay {folder} --list-devices)",
            err=True,
        )
        raise typer.Exit(2)
    played = _run(Replay(samples, identities, Broker.at(mqtt)).run(speed, typer.echo))
    if played is not None:
        typer.echo(
            f"{played.readings} readings in {played.packs} packs: {played.acknowledged} acknowledged, "
            f"{played.refused} refused"
        )


async def _misbehave(identities: list[Identity], broker: Broker, name: str, seed: str) -> None:
    allow_sockets(len(identities))

    async def one(identity: Identity) -> None:
        outcome = await Misbehaving(identity, broker).perform(MANNERS[name], seed)
        typer.echo(outcome.line(identity.device_id))

    await asyncio.gather(*(one(identity) for identity in identities))


def _run(work: Coroutine[Any, Any, _T]) -> _T | None:
    """None where the person pressed Ctrl-C."""
    try:
        return uvloop.run(work)
    except KeyboardInterrupt:
        return None
    except (OSError, LinkLost, Refused) as trouble:
        typer.echo(str(trouble), err=True)
        raise typer.Exit(1) from None


def _fix(at: str | None) -> Fix | None:
    try:
        lat, lon = (float(word) for word in at.split(",")) if at else (None, None)
    except ValueError:
        raise typer.BadParameter("LAT,LON, for example 30.2012,115.0387", param_hint="--at") from None
    return Fix(lat, lon) if lat is not None and lon is not None else None


def _identities(path: Path) -> dict[str, Identity]:
    try:
        return read_identities(path)
    except UnknownDevice as unknown:
        typer.echo(str(unknown), err=True)
        raise typer.Exit(2) from None


def _identity(path: Path, device_id: str) -> Identity:
    try:
        return find_identity(path, device_id)
    except UnknownDevice as unknown:
        typer.echo(str(unknown), err=True)
        raise typer.Exit(2) from None
