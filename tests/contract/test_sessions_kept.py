"""What a broker keeps of devices that are away: credentials may change meanwhile, and nobody suffers later."""

import signal
import time

import pytest

from tests.contract import raw_mqtt
from tests.contract.raw_mqtt import V5, V311
from tests.contract.street import HONEST, INTRUDER, SECRETS, Intruder, street_of
from yian.servers.mosquitto import is_sound, version_here
from yian.servers.mqtt import MqttServer

ABSENT = {f"W-AWAY-{number}": "away-secret" for number in range(30)}
SPOKEN = [("mosquitto", V5), ("mosquitto", V311), ("amqtt", V311)]


@pytest.fixture
def broker(request: pytest.FixtureRequest) -> tuple[MqttServer, int]:
    name, version = request.param
    if name == "mosquitto" and not is_sound(version_here() or ()):
        pytest.skip("this machine's Mosquitto is older than 2.1: decision 15")
    return request.getfixturevalue(name), version


def comes_and_goes(broker: MqttServer, version: int, name: str, *, clean: bool) -> None:
    device = Intruder(broker, version, name, ABSENT[name])
    line = device.connects(name, clean=clean)
    assert line.let_in()
    line.send(raw_mqtt.subscribe(version, [f"yian/v1/{name}/down/#"]))
    assert line.answer(raw_mqtt.SUBACK)
    device.leaves()


@pytest.mark.parametrize("broker", SPOKEN, indirect=True)
def test_credentials_change_while_devices_are_away_and_all_of_them_come_back(broker: tuple[MqttServer, int]) -> None:
    server, version = broker
    server.add_devices({**SECRETS, **ABSENT})
    time.sleep(0.3)
    for name in ABSENT:
        comes_and_goes(server, version, name, clean=False)
    server.halt()
    server.start()
    process = server.pid
    for _ in range(4):
        server.signal(signal.SIGHUP)
        time.sleep(0.2)
    for clean in (False, True) * 3:
        for name in ABSENT:
            comes_and_goes(server, version, name, clean=clean)
        time.sleep(1.1)  # the broker looks for sessions that are over once a second
    with street_of(server) as street:
        street.judge(Intruder(server, version))
    assert server.running
    assert server.pid == process


@pytest.mark.parametrize("broker", SPOKEN, indirect=True)
def test_a_stranger_without_a_name_takes_nobodys_session(broker: tuple[MqttServer, int]) -> None:
    server, version = broker
    server.add_devices(SECRETS)
    time.sleep(0.3)
    stranger = Intruder(server, version, user="", secret="")
    with street_of(server) as street:
        assert not stranger.connects(HONEST).let_in()
        street.honest.leaves()
        street.honest = street.an_honest_device()
        street.judge(Intruder(server, version, INTRUDER))
    stranger.leaves()
