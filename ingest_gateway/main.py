"""The gateway: MQTT → bus, and receipts and commands back. Run as `yian gateway`."""

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from backbone import dead_letters, process
from backbone.connect import connect_bus
from backbone.consume import Consumer
from backbone.priority import carry_alarms, let_alarms_go_first
from backbone.process import Process
from contracts.topics import DEVICE_DOWNLINK
from ingest_gateway.durable import DurableBus
from ingest_gateway.flood.book import FloodBook
from ingest_gateway.flood.bulk_pace import BulkPace
from ingest_gateway.flood.pace import Pace
from ingest_gateway.mqtt import routes
from ingest_gateway.mqtt.bulk_lane import BulkLane
from ingest_gateway.mqtt.client import MqttClient
from ingest_gateway.mqtt.downlink import Downlink
from ingest_gateway.mqtt.event_lane import EventLane
from ingest_gateway.mqtt.held import Held
from ingest_gateway.mqtt.model import FOR_EVER, Terms
from ingest_gateway.mqtt.neighbours import Neighbours
from ingest_gateway.mqtt.probes import PathProbes
from ingest_gateway.mqtt.share import FORMER_GROUP, group_name, shared
from ingest_gateway.mqtt.sharing import Sharing
from ingest_gateway.mqtt.socket import Address
from ingest_gateway.retiring import retire
from ingest_gateway.settings import GatewaySettings

