"""One MQTT connection of a device on the running asyncio loop."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from device_sim import packets
from device_sim.packets import Message, Packet, ProtocolError, Version, Will

UNSUPPORTED_VERSION = {0x01, 0x84}
CONNECT_TIMEOUT_S = 20.0
PROBE_TIMEOUT_S = 4.0
"""How long a broker not met before may take to answer version 5; some that know only 3.1.1 say nothing at all."""


class Refused(Exception):
    """The broker answered no; `code` is MQTT's reason code."""

    def __init__(self, code: int, what: str) -> None:
        super().__init__(f"the broker refused {what} (reason 0x{code:02x})")
        self.code = code


class LinkLost(ConnectionError):
    """The connection ended before the answer came."""


@dataclass
class Broker:
    """Where the broker is, and which version of MQTT it turned out to speak."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    version: Version | None = None

    @classmethod
    def at(cls, address: str, ca_file: str | None = None) -> "Broker":
        """`mqtt://host:port`, or `mqtts://host:port` for TLS."""
        parts = urlsplit(address)
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
            raise ValueError(f"not a broker address: {address!r}; write mqtt://host:port")
        secure = parts.scheme == "mqtts"
        tls = ssl.create_default_context(cafile=ca_file) if secure else None
        return cls(parts.hostname, parts.port or (8883 if secure else 1883), tls)


@dataclass(frozen=True, slots=True)
class Login:
    """How a device introduces itself. The client id starts with the device id."""

    device_id: str
    secret: str
    client_id: str
    will: Will | None = None
    keepalive_s: int = 60
    session_expiry_s: int = 3600


class Link(asyncio.Protocol):
    """Publishes with QoS 1 and hands over what arrives. Dead once `lost` is set: open another."""

    def __init__(self, login: Login, version: Version, on_message: Callable[[Message], None]) -> None:
        self._login = login
        self.version = version
        self._on_message = on_message
        self._reader = packets.Reader()
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._connected: asyncio.Future[None] = self._loop.create_future()
        self._awaited: dict[int, asyncio.Future[int]] = {}
        self._subscribing: dict[int, asyncio.Future[list[int]]] = {}
        self._last_id = 0
        self._unanswered_pings = 0
        self._pinging: asyncio.TimerHandle | None = None
        self.lost: asyncio.Future[None] = self._loop.create_future()

    @classmethod
    async def open(cls, broker: Broker, login: Login, on_message: Callable[[Message], None]) -> "Link":
        """Connects; speaks 3.1.1 where the broker does not know 5."""
        if broker.version is not None:
            return await cls._open(broker, login, on_message, broker.version, CONNECT_TIMEOUT_S)
        try:
            link = await cls._open(broker, login, on_message, Version.V5, PROBE_TIMEOUT_S)
        except (Refused, LinkLost, TimeoutError) as no:
            if isinstance(no, Refused) and no.code not in UNSUPPORTED_VERSION:
                raise
            link = await cls._open(broker, login, on_message, Version.V311, CONNECT_TIMEOUT_S)
        broker.version = link.version
        return link

    @classmethod
    async def _open(
        cls, broker: Broker, login: Login, on_message: Callable[[Message], None], version: Version, timeout_s: float
    ) -> "Link":
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(timeout_s):
            _, link = await loop.create_connection(
                lambda: cls(login, version, on_message), broker.host, broker.port, ssl=broker.tls
            )
            try:
                await link._connected
            except BaseException:
                link.drop()
                raise
        return link

    @property
    def in_flight(self) -> int:
        return len(self._awaited)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> asyncio.Future[int]:
        """The future gives the broker's reason code, or raises LinkLost."""
        answer: asyncio.Future[int] = self._loop.create_future()
        if self._transport is None or self.lost.done():
            answer.set_exception(LinkLost("no connection"))
            return answer
        packet_id = self._next_id()
        self._awaited[packet_id] = answer
        self._transport.write(packets.publish(topic, payload, packet_id, version=self.version, retain=retain))
        return answer

    async def subscribe(self, topics: list[str]) -> None:
        if self._transport is None or self.lost.done():
            raise LinkLost("no connection")
        packet_id = self._next_id()
        answer: asyncio.Future[list[int]] = self._loop.create_future()
        self._subscribing[packet_id] = answer
        self._transport.write(packets.subscribe(topics, packet_id, version=self.version))
        refused = [code for code in await answer if code >= 0x80]
        if refused:
            raise Refused(refused[0], f"a subscription of {self._login.device_id}")

    def close(self) -> None:
        """Says goodbye: the broker keeps the last will to itself."""
        if self._transport is not None and not self.lost.done():
            self._transport.write(packets.GOODBYE)
            self._transport.close()

    def drop(self) -> None:
        """Disappears like a device out of reach: the broker publishes the last will."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport = cast("asyncio.Transport", transport)  # uvloop's is not derived from it
        login = self._login
        transport.write(
            packets.connect(
                login.client_id,
                login.device_id,
                login.secret,
                version=self.version,
                keepalive_s=login.keepalive_s,
                will=login.will,
                session_expiry_s=login.session_expiry_s,
            )
        )

    def data_received(self, data: bytes) -> None:
        try:
            for packet in self._reader.feed(data):
                self._take(packet)
        except (ProtocolError, IndexError, ValueError):
            self.drop()

    def connection_lost(self, exc: Exception | None) -> None:
        lost = LinkLost(str(exc or "the broker closed the connection"))
        if self._pinging is not None:
            self._pinging.cancel()
        waiting: list[asyncio.Future[Any]] = [self._connected, *self._awaited.values(), *self._subscribing.values()]
        self._awaited.clear()
        self._subscribing.clear()
        if not self.lost.done():
            self.lost.set_result(None)
        for future in waiting:
            if not future.done():
                future.set_exception(lost)
                future.exception()  # read once, so that nobody is warned about an answer nobody awaits

    def _take(self, packet: Packet) -> None:
        if packet.kind == packets.PUBACK:
            packet_id, reason = packets.read_puback(packet)
            answer = self._awaited.pop(packet_id, None)
            if answer is not None and not answer.done():
                answer.set_result(reason)
        elif packet.kind == packets.PUBLISH:
            message = packets.read_publish(packet, self.version)
            self._on_message(message)
            if message.packet_id and self._transport is not None:
                self._transport.write(packets.puback(message.packet_id))
        elif packet.kind == packets.SUBACK:
            subscribed = self._subscribing.pop(int.from_bytes(packet.body[:2], "big"), None)
            if subscribed is not None and not subscribed.done():
                subscribed.set_result(packets.read_suback(packet, self.version))
        elif packet.kind == packets.PINGRESP:
            self._unanswered_pings = 0
        elif packet.kind == packets.CONNACK:
            self._welcome(packet)
        elif packet.kind == packets.DISCONNECT:
            self.drop()

    def _welcome(self, packet: Packet) -> None:
        _, reason = packets.read_connack(packet)
        if reason:
            if not self._connected.done():
                self._connected.set_exception(Refused(reason, f"the connection of {self._login.device_id}"))
            self.drop()
            return
        if not self._connected.done():
            self._connected.set_result(None)
        self._pinging = self._loop.call_later(self._login.keepalive_s * 0.7, self._ping)

    def _ping(self) -> None:
        if self._unanswered_pings:
            self.drop()
            return
        self._unanswered_pings += 1
        if self._transport is not None:
            self._transport.write(packets.PING)
        self._pinging = self._loop.call_later(self._login.keepalive_s * 0.7, self._ping)

    def _next_id(self) -> int:
        while True:
            self._last_id = self._last_id % 65535 + 1
            if self._last_id not in self._awaited:
                return self._last_id
