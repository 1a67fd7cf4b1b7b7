"""The devices' doors over TLS, as deploy/mosquitto/conf.d-tls/ ships them, with certificates made here."""

import contextlib
import queue
import signal
import ssl
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import CallbackAPIVersion, Client
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.conftest import missing
from tests.contract.certificates import Authority, Certified
from yian.devices import throw_off
from yian.servers import MosquittoServer, ServerMissing, free_port
from yian.surroundings import Surroundings
from yian.up.city import DataDirectory


class TlsMosquitto(MosquittoServer):
    listeners_folder = "conf.d-tls"

    def __init__(self) -> None:
        super().__init__()
        self.password_port = free_port()
        certificates = self.directory / "certificates"
        certificates.mkdir()
        self.devices_authority = Authority(certificates, "devices-ca")
        self.server_authority = Authority(certificates, "server-ca")
        self.server_authority.certify("127.0.0.1", "server")
        self.revocations = certificates / "devices.crl"
        self.devices_authority.write_revocations(self.revocations)

    def ports(self) -> Sequence[int]:
        return (self.port, self.password_port, self.inside_port)

    def revoke(self, device: Certified) -> None:
        self.devices_authority.revoked.append(device.certificate)
        self.devices_authority.write_revocations(self.revocations)
        self.signal(signal.SIGHUP)
        time.sleep(0.3)


@pytest.fixture(scope="module")
def broker() -> Iterator[TlsMosquitto]:
    server = TlsMosquitto()
    try:
        server.start()
    except ServerMissing as gone:
        missing(str(gone))
    server.add_devices({"W-1": "first-secret", "W-2": "second-secret"})
    time.sleep(0.3)
    yield server
    server.stop()


