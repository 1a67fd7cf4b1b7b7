"""Does the broker share subscriptions? A gateway of telemetry alone must know before it subscribes.

If the broker does not, every further gateway would receive everything a second time.
"""

import asyncio
from dataclasses import replace

import structlog

from backbone.log import describe
from ingest_gateway.mqtt.connection import MqttConnection
from ingest_gateway.mqtt.model import UNSUPPORTED_VERSION, V5, ConnectionLost, NotUnderstood, Refused, Terms
from ingest_gateway.mqtt.socket import CONNECT_SECONDS, Address, open_socket

ASK_AGAIN_SECONDS = 5.0
NO_SHARING = (
    "this MQTT broker shares no subscriptions: use one that does (Mosquitto 2, EMQX), "
    "or one gateway for everything (YIAN_GATEWAY_LANES=all)"
)

log = structlog.get_logger("mqtt")


class Sharing:
    def __init__(self, address: Address, terms: Terms) -> None:
        self._address = address
        self._terms = replace(terms, session_expiry=0)
        self.trouble: str | None = "the broker has not been asked yet whether it shares subscriptions"

    async def learned(self) -> None:
        """Returns when the broker shares; asks it again and again until it does."""
        while (trouble := await self._trouble()) is not None:
            if trouble != self.trouble:
                log.warning("mqtt_no_sharing", reason=trouble)
            self.trouble = trouble
            await asyncio.sleep(ASK_AGAIN_SECONDS)
        self.trouble = None

    async def _trouble(self) -> str | None:
        try:
            return None if await self._shares() else NO_SHARING
        except (OSError, TimeoutError, ConnectionLost, Refused) as error:
            return f"MQTT broker {self._address.host}:{self._address.port}: {describe(error)}"

    async def _shares(self) -> bool:
        sock = await open_socket(self._address)
        connection = MqttConnection(V5, self._terms, sock, lambda *_: None)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return (await connection.opened()).shares
        except NotUnderstood:
            return False
        except Refused as error:
            if error.code == UNSUPPORTED_VERSION:
                return False
            raise
        finally:
            connection.say_goodbye()
