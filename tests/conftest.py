"""Real servers, one of each per test session, started only when a test asks for them.

A server that is not on this machine: its tests are skipped and say why; where CI=true they fail.
"""

import asyncio
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler.loadfile import LoadFileScheduling

from services.db.migrate import migrate
from tests.examples import DEFAULT
from yian.servers import AmqttServer, KafkaServer, MosquittoServer, PostgresServer, ServerMissing, ServerProcess

Server = TypeVar("Server", bound=ServerProcess)

# How long a thing takes on a busy machine says nothing of it.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples each time: what fails was broken by a change. `make explore` looks for what was broken before.
settings.register_profile("same", UNHURRIED, derandomize=True)
settings.register_profile("explore", UNHURRIED, derandomize=False, max_examples=15 * DEFAULT, print_blob=True)
settings.load_profile("same")


FIRST = ("e2e", "contract", "integration", "unit")
"""The longest first, so that all who run tests end at one time."""
LONG = ("test_openapi_fuzz.py", "test_alarm_path.py", "test_gateway.py")
"""Files of more than a minute: the first of their folder, for the same reason."""
CITIES = ("test_faults.py", "test_fresh_machine.py", "test_sim_day.py", "test_up.py", "test_wire_cases.py")
"""Of tests/e2e: they start cities of their own. All others look at pages, in one browser at one city."""


class Together(LoadFileScheduling):
    """A file goes to one process; of tests/e2e all that look at pages to one, all that start cities to another. So two
    cores never carry three cities, and three processes run tests: half of their time is waiting."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        folder, _, name = file.rpartition("/")
        if not folder.endswith("e2e"):
            return file
        return "cities" if name in CITIES else "pages"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together | None:
    return Together(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> tuple[int, bool]:
        folder = item.path.parent.name
        return FIRST.index(folder) if folder in FIRST else len(FIRST), item.path.name not in LONG

    items.sort(key=turn)


def missing(reason: str) -> None:
    """Skip, or fail in CI: what a test needs from outside is not here."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def here(*servers: type[ServerProcess]) -> None:
    """For a test that starts them in its own way: whether this machine has them."""
    try:
        for server in servers:
            server().command()
    except ServerMissing as gone:
        missing(str(gone))


def _running(server: Server) -> Iterator[Server]:
    try:
        server.start()
    except ServerMissing as gone:
        missing(str(gone))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    yield from _running(PostgresServer(settings={"fsync": "off", "full_page_writes": "off"}))


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer) -> str:
    """The name of a database with the tables of this release and nothing in them, to be copied."""
    name = "migrated"
    asyncio.run(migrate(postgres.create_database(name)))
    return name


@pytest.fixture(scope="module")
def postgres_dsn(request: pytest.FixtureRequest, postgres: PostgresServer, migrated: str) -> Iterator[str]:
    """A fresh database for each test module, with the tables of this release."""
    name = re.sub(r"\W", "_", request.module.__name__.rpartition(".")[2])[:60].lower()
    postgres.drop_database(name)
    yield postgres.create_database(name, like=migrated)
    postgres.drop_database(name)


TIMESCALE = Path(os.environ.get("YIAN_TIMESCALEDB") or Path(__file__).parents[2] / "shared" / "timescaledb")
"""Where a real TimescaleDB lies: `lib/` and `extension/`."""


@pytest.fixture(scope="session")
def timescale() -> Iterator[PostgresServer]:
    """PostgreSQL with TimescaleDB in it, whose jobs run when a test says so: else they would hold databases open."""
    if not (TIMESCALE / "lib").is_dir():
        missing(f"there is no TimescaleDB at {TIMESCALE}: say where with YIAN_TIMESCALEDB")
    settings = {"fsync": "off", "full_page_writes": "off", "timescaledb.max_background_workers": "0"}
    yield from _running(PostgresServer(settings=settings, with_timescale=TIMESCALE))


@pytest.fixture(scope="session", params=["plain", "timescale"])
def time_series(request: pytest.FixtureRequest) -> PostgresServer:
    """What touches time series is tried on both."""
    server: PostgresServer = request.getfixturevalue("postgres" if request.param == "plain" else "timescale")
    return server


@pytest.fixture(scope="module")
def time_series_dsn(request: pytest.FixtureRequest, time_series: PostgresServer) -> Iterator[str]:
    """An empty database for each test module, on both."""
    name = re.sub(r"\W", "_", request.module.__name__.rpartition(".")[2])[:60].lower()
    time_series.drop_database(name)
    yield time_series.create_database(name)
    time_series.drop_database(name)


@pytest.fixture(scope="module")
def mosquitto() -> Iterator[MosquittoServer]:
    """`.address`, `.gateway_user`, `.gateway_password`, `.add_devices({"W-1": "secret"})`."""
    yield from _running(MosquittoServer())


@pytest.fixture(scope="module")
def amqtt() -> Iterator[AmqttServer]:
    """The embedded broker; the same interface as `mosquitto`."""
    yield from _running(AmqttServer())


@pytest.fixture(scope="session")
def kafka() -> Iterator[KafkaServer]:
    yield from _running(KafkaServer())


@pytest.fixture(scope="session")
def kafka_bootstrap(kafka: KafkaServer) -> str:
    return kafka.bootstrap
