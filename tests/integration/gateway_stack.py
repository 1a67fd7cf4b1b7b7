"""A gateway process between a real broker and a real bus, and devices that speak through another MQTT library."""

import json
import os
import queue
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from paho.mqtt.client import CallbackAPIVersion, Client, MQTTMessage
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from yian.servers.mqtt import MqttServer
from yian.servers.ports import free_port
from yian.servers.process import ServerProcess


@dataclass
class GatewayProcess:
    """`python -m ingest_gateway.main`, watched through its health port."""

    broker: MqttServer
    bus_url: str
    log_path: Path
    gateway_id: str = field(default_factory=lambda: secrets.token_hex(4))
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    child: "subprocess.Popen[bytes] | None" = None

    def start(self, *, ready: bool = True) -> Self:
        environment = {
            **os.environ,
            "YIAN_MQTT": self.broker.inside_address,
            "YIAN_MQTT_USERNAME": self.broker.gateway_user,
            "YIAN_MQTT_PASSWORD": self.broker.gateway_password,
            "YIAN_BUS": self.bus_url,
            "YIAN_METRICS_PORT": str(self.port),
            "YIAN_GATEWAY_ID": self.gateway_id,
            **self.settings,
        }
        with self.log_path.open("ab") as log:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "ingest_gateway.main"], env=environment, stderr=log, stdout=log
            )
        if ready:
            self.wait_ready()
        return self

    def wait_ready(self, *, within: float = 60.0) -> None:
        wait_until(lambda: self.readiness()[0] == 200, within=within, what=lambda: f"ready: {self.readiness()}")

    def readiness(self) -> tuple[int, dict[str, str]]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return answer.status, {}
        except urllib.error.HTTPError as answer:
            return answer.code, json.load(answer)["troubles"]
        except OSError as error:
            return 0, {"process": str(error)}

    def metric(self, name: str) -> float:
        """Of a metric with exactly these labels; 0 when it has not been set."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name + " "):
                    return float(line.rpartition(" ")[2])
        return 0.0

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def ended(self) -> int:
        """Its exit code, once it has ended by itself."""
        assert self.child is not None
        return self.child.wait(60)

    def _end(self, number: int) -> None:
        if self.child is not None:
            if self.child.poll() is None:
                self.child.send_signal(number)
            self.child.wait(20)
            self.child = None


@dataclass
class Stack:
    broker: MqttServer
    bus_server: ServerProcess
    bus_url: str
    gateway: GatewayProcess

    @property
    def redelivers(self) -> bool:
        """Whether the broker gives unacknowledged messages again; the embedded one leaves it to the device."""
        return self.broker.name == "mosquitto"

    def device(self, device_id: str | None = None) -> "Device":
        [device] = self.devices([device_id or f"W-{secrets.token_hex(4)}"])
        return device

    def devices(self, device_ids: Sequence[str]) -> list["Device"]:
        """All are made known to the broker at once, which reads its files again for that."""
        passwords = {device_id: secrets.token_hex(8) for device_id in device_ids}
        self.broker.add_devices(passwords)
        return [Device(self.broker, device_id, password) for device_id, password in passwords.items()]


class Device:
    """Says what it is told to, byte for byte, and notes what it hears."""

    def __init__(self, broker: MqttServer, device_id: str, password: str) -> None:
        self.id = device_id
        self.heard: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._broker, self._password = broker, password
        self._will: tuple[str, bytes] | None = None
        self._subscribed = queue.Queue[int]()
        self._version = MQTTProtocolVersion.MQTTv311

    def in_version_5(self) -> Self:
        self._version = MQTTProtocolVersion.MQTTv5
        return self

    def __enter__(self) -> Self:
        # Not before: each client holds sockets from the start, and above file number 1,023 paho cannot wait for any.
        self._client = self._new_client()
        wait_until(self._connect, within=10, what=lambda: f"{self.id} connected")
        self._client.loop_start()
        self._subscribed.get(timeout=10)
        return self

    def _new_client(self) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, client_id=self.id, protocol=self._version)
        client.username_pw_set(self.id, self._password)
        client.on_message = self._on_message
        client.on_connect = lambda client, *_: client.subscribe(f"yian/v1/{self.id}/down/#", qos=1)
        client.on_subscribe = lambda *_: self._subscribed.put(1)
        if self._will is not None:
            client.will_set(*self._will, qos=1, retain=True)
        return client

    def _connect(self) -> bool:
        self._client.connect("127.0.0.1", self._broker.port)
        return True

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        del self._client

    def will(self, lane: str, payload: bytes) -> Self:
        self._will = (f"yian/v1/{self.id}/up/{lane}", payload)
        return self

    def drop(self) -> None:
        """Gone without a goodbye: the broker speaks the last will."""
        socket = self._client.socket()
        assert socket is not None
        self._client.loop_stop()
        socket.close()

    def _on_message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        what = json.loads(message.payload)
        for item in what if isinstance(what, list) else [what]:
            self.heard.put((message.topic.rpartition("/")[2], item))

    def say(
        self,
        lane: str,
        payload: bytes | str,
        *,
        qos: int = 1,
        retain: bool = False,
        properties: Sequence[tuple[str, str]] = (),
    ) -> None:
        """:param properties: user properties, of MQTT 5 only"""
        told: Any = Properties(PacketTypes.PUBLISH) if properties else None  # type: ignore[no-untyped-call]
        for pair in properties:
            told.UserProperty = pair
        topic = f"yian/v1/{self.id}/up/{lane}"
        self._client.publish(topic, payload, qos=qos, retain=retain, properties=told).wait_for_publish(10)

    def hears(self, n: int, *, within: float = 10.0) -> list[tuple[str, Any]]:
        deadline = time.monotonic() + within
        found = []
        for _ in range(n):
            try:
                found.append(self.heard.get(timeout=max(0.01, deadline - time.monotonic())))
            except queue.Empty:
                raise AssertionError(f"{self.id} heard {found} and no more within {within} s") from None
        return found

    def hears_nothing(self, *, within: float = 0.5) -> None:
        try:
            raise AssertionError(f"{self.id} heard {self.heard.get(timeout=within)}")
        except queue.Empty:
            return


def wait_until(there: Callable[[], bool], *, within: float, what: Callable[[], str]) -> None:
    deadline = time.monotonic() + within
    while not there():
        assert time.monotonic() < deadline, f"not within {within} s: {what()}"
        time.sleep(0.05)
