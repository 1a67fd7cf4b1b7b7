"""Keeps a connection to the broker: MQTT 5, or 3.1.1 where the broker knows no better; made anew when it is lost."""

import asyncio
import random
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog

from backbone.log import describe
from ingest_gateway import mqtt_packets as mqtt
from ingest_gateway.mqtt_connection import ConnectionLost, MqttConnection, OnMessages, Refused, Terms

CONNECT_SECONDS = 5.0
STEADY_SECONDS = 5.0
"""A connection that lived so long was a good one: the next attempt after it is made at once."""
BACK_OFF_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0)
UNSUPPORTED_VERSION = (0x01, 0x84)
"""As 3.1.1 and as 5 say it."""

log = structlog.get_logger("mqtt")

Filters = Callable[[int], Sequence[str]]
"""The topic filters to subscribe to, given the MQTT version the broker speaks."""


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int
    tls: bool = False

    @classmethod
    def parse(cls, url: str) -> "Address":
        """`mqtt://host[:1883]` or `mqtts://host[:8883]`. :raises ValueError: for anything else."""
        parts = urlsplit(url)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise ValueError(f"MQTT address {url!r}: it must be mqtt://host:port or mqtts://host:port")
        tls = parts.scheme == "mqtts"
        return cls(parts.hostname, parts.port or (8883 if tls else 1883), tls)


class MqttClient:
    def __init__(self, address: Address, terms: Terms, filters: Filters, on_messages: OnMessages) -> None:
        self._address = address
        self._terms = terms
        self._filters = filters
        self._on_messages = on_messages
        self._version = mqtt.V5
        self._tried = 0
        self._newest: MqttConnection | None = None
        self.connection: MqttConnection | None = None
        """The one in use; None while there is none."""
        self.trouble: str | None = "not connected yet"

    async def run(self) -> None:
        """Until cancelled: the connection stays then, for the last acknowledgements, until `say_goodbye`."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self._live()
            except (OSError, TimeoutError, ConnectionLost, Refused) as error:
                self.say_goodbye()
                self._note(error)
            if loop.time() - began > STEADY_SECONDS:
                self._tried = 0
            wait = BACK_OFF_SECONDS[min(self._tried, len(BACK_OFF_SECONDS) - 1)]
            self._tried += 1
            await asyncio.sleep(wait * random.uniform(0.7, 1.3))

    async def _live(self) -> None:
        """One connection, from its making to its loss."""
        connection = self._newest = await self._connect()
        async with asyncio.timeout(CONNECT_SECONDS):
            connack = await self._opened(connection)
            await connection.subscribe(self._filters(connection.version))
        self.connection, self.trouble = connection, None
        log.info(
            "mqtt_connected",
            client_id=self._terms.client_id,
            version="5.0" if connection.version == mqtt.V5 else "3.1.1",
            session_present=connack.session_present,
        )
        raise ConnectionLost(await asyncio.shield(connection.lost))

    def pause(self) -> None:
        """Take nothing more; what was taken can still be acknowledged."""
        if self._newest is not None:
            self._newest.pause()

    def say_goodbye(self) -> None:
        """The broker keeps the session, and gives what was not acknowledged to the next connection."""
        if self._newest is not None:
            self._newest.say_goodbye()
        self.connection = self._newest = None

    async def _connect(self) -> MqttConnection:
        loop = asyncio.get_running_loop()
        version, address = self._version, self._address
        async with asyncio.timeout(CONNECT_SECONDS):
            _, connection = await loop.create_connection(
                lambda: MqttConnection(version, self._terms, self._on_messages),
                address.host,
                address.port,
                ssl=ssl.create_default_context() if address.tls else None,
            )
        return connection

    async def _opened(self, connection: MqttConnection) -> mqtt.Connack:
        try:
            connack = await connection.opened()
        except Refused as error:
            if error.code in UNSUPPORTED_VERSION:
                self._other_version()
                log.info("mqtt_version_refused", client_id=self._terms.client_id)
            raise
        except (ConnectionLost, asyncio.CancelledError):
            # A broker that does not know a version may just hang up, or never answer until our time is over.
            self._other_version()
            raise
        if connection.version == mqtt.V311 and self.trouble is not None:
            log.warning("mqtt_3_1_1", effect="no shared subscription (one gateway only), no receive maximum, no expiry")
        return connack

    def _other_version(self) -> None:
        self._version = mqtt.V311 if self._version == mqtt.V5 else mqtt.V5

    def _note(self, error: Exception) -> None:
        trouble = f"MQTT broker {self._address.host}:{self._address.port}: {describe(error)}"
        if trouble != self.trouble and not (isinstance(error, Refused) and error.code in UNSUPPORTED_VERSION):
            log.warning("mqtt_lost", client_id=self._terms.client_id, reason=trouble)
        self.trouble = trouble
