"""What stops alarms, anywhere on their way, is loud at the console and false in /readyz within ten seconds.

Real servers: a gateway process, a worker process, an app with a console open; each part in turn is stopped and goes on.
"""

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest
import pytest_asyncio
from gateway_stack import GatewayProcess, Stack

from backbone.connect import connect_bus
from contracts.topics import ALL
from ingest_gateway.records import event_record
from services.db.pool import DatabaseUnreachable
from tests.integration.alarm_desk import Desk, a_desk, an_event, eventually
from tests.integration.console_app import App, Console, an_app
from yian.servers import KafkaServer, MosquittoServer, PostgresServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOUD_SECONDS = 10.0
A_PRESS = {"specversion": "1.0", "source": "/d", "type": "device.sos"}


@dataclass
class City:
    app: App
    console: Console
    desk: Desk
    gateway: GatewayProcess
    worker: "subprocess.Popen[bytes]"
    mosquitto: MosquittoServer
    kafka: KafkaServer
    database: str
    dsn: str

    async def readyz(self) -> tuple[int, Any]:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{self.app.url}/readyz", timeout=5)
        return answer.status_code, answer.json()["alarms"]

    async def says(self, part: str | None, *, within: float = LOUD_SECONDS) -> float:
        """How long it takes until the console is told so, and /readyz with it."""
        began = monotonic()
        async with asyncio.timeout(within):
            while (await self._beat() or {}).get("part") != part:
                pass
            while not self._agrees(await self.readyz(), part):
                pass
        return monotonic() - began

    async def press(self, device_id: str) -> None:
        bus = connect_bus(self.kafka.address)
        await bus.publish([event_record(an_event(device_id))])
        await bus.close()

    async def has_case_of(self, device_id: str) -> bool:
        return bool(await self.desk.rows("SELECT 1 FROM alarm_cases WHERE device_id = %s", device_id))

    @staticmethod
    def _agrees(readyz: tuple[int, Any], part: str | None) -> bool:
        status, told = readyz
        return (
            (status, told) == (200, "ok") if part is None else status == 503 and told != "ok" and told["part"] == part
        )

    async def _beat(self) -> dict[str, str] | None:
        while (frame := await self.console.next(beats=True, within=LOUD_SECONDS))["op"] != "beat":
            pass
        stopped: dict[str, str] | None = frame["alarms_stopped"]
        return stopped


