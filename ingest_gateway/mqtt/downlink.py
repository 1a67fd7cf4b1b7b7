"""Messages of the platform to devices: from the bus to the broker. The offset is committed when the broker has them."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from prometheus_client import Counter

from backbone.bus import Delivered
from backbone.consume import Retry
from backbone.log import describe
from contracts.downlink import CommandDue, ReceiptsDue
from ingest_gateway.mqtt import receipts
from ingest_gateway.mqtt.connection import MqttConnection
from ingest_gateway.mqtt.model import ConnectionLost
from ingest_gateway.mqtt.routes import down

ANSWER_SECONDS = 10.0
SENT = Counter("yian_gateway_downlink", "messages published to devices", ["what"])

log = structlog.get_logger("downlink")


class Downlink:
    def __init__(self, connection: Callable[[], MqttConnection | None], now: Callable[[], datetime]) -> None:
        """:param connection: the one in use, or None while there is none."""
        self._connection = connection
        self._now = now

    async def handle(self, batch: list[Delivered]) -> None:
        """:raises Retry: while the broker is away. :raises ValueError: for a record that is no order of ours."""
        connection = self._connection()
        if connection is None:
            raise Retry("the MQTT broker is away")
        orders = [order for record in batch if (order := self._order(record)) is not None]
        sent = [connection.publish(topic, payload, expiry_seconds=expiry) for topic, payload, expiry in orders]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                codes = await asyncio.gather(*sent)
        except (ConnectionLost, TimeoutError) as error:
            raise Retry(f"the MQTT broker took no downlink: {describe(error)}") from error
        for (topic, _, _), code in zip(orders, codes, strict=True):
            if code >= 0x80:
                log.error("downlink_refused", topic=topic, code=f"{code:#04x}")

    def _order(self, record: Delivered) -> tuple[str, bytes, int | None] | None:
        """(topic, payload, seconds it is good for); None for a command that has expired."""
        kind = record.headers.get("ce_type")
        if kind == ReceiptsDue.TYPE:
            due = ReceiptsDue.read(record.value)
            SENT.labels("receipt").inc(len(due.receipts))
            return down(due.device_id, "receipt"), receipts.payload(due.receipts), None
        if kind == CommandDue.TYPE:
            command = CommandDue.read(record.value)
            now = self._now()
            left = int((command.expires_at - now).total_seconds())
            SENT.labels("expired command" if left <= 0 else "command").inc()
            return (
                (down(command.device_id, "command"), receipts.command_payload(command, now), left) if left > 0 else None
            )
        raise ValueError(f"a record of type {kind} is no downlink")
