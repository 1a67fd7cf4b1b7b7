"""Keeps a connection to the broker; it is made anew when it is lost."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
from paho.mqtt.enums import MQTTProtocolVersion

from backbone.log import describe
from ingest_gateway.mqtt.connection import MqttConnection, OnMessages
from ingest_gateway.mqtt.model import (
    UNSUPPORTED_VERSION,
    V5,
    V311,
    ConnectionLost,
    NotUnderstood,
    Opened,
    Refused,
    Terms,
)
from ingest_gateway.mqtt.socket import CONNECT_SECONDS, Address, open_socket

STEADY_SECONDS = 5.0
"""A connection that lived so long was a good one: the next attempt after it is made at once."""
BACK_OFF_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0)
LEAVE_SECONDS = 1.0
HANG_UPS = 3
"""After so many hang-ups or missing answers in one version of MQTT, another version is tried. Not once the broker has
spoken it: then it is starting, or in trouble, and in 3.1.1 it would share no subscriptions."""

log = structlog.get_logger("mqtt")

Filters = Callable[[], Sequence[str]]
"""The topic filters to subscribe to; asked when a connection has been opened."""


class MqttClient:
    def __init__(
        self,
        address: Address,
        terms: Terms,
        filters: Filters,
        on_messages: OnMessages,
        *,
        former: Filters = tuple,
        versions: Sequence[MQTTProtocolVersion] = (V5, V311),
    ) -> None:
        """
        :param former: filters of earlier connections, to which a session that the broker has kept may still subscribe
        :param versions: of MQTT, the best first; another is tried when the broker does not know one
        """
        self._address = address
        self._terms = terms
        self._filters, self._former = filters, former
        self._on_messages = on_messages
        self._versions = list(versions)
        self._hang_ups = 0
        self._tried = 0
        self._newest: MqttConnection | None = None
        self.connection: MqttConnection | None = None
        """The one in use; None while there is none."""
        self.reached = asyncio.Event()
        """Set while there is one."""
        self.trouble: str | None = "not connected yet"
        self.met = asyncio.Event()
        """Set once the broker has said which version it speaks, and whether it shares subscriptions."""
        self.shares = False
        self.has_left = False

    @property
    def version(self) -> MQTTProtocolVersion:
        return self._versions[0]

    async def run(self) -> None:
        """Runs until cancelled. The connection stays open until `say_goodbye`, for the last acknowledgements."""
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
        sock = await open_socket(self._address)
        connection = self._newest = MqttConnection(self.version, self._terms, sock, self._on_messages)
        async with asyncio.timeout(CONNECT_SECONDS):
            opened = await self._opened(connection)
            await connection.subscribe(filters := self._filters())
        if opened.session_present and (ended := [one for one in self._former() if one not in filters]):
            connection.unsubscribe(ended)  # nobody need wait for it
        self.connection, self.trouble = connection, None
        self.reached.set()
        log.info(
            "mqtt_connected",
            client_id=self._terms.client_id,
            version="5.0" if connection.version == V5 else "3.1.1",
            session_present=opened.session_present,
        )
        raise ConnectionLost(await asyncio.shield(connection.lost))

    def pause(self) -> None:
        """Stops receiving; what was received can still be acknowledged."""
        if self._newest is not None:
            self._newest.pause()

    async def leave(self) -> None:
        """Nothing more is dealt to this client; what the broker has dealt it already comes. Call `say_goodbye` next."""
        if self.connection is not None and self.connection is self._newest:
            with suppress(TimeoutError, ConnectionLost):
                await asyncio.wait_for(self.connection.unsubscribe(self._filters()), LEAVE_SECONDS)
                self.has_left = True

    def say_goodbye(self) -> None:
        """The broker keeps the session, and delivers what was not acknowledged to the next connection; not after
        `leave`."""
        if self._newest is not None:
            self._newest.say_goodbye(for_good=self.has_left)
        self.connection = self._newest = None
        self.reached.clear()

    async def _opened(self, connection: MqttConnection) -> Opened:
        try:
            opened = await connection.opened()
        except Refused as error:
            if error.code == UNSUPPORTED_VERSION:
                self._next_version()
            raise
        except NotUnderstood:
            self._next_version()
            raise
        except (ConnectionLost, asyncio.CancelledError):
            self._hang_ups += 1
            if self._hang_ups >= HANG_UPS and not self.met.is_set():
                self._next_version()
            raise
        self._hang_ups = 0
        self.shares = opened.shares
        self.met.set()
        return opened

    def _next_version(self) -> None:
        self._hang_ups = 0
        self._versions.append(self._versions.pop(0))
        if len(self._versions) > 1:
            log.warning("mqtt_other_version", client_id=self._terms.client_id, version=str(self.version.name))

    def _note(self, error: Exception) -> None:
        trouble = f"MQTT broker {self._address.host}:{self._address.port}: {describe(error)}"
        if trouble != self.trouble and not (isinstance(error, Refused) and error.code == UNSUPPORTED_VERSION):
            log.warning("mqtt_lost", client_id=self._terms.client_id, reason=trouble)
        self.trouble = trouble