class Device:
    """Comes in over TLS; notes what it hears and whether it is thrown off."""

    def __init__(self, broker: TlsMosquitto, port: int, *, user: str = "", secret: str = "", **shown: Any) -> None:
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.gone: queue.Queue[str] = queue.Queue()
        self._subscribed: queue.Queue[bool] = queue.Queue()
        self._let_in: queue.Queue[bool] = queue.Queue()
        self.client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=shown.get("client_id", "any"),
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        context = ssl.create_default_context(cafile=str(shown.get("trusts") or broker.server_authority.file))
        if certificate := shown.get("certificate"):
            context.load_cert_chain(certificate.file, certificate.key_file)
        self.client.tls_set_context(context)
        if user:
            self.client.username_pw_set(user, secret)
        self.client.on_connect = lambda c, u, f, reason, p: self._let_in.put(not reason.is_failure)
        self.client.on_disconnect = lambda *_: (self._let_in.put(False), self.gone.put("gone"))
        self.client.on_subscribe = lambda *_: self._subscribed.put(True)
        self.client.on_message = lambda c, u, message: self.heard.put((message.topic, bytes(message.payload)))
        self._port = port

    def comes_in(self) -> bool:
        try:
            keeps: Any = Properties(PacketTypes.CONNECT)
            keeps.SessionExpiryInterval = 300
            self.client.connect("127.0.0.1", self._port, clean_start=False, properties=keeps)
        except (OSError, ssl.SSLError):
            return False
        self.client.loop_start()
        with contextlib.suppress(queue.Empty):
            return self._let_in.get(timeout=5)
        return False

    def listens(self, topic: str) -> None:
        self.client.subscribe(topic, qos=1)
        self._subscribed.get(timeout=5)

    def hears(self, payload: bytes, within_s: float = 3.0) -> bool:
        with contextlib.suppress(queue.Empty):
            return self.heard.get(timeout=within_s)[1] == payload
        return False

    def thrown_off(self, within_s: float) -> bool:
        with contextlib.suppress(queue.Empty):
            return self.gone.get(timeout=within_s) == "gone"
        return False

    def leaves(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@contextlib.contextmanager
def gateway(broker: TlsMosquitto) -> Iterator[Client]:
    client = Client(CallbackAPIVersion.VERSION2, client_id="yian.gateway.t", protocol=MQTTProtocolVersion.MQTTv311)
    client.username_pw_set(broker.gateway_user, broker.gateway_password)
    client.connect("127.0.0.1", broker.inside_port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def test_a_certificate_is_all_a_device_needs_and_its_common_name_is_who_it_is(broker: TlsMosquitto) -> None:
    device = Device(broker, broker.port, certificate=broker.devices_authority.certify("W-1"))
    assert device.comes_in()
    device.listens("yian/v1/W-1/down/#")
    with gateway(broker) as platform:
        platform.publish("yian/v1/W-1/down/receipt", b"for you", qos=1)
        assert device.hears(b"for you")
    device.leaves()


def test_a_certificate_does_not_open_another_devices_branch_whatever_name_comes_with_it(broker: TlsMosquitto) -> None:
    certificate = broker.devices_authority.certify("W-2")
    device = Device(broker, broker.port, certificate=certificate, user="W-1", secret="first-secret")
    assert device.comes_in()
    device.listens("yian/v1/W-1/down/#")
    heard: queue.Queue[str] = queue.Queue()
    with gateway(broker) as platform:
        platform.on_message = lambda c, u, message: heard.put(message.topic)
        platform.subscribe("yian/v1/+/up/#", qos=1)
        time.sleep(0.2)
        device.client.publish("yian/v1/W-1/up/event", b"a lie", qos=1).wait_for_publish(5)
        device.client.publish("yian/v1/W-2/up/event", b"the truth", qos=1).wait_for_publish(5)
        assert heard.get(timeout=5) == "yian/v1/W-2/up/event"
        platform.publish("yian/v1/W-1/down/receipt", b"not for you", qos=1)
        assert not device.hears(b"not for you", within_s=0.5)
    device.leaves()


def test_a_certified_device_takes_nobodys_session_by_a_client_id(broker: TlsMosquitto) -> None:
    """Without a user name, which is what Mosquitto 2.0.11 stumbles over at the doors for passwords."""
    own = broker.devices_authority.certify("W-4")
    thief = Device(broker, broker.port, certificate=broker.devices_authority.certify("W-5"), client_id="W-4")
    for _ in range(2):
        device = Device(broker, broker.port, certificate=own)
        assert device.comes_in()
        device.listens("yian/v1/W-4/down/#")
        assert thief.comes_in()
        with gateway(broker) as platform:
            platform.publish("yian/v1/W-4/down/receipt", b"still yours", qos=1)
            assert device.hears(b"still yours")
        thief.leaves()
        device.leaves()
        thief = Device(broker, broker.port, certificate=broker.devices_authority.certify("W-5"), client_id="W-4")


@pytest.mark.parametrize("who", ["an authority of his own", "nobody"])
def test_who_is_certified_by_another_is_not_let_in(broker: TlsMosquitto, who: str, tmp_path: Path) -> None:
    own = Authority(tmp_path, "devices-ca").certify("W-1") if who != "nobody" else None
    assert not Device(broker, broker.port, certificate=own, user="W-1", secret="first-secret").comes_in()


def test_a_certificate_that_has_expired_opens_nothing(broker: TlsMosquitto) -> None:
    assert not Device(broker, broker.port, certificate=broker.devices_authority.certify("W-1", days=-5)).comes_in()


def test_a_device_sees_a_broker_that_is_not_the_platforms(broker: TlsMosquitto, tmp_path: Path) -> None:
    certificate = broker.devices_authority.certify("W-1")
    elsewhere = Authority(tmp_path, "elsewhere").file
    assert not Device(broker, broker.port, certificate=certificate, trusts=elsewhere).comes_in()


def test_a_revoked_certificate_opens_nothing_and_its_device_can_be_thrown_off(
    broker: TlsMosquitto, tmp_path: Path
) -> None:
    certificate = broker.devices_authority.certify("W-3")
    device = Device(broker, broker.port, certificate=certificate)
    assert device.comes_in()
    broker.revoke(certificate)
    variables = {
        "YIAN_MQTT": broker.inside_address,
        "YIAN_MQTT_USERNAME": broker.gateway_user,
        "YIAN_MQTT_PASSWORD": broker.gateway_password,
    }
    throw_off(Surroundings(DataDirectory(tmp_path), variables), ["W-3"])
    assert device.thrown_off(within_s=5.0)
    assert not Device(broker, broker.port, certificate=certificate).comes_in()
    other = Device(broker, broker.port, certificate=broker.devices_authority.certify("W-1"))
    assert other.comes_in()
    other.leaves()


def test_a_password_opens_the_door_for_passwords_over_tls(broker: TlsMosquitto) -> None:
    device = Device(broker, broker.password_port, user="W-1", secret="first-secret")
    assert device.comes_in()
    device.leaves()
    assert not Device(broker, broker.password_port, user="W-1", secret="guessed").comes_in()
    certificate = broker.devices_authority.certify("W-1")
    assert not Device(broker, broker.password_port, certificate=certificate).comes_in()
