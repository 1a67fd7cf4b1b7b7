"""The city of a simulated day: its own database, bus, broker and processes, on the day's clock; killed and started
again as it is asked."""

import asyncio
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.db.pool import Database
from services.elders.store_devices import DeviceStore
from yian.day.clock import DayClock, set_database
from yian.day.founding import Founded, Wanted, found
from yian.day.process import CLOCK
from yian.schema import bring_up_to_date
from yian.servers.places import CHECKOUT
from yian.servers.ports import free_port, holder_of
from yian.up import plan
from yian.up.children import OwnProcess
from yian.up.city import DataDirectory, Secrets
from yian.up.plan import Options
from yian.up.say import Progress
from yian.up.search import is_compiled
from yian.up.supervisor import Supervisor

PORTS = 11
"""In a row: those for metrics, then the app's, and the broker's for devices."""
BEFORE_DAWN_S = 3600.0
"""While the city is founded the clock stands so long before the day and goes like any other."""
WORDS = ("gateway", "alarms", "worker", "app", "dispatcher")


class DayProcess(OwnProcess):
    def command(self) -> Sequence[str]:
        program, *_ = super().command()
        return [program, "-m", "yian.day.process", *self._words]

    def is_ready(self) -> bool:
        """`/readyz` of the app judges the path of alarms by seconds, of which this clock makes minutes."""
        return self._lives() if self.name == "app" else super().is_ready()

    def _lives(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
                return self.running and bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@dataclass(slots=True)
class City:
    data: DataDirectory
    real: bool
    starts_at: datetime
    speed: float
    progress: Progress
    supervisor: Supervisor
    clock: DayClock = field(init=False)
    options: Options = field(init=False)
    variables: dict[str, str] = field(init=False)
    processes: dict[str, DayProcess] = field(init=False)

    def begin(self, wanted: Wanted, *, lead_s: float) -> Founded:
        """Everything is up; the day begins `lead_s` after the processes were started, or a moment ago."""
        self.data.make()
        self.options = _options(self.data, self.real)
        secrets = Secrets.of(self.data, [])
        with self.progress.step("PostgreSQL" + (", Kafka" if self.real else "")):
            database = plan.postgres(self.options)
            self.supervisor.start(database)
            bus = self._kafka() if self.real else database.dsn
        self.variables = plan.environment(self.options, secrets, database=database.dsn, bus=bus)
        self.data.write_environment(self.variables)
        self.clock = DayClock(self.starts_at, time.time() + BEFORE_DAWN_S, self.speed)
        set_database(database.dsn, self.clock)
        asyncio.run(bring_up_to_date(database.dsn, bus, self.progress.detail))
        with self.progress.step(f"A city of {wanted.elders} elders"):
            founded = asyncio.run(
                found(database.dsn, secrets.key, wanted, now=self.clock.now(), say=self.progress.detail)
            )
        self._compile_search()
        with self.progress.step("Broker and processes"):
            self._broker(secrets)
            self.clock = DayClock(self.starts_at, time.time() + lead_s, self.speed)
            set_database(database.dsn, self.clock)
            self.processes = {word: self._process(word) for word in WORDS}
            self.supervisor.launch(list(self.processes.values()))
            for process in self.processes.values():
                process.wait_until_ready()
        return founded

    def _compile_search(self) -> None:
        """Without it nothing is planned; `yian up` does it beside the running city, but a day does not wait."""
        if not is_compiled():
            with self.progress.step("The dispatch search, compiled once for this version: two minutes or more"):
                subprocess.run([sys.executable, "-m", "dispatch.kernel.warmup"], cwd=CHECKOUT, check=True)

    def _kafka(self) -> str:
        from yian.servers.kafka import fetch_jars

        fetch_jars()
        kafka = plan.kafka(self.options)
        self.supervisor.start(kafka)
        return kafka.address

    def _broker(self, secrets: Secrets) -> None:
        broker = plan.mqtt(self.options, secrets)
        broker.set_password_hashes(asyncio.run(_hashes(self.variables["YIAN_DATABASE"])))
        self.supervisor.start(broker)

    def _process(self, word: str) -> DayProcess:
        port = self.options.port_of(word)
        environment = {
            **self.variables, CLOCK: self.clock.text(), "YIAN_LOG_LEVEL": "warning",
            "YIAN_METRICS_PORT": "0" if word == "app" else str(port),
            "YIAN_TRUSTED_PROXIES": "127.0.0.1",
        }  # fmt: skip
        return DayProcess(
            word, [word], directory=self.data.of(word), port=port, environment=environment,
            has_spare=word in plan.SPARED,
        )  # fmt: skip

    def kill(self, word: str) -> None:
        """SIGKILL, and nobody tidies up. `watch` starts it again."""
        self.processes[word].kill()

    def watch(self) -> None:
        self.supervisor.watch_once()


async def _hashes(dsn: str) -> dict[str, str]:
    db = Database(dsn, connections=1, name="yian day")
    await db.open()
    try:
        async with db.transaction() as tx:
            return await DeviceStore(tx).credential_hashes()
    finally:
        await db.close()


def _options(data: DataDirectory, real: bool) -> Options:
    first = _row()
    return Options(
        data=data, real=real, embedded_broker=not real, http_host="127.0.0.1", http_port=first + 9,
        mqtt_port=first + 10, metrics_port=first, devices=0, elders=0, pages=False,
    )  # fmt: skip


def _row() -> int:
    while True:
        first = free_port()
        if first + PORTS < 65_536 and not any(holder_of(first + n) for n in range(PORTS)):
            return first