@pytest.fixture(scope="module")
def database_server() -> Iterator[PostgresServer]:
    """Of this module alone: it is stopped."""
    server = PostgresServer(settings={"fsync": "off", "full_page_writes": "off"})
    server.start()
    yield server
    server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(
    database_server: PostgresServer,
    mosquitto: MosquittoServer,
    kafka: KafkaServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[City]:
    directory = tmp_path_factory.mktemp("path")
    dsn = database_server.create_database("alarm_path")
    bus = connect_bus(kafka.address)
    await bus.create_topics(ALL)
    await bus.close()
    gateway = GatewayProcess(mosquitto, kafka.address, directory / "gateway.log")
    with a_worker(dsn, kafka.address, directory / "worker.log") as worker:
        async with a_desk(dsn) as desk, an_app(dsn, desk, bus=kafka.address) as app:
            await asyncio.to_thread(gateway.start)
            client = await app.an_operator("watcher")
            async with app.console(client) as console:
                city = City(app, console, desk, gateway, worker, mosquitto, kafka, "alarm_path", dsn)
                await city.says(None, within=40)
                yield city
    gateway.stop()


@contextmanager
def a_worker(dsn: str, bus: str, log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    variables = {**os.environ, "YIAN_DATABASE": dsn, "YIAN_BUS": bus, "YIAN_METRICS_PORT": "0"}
    with log.open("ab") as out:
        worker = subprocess.Popen([sys.executable, "-m", "yian", "alarms"], env=variables, stdout=out, stderr=out)
    try:
        yield worker
    finally:
        worker.send_signal(signal.SIGCONT)
        worker.terminate()
        worker.wait(20)


Stop = Callable[[City], Awaitable[None]]


def frozen(pid: Callable[[City], int]) -> tuple[Stop, Stop]:
    """A process that is there and does nothing: what hangs is worse than what is gone."""

    async def stop(city: City) -> None:
        os.kill(pid(city), signal.SIGSTOP)

    async def go_on(city: City) -> None:
        os.kill(pid(city), signal.SIGCONT)

    return stop, go_on


async def gateway_is_killed(city: City) -> None:
    await asyncio.to_thread(city.gateway.kill)


async def gateway_starts(city: City) -> None:
    await asyncio.to_thread(city.gateway.start, ready=False)


async def broker_is_gone(city: City) -> None:
    await asyncio.to_thread(city.mosquitto.kill)


async def broker_starts(city: City) -> None:
    await asyncio.to_thread(city.mosquitto.start)


async def database_takes_no_writes(city: City) -> None:
    await set_read_only(city, "on")


async def database_takes_writes(city: City) -> None:
    await set_read_only(city, "off")


async def set_read_only(city: City, how: str) -> None:
    """As a stand-by that took over, or a disk that an administrator has locked: everything can be read."""
    connection = await city.desk.db.connect_alone()
    async with connection:
        await connection.execute("SET default_transaction_read_only = off")
        await connection.execute(f"ALTER DATABASE {city.database} SET default_transaction_read_only = {how}".encode())
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


STOPS: dict[str, tuple[str, Stop, Stop]] = {
    "the worker hangs": ("worker", *frozen(lambda city: city.worker.pid)),
    "the gateway is killed": ("gateway", gateway_is_killed, gateway_starts),
    "the broker hangs": ("broker", *frozen(lambda city: city.mosquitto.pid)),
    "the broker is gone": ("broker", broker_is_gone, broker_starts),
    "the bus hangs": ("bus", *frozen(lambda city: city.kafka.pid)),
    "the database takes no writes": ("database", database_takes_no_writes, database_takes_writes),
}


@pytest.mark.parametrize("what", STOPS)
async def test_it_is_loud_within_ten_seconds_and_quiet_again_within_ten(city: City, what: str) -> None:
    part, stop, go_on = STOPS[what]
    await city.says(None, within=30)
    await stop(city)
    try:
        loud_after = await city.says(part)
    finally:
        await go_on(city)
    quiet_after = await city.says(None, within=30)
    print(f"{what}: loud after {loud_after:.1f} s, quiet after {quiet_after:.1f} s")
    assert loud_after < LOUD_SECONDS


async def test_probes_are_no_devices_open_no_case_and_leave_no_letter(city: City) -> None:
    await city.says(None, within=30)
    for table in ("alarm_cases", "device_states", "devices", "inbox"):
        with suppress(DatabaseUnreachable):
            assert await city.desk.rows(f"SELECT 1 FROM {table}") == [], table
    assert len(await city.desk.rows("SELECT 1 FROM alarm_path_writes")) == 1


async def test_of_two_gateways_one_that_is_killed_is_loud_too(city: City, tmp_path: Path) -> None:
    """Until its session ends the broker deals it every other event, and keeps it."""
    second = GatewayProcess(city.mosquitto, city.kafka.address, tmp_path / "second.log", gateway_id="second")
    await asyncio.to_thread(second.start)
    try:
        await city.says(None, within=30)
        await asyncio.to_thread(second.kill)
        assert await city.says("gateway") < LOUD_SECONDS
        await asyncio.to_thread(second.start)
        await city.says(None, within=30)
    finally:
        second.stop()


async def test_of_two_gateways_one_that_ends_in_order_is_not_missed(city: City, tmp_path: Path) -> None:
    """Nor does the broker keep for it what the other could take."""
    second = GatewayProcess(city.mosquitto, city.kafka.address, tmp_path / "leaver.log", gateway_id="leaver")
    await asyncio.to_thread(second.start)
    await city.says(None, within=30)
    await asyncio.sleep(6)  # it has heard the other by then
    await asyncio.to_thread(second.stop)
    [device] = Stack(city.mosquitto, city.kafka, city.kafka.address, city.gateway).devices(
        [f"W-{secrets.token_hex(4)}"]
    )
    with device:
        for number in range(20):
            device.say("event", json.dumps(A_PRESS | {"id": str(number)}))
        answered = await asyncio.to_thread(device.hears, 20)
    assert {receipt["status"] for _, receipt in answered} == {"accepted"}
    until = monotonic() + 12
    while monotonic() < until:
        assert await city._beat() is None


async def test_of_two_that_share_the_events_one_that_hangs_alone_is_loud_too(city: City, tmp_path: Path) -> None:
    """It goes on telling the bus that it lives, so nobody is given its share: here it waits for a row for ever."""
    device = f"W-{secrets.token_hex(4)}"
    with a_worker(city.dsn, city.kafka.address, tmp_path / "second.log"):
        await city.says(None, within=30)
        await city.press(device)
        await eventually(lambda: city.has_case_of(device))
        connection = await city.desk.db.connect_alone()
        async with connection, connection.transaction():
            await connection.execute("SELECT 1 FROM alarm_cases WHERE device_id = %s FOR UPDATE", (device,))
            await city.press(device)
            assert await city.says("worker") < LOUD_SECONDS
        await city.says(None, within=30)
