"""One MQTT connection, from CONNECT to its end. It is never reused: what was received on it is acknowledged on it or
not at all, so that a packet id of an old connection cannot acknowledge a message of a new one.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ingest_gateway import mqtt_packets as mqtt
from ingest_gateway.mqtt_packets import Connack, Disconnect, Malformed, Packet, Puback, Publish, Suback

MAX_PACKET_BYTES = 512 * 1024
DEFAULT_RECEIVE_MAXIMUM = 65_535
SENDS_AT_ONCE = 1_000
"""To a broker that states no limit of its own."""

OnMessages = Callable[["MqttConnection", list[Publish]], None]


class ConnectionLost(Exception):
    """The connection ended; what was under way on it may or may not have arrived."""


REASONS = {
    0x01: "it does not know this MQTT version",
    0x84: "it does not know this MQTT version",
    0x04: "wrong user name or password",
    0x86: "wrong user name or password",
    0x05: "not authorised",
    0x87: "not authorised",
    0x85: "it does not like the client id",
    0x8F: "it does not like the topic filter",
    0x9E: "it has no shared subscriptions",
}


class Refused(Exception):
    """The broker does not want this; the reason code says why."""

    def __init__(self, what: str, code: int) -> None:
        super().__init__(f"{what} refused, {REASONS.get(code, 'for a reason of its own')} ({code:#04x})")
        self.code = code


@dataclass(frozen=True, slots=True)
class Terms:
    """How a gateway presents itself to a broker. Times in seconds."""

    client_id: str
    username: str | None = None
    password: str | None = None
    keep_alive: int = 15
    session_expiry: int = 60
    receive_maximum: int = 1_000


class MqttConnection(asyncio.Protocol):
    def __init__(self, version: int, terms: Terms, on_messages: OnMessages) -> None:
        self.version = version
        self._terms = terms
        self._on_messages = on_messages
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._reader = mqtt.Reader(version, max_packet_bytes=MAX_PACKET_BYTES)
        self._connack: asyncio.Future[Connack] = self._loop.create_future()
        self.lost: asyncio.Future[str] = self._loop.create_future()
        """Set when the connection has ended, to the reason."""
        self._reason = "the broker closed the connection"
        self._subscribing: dict[int, asyncio.Future[Suback]] = {}
        self._sent: dict[int, asyncio.Future[int] | None] = {}
        self._unsent: deque[tuple[str, bytes, int | None, asyncio.Future[int] | None]] = deque()
        self._send_limit = SENDS_AT_ONCE
        self._mid = 0
        self._heard_at = self._said_at = self._loop.time()
        self._keep_alive = terms.keep_alive
        self._watch: asyncio.TimerHandle | None = None

    # what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        terms = self._terms
        self._write(
            mqtt.connect(
                self.version,
                terms.client_id,
                username=terms.username,
                password=terms.password,
                keep_alive=terms.keep_alive,
                session_expiry=terms.session_expiry,
                receive_maximum=terms.receive_maximum,
                max_packet_bytes=MAX_PACKET_BYTES,
            )
        )
        self._watch = self._loop.call_later(1.0, self._look)

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        try:
            packets = self._reader.read(data)
        except Malformed as error:
            self._end(f"malformed: {error}")
            return
        messages: list[Publish] = []
        for packet in packets:
            if type(packet) is Publish:
                messages.append(packet)
            else:
                self._heard(packet)
        if messages:
            self._on_messages(self, messages)

    def connection_lost(self, error: Exception | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._transport = None
        reason = f"{type(error).__name__}: {error}" if error else self._reason
        waiting: list[asyncio.Future[Any] | None] = [self._connack, *self._subscribing.values(), *self._sent.values()]
        waiting += [done for _, _, _, done in self._unsent]
        self._sent.clear()
        self._unsent.clear()
        for future in waiting:
            if future is not None and not future.done():
                future.set_exception(ConnectionLost(reason))
                future.exception()  # whoever waits is told; nobody need wait
        if not self.lost.done():
            self.lost.set_result(reason)

    # what a gateway asks for

    async def opened(self) -> Connack:
        """:raises Refused: by the broker. :raises ConnectionLost: before it said anything."""
        connack = await self._connack
        if connack.code:
            self._end(f"refused, code {connack.code:#04x}")
            raise Refused("CONNECT", connack.code)
        self._send_limit = min(connack.properties.get(mqtt.RECEIVE_MAXIMUM, DEFAULT_RECEIVE_MAXIMUM), SENDS_AT_ONCE)
        self._keep_alive = connack.properties.get(mqtt.SERVER_KEEP_ALIVE, self._keep_alive)
        return connack

    async def subscribe(self, filters: Sequence[str]) -> None:
        """:raises Refused: when the broker grants one of them no QoS 1."""
        mid = self._new_mid()
        answer = self._subscribing[mid] = self._loop.create_future()
        self._write(mqtt.subscribe(self.version, mid, filters))
        try:
            suback = await answer
        finally:
            del self._subscribing[mid]
        for topic_filter, code in zip(filters, suback.codes, strict=False):
            if code != 1:
                raise Refused(f"subscription to {topic_filter}", code)

    def publish(self, topic: str, payload: bytes, *, expiry_seconds: int | None = None) -> "asyncio.Future[int]":
        """The broker's reason code once it has the message (QoS 1). :raises ConnectionLost: in the future."""
        done: asyncio.Future[int] = self._loop.create_future()
        self._queue(topic, payload, expiry_seconds, done)
        return done

    def publish_unwatched(self, topic: str, payload: bytes) -> None:
        """As publish, for what will be said again anyway if it gets lost."""
        self._queue(topic, payload, None, None)

    def acknowledge(self, mids: Sequence[int]) -> None:
        """No effect once the connection has ended: the broker will send those messages again."""
        self._write(mqtt.pubacks(mids))

    def pause(self) -> None:
        """Take nothing more from the socket."""
        if self._transport is not None and self._transport.is_reading():
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._transport is not None and not self._transport.is_reading():
            self._heard_at = self._loop.time()
            self._transport.resume_reading()

    def say_goodbye(self) -> None:
        self._reason = "we closed the connection"
        self._write(mqtt.GOODBYE)
        if self._transport is not None:
            self._transport.close()

    # inside

    def _heard(self, packet: Packet) -> None:
        if isinstance(packet, Puback):
            done = self._sent.pop(packet.mid, None)
            if done is not None and not done.done():
                done.set_result(packet.code)
            self._send_waiting()
        elif isinstance(packet, Connack):
            if not self._connack.done():
                self._connack.set_result(packet)
        elif isinstance(packet, Suback):
            answer = self._subscribing.get(packet.mid)
            if answer is not None and not answer.done():
                answer.set_result(packet)
        elif isinstance(packet, Disconnect):
            self._end(f"the broker said goodbye, code {packet.code:#04x}")

    def _queue(
        self, topic: str, payload: bytes, expiry_seconds: int | None, done: "asyncio.Future[int] | None"
    ) -> None:
        if self._transport is None or self._transport.is_closing():
            if done is not None:
                done.set_exception(ConnectionLost(self._reason))
                done.exception()
            return
        self._unsent.append((topic, payload, expiry_seconds, done))
        self._send_waiting()

    def _send_waiting(self) -> None:
        packets: list[bytes] = []
        while self._unsent and len(self._sent) < self._send_limit:
            topic, payload, expiry_seconds, done = self._unsent.popleft()
            mid = self._new_mid()
            self._sent[mid] = done
            packets.append(mqtt.publish(self.version, topic, payload, mid, expiry_seconds=expiry_seconds))
        if packets:
            self._write(b"".join(packets))

    def _new_mid(self) -> int:
        while True:
            self._mid = self._mid % 65_535 + 1
            if self._mid not in self._sent and self._mid not in self._subscribing:
                return self._mid

    def _write(self, data: bytes) -> None:
        if data and self._transport is not None and not self._transport.is_closing():
            self._said_at = self._loop.time()
            self._transport.write(data)

    def _look(self) -> None:
        """Once a second: say that we are there; notice that the broker is not."""
        self._watch = self._loop.call_later(1.0, self._look)
        now = self._loop.time()
        reading = self._transport is not None and self._transport.is_reading()
        if reading and now - self._heard_at > 1.5 * self._keep_alive:
            self._end(f"silent for {now - self._heard_at:.0f} s")
        elif (
            now - max(self._said_at, self._heard_at) > self._keep_alive / 3
            or now - self._said_at > self._keep_alive / 2
        ):
            self._write(mqtt.PINGREQ)

    def _end(self, reason: str) -> None:
        self._reason = reason
        if self._transport is not None:
            self._transport.abort()
