"""The command. One thin sub-command per process and job; each imports what it needs when it is called."""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from yian.utf8 import use_utf8

app = typer.Typer(
    name="yian",
    help="颐安 Yian: the platform a prefecture city runs its elderly care on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

CITY = "A city on this machine"
PROCESS = "Processes (settings from YIAN_*)"
JOB = "Jobs"

Data = Annotated[Path, typer.Option("--data", envvar="YIAN_DATA", help="where a city on this machine keeps everything")]
DEFAULT_DATA = Path(".yian")


@app.command(rich_help_panel=CITY)
def up(
    *,
    real: Annotated[bool, typer.Option("--real", help="Mosquitto and Kafka instead of what is built in")] = False,
    embedded_broker: Annotated[
        bool, typer.Option("--embedded-broker", help="the MQTT broker that is built in, though Mosquitto is here")
    ] = False,
    devices: Annotated[int, typer.Option(help="simulated devices that report; 0: none", min=0)] = 200,
    elders: Annotated[int, typer.Option(help="people of the demo city", min=1)] = 300,
    http_host: Annotated[str, typer.Option(help="where the pages are served; 0.0.0.0: to everyone")] = "127.0.0.1",
    http_port: Annotated[int, typer.Option(help="of the pages")] = 8080,
    mqtt_port: Annotated[int, typer.Option(help="of the devices")] = 1883,
    metrics_port: Annotated[
        int, typer.Option(help="the first of nine in a row: metrics, and gateways at the broker")
    ] = 9401,
    pages: Annotated[bool, typer.Option(help="build the pages when their sources have changed")] = True,
    timescale: Annotated[
        Path | None, typer.Option(help="a folder with TimescaleDB (lib/, extension/) for the time series of a new city")
    ] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Start everything: database, bus, broker, a demo city, all processes, simulated devices."""
    from yian.up.city import DataDirectory
    from yian.up.command import up as bring_up
    from yian.up.plan import Options

    options = Options(
        data=DataDirectory(data.resolve()), real=real, embedded_broker=embedded_broker, devices=devices, elders=elders,
        http_host=http_host, http_port=http_port, mqtt_port=mqtt_port, metrics_port=metrics_port, pages=pages,
        timescale=timescale.resolve() if timescale else None,
    )  # fmt: skip
    raise typer.Exit(bring_up(options))


@app.command(rich_help_panel=CITY)
def reset(data: Data = DEFAULT_DATA) -> None:
    """Delete the data of `yian up`: people, cases, passwords, logs."""
    from yian.up.reset import reset as forget

    raise typer.Exit(forget(data.resolve()))


@app.command(name="pages", rich_help_panel=CITY)
def pages_(
    run: Annotated[str | None, typer.Option(help="a script of web/package.json instead, for example test")] = None,
) -> None:
    """Build the web pages when their sources have changed."""
    from yian import pages as web
    from yian.up.trouble import Trouble

    try:
        if run:
            web.run_script(run)
        elif not web.are_current():
            web.build()
    except Trouble as trouble:
        typer.echo(str(trouble), err=True)
        raise typer.Exit(1) from None


@app.command(rich_help_panel=PROCESS)
def gateway() -> None:
    """Takes in what devices send: MQTT to the bus, and receipts back."""
    from yian.processes import run

    run("ingest_gateway.main")


@app.command(name="app", rich_help_panel=PROCESS)
def app_() -> None:
    """Pages, HTTP and WebSocket. Several may run side by side."""
    from yian.processes import run

    run("services.app.main")


@app.command(rich_help_panel=PROCESS)
def alarms() -> None:
    """Turns alarms into cases, and nothing else. Several share the partitions."""
    from yian.processes import run

    run("services.alarm_worker")


@app.command(rich_help_panel=PROCESS)
def worker() -> None:
    """What follows: outbox, notices, what dispatch proposes, timers, supervision of devices."""
    from yian.processes import run

    run("services.worker")


@app.command(rich_help_panel=PROCESS)
def dispatcher() -> None:
    """Proposes who comes for which order. Several share the counties."""
    from yian.processes import run

    run("services.dispatcher")


@app.command(rich_help_panel=PROCESS)
def writer() -> None:
    """Writes telemetry from the bus into the database."""
    from yian.processes import run

    run("services.telemetry.main")


@app.command(rich_help_panel=JOB)
def migrate(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="change nothing; exit code 1 when something is pending")
    ] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Bring the database's schema and the bus's topics up to this release."""
    from yian.schema_command import migrate_command

    migrate_command(data, check=check)


@app.command(name="move-readings", rich_help_panel=JOB)
def move_readings(data: Data = DEFAULT_DATA) -> None:
    """Move readings out of the layout of an older release, while all runs; it can be ended and started again."""
    from yian.move_command import move_command

    move_command(data)


@app.command(rich_help_panel=JOB)
def demo(
    *,
    elders: Annotated[int, typer.Option(help="how many there are to be", min=1)] = 300,
    data: Data = DEFAULT_DATA,
) -> None:
    """Make the demo city larger: more elders, each with devices."""
    from yian.demo_command import demo_command

    demo_command(data, elders=elders)


@app.command(rich_help_panel=JOB)
def documents() -> None:
    """Write docs/openapi.json and docs/asyncapi.json from the code."""
    from yian.documents import write_all

    for path in write_all():
        typer.echo(f"wrote {path}")


def _hand_over(group: str, module: str, context: typer.Context) -> None:
    """The rest of the line is the group's. Read only now, so that `yian --help` stays quick."""
    commands = import_module(module)
    commands.app(context.args, prog_name=f"yian {group}")


GROUP: dict[str, Any] = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command(rich_help_panel=CITY, context_settings=GROUP)
def sim(context: typer.Context) -> None:
    """Simulated devices and people: press, fleet, manners, replay, day, history."""
    from yian.surroundings import Surroundings

    Surroundings.here().offer("YIAN_DEVICES_MQTT", "YIAN_DEVICES_FILE")
    _hand_over("sim", "yian.sim_commands", context)


@app.command(rich_help_panel=JOB, context_settings=GROUP)
def devices(context: typer.Context) -> None:
    """Devices and their credentials: provision, list, bind, unbind, revoke, export."""
    _hand_over("devices", "yian.devices_commands", context)


@app.command(rich_help_panel=JOB, context_settings=GROUP)
def accounts(context: typer.Context) -> None:
    """Accounts of people: create, list, password, off, on."""
    _hand_over("accounts", "yian.accounts_commands", context)


@app.command(name="dead-letters", rich_help_panel=JOB, context_settings=GROUP)
def dead_letters(context: typer.Context) -> None:
    """Messages that could not be read: list, show, replay."""
    _hand_over("dead-letters", "yian.dead_letters_commands", context)


@app.command(rich_help_panel=JOB, context_settings=GROUP)
def metrics(context: typer.Context) -> None:
    """Figures of service quality: recompute a month from its facts, verify the facts."""
    _hand_over("metrics", "yian.metrics_commands", context)


@app.command(rich_help_panel=JOB, context_settings=GROUP)
def dispatch(context: typer.Context) -> None:
    """The dispatcher: draw a plan."""
    _hand_over("dispatch", "dispatch.commands", context)


@app.command(rich_help_panel=JOB)
def doctor(data: Data = DEFAULT_DATA) -> None:
    """Say what is wrong, and what to do about it."""
    from yian.doctor.command import doctor_command

    doctor_command(data)


def main() -> None:
    use_utf8()
    app()
