"""The gateway: MQTT → bus, and receipts and commands back. Run as `yian gateway`."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from backbone import dead_letters, process
from backbone.connect import connect_bus
from backbone.consume import Consumer
from backbone.process import Process
from contracts.topics import DEVICE_DOWNLINK
from ingest_gateway import mqtt_packets, routes
from ingest_gateway.bulk_lane import BulkLane
from ingest_gateway.downlink import Downlink
from ingest_gateway.durable import DurableBus
from ingest_gateway.event_lane import EventLane
from ingest_gateway.held import Held
from ingest_gateway.mqtt_client import Address, MqttClient
from ingest_gateway.mqtt_connection import OnMessages, Terms
from ingest_gateway.routes import Lane
from ingest_gateway.settings import GatewaySettings

GROUP = "gateway"
LAST_BATCHES_SECONDS = 5.0
EVENT_SESSION_SECONDS = 60
"""A restart finds its session; a gateway that stays away is forgotten before long, for the broker goes on dealing it
its share of the alarms. What it held the devices say again until somebody accepts it."""
BULK_SESSION_SECONDS = 24 * 3600
"""Nobody says telemetry again: it waits for this gateway."""


def now() -> datetime:
    return datetime.now(UTC)


class Gateway:
    """Two connections to the broker: what may be an alarm has its own, and never queues behind telemetry there."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._bus = connect_bus(settings.bus, client=f"yian-gateway-{settings.gateway_id}")
        self.bus = DurableBus(self._bus)
        self._events = EventLane(self.bus, self._held("event"), now)
        self._bulk = BulkLane(self.bus, self._held("bulk"), now, linger_seconds=settings.gateway_linger_ms / 1000)
        self.event_client = self._client("event", ["event"], self._events.on_messages, EVENT_SESSION_SECONDS)
        self.bulk_client = self._client("bulk", ["telemetry", "status"], self._bulk.on_messages, BULK_SESSION_SECONDS)

    def _held(self, name: str) -> Held:
        settings = self._settings
        return Held(name, max_messages=settings.gateway_in_flight, max_bytes=settings.gateway_held_mib * 1024 * 1024)

    def _client(self, name: str, lanes: Sequence[Lane], on_messages: OnMessages, session_seconds: int) -> MqttClient:
        settings = self._settings
        password = settings.mqtt_password.get_secret_value() if settings.mqtt_password else None
        terms = Terms(
            client_id=f"yian.gateway.{settings.gateway_id}.{name}",
            username=settings.mqtt_username,
            password=password,
            session_expiry=session_seconds,
            receive_maximum=settings.gateway_in_flight,
        )
        return MqttClient(Address.parse(settings.mqtt), terms, _filters(lanes), on_messages)

    async def run(self) -> None:
        """Until cancelled."""
        downlink = Downlink(lambda: self.event_client.connection, now)
        consumer = Consumer(
            self._bus,
            [DEVICE_DOWNLINK],
            group=GROUP,
            handle=downlink.handle,
            set_aside=dead_letters.set_aside(self._bus),
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.event_client.run(), name="mqtt event")
                tasks.create_task(self.bulk_client.run(), name="mqtt bulk")
                tasks.create_task(self.bus.watch(), name="bus watch")
                tasks.create_task(consumer.run(), name="downlink")
        finally:
            await self._end()

    async def _end(self) -> None:
        """What was taken is kept if the bus is quick; what is not, the broker gives again."""
        clients = (self.event_client, self.bulk_client)
        for client in clients:
            client.pause()
        self._bulk.close_batch()
        under_way = self._events.under_way | self._bulk.under_way
        if under_way:
            await asyncio.wait(under_way, timeout=LAST_BATCHES_SECONDS)
        for client in clients:
            client.say_goodbye()
        await self._bus.close()


def _filters(lanes: Sequence[Lane]) -> Callable[[int], list[str]]:
    """Shared among all gateways; brokers of MQTT 3.1.1 have no sharing, there one gateway hears all."""

    def filters(version: int) -> list[str]:
        share = f"$share/{GROUP}/" if version == mqtt_packets.V5 else ""
        return [share + routes.up(lane) for lane in lanes]

    return filters


def run(settings: GatewaySettings) -> int:
    """The exit code of the process, when it has ended."""

    async def body(life: Process) -> None:
        gateway = Gateway(settings)
        life.readiness.add("bus", lambda: gateway.bus.trouble)
        life.readiness.add("mqtt_event", lambda: gateway.event_client.trouble)
        life.readiness.add("mqtt_bulk", lambda: gateway.bulk_client.trouble)
        await gateway.run()

    return process.run("gateway", body, metrics_port=settings.metrics_port, log_level=settings.log_level)


def main() -> None:
    sys.exit(run(GatewaySettings()))


if __name__ == "__main__":
    main()
