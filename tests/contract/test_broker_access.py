"""What a broker must let through and refuse: the same suite on Mosquitto and on the embedded one."""

import contextlib
import queue
import threading
import time
from collections.abc import Iterator

import paho.mqtt.client as mqtt
import pytest

from yian.servers.mqtt import MqttServer

SECRETS = {"W-1": "first-secret", "W-2": "second-secret"}


@pytest.fixture(scope="module", params=["mosquitto", "amqtt"])
def broker(request: pytest.FixtureRequest) -> MqttServer:
    server: MqttServer = request.getfixturevalue(request.param)
    server.add_devices(SECRETS)
    time.sleep(0.3)  # SIGHUP is taken between two turns of the broker's loop
    return server


class Client:
    """A plain MQTT 3.1.1 client, which both brokers speak."""

    def __init__(self, port: int, user: str, secret: str, *, client_id: str, clean: bool = True) -> None:
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.granted: queue.Queue[list[int]] = queue.Queue()
        self.answers: queue.Queue[bool] = queue.Queue()
        self.gone = threading.Event()
        self._client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=mqtt.MQTTv311,
            clean_session=clean,
            reconnect_on_failure=False,
        )
        self._client.on_disconnect = lambda *_: self.gone.set()
        self._client.username_pw_set(user, secret)
        self._client.on_connect = lambda c, u, f, reason, p: self.answers.put(not reason.is_failure)
        self._client.on_message = lambda c, u, message: self.heard.put((message.topic, message.payload))
        self._client.on_subscribe = lambda c, u, m, codes, p: self.granted.put([code.value for code in codes])
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self.let_in = self.answers.get(timeout=5)

    def subscribe(self, topic: str) -> bool:
        self._client.subscribe(topic, qos=1)
        return all(code < 0x80 for code in self.granted.get(timeout=5))

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        with contextlib.suppress(RuntimeError):  # the broker ended the connection over it
            self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(timeout=5)

    def next(self, seconds: float = 5.0) -> tuple[str, bytes] | None:
        try:
            return self.heard.get(timeout=seconds)
        except queue.Empty:
            return None

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextlib.contextmanager
def device(
    broker: MqttServer, name: str, *, secret: str | None = None, client_id: str | None = None, clean: bool = True
) -> Iterator[Client]:
    client = Client(broker.port, name, secret or SECRETS[name], client_id=client_id or f"{name}-test", clean=clean)
    yield client
    client.close()


@contextlib.contextmanager
def gateway(broker: MqttServer) -> Iterator[Client]:
    client = Client(broker.inside_port, broker.gateway_user, broker.gateway_password, client_id="gateway-test")
    yield client
    client.close()


def test_the_gateway_hears_a_device_through_a_shared_subscription(broker: MqttServer) -> None:
    with gateway(broker) as listening, device(broker, "W-1") as speaking:
        assert listening.subscribe("$share/gateways/yian/v1/+/up/#")
        speaking.publish("yian/v1/W-1/up/event", b"help")
        assert listening.next() == ("yian/v1/W-1/up/event", b"help")


def test_a_device_hears_its_receipts(broker: MqttServer) -> None:
    with gateway(broker) as speaking, device(broker, "W-1") as listening:
        assert listening.subscribe("yian/v1/W-1/down/#")
        speaking.publish("yian/v1/W-1/down/receipt", b"accepted")
        assert listening.next() == ("yian/v1/W-1/down/receipt", b"accepted")


def test_nobody_speaks_in_another_devices_name(broker: MqttServer) -> None:
    with gateway(broker) as listening, device(broker, "W-2") as speaking:
        listening.subscribe("$share/gateways/yian/v1/+/up/#")
        speaking.publish("yian/v1/W-1/up/event", b"a lie")
        speaking.publish("yian/v1/W-2/up/event", b"the truth")
        assert listening.next() == ("yian/v1/W-2/up/event", b"the truth")


@pytest.mark.parametrize("topic", ["#", "yian/v1/+/down/#", "yian/v1/W-1/down/receipt", "yian/v1/+/up/#"])
def test_nobody_hears_what_is_for_another_device(broker: MqttServer, topic: str) -> None:
    with gateway(broker) as speaking, device(broker, "W-2") as listening:
        listening.subscribe(topic)  # whether it is refused at once or only never answered is the broker's own affair
        speaking.publish("yian/v1/W-1/down/receipt", b"not for you")
        assert listening.next(0.5) is None


def test_a_wrong_password_is_not_let_in_and_disturbs_nobody(broker: MqttServer) -> None:
    with gateway(broker) as speaking, device(broker, "W-1", client_id="W-1-same") as listening:
        listening.subscribe("yian/v1/W-1/down/#")
        with device(broker, "W-1", secret="guessed", client_id="W-1-same") as stranger:
            assert not stranger.let_in
        speaking.publish("yian/v1/W-1/down/receipt", b"still here")
        assert listening.next() == ("yian/v1/W-1/down/receipt", b"still here")


def test_a_newcomer_is_not_told_the_retained_status_of_others(broker: MqttServer) -> None:
    with gateway(broker) as listening, device(broker, "W-1") as speaking:
        listening.subscribe("yian/v1/+/up/status")
        speaking.publish("yian/v1/W-1/up/status", b"online", retain=True)
        assert listening.next() is not None
        with device(broker, "W-2") as newcomer:
            newcomer.subscribe("yian/v1/W-2/down/#")
            assert newcomer.next(0.5) is None
        speaking.publish("yian/v1/W-1/up/status", b"", retain=True)


def test_a_device_provisioned_now_is_let_in_without_a_restart(broker: MqttServer) -> None:
    broker.add_devices({"W-3": "third-secret"})
    time.sleep(0.3)
    with device(broker, "W-3", secret="third-secret") as newcomer:
        assert newcomer.let_in


def test_a_message_that_nobody_may_send_ends_its_connection(broker: MqttServer) -> None:
    with device(broker, "W-2") as speaking:
        speaking.publish("yian/v1/W-2/up/telemetry", b"x" * 200_000)
        assert not speaking.gone.is_set()
        speaking.publish("yian/v1/W-2/up/telemetry", b"x" * 300_000)
        assert speaking.gone.wait(5)


def test_a_receipt_is_on_its_way_at_once(broker: MqttServer) -> None:
    """Nagle's algorithm would hold it back for 40 ms."""
    with gateway(broker) as speaking, device(broker, "W-1") as listening:
        listening.subscribe("yian/v1/W-1/down/#")
        took = []
        for _ in range(15):
            began = time.monotonic()
            speaking.publish("yian/v1/W-1/down/receipt", b"accepted")
            assert listening.next() is not None
            took.append(time.monotonic() - began)
        assert sorted(took)[len(took) // 2] < 0.03


def test_what_waits_for_a_device_outlives_a_restart_of_mosquitto(mosquitto: MqttServer) -> None:
    mosquitto.add_devices(SECRETS)
    time.sleep(0.3)
    with device(mosquitto, "W-1", clean=False) as listening:
        listening.subscribe("yian/v1/W-1/down/#")
    with gateway(mosquitto) as speaking:
        speaking.publish("yian/v1/W-1/down/receipt", b"answered")
    mosquitto.restart()
    with device(mosquitto, "W-1", clean=False) as listening:
        assert listening.next() == ("yian/v1/W-1/down/receipt", b"answered")
