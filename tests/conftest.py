"""Real servers, one of each per test session, started only when a test asks for them.

A server that is not on this machine: its tests are skipped and say why; where CI=true they fail.
"""

import asyncio
import os
import re
from collections.abc import Iterator
from typing import TypeVar

import pytest

from services.db.migrate import migrate
from yian.servers import AmqttServer, KafkaServer, MosquittoServer, PostgresServer, ServerMissing, ServerProcess

Server = TypeVar("Server", bound=ServerProcess)


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
