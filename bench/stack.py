"""The real servers and the processes of Yian for a bench: started on free ports, ended by the pid that was started."""

import asyncio
import base64
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psutil

from services.accounts.handlers import create_account
from services.accounts.passwords import Passwords
from services.accounts.permissions import Role
from services.db.pool import Database
from yian.schema import bring_up_to_date
from yian.servers import KafkaServer, MosquittoServer, PostgresServer, ServerProcess
from yian.servers.ports import free_port
from yian.servers.process import dies_with_parent

OPERATOR = "bench-operator"
PROCESSES = ("gateway", "gateway-bulk", "alarms", "worker", "writer", "app")
LANES = {"gateway": "event", "gateway-bulk": "bulk"}


class Child:
    """One process of the chain, with its log and the address where it says how it is."""

    def __init__(self, name: str, words: list[str], environment: Mapping[str, str], log: Path, health: str) -> None:
        self.name, self._words, self._environment, self.log, self.health = name, words, dict(environment), log, health
        self._running: subprocess.Popen[bytes] | None = None
        self._asked = False

    def setting(self, name: str) -> str:
        return self._environment[name]

    @property
    def pid(self) -> int:
        assert self._running is not None, f"{self.name} is not running"
        return self._running.pid

    def start(self) -> Self:
        self._asked = False
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                [sys.executable, *self._words],
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509
            )
        return self

    def wait_ready(self, seconds: float = 60.0) -> Self:
        """Until /readyz says so, or for a bare part until it prints `ready`."""
        until = time.monotonic() + seconds
        while not self._is_ready():
            if self._running is not None and self._running.poll() is not None:
                raise RuntimeError(f"{self.name} ended: {self._last_words()}")
            if time.monotonic() > until:
                raise TimeoutError(f"{self.name} was not ready after {seconds:.0f} s: {self._last_words()}")
            time.sleep(0.05)
        return self

    def wait_done(self, seconds: float = 60.0) -> None:
        """Until it has ended by itself."""
        assert self._running is not None
        if self._running.wait(seconds):
            raise RuntimeError(f"{self.name} failed: {self._last_words()}")

    def _is_ready(self) -> bool:
        if not self.health:
            return "ready" in self.log.read_text()
        try:
            return httpx.get(self.health, timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def _last_words(self) -> str:
        return " | ".join(self.log.read_text(errors="replace").splitlines()[-6:])

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        assert self._running is not None
        self._running.kill()
        self._running.wait(10)

    def ask_to_end(self) -> None:
        """Once: a process that is asked twice ends without its last words."""
        if self._running is not None and self._running.poll() is None and not self._asked:
            self._running.terminate()
            self._asked = True

    def stop(self) -> None:
        if self._running is None or self._running.poll() is not None:
            return
        self.ask_to_end()
        try:
            self._running.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def freeze(self) -> None:
        """SIGSTOP: alive, but it does nothing."""
        os.kill(self.pid, signal.SIGSTOP)


class Stack:
    """Mosquitto, Kafka and PostgreSQL with the files of deploy/, an empty schema, and the processes asked for."""

    def __init__(
        self,
        *,
        kafka: KafkaServer | None = None,
        embedded_bus: bool = False,
        say: Callable[[str], None] | None = None,
    ) -> None:
        """:param embedded_bus: the log in PostgreSQL instead of Kafka, as `yian up` has it"""
        self.directory = Path(tempfile.mkdtemp(prefix="yian-bench-", dir="/tmp"))
        self.postgres = PostgresServer()
        self.mosquitto = MosquittoServer()
        self.kafka = kafka or KafkaServer()
        self._has_kafka = not embedded_bus
        self.children: dict[str, Child] = {}
        self.operator_password = ""
        self.secrets: dict[str, str] = {}
        self.say = say or (lambda line: print(line, file=sys.stderr, flush=True))
        self._secret_key = base64.b64encode(secrets.token_bytes(32)).decode()

    def __enter__(self) -> Self:
        try:
            if self._has_kafka:
                self.kafka.launch()  # takes the longest, so the others start meanwhile
            self.postgres.start()
            self.mosquitto.start()
            if self._has_kafka:
                self.kafka.wait_until_ready()
            for server in self._servers:
                self.say(f"{server.name} runs, pid {server.pid}")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self.children.values():
            child.ask_to_end()
        for child in reversed(self.children.values()):
            child.stop()
        for server in reversed(self._servers):
            server.stop()
        if kind is None:
            shutil.rmtree(self.directory, ignore_errors=True)
        else:
            self.say(f"logs are kept in {self.directory}")

    @property
    def _servers(self) -> tuple[ServerProcess, ...]:
        return (self.postgres, self.mosquitto, *([self.kafka] if self._has_kafka else []))

    @property
    def bus_address(self) -> str:
        return self.kafka.address if self._has_kafka else self.postgres.dsn

    @property
    def devices_file(self) -> Path:
        return self.directory / "devices.json"

    def environment(self) -> dict[str, str]:
        return {
            "YIAN_DATABASE": self.postgres.dsn,
            "YIAN_BUS": self.bus_address,
            "YIAN_MQTT": self.mosquitto.inside_address,
            "YIAN_MQTT_USERNAME": self.mosquitto.gateway_user,
            "YIAN_MQTT_PASSWORD": self.mosquitto.gateway_password,
            "YIAN_SECRET_KEY": self._secret_key,
            "YIAN_HTTP_HOST": "127.0.0.1",
            "YIAN_WEB_DIST": str(self.directory / "no-pages"),
        }

    def allow(self, names: list[str]) -> dict[str, str]:
        """Lets these devices in and writes their credentials file."""
        new = {name: secrets.token_urlsafe(9) for name in names}
        self.mosquitto.add_devices(new)
        self.secrets |= new
        self.devices_file.write_text(json.dumps(self.secrets))
        time.sleep(0.5)  # the broker reads its passwords again at its own pace
        return new

    def migrate(self) -> None:
        """Schema, topics and an operator who sees every region."""
        asyncio.run(self._migrate())

    async def _migrate(self) -> None:
        await bring_up_to_date(self.postgres.dsn, self.bus_address, lambda line: None)
        db = Database(self.postgres.dsn, connections=2, name="bench")
        await db.open()
        async with db.transaction() as tx:
            _, self.operator_password = await create_account(
                tx, Passwords(), username=OPERATOR, name="Bench", role=Role.OPERATOR, region_codes=["42"]
            )
        await db.close()

    def add(self, name: str, process: str | None = None, **changes: str) -> Child:
        """A process of Yian under `name`, not started yet. `changes`: settings that differ from environment()."""
        port = free_port()
        mine = {**self.environment(), "YIAN_METRICS_PORT": str(port)}
        if (process or name) == "app":
            mine |= {"YIAN_METRICS_PORT": "0", "YIAN_HTTP_PORT": str(port)}
        health = f"http://127.0.0.1:{port}/readyz"
        child = Child(name, ["-m", "yian", process or name], mine | changes, self.directory / f"{name}.log", health)
        self.children[name] = child
        return child

    def add_bare(self, part: str) -> Child:
        mine = self.environment() | {"YIAN_HTTP_PORT": str(free_port())}
        child = Child(f"bare {part}", ["-m", "bench.chain.bare", part], mine, self.directory / f"bare-{part}.log", "")
        self.children[child.name] = child
        return child

    def start_all(self) -> None:
        for name in PROCESSES:
            if name in LANES:
                self.add(name, "gateway", YIAN_GATEWAY_LANES=LANES[name]).start()
            else:
                self.add(name).start()
        for name in PROCESSES:
            self.children[name].wait_ready()
            self.say(f"{name} is ready, pid {self.children[name].pid}")

    def parts(self, names: list[str]) -> dict[str, psutil.Process]:
        """What to watch: the servers and these children."""
        servers = {server.name: psutil.Process(server.pid) for server in self._servers}
        return {**{name: psutil.Process(self.children[name].pid) for name in names}, **servers}