GROUP = "gateway"
LAST_BATCHES_SECONDS = 5.0
EVENT_SESSION_SECONDS = 60
"""Long enough that a gateway that restarts finds its session. One that stays away is forgotten soon, because the broker
goes on assigning it a share of the alarms; devices repeat what it held until somebody accepts it."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Gateway:
    """Two connections to the broker: alarms have their own, so they never queue behind telemetry there.

    Each may run in its own process; then alarms do not wait for the processor either.
    """

    def __init__(self, settings: GatewaySettings, now: Callable[[], datetime] = utc_now) -> None:
        self._settings, self._now = settings, now
        self._password = settings.mqtt_password.get_secret_value() if settings.mqtt_password else None
        self.takes_alarms, self.takes_bulk = (settings.gateway_lanes in ("all", lane) for lane in ("event", "bulk"))
        self._bus = connect_bus(settings.bus, client=f"yian-gateway-{settings.gateway_id}")
        self.bus = DurableBus(self._bus)
        self._book = FloodBook(time.monotonic, now)
        held = self._held("event", settings.gateway_in_flight), self._held("bulk", settings.gateway_bulk_in_flight)
        self._all_held = held
        self._events = EventLane(self.bus, held[0], now, self._book, Pace(time.monotonic))
        self._bulk = BulkLane(
            self.bus,
            held[1],
            now,
            self._book,
            BulkPace(time.monotonic),
            to_event_lane=self._events.on_messages,
            linger_seconds=settings.gateway_linger_ms / 1000,
        )
        address = Address.parse(settings.mqtt)
        self._probes = PathProbes(
            self._bus,
            lambda: self.event_client.connection,
            lambda: self.event_client.reached.wait(),  # noqa: PLW0108  made below
            now,
            gateway_id=settings.gateway_id,
        )
        self._neighbours = Neighbours(self._bus, gateway_id=settings.gateway_id)
        heard = self._probes.beside(self._events.on_messages)
        self.event_client = MqttClient(
            address, self._terms("event"), self._event_filters, heard, former=lambda: self._former(routes.UP_EVENT)
        )
        self.bulk_client = MqttClient(
            address,
            self._bulk_terms(),
            self._bulk_filters,
            self._bulk.on_messages,
            former=lambda: self._former(routes.EVERY_UP),
        )

        self._sharing = Sharing(address, self._terms("bulk.asks"))

    def _held(self, name: str, max_messages: int) -> Held:
        return Held(name, max_messages=max_messages, max_bytes=self._settings.gateway_held_mib * 1024 * 1024)

    def _terms(self, name: str) -> Terms:
        settings = self._settings
        return Terms(
            client_id=f"yian.gateway.{settings.gateway_id}.{name}",
            username=settings.mqtt_username,
            password=self._password,
            session_expiry=EVENT_SESSION_SECONDS,
            receive_maximum=settings.gateway_in_flight,
        )

    def _bulk_terms(self) -> Terms:
        """Devices do not repeat telemetry: what waits for this gateway is kept as long as the broker keeps it."""
        in_flight = self._settings.gateway_bulk_in_flight
        return replace(self._terms("bulk"), session_expiry=FOR_EVER, receive_maximum=in_flight)

    def _event_filters(self) -> list[str]:
        return self._shared(routes.UP_EVENT)

    def _bulk_filters(self) -> list[str]:
        return self._shared(routes.EVERY_UP)

    @property
    def _in_groups(self) -> bool:
        """A gateway of telemetry alone has asked before it subscribes."""
        return self.event_client.shares or not self.takes_alarms

    def _shared(self, *filters: str) -> list[str]:
        """All gateways together; if the broker cannot share subscriptions, one gateway gets everything."""
        if not self._in_groups:
            return list(filters)
        return [shared(group_name(self._password), topic_filter) for topic_filter in filters]

    def _former(self, topic_filter: str) -> list[str]:
        """A session keeps what it subscribed to in an earlier group, or in none (MQTT 3.1.1): everything would come
        twice. A broker without groups would take the name of one for the filter that is wanted."""
        if not self._in_groups:
            return []
        before = self._settings.mqtt_former_password
        known = before.get_secret_value() if before else ""
        groups = [FORMER_GROUP, *([group_name(known)] if known else ())]
        return [topic_filter, *[shared(group, topic_filter) for group in groups]]

    async def run(self) -> None:
        """Until cancelled."""
        downlink = Downlink(lambda: self.event_client.connection, self._now)
        consumer = Consumer(
            self._bus,
            [DEVICE_DOWNLINK],
            group=GROUP,
            handle=downlink.handle,
            set_aside=dead_letters.set_aside(self._bus),
        )
        neighbours = asyncio.create_task(self._neighbours.run(), name="neighbours") if self.takes_alarms else None
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.bus.watch(), name="bus watch")
                tasks.create_task(self._book.watch(self.bus), name="floods")
                if self.takes_alarms:
                    tasks.create_task(self.event_client.run(), name="mqtt event")
                    tasks.create_task(self._probes.run(), name="probes")
                    tasks.create_task(consumer.run(), name="downlink")
                if self.takes_bulk:
                    tasks.create_task(self._run_bulk(), name="mqtt bulk")
        finally:
            await self._leave()
            if neighbours is not None:
                neighbours.cancel()
            await self._end()

    async def _run_bulk(self) -> None:
        """Waits until it is known whether the broker shares subscriptions. The alarms' client learns it; without one, a
        separate connection asks."""
        if self.takes_alarms:
            await self.event_client.met.wait()
        else:
            await self._sharing.learned()
        await self.bulk_client.run()

    async def retire(self) -> None:
        """Ends by itself once nothing waits for this gateway. Its sessions end with it; in MQTT 3.1.1 they stay, but
        nothing is dealt to them any more."""
        lanes = ((self.takes_alarms, self.event_client), (self.takes_bulk, self.bulk_client))
        clients = [client for is_taken, client in lanes if is_taken]
        working = asyncio.create_task(self.run())
        leaving = asyncio.create_task(
            retire(
                clients,
                lambda: sum(held.taken for held in self._all_held),
                lambda: sum(held.messages for held in self._all_held),
            )
        )
        try:
            await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working

    @property
    def bulk_trouble(self) -> str | None:
        return self.bulk_client.trouble if self.takes_alarms else self._sharing.trouble or self.bulk_client.trouble

    async def _leave(self) -> None:
        """Where another gateway stays, the broker deals it everything from now on. Alone, this one will come back soon,
        and the broker keeps for it what comes meanwhile."""
        if self.takes_alarms and self.event_client.shares and await self._neighbours.one_stays():
            await self.event_client.leave()
            if under_way := self._events.under_way:
                await asyncio.wait(under_way, timeout=1.0)  # its acknowledgements bring what the broker still holds

    async def _end(self) -> None:
        """Stores what was received, if the bus is quick. The broker delivers the rest again."""
        clients = (self.event_client, self.bulk_client)
        for client in clients:
            client.pause()
        self._events.close()
        self._bulk.close_batch()
        self._bulk.tell_late()
        counts = asyncio.create_task(self.bus.keep(self._book.due(at_the_end=True)))
        under_way = self._events.under_way | self._bulk.under_way | {counts}
        await asyncio.wait(under_way, timeout=LAST_BATCHES_SECONDS)
        for client in clients:
            client.say_goodbye()
        if self.event_client.has_left:
            await self._probes.say_farewell()
        await self._bus.close()


def run(settings: GatewaySettings, now: Callable[[], datetime] = utc_now) -> int:
    """The exit code of the process, when it has ended."""

    async def body(life: Process) -> None:
        gateway = Gateway(settings, now)
        life.readiness.add("bus", lambda: gateway.bus.trouble)
        if gateway.takes_alarms:
            life.readiness.add("mqtt_event", lambda: gateway.event_client.trouble)
        if gateway.takes_bulk:
            life.readiness.add("mqtt_bulk", lambda: gateway.bulk_trouble)
        await (gateway.retire() if settings.gateway_retires else gateway.run())

    if settings.gateway_lanes == "bulk":
        let_alarms_go_first()
    elif settings.gateway_lanes == "event":
        carry_alarms()
    return process.run(
        "gateway",
        body,
        metrics_port=settings.metrics_port,
        metrics_host=settings.metrics_host,
        log_level=settings.log_level,
    )


def main() -> None:
    sys.exit(run(GatewaySettings()))


if __name__ == "__main__":
    main()
