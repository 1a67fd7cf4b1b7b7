"""What a city consists of: its servers and processes, with the settings each of them gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yian.pages import DIST
from yian.servers import AmqttServer, KafkaServer, MosquittoServer, PostgresServer
from yian.servers.mosquitto import is_on_this_machine
from yian.servers.mqtt import MqttServer
from yian.servers.passwords import GATEWAY_USER
from yian.up.children import OwnProcess
from yian.up.city import DataDirectory, Secrets

_AFTER_GATEWAY = {"gateway": 0, "worker": 1, "writer": 2, "gateway-bulk": 3, "dispatcher": 5, "alarms": 6}
"""Process → how far its port is from the gateway's. Four further is where the broker lets gateways in."""
_FIGURES_OF_PAGES, _FIGURES_OF_CONSOLES = 7, 8
"""The app answers with pages at a port of its own, and has two processes with metrics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    data: DataDirectory
    real: bool
    embedded_broker: bool
    """Though Mosquitto is on this machine."""
    http_host: str
    http_port: int
    mqtt_port: int
    metrics_port: int
    """Of the gateway; the others have the next ones."""
    devices: int
    elders: int
    pages: bool
    timescale: Path | None = None
    """A folder with TimescaleDB for the built-in PostgreSQL; None: plain tables, or what the city has been given."""

    @property
    def inside_port(self) -> int:
        """Where the broker lets gateways in."""
        return self.metrics_port + 4

    def port_of(self, process: str) -> int:
        """Where it answers: the app with pages, the others with their metrics."""
        return self.http_port if process == "app" else self.metrics_port + _AFTER_GATEWAY[process]

    def metrics_ports(self) -> dict[str, int]:
        """Process → where its metrics are."""
        after = _AFTER_GATEWAY | {"app": _FIGURES_OF_PAGES, "consoles": _FIGURES_OF_CONSOLES}
        return {process: self.metrics_port + further for process, further in after.items()}

    def ports(self) -> list[tuple[str, str, int]]:
        """Option, what it is for, port."""
        return [
            ("--http-port", "the pages", self.http_port),
            ("--mqtt-port", "devices", self.mqtt_port),
            ("--metrics-port", "the gateway's metrics", self.port_of("gateway")),
            ("--metrics-port", "the worker's metrics", self.port_of("worker")),
            ("--metrics-port", "the writer's metrics", self.port_of("writer")),
            ("--metrics-port", "gateways at the broker", self.inside_port),
            ("--metrics-port", "the dispatcher's metrics", self.port_of("dispatcher")),
            ("--metrics-port", "the metrics of alarms", self.port_of("alarms")),
            ("--metrics-port", "the metrics of the pages", self.metrics_ports()["app"]),
            ("--metrics-port", "the metrics of the consoles", self.metrics_ports()["consoles"]),
            *([("--metrics-port", "the bulk gateway's metrics", self.port_of("gateway-bulk"))] if self.real else []),
        ]


def postgres(options: Options) -> PostgresServer:
    return PostgresServer(directory=options.data.of("postgres"), with_timescale=options.timescale)


def kafka(options: Options) -> KafkaServer:
    return KafkaServer(directory=options.data.of("kafka"))


def mqtt(options: Options, secrets: Secrets) -> MqttServer:
    wants_mosquitto = options.real or (not options.embedded_broker and is_on_this_machine())
    kind = MosquittoServer if wants_mosquitto else AmqttServer
    return kind(
        directory=options.data.of(kind.name),
        port=options.mqtt_port,
        inside_port=options.inside_port,
        gateway_password=secrets.gateway_password,
    )


def environment(options: Options, secrets: Secrets, *, database: str, bus: str) -> dict[str, str]:
    """`YIAN_*` of every process of this city."""
    return {
        "YIAN_DATABASE": database,
        "YIAN_BUS": bus,
        "YIAN_MQTT": f"mqtt://127.0.0.1:{options.inside_port}",
        "YIAN_DEVICES_MQTT": f"mqtt://127.0.0.1:{options.mqtt_port}",
        "YIAN_MQTT_USERNAME": GATEWAY_USER,
        "YIAN_MQTT_PASSWORD": secrets.gateway_password,
        "YIAN_SECRET_KEY": secrets.secret_key,
        "YIAN_HTTP_HOST": options.http_host,
        "YIAN_HTTP_PORT": str(options.http_port),
        "YIAN_WEB_DIST": str(DIST),
        "YIAN_CALL_CENTRE_PHONE": "0714-0000000",
        "YIAN_DEVICES_FILE": str(options.data.devices_file),
        "YIAN_UP_METRICS_PORT": str(options.metrics_port),
        **({"YIAN_UP_BULK_PORT": str(options.port_of("gateway-bulk"))} if options.real else {}),
    }


SPARED = ("gateway", "alarms", "app", "worker", "dispatcher")
"""People wait for these: each has a spare process that takes its place at once."""


def processes(options: Options, variables: dict[str, str]) -> Sequence[OwnProcess]:
    return [
        *_gateways(options, variables),
        _own(options, variables, "alarms"),
        _own(options, variables, "worker"),
        _own(options, variables, "writer"),
        _own(options, variables, "app"),
        _own(options, variables, "dispatcher", awaited=False),
    ]


def _gateways(options: Options, variables: dict[str, str]) -> list[OwnProcess]:
    """Alarms and telemetry in a process each, where the broker can share: an alarm then waits for no telemetry."""
    if not options.real:
        return [_own(options, variables, "gateway")]
    event, bulk = (variables | {"YIAN_GATEWAY_LANES": lanes} for lanes in ("event", "bulk"))
    return [
        _own(options, event, "gateway"),
        _own(options, bulk, "gateway", name="gateway-bulk"),
    ]


def fleet(options: Options, variables: dict[str, str]) -> OwnProcess:
    words = ["sim", "fleet", "--devices", str(options.devices), "--alarms-per-hour", "12",
             "--state-dir", str(options.data.of("sim"))]  # fmt: skip
    return OwnProcess(
        "fleet", words, directory=options.data.of("fleet"), port=None, environment=_only(variables, "YIAN_DEVICES_MQTT",
        "YIAN_DEVICES_FILE"),
    )  # fmt: skip


def _own(options: Options, variables: dict[str, str], word: str, *, name: str = "", awaited: bool = True) -> OwnProcess:
    port = options.port_of(name or word)
    figures = options.metrics_ports()
    mine = {
        **variables,
        "YIAN_METRICS_PORT": str(figures[name or word]),
        **({"YIAN_CONSOLE_METRICS_PORT": str(figures["consoles"])} if word == "app" else {}),
    }
    return OwnProcess(
        name or word, [word], directory=options.data.of(name or word), port=port, environment=mine, awaited=awaited,
        has_spare=word in SPARED,
    )  # fmt: skip


def _only(variables: dict[str, str], *names: str) -> dict[str, str]:
    return {name: variables[name] for name in names}
