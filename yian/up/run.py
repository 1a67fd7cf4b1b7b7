"""The steps of `yian up`, in order, and the watch afterwards."""

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from yian import devices, pages
from yian.schema import bring_up_to_date
from yian.servers.kafka import fetch_jars
from yian.servers.mqtt import MqttServer
from yian.servers.places import CHECKOUT
from yian.surroundings import Surroundings
from yian.town import DEMO_USERS, found
from yian.up import plan
from yian.up.children import OwnProcess
from yian.up.city import Secrets
from yian.up.credentials import CredentialsWatch
from yian.up.plan import Options
from yian.up.say import Progress
from yian.up.search import SearchWatch
from yian.up.supervisor import Supervisor
from yian.up.trouble import SpaceWatch

_WATCH_EVERY_S = 0.3


@dataclass(slots=True)
class Run:
    options: Options
    progress: Progress
    supervisor: Supervisor
    secrets: Secrets

    def build_pages(self) -> None:
        if pages.are_current():
            return
        with self.progress.step("Pages for operators (the first time about a minute)"):
            pages.build()

    def start_stores(self) -> dict[str, str]:
        """Database and bus. Returns the environment of all processes."""
        with self.progress.step("PostgreSQL"):
            database = plan.postgres(self.options)
            self.supervisor.start(database)
        bus = self._start_kafka() if self.options.real else database.dsn
        variables = plan.environment(self.options, self.secrets, database=database.dsn, bus=bus)
        self.options.data.write_environment(variables)
        return variables

    def _start_kafka(self) -> str:
        with self.progress.step("Kafka's jars, through Maven"):
            fetch_jars()
        with self.progress.step("Kafka"):
            kafka = plan.kafka(self.options)
            self.supervisor.start(kafka)
        return kafka.address

    def settle(self, variables: dict[str, str]) -> None:
        with self.progress.step("Schema and topics") as step:
            bring = bring_up_to_date(variables["YIAN_DATABASE"], variables["YIAN_BUS"], self.progress.detail)
            applied = asyncio.run(bring)
            step.note = f"{len(applied)} migrations" if applied else "up to date"

    def found_city(self, variables: dict[str, str]) -> dict[str, str]:
        """People, devices, accounts. Returns the devices' password hashes."""
        with self.progress.step(f"A city: 黄石, {self.options.elders} elders") as step:
            town = asyncio.run(found(variables, self.secrets, elders=self.options.elders, say=self.progress.detail))
            self.options.data.add_devices(town.credentials, town.homes)
            step.note = town.note
        return asyncio.run(devices.export(Surroundings(self.options.data, variables)))

    def start_broker(self, hashes: dict[str, str]) -> MqttServer:
        broker = plan.mqtt(self.options, self.secrets)
        with self.progress.step(broker.title) as step:
            broker.set_password_hashes(hashes)
            self.supervisor.start(broker)
            step.note = f"{broker.address}, speaks {broker.versions}"
        if caution := broker.caution():
            self.progress.line(f"    {caution}")
        return broker

    def start_processes(self, variables: dict[str, str]) -> Sequence[OwnProcess]:
        """They wait for the broker by themselves, so they may as well read their modules meanwhile."""
        own = plan.processes(self.options, variables)
        self.supervisor.launch(own)
        return own

    def await_processes(self, own: Sequence[OwnProcess]) -> None:
        awaited = [process for process in own if process.awaited]
        with self.progress.step(", ".join(process.name for process in awaited)):
            for process in awaited:
                process.wait_until_ready()

    def start_fleet(self, variables: dict[str, str]) -> None:
        if self.options.devices:
            with self.progress.step(f"{self.options.devices} simulated devices"):
                self.supervisor.start(plan.fleet(self.options, variables))

    def everything(self) -> None:
        if self.options.pages:
            self.build_pages()
        os.umask(0o077)  # from here on all that is written is the city's, by whichever process: its owner reads it
        variables = self.start_stores()
        self.settle(variables)
        own = self.start_processes(variables)
        self.start_broker(self.found_city(variables))
        self.await_processes(own)
        self.start_fleet(variables)

    def tell(self) -> None:
        """Prints the address of the pages and the accounts."""
        url = f"http://{self.options.http_host}:{self.options.http_port}"
        say = self.progress.line
        say()
        say(f"  颐安 Yian is up after {self.progress.seconds:.0f} s. Open {url}/ and sign in:")
        say()
        for user in DEMO_USERS:
            say(f"    {user.username:<14} {self.secrets.account_passwords[user.username]}   {user.what}")
        say()
        say(f"  Press a button:     {self._command} sim press W-000001 --kind sos")
        say(f"  What is wrong:      {self._command} doctor")
        say(f"  MQTT for devices:   127.0.0.1:{self.options.mqtt_port}  (docs/device-guide.md)")
        say(f"  Data and logs:      {self.options.data.root}  (make reset deletes them)")
        say("  Ctrl-C ends it all.")
        say()

    @property
    def _command(self) -> str:
        """The command-line tools look for .yian in the current folder unless they are told another."""
        root = self.options.data.root
        if root == CHECKOUT / ".yian":
            return ".venv/bin/yian"
        return f"YIAN_DATA={quote(str(root))} {quote(str(CHECKOUT / '.venv/bin/yian'))}"

    def watch(self) -> None:
        """Until interrupted."""
        space = SpaceWatch(self.options.data.root, self.progress.line)
        search = SearchWatch(self.options.data.of("search"), self.progress.line)
        search.start()
        around = Surroundings(self.options.data, self.options.data.read_environment())
        credentials = CredentialsWatch(around, self.progress.line)
        credentials.start()
        try:
            while True:
                space.look()
                self.supervisor.watch_once()
                search.look()
                time.sleep(_WATCH_EVERY_S)
        finally:
            credentials.end()
            search.end()
