"""The command. One thin sub-command per process and job; each imports what it needs when it is called."""

from pathlib import Path
from typing import Annotated

import typer

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
    devices: Annotated[int, typer.Option(help="simulated devices that report; 0: none", min=0)] = 200,
    elders: Annotated[int, typer.Option(help="people of the demo city", min=1)] = 300,
    http_host: Annotated[str, typer.Option(help="where the pages are served; 0.0.0.0: to everyone")] = "127.0.0.1",
    http_port: Annotated[int, typer.Option(help="of the pages")] = 8080,
    mqtt_port: Annotated[int, typer.Option(help="of the devices")] = 1883,
    metrics_port: Annotated[
        int, typer.Option(help="of the gateway's /metrics; worker and writer: the next two")
    ] = 9401,
    data: Data = DEFAULT_DATA,
) -> None:
    """Start everything: database, bus, broker, a demo city, all processes, simulated devices."""
    from yian.up.city import DataDirectory
    from yian.up.command import up as bring_up
    from yian.up.plan import Options

    options = Options(
        data=DataDirectory(data.resolve()), real=real, devices=devices, elders=elders, http_host=http_host,
        http_port=http_port, mqtt_port=mqtt_port, metrics_port=metrics_port,
    )  # fmt: skip
    raise typer.Exit(bring_up(options))


@app.command(rich_help_panel=CITY)
def reset(data: Data = DEFAULT_DATA) -> None:
    """Forget the data of `yian up`: people, cases, passwords, logs."""
    from yian.up.reset import reset as forget

    raise typer.Exit(forget(data.resolve()))


@app.command(rich_help_panel=CITY)
def pages(
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
    """Devices in: MQTT to the bus, and receipts back."""
    from yian.processes import run_gateway

    run_gateway()


@app.command(name="app", rich_help_panel=PROCESS)
def app_() -> None:
    """Pages, HTTP and WebSocket. Several may run side by side."""
    from yian.processes import run_app

    run_app()


@app.command(rich_help_panel=PROCESS)
def worker() -> None:
    """Alarms become cases; outbox, timers, supervision of devices."""
    from yian.processes import run_worker

    run_worker()


@app.command(rich_help_panel=PROCESS)
def writer() -> None:
    """Telemetry from the bus into the database."""
    from yian.processes import run_writer

    run_writer()


def main() -> None:
    app()
