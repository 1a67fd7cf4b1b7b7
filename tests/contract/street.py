"""An honest street beside an attacker: a device that presses its button, a gateway that hears, and a judge outside."""

import contextlib
import itertools
import queue
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from paho.mqtt.client import CallbackAPIVersion, Client
from paho.mqtt.enums import MQTTProtocolVersion

from ingest_gateway.mqtt.share import group_name, shared
from tests.contract import raw_mqtt
from tests.contract.raw_mqtt import RawClient, Will
from yian.servers.mqtt import MqttServer

HONEST, INTRUDER = "W-1", "W-2"
SECRETS = {HONEST: "first-secret", INTRUDER: "second-secret"}
GATEWAY_ID = "yian.gateway.1.event"
PRESSES = 20
_serial = itertools.count()


class Party:
    """Somebody honest: notes what it hears, and whether it is thrown off."""

    def __init__(self, port: int, user: str, secret: str, client_id: str, *filters: str) -> None:
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.thrown_off = False
        self._ready: queue.Queue[bool] = queue.Queue()
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv311,
            clean_session=False,
            reconnect_on_failure=False,
        )
        self._client.username_pw_set(user, secret)
        self._client.on_connect = lambda client, *_: client.subscribe([(one, 1) for one in filters])
        self._client.on_subscribe = lambda *_: self._ready.put(True)
        self._client.on_message = lambda c, u, message: self.heard.put((message.topic, bytes(message.payload)))
        self._client.on_disconnect = self._on_disconnect
        self._leaving = False
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._ready.get(timeout=10)

    def _on_disconnect(self, *_: Any) -> None:
        self.thrown_off = self.thrown_off or not self._leaving

    def says(self, topic: str, payload: bytes) -> None:
        self._client.publish(topic, payload, qos=1)

    def hears(self, wanted: set[bytes], within_s: float) -> set[bytes]:
        """Those of `wanted` that it did not hear."""
        missing, until = set(wanted), time.monotonic() + within_s
        while missing and (left := until - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                topic, payload = self.heard.get(timeout=left)
                missing.discard(payload)
                assert b"lie" not in payload or f"/{INTRUDER}/" in topic, f"a lie was told on {topic}"
        return missing

    def leaves(self) -> None:
        self._leaving = True
        self._client.disconnect()
        self._client.loop_stop()


@dataclass
class Intruder:
    """All he has is the credential of one device."""

    broker: MqttServer
    version: int
    user: str = INTRUDER
    secret: str = SECRETS[INTRUDER]
    connections: list[RawClient] = field(default_factory=list)

    def opens(self) -> RawClient:
        self.connections.append(RawClient(self.broker.port, self.version))
        return self.connections[-1]

    def connects(self, client_id: str = INTRUDER, *, clean: bool = True, will: Will | None = None) -> RawClient:
        client = self.opens()
        client.send(raw_mqtt.connect(self.version, client_id, self.user, self.secret, clean=clean, will=will))
        client.answer(raw_mqtt.CONNACK)
        return client

    def subscribes(self, *filters: str, client_id: str = INTRUDER) -> RawClient:
        client = self.connects(client_id)
        for one in filters:
            client.send(raw_mqtt.subscribe(self.version, [one]))
        client.answer(raw_mqtt.SUBACK)
        return client

    def publishes(self, topic: str, *, qos: int = 1, retain: bool = False, alias: int = 0) -> RawClient:
        client = self.connects()
        client.send(raw_mqtt.publish(self.version, topic, b"a lie", qos=qos, retain=retain, alias=alias))
        client.answer(raw_mqtt.PUBACK, 0.3)
        return client

    def leaves(self) -> None:
        for connection in self.connections:
            connection.cut()

    @property
    def overheard(self) -> list[str]:
        """Topics he heard and must not."""
        own = f"yian/v1/{self.user}/down/"
        return [topic for one in self.connections for topic, _ in one.heard if not topic.startswith(own)]


class Street:
    def __init__(self, broker: MqttServer, group: str) -> None:
        self.broker = broker
        self._up = shared(group, "yian/v1/+/up/#")
        self._status = "yian/v1/+/up/status"
        self.gateway = self.a_gateway()
        self.honest = self.an_honest_device()

    def an_honest_device(self) -> Party:
        return Party(self.broker.port, HONEST, SECRETS[HONEST], HONEST, f"yian/v1/{HONEST}/down/#")

    def a_gateway(self) -> Party:
        return Party(
            self.broker.inside_port, self.broker.gateway_user, self.broker.gateway_password, GATEWAY_ID, self._up
        )

    def presses(self) -> set[bytes]:
        words = {b"press %d" % next(_serial) for _ in range(PRESSES)}
        for payload in words:
            self.honest.says(f"yian/v1/{HONEST}/up/event", payload)
        return words

    def judge(self, intruder: Intruder) -> None:
        """:raises AssertionError: when anybody but the intruder has lost, heard or suffered anything."""
        assert not self.gateway.thrown_off, "the gateway was thrown off"
        assert not self.honest.thrown_off, "an honest device was thrown off"
        missing = self.gateway.hears(self.presses(), within_s=5.0)
        assert not missing, f"{len(missing)} of {PRESSES} presses were heard by nobody"
        receipt = b"receipt %d" % next(_serial)
        self.gateway.says(f"yian/v1/{HONEST}/down/receipt", receipt)
        assert not self.honest.hears({receipt}, within_s=5.0), "a receipt did not arrive"
        assert not intruder.overheard, "the intruder overheard others"
        self._look_at_what_is_kept()
        assert not self.gateway.thrown_off, "the gateway was thrown off"
        assert not self.honest.thrown_off, "an honest device was thrown off"
        assert self.broker.running

    def _look_at_what_is_kept(self) -> None:
        """What a gateway that comes now is told first, and a device."""
        newcomer = Party(
            self.broker.inside_port,
            self.broker.gateway_user,
            self.broker.gateway_password,
            f"newcomer-{next(_serial)}",
            "yian/v1/+/up/#",
        )
        newcomer.hears({b"nobody says this"}, within_s=0.2)
        newcomer.leaves()

    def close(self) -> None:
        self.gateway.leaves()
        self.honest.leaves()


@contextlib.contextmanager
def street_of(broker: MqttServer, group: str | None = None) -> Iterator[Street]:
    street = Street(broker, group or group_name(broker.gateway_password))
    try:
        yield street
    finally:
        street.close()
