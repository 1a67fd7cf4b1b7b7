"""Every line of the doctor's that says "well" must be able to say "wrong"."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from services.db.migrate import migrate
from tests.contract.mosquitto_before import MosquittoBefore
from yian.doctor import broker, bus, database, processes
from yian.doctor.finding import Findings
from yian.doctor.intruder import Credential, Scene, attacks
from yian.schema import bring_up_to_date
from yian.servers import AmqttServer, MosquittoServer, PostgresServer, free_port
from yian.surroundings import Surroundings
from yian.up.city import DataDirectory

pytestmark = pytest.mark.real

DEVICES = {"W-1": "first-secret", "W-2": "second-secret"}


def around(tmp_path: Path, variables: Mapping[str, str]) -> Surroundings:
    data = DataDirectory(tmp_path)
    data.add_devices(DEVICES)
    return Surroundings(data, variables)


def wrong(found: Findings) -> str:
    return "\n".join(finding.line() for finding in found.lines if finding.verdict == "wrong")


def well(found: Findings) -> str:
    return "\n".join(finding.line() for finding in found.lines if finding.verdict == "well")


@pytest.fixture
def open_broker() -> Iterator[MosquittoServer]:
    """Everybody in it may say and hear everything."""

    class Open(MosquittoServer):
        def prepare(self) -> None:
            super().prepare()
            for name in ("acl-devices", "acl-gateways"):
                (self.directory / "config" / name).write_text("pattern readwrite #\n")

    with Open() as server:
        server.add_devices(DEVICES)
        yield server


def of_broker(server: MosquittoServer, tmp_path: Path, password: str | None = None) -> Surroundings:
    return around(
        tmp_path,
        {
            "YIAN_MQTT": server.inside_address,
            "YIAN_DEVICES_MQTT": server.address,
            "YIAN_MQTT_USERNAME": server.gateway_user,
            "YIAN_MQTT_PASSWORD": password or server.gateway_password,
        },
    )


def test_a_broker_that_keeps_the_rules_is_well(mosquitto: MosquittoServer, tmp_path: Path) -> None:
    mosquitto.add_devices(DEVICES)
    found = broker.examine(of_broker(mosquitto, tmp_path))
    assert not wrong(found)
    assert "no device hears what is for another" in well(found)


def test_a_broker_without_access_rules_is_found_out(open_broker: MosquittoServer, tmp_path: Path) -> None:
    said = wrong(broker.examine(of_broker(open_broker, tmp_path)))
    assert "a device can hear what is for another" in said
    assert "a device can speak to another device in the platform's name" in said
    assert "deploy/mosquitto/" in said


def test_a_wrong_gateway_password_is_told(mosquitto: MosquittoServer, tmp_path: Path) -> None:
    said = wrong(broker.examine(of_broker(mosquitto, tmp_path, password="wrong")))
    assert "the gateway is not let in" in said
    assert "YIAN_MQTT_PASSWORD" in said


def test_devices_that_were_not_exported_are_told(mosquitto: MosquittoServer, tmp_path: Path) -> None:
    there = of_broker(mosquitto, tmp_path)
    there.data.devices_file.write_text(json.dumps({"N-1": "never", "N-2": "exported"}))
    assert "yian devices export" in wrong(broker.examine(there))


def test_a_broker_that_is_away_is_told(tmp_path: Path) -> None:
    there = around(tmp_path, {"YIAN_MQTT": f"mqtt://127.0.0.1:{free_port()}"})
    assert "is it running?" in wrong(broker.examine(there))


async def test_a_database_of_this_release_is_well_but_for_a_server_that_may_forget(
    postgres_dsn: str, tmp_path: Path
) -> None:
    found = await database.examine(around(tmp_path, {"YIAN_DATABASE": postgres_dsn}))
    assert "schema: that of this release" in well(found)
    assert "clock agrees" in well(found)
    assert "fsync is off" in wrong(found)  # as it is on the tests' own server, and must never be elsewhere


async def test_a_database_that_was_never_migrated_is_told(postgres: PostgresServer, tmp_path: Path) -> None:
    dsn = postgres.create_database("doctor_empty")
    said = wrong(await database.examine(around(tmp_path, {"YIAN_DATABASE": dsn})))
    assert "migrations are pending" in said
    assert "yian migrate" in said


async def test_a_database_of_a_newer_release_is_told(postgres: PostgresServer, tmp_path: Path) -> None:
    dsn = postgres.create_database("doctor_newer")
    newer = {"0001_first.sql": "SELECT 1;", "9999_of_tomorrow.sql": "SELECT 1;"}
    await migrate(dsn, files=newer)
    assert "newer" in wrong(await database.examine(around(tmp_path, {"YIAN_DATABASE": dsn})))


async def test_a_database_that_is_away_is_told(tmp_path: Path) -> None:
    dsn = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    assert "not reachable" in wrong(await database.examine(around(tmp_path, {"YIAN_DATABASE": dsn})))


async def test_a_bus_without_topics_is_told_and_with_them_is_well(postgres: PostgresServer, tmp_path: Path) -> None:
    dsn = postgres.create_database("doctor_bus")
    there = around(tmp_path, {"YIAN_BUS": dsn})
    assert "yian migrate" in wrong(await bus.examine(there))
    await bring_up_to_date(dsn, dsn, lambda _: None)
    found = await bus.examine(there)
    assert not wrong(found)
    assert "topics are there" in well(found)


async def test_a_bus_address_of_no_known_kind_is_told(tmp_path: Path) -> None:
    assert "kafka://" in wrong(await bus.examine(around(tmp_path, {"YIAN_BUS": "amqp://somewhere"})))


def test_a_process_that_does_not_answer_is_told(tmp_path: Path) -> None:
    said = wrong(processes.examine(around(tmp_path, {"YIAN_HTTP_PORT": str(free_port())})))
    assert "app does not answer" in said
    assert "`yian app`" in said


async def test_nothing_set_is_told_for_every_part(tmp_path: Path) -> None:
    nothing = around(tmp_path, {})
    assert "YIAN_DATABASE is not set" in wrong(await database.examine(nothing))
    assert "YIAN_BUS is not set" in wrong(await bus.examine(nothing))
    assert "YIAN_MQTT is not set" in wrong(broker.examine(nothing))


@pytest.fixture
def broker_before() -> Iterator[MosquittoServer]:
    with MosquittoBefore(DEVICES) as server:
        yield server


def test_what_one_credential_opens_on_the_files_of_earlier_releases_is_found_out(
    broker_before: MosquittoServer, tmp_path: Path
) -> None:
    found = broker.examine(of_broker(broker_before, tmp_path))
    assert "a device can throw off a gateway by taking its client id" in wrong(found)
    assert "a device can throw off any other by taking its client id" in wrong(found)
    assert "use_username_as_clientid" in wrong(found)
    assert "no last will speaks in another's name" in well(found)


def test_a_group_that_everybody_knows_is_found_out(broker_before: MosquittoServer, tmp_path: Path) -> None:
    one, other = (Credential(*pair) for pair in DEVICES.items())
    there = Scene(
        broker_before.inside_address, "yian.gateway", broker_before.gateway_password, broker_before.address, one, other
    )
    assert "has a secret name" in "".join(finding.what for finding in attacks(there))


def test_the_embedded_broker_is_well(amqtt: AmqttServer, tmp_path: Path) -> None:
    amqtt.add_devices(DEVICES)
    time.sleep(0.3)
    assert not wrong(broker.examine(of_broker(amqtt, tmp_path)))


@pytest.mark.parametrize("name", ["mosquitto", "amqtt"])
def test_with_throw_away_credentials_the_doctor_tries_what_a_nameless_stranger_can_do(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    server = request.getfixturevalue(name)
    throw_away = {"doctor-1": "first", "doctor-2": "second"}
    server.add_devices(throw_away)
    time.sleep(0.3)
    there = of_broker(server, tmp_path)
    there.data.add_devices(throw_away)
    found = broker.examine(there)
    assert "a stranger who knows a device's id can" in wrong(found) + well(found)
    if name == "amqtt":
        assert not wrong(found)
