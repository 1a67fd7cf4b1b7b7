"""Simulated devices over real brokers, against a platform of the test's own that answers when it is told to."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from device_sim.commands import app
from device_sim.firmware import Firmware, Traits
from device_sim.fleet import Fleet, Plan
from device_sim.identities import Identity
from device_sim.link import Broker, Link, Login, Refused
from device_sim.manners import MANNERS
from device_sim.misbehaving import Misbehaving
from device_sim.packets import Message
from device_sim.replay import Replay
from device_sim.store import EventStore
from device_sim.tihm import Sample
from yian.servers.mqtt import MqttServer

pytestmark = pytest.mark.real
SECRETS = {f"S-{number:03}": f"secret-{number}" for number in range(30)}


def identity(number: int) -> Identity:
    device_id = f"S-{number:03}"
    return Identity(device_id, SECRETS[device_id])


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


@dataclass
class Platform:
    """Hears everything; sends receipts while `accepting`."""

    broker: Broker
    """For devices."""
    inside: Broker
    login: Login
    accepting: bool = True
    heard: list[Message] = field(default_factory=list)
    link: Link | None = None

    async def connect(self) -> None:
        self.link = await Link.open(self.inside, self.login, self._take)
        await self.link.subscribe(["yian/v1/+/up/#"])

    def _take(self, message: Message) -> None:
        self.heard.append(message)
        if self.accepting and message.topic.endswith("/up/event"):
            self.answer(message, "accepted")

    def answer(self, message: Message, status: str) -> None:
        found = json.loads(message.payload)
        receipts = [{"id": one["id"], "status": status} for one in (found if isinstance(found, list) else [found])]
        self.send(message.topic.split("/")[2], "receipt", receipts)

    def send(self, device_id: str, what: str, body: Any) -> None:
        assert self.link is not None
        self.link.publish(f"yian/v1/{device_id}/down/{what}", json.dumps(body).encode())

    def of(self, device_id: str, rest: str) -> list[bytes]:
        return [one.payload for one in self.heard if one.topic == f"yian/v1/{device_id}/{rest}"]


async def _platform(server: MqttServer) -> AsyncIterator[Platform]:
    server.add_devices(SECRETS)
    platform = Platform(
        Broker.at(server.address),
        Broker.at(server.inside_address),
        Login(server.gateway_user, server.gateway_password, "test", session_expiry_s=0),
    )
    await platform.connect()
    await asyncio.sleep(0.3)  # the broker reads its passwords again at its own pace
    yield platform
    assert platform.link is not None
    platform.link.close()


@pytest.fixture
async def platform(mosquitto: MqttServer) -> AsyncIterator[Platform]:
    async for one in _platform(mosquitto):
        yield one


@pytest.fixture
async def embedded(amqtt: MqttServer) -> AsyncIterator[Platform]:
    async for one in _platform(amqtt):
        yield one


async def test_a_press_is_repeated_until_it_is_accepted_and_then_forgotten(platform: Platform, tmp_path: Path) -> None:
    store = EventStore(tmp_path / "events.sqlite3")
    platform.accepting = False
    device = Firmware(identity(0), platform.broker, store)
    device.start()
    await device.online.wait()
    event_id = device.raise_event("sos")
    await until(lambda: len(platform.of("S-000", "up/event")) == 1)
    assert list(store.unsettled("S-000")) == [event_id]
    device.drop()
    await until(lambda: len(platform.of("S-000", "up/event")) == 2)
    platform.accepting = True
    await until(lambda: device.unsettled == 0, 7)
    first, second, third = platform.of("S-000", "up/event")
    assert first == second == third
    assert store.unsettled("S-000") == {}
    await device.stop()


async def test_an_unsent_press_of_an_earlier_life_is_sent_by_the_next(platform: Platform, tmp_path: Path) -> None:
    store = EventStore(tmp_path / "events.sqlite3")
    before = Firmware(identity(1), Broker.at("mqtt://127.0.0.1:9"), store)
    event_id = before.raise_event("fall")
    after = Firmware(identity(1), platform.broker, store)
    after.start()
    await until(lambda: len(platform.of("S-001", "up/event")) == 1)
    assert json.loads(platform.of("S-001", "up/event")[0])["id"] == event_id
    await until(lambda: after.unsettled == 0)
    await after.stop()


async def test_status_is_retained_and_the_last_will_tells_when_the_device_is_gone(platform: Platform) -> None:
    device = Firmware(identity(2), platform.broker, EventStore(":memory:"))
    device.start()
    await until(lambda: len(platform.of("S-002", "up/status")) == 1)
    await device.stop()
    await until(lambda: len(platform.of("S-002", "up/status")) == 2)
    again = Firmware(identity(2), platform.broker, EventStore(":memory:"))
    again.start()
    await until(lambda: len(platform.of("S-002", "up/status")) == 3)
    again.drop()
    await until(lambda: len(platform.of("S-002", "up/status")) >= 4)
    told = [json.loads(body) for body in platform.of("S-002", "up/status")]
    assert [status["online"] for status in told[:4]] == [True, False, True, False]
    assert {"at", "firmware", "model"} <= told[0].keys()
    await again.stop()


async def test_commands_are_obeyed_once_and_answered_and_expired_ones_ignored(platform: Platform) -> None:
    store = EventStore(":memory:")
    device = Firmware(identity(3), platform.broker, store)
    device.start()
    await device.online.wait()

    def command(command_id: str, kind: str, minutes: float) -> dict[str, Any]:
        expires_at = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
        data = {"expires_at": expires_at, "report_s": 30}
        return {"specversion": "1.0", "id": command_id, "source": "/p", "type": f"command.{kind}", "data": data}

    for command_id, kind, minutes in (
        ("old", "config", -1),
        ("c1", "config", 5),
        ("c1", "config", 5),
        ("l1", "locate", 5),
        ("t1", "test", 5),
        ("x1", "dance", 5),
    ):
        platform.send("S-003", "command", command(command_id, kind, minutes))
    await until(lambda: len(platform.of("S-003", "up/event")) == 5)
    told = [json.loads(body) for body in platform.of("S-003", "up/event")]
    results = [one["data"] for one in told if one["type"] == "device.command_result"]
    assert [(one["command_id"], one["ok"]) for one in results] == [
        ("c1", True),
        ("l1", True),
        ("t1", True),
        ("x1", False),
    ]
    assert results[1]["location"]["fix"] == "gps"
    assert [one["type"] for one in told].count("device.test") == 1
    assert device.configuration()["report_s"] == 30
    await until(lambda: device.unsettled == 0)
    await device.stop()


async def test_two_under_one_name_do_not_throw_each_other_off_without_end(platform: Platform) -> None:
    """As a press from a shell beside the device that runs already, where a broker knows a device by its name alone."""
    running = Firmware(identity(7), platform.broker, EventStore(":memory:"))
    running.start()
    await until(running.online.is_set)
    platform.accepting = False
    shell = Traits(client_suffix="-press", announces=False)
    pressed = Firmware(identity(7), platform.broker, EventStore(":memory:"), traits=shell)
    pressed.start()
    pressed.raise_event("sos")
    await asyncio.sleep(3.0)
    came = [one for one in platform.heard if one.topic.endswith("S-007/up/status") and b'"online":true' in one.payload]
    assert len(came) <= 6
    platform.accepting = True
    await until(lambda: pressed.unsettled == 0, 20)
    await pressed.stop()
    await running.stop()


async def test_telemetry_waits_for_the_broker_and_none_is_lost_over_reconnects(platform: Platform) -> None:
    samples = [Sample(1_561_729_329.0 + at, f"S-00{4 + at % 3}", "heart_rate", 60.0 + at % 40) for at in range(3000)]
    replay = Replay(samples, {one: Identity(one, SECRETS[one]) for one in ("S-004", "S-005", "S-006")}, platform.broker)
    running = asyncio.create_task(replay.run(0, lambda line: None))
    await until(lambda: len(platform.heard) > 3)
    for device in replay._devices.values():
        device.drop()
    played = await asyncio.wait_for(running, 20)
    assert played.acknowledged == played.packs
    found = set()
    for message in platform.heard:
        if message.topic.endswith("/up/telemetry"):
            pack = json.loads(message.payload)
            found |= {(message.topic.split("/")[2], pack[0]["bt"] + one.get("t", 0), one["v"]) for one in pack}
    assert found == {(sample.device_id, sample.at, sample.value) for sample in samples}


async def test_a_fleet_reports_at_the_asked_rate_and_every_press_is_accepted(platform: Platform) -> None:
    fleet = Fleet([identity(number) for number in range(10, 30)], platform.broker, EventStore(":memory:"), Plan(200.0))
    running = asyncio.create_task(fleet.run(3.0, lambda line: None))
    await until(lambda: fleet.count().online == 20)
    for device in fleet.devices:
        fleet.press(device, "sos")
    count = await running
    assert 450 <= count.reported <= 620
    assert count.acknowledged == count.reported
    assert (count.alarms, count.accepted, count.unsettled) == (20, 20, 0)


@pytest.mark.parametrize("name", sorted(MANNERS))
async def test_bad_manners_reach_the_wire(platform: Platform, name: str) -> None:
    platform.accepting = False
    outcome = await Misbehaving(identity(7), platform.broker).perform(MANNERS[name], "1")
    assert outcome.said >= 1
    assert outcome.acknowledged >= 1


async def test_a_wrong_secret_is_named_as_the_trouble(platform: Platform) -> None:
    device = Firmware(Identity("S-008", "wrong"), platform.broker, EventStore(":memory:"))
    device.start()
    await until(lambda: isinstance(device.trouble, Refused))
    await device.stop()


async def test_the_embedded_broker_of_3_1_1_is_spoken_to_in_its_own_version(embedded: Platform) -> None:
    device = Firmware(identity(9), embedded.broker, EventStore(":memory:"), traits=Traits(client_suffix="-x"))
    device.start()
    await device.online.wait()
    device.raise_event("sos")
    await until(lambda: device.unsettled == 0)
    await device.stop()


async def test_pressing_from_the_command_line_prints_the_receipts(platform: Platform, tmp_path: Path) -> None:
    secrets = tmp_path / "devices.json"
    secrets.write_text(json.dumps(SECRETS))
    address = f"mqtt://{platform.broker.host}:{platform.broker.port}"
    command = [
        "press",
        "S-009",
        "--until",
        "closed",
        "--mqtt",
        address,
        "--devices-file",
        str(secrets),
        "--state-dir",
        str(tmp_path),
        "--seconds",
        "10",
    ]
    pressing = asyncio.create_task(asyncio.to_thread(CliRunner().invoke, app, command))
    await until(lambda: len(platform.of("S-009", "up/event")) > 0)
    pressed = next(one for one in platform.heard if one.topic.endswith("S-009/up/event"))
    platform.answer(pressed, "answered")
    platform.answer(pressed, "closed")
    told = await pressing
    assert told.exit_code == 0
    words = [line.split()[1] for line in told.output.splitlines()]
    assert words == ["pressed", "accepted", "answered", "closed"]
