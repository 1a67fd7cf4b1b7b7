"""A device that is revoked is thrown off and does not come back, on both brokers; a new credential lets it in again."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.contract import raw_mqtt
from tests.contract.raw_mqtt import V311
from tests.contract.street import Intruder
from yian import devices
from yian.devices_commands import app as devices_command
from yian.servers.mqtt import MqttServer
from yian.surroundings import Surroundings
from yian.up.city import DataDirectory
from yian.up.credentials import CredentialsWatch

pytestmark = pytest.mark.real


@pytest.fixture(params=["mosquitto", "amqtt"])
async def around(request: pytest.FixtureRequest, postgres_dsn: str, tmp_path: Path) -> AsyncIterator[Surroundings]:
    """A city here, as `yian up` leaves it: its broker is found by its directory."""
    broker: MqttServer = request.getfixturevalue(request.param)
    data = DataDirectory(tmp_path)
    data.of(broker.name).symlink_to(broker.directory)
    variables = {
        "YIAN_DATABASE": postgres_dsn,
        "YIAN_MQTT": broker.inside_address,
        "YIAN_MQTT_USERNAME": broker.gateway_user,
        "YIAN_MQTT_PASSWORD": broker.gateway_password,
    }
    data.write_environment(variables)
    yield Surroundings(data, variables)
    data.of(broker.name).unlink()


async def run(around: Surroundings, *words: str) -> str:
    ended = await asyncio.to_thread(CliRunner().invoke, devices_command, [*words, "--data", str(around.data.root)])
    assert ended.exit_code == 0, ended.output
    return ended.output


async def test_a_revoked_device_is_thrown_off_and_stays_out_until_it_gets_a_new_credential(
    around: Surroundings, request: pytest.FixtureRequest
) -> None:
    broker: MqttServer = request.getfixturevalue(request.node.callspec.params["around"])
    name, bystander = f"W-REVOKED-{broker.name}", f"W-STAYS-{broker.name}"
    told = await run(around, "provision", name, bystander)
    secrets = dict(line.split("\t") for line in told.splitlines() if "\t" in line)
    await asyncio.sleep(0.3)
    lost = Intruder(broker, V311, name, secrets[name]).connects()
    stays = Intruder(broker, V311, bystander, secrets[bystander]).connects()
    assert lost.let_in()
    assert stays.let_in()

    await run(around, "revoke", name)

    assert lost.closed.wait(10)
    assert not Intruder(broker, V311, name, secrets[name]).connects().let_in()
    assert not stays.closed.is_set()
    assert "revoked" in next(line for line in (await run(around, "list")).splitlines() if line.startswith(name))

    told = await run(around, "provision", "--renew", name)
    renewed = told.splitlines()[0].split("\t")[1]
    await asyncio.sleep(0.3)
    assert Intruder(broker, V311, name, renewed).connects().let_in()


async def test_what_has_changed_elsewhere_is_carried_to_the_broker_and_only_then_is_it_told(
    around: Surroundings, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.mkdir()
    assert await devices.carry(around, config, None)
    assert not await devices.carry(around, config, None)
    name = f"W-CARRIED-{next(iter(around.data.root.glob('*/pid'))).parent.name}"
    await run(around, "provision", name)
    assert await devices.carry(around, config, None)
    assert name in (config / "devices").read_text()
    await devices.revoke(around, [name])
    assert await devices.carry(around, config, None)
    assert name not in (config / "devices").read_text()
    shutil.rmtree(config)


async def test_a_device_revoked_in_the_database_alone_is_thrown_off_by_the_city_that_runs_here(
    around: Surroundings, request: pytest.FixtureRequest
) -> None:
    """As a supervisor's page does it: the app has no access to the broker's files."""
    broker: MqttServer = request.getfixturevalue(request.node.callspec.params["around"])
    name = f"W-LOST-{broker.name}"
    told = await run(around, "provision", name)
    secret = told.splitlines()[0].split("\t")[1]
    await asyncio.sleep(0.3)
    lost = Intruder(broker, V311, name, secret).connects()
    assert lost.let_in()
    watch = CredentialsWatch(around, print, every_s=0.2)
    watch.start()

    await devices.revoke(around, [name])

    assert await asyncio.to_thread(lost.closed.wait, 10)
    watch.end()  # which waits for its look to be over: between the two throws the device may come back for a moment
    assert not Intruder(broker, V311, name, secret).connects().let_in()


async def test_devices_that_are_away_while_they_are_revoked_harm_nobody_when_they_come_back(
    around: Surroundings, request: pytest.FixtureRequest
) -> None:
    broker: MqttServer = request.getfixturevalue(request.node.callspec.params["around"])
    process = broker.pid
    names = [f"W-AWAY-{number}-{broker.name}" for number in range(20)]

    async def come_and_go(told: str) -> None:
        secrets = dict(line.split("\t") for line in told.splitlines() if "\t" in line)
        await asyncio.sleep(0.3)
        for name in names:
            device = Intruder(broker, V311, name, secrets[name])
            for clean in (True, False):  # the broker keeps the last session
                line = device.connects(clean=clean)
                assert line.let_in()
                line.send(raw_mqtt.subscribe(V311, [f"yian/v1/{name}/down/#"]))
                assert line.answer(raw_mqtt.SUBACK)
            device.leaves()

    await come_and_go(await run(around, "provision", *names))
    for turn in range(3):
        await run(around, "revoke", *names)
        await run(around, "provision", f"W-NEW-{broker.name}-{turn}")
        await come_and_go(await run(around, "provision", "--renew", *names))
        await asyncio.sleep(1.1)  # the broker looks for sessions that are over once a second
    assert broker.running
    assert broker.pid == process
