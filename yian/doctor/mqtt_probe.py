"""A plain MQTT client that waits for answers: enough to see what a broker lets through."""

import contextlib
import queue
import socket
import threading
from typing import Self
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

_PATIENCE_S = 5.0
REFUSED = 0x80


class NoAnswer(Exception):
    """The broker did not answer, or did not let us in."""


class Probe:
    """MQTT 3.1.1, which every broker speaks."""

    def __init__(
        self,
        address: str,
        user: str | None,
        password: str | None,
        *,
        client_id: str,
        will: tuple[str, bytes] | None = None,
        keeps_session: bool = False,
    ) -> None:
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._granted: queue.Queue[bool] = queue.Queue()
        self._connected: queue.Queue[str | None] = queue.Queue()
        self._gone = threading.Event()
        parts = urlsplit(address)
        self._host, self._port = (
            parts.hostname or "127.0.0.1",
            parts.port or (8883 if parts.scheme == "mqtts" else 1883),
        )
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=mqtt.MQTTv311,
            clean_session=not keeps_session,
            reconnect_on_failure=False,
        )
        if will is not None:
            self._client.will_set(*will, qos=1)
        if parts.scheme == "mqtts":
            self._client.tls_set()
        if user is not None:
            self._client.username_pw_set(user, password)
        self._client.on_connect = lambda c, u, f, reason, p: self._connected.put(
            str(reason) if reason.is_failure else None
        )
        self._client.on_disconnect = lambda *_: self._gone.set()
        self._client.on_message = lambda c, u, message: self.heard.put((message.topic, bytes(message.payload)))
        self._client.on_subscribe = lambda c, u, m, codes, p: self._granted.put(
            all(code.value < REFUSED for code in codes)
        )

    def __enter__(self) -> Self:
        try:
            self._client.connect(self._host, self._port, keepalive=20)
        except OSError as error:
            raise NoAnswer(f"{self._host}:{self._port}: {error}") from error
        self._client.loop_start()
        try:
            refused = self._connected.get(timeout=_PATIENCE_S)
        except queue.Empty:
            refused = "it does not answer"
        if refused:
            self.__exit__()
            raise NoAnswer(refused)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def subscribe(self, topic: str) -> bool:
        """Was it granted?"""
        self._client.subscribe(topic, qos=1)
        try:
            return self._granted.get(timeout=_PATIENCE_S)
        except queue.Empty:
            return False

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """A broker may end the connection over it."""
        with contextlib.suppress(RuntimeError, ValueError):
            self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(_PATIENCE_S)

    def vanishes(self) -> None:
        """Without a goodbye, so that the last will is spoken."""
        if isinstance(sock := self._client.socket(), socket.socket):
            sock.shutdown(socket.SHUT_RDWR)

    def thrown_off(self, *, within_s: float) -> bool:
        return self._gone.wait(within_s)

    def hears_anything(self, *, within_s: float) -> bool:
        return self.next_word(within_s=within_s) is not None

    def next_word(self, *, within_s: float) -> bytes | None:
        try:
            return self.heard.get(timeout=within_s)[1]
        except queue.Empty:
            return None

    def hears(self, payload: bytes, *, within_s: float) -> bool:
        try:
            while True:
                if self.heard.get(timeout=within_s)[1] == payload:
                    return True
        except queue.Empty:
            return False
