"""What may be an alarm: each message is stored at once; then the device gets its receipt, and only then the broker its
PUBACK.

Its own connection brings `up/event`; the bulk lane hands over what it finds on other topics. Long messages, and those
of a device beyond its pace, are read after the others. Events beyond the pace are counted together
(`ingest_gateway.flood`). Neither makes other devices wait.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime

import structlog
from prometheus_client import Counter, Histogram

from contracts.downlink import Receipt
from ingest_gateway.durable import DurableBus
from ingest_gateway.flood.book import FloodBook
from ingest_gateway.flood.counting import GATHER_SECONDS, Counting
from ingest_gateway.flood.pace import Pace
from ingest_gateway.flood.turns import Turns
from ingest_gateway.mqtt import receipts
from ingest_gateway.mqtt.connection import MqttConnection
from ingest_gateway.mqtt.event_reader import Arrived, Due, EventReader, Read
from ingest_gateway.mqtt.held import Held
from ingest_gateway.mqtt.model import Publish
from ingest_gateway.mqtt.routes import Route, Routes, down

LONG_BYTES = 4 * 1024
"""Reading more than this takes so long that another device's press would notice."""

EVENTS = Counter("yian_gateway_events", "events kept, by outcome", ["outcome"])
ACCEPTED_EVENTS, REJECTED_EVENTS = EVENTS.labels("accepted"), EVENTS.labels("rejected")
REJECTED = Counter("yian_gateway_rejected", "events that could not be read", ["code"])
KEEP_SECONDS = Histogram(
    "yian_gateway_event_keep_seconds",
    "from a message's arrival to its receipt",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.5, 2, 10, 60),
)

log = structlog.get_logger("event_lane")


class EventLane:
    def __init__(
        self,
        bus: DurableBus,
        held: Held,
        now: Callable[[], datetime],
        book: FloodBook,
        pace: Pace,
        *,
        gather_seconds: float = GATHER_SECONDS,
    ) -> None:
        self._bus, self._held, self._book = bus, held, book
        self._reader = EventReader(book, pace, now, self._let_go)
        self._routes = Routes()
        self._counting = Counting[Due](bus, pace, self._answer, self._let_go, gather_seconds=gather_seconds)
        self._later = Turns[Arrived]()
        self._reading_later = False
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def under_way(self) -> set[asyncio.Task[None]]:
        return self._tasks | self._counting.under_way

    def close(self) -> None:
        """Sends to the bus now what has been collected."""
        self._counting.close()

    def on_messages(self, connection: MqttConnection, messages: list[Publish]) -> None:
        """Everything received in one read goes to the bus in one call; nothing waits for more."""
        self._held.take(connection, messages)
        at_once, unread = list[Arrived](), list[Due]()
        for message in messages:
            route = self._routes.of(message.topic)
            arrived = Arrived(connection, route, message)
            if route is None or not self._comes_later(route, message):
                at_once.append(arrived)
            elif not self._has_its_turn(route, arrived):
                self._book.unread(route.device_id, "event", message.payload)
                unread.append(Due(connection, "", (), message))
        if at_once:
            self._start(self._read_and_keep(at_once))
        if unread:
            self._answer(unread)
        if self._later and not self._reading_later:
            self._reading_later = True
            self._start(self._read_later())

    def _comes_later(self, route: Route, message: Publish) -> bool:
        """Otherwise it waits for its turn."""
        size = len(message.payload)
        return self._book.heard(route.device_id, size) or size > LONG_BYTES

    def _has_its_turn(self, route: Route, arrived: Arrived) -> bool:
        """False if the device sends faster than it can be read or stored, and already has much waiting."""
        size = len(arrived.message.payload)
        return not self._counting.is_full and self._later.add(route.device_id, size, arrived)

    async def _read_later(self) -> None:
        """Between two turns the loop does more urgent work."""
        while self._later:
            self._start(self._keep(await self._reader.read(self._later.take())))
            await asyncio.sleep(0)
        self._reading_later = False

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read_and_keep(self, arrived: Sequence[Arrived]) -> None:
        await self._keep(await self._reader.read(arrived))

    async def _keep(self, read: Read) -> None:
        started = asyncio.get_running_loop().time()
        try:
            if read.records:
                await self._bus.keep(read.records)
        except Exception:
            log.exception("events_not_kept", messages=len(read.due) + len(read.counted))
            self._let_go([*read.due, *[waiting.due for waiting in read.counted]])
            return
        for sender, event in read.singly:
            sender.keep(event)
        self._answer(read.due)
        for waiting in read.counted:
            self._counting.add(waiting)
        KEEP_SECONDS.observe(asyncio.get_running_loop().time() - started)

    def _answer(self, due: Sequence[Due]) -> None:
        """Called when all of it is durable: the devices get their receipts, then the broker its acknowledgements."""
        told: dict[tuple[MqttConnection, str], list[Receipt]] = {}
        mids: dict[MqttConnection, list[int]] = {}
        for connection, device_id, receipts_due, message in due:
            if receipts_due:
                told.setdefault((connection, device_id), []).extend(receipts_due)
            if message is not None and message.mid:
                mids.setdefault(connection, []).append(message.mid)
        for (connection, device_id), owed in told.items():
            for payload in receipts.payloads(owed):
                connection.publish_unwatched(down(device_id, "receipt"), payload)
            _count(owed)
        for connection, acknowledged in mids.items():
            connection.acknowledge(acknowledged)
        self._let_go(due)

    def _let_go(self, due: Sequence[Due]) -> None:
        """Gives the memory back. What was not acknowledged the broker delivers again when it or we come back."""
        messages = [one.message for one in due if one.message is not None]
        self._held.give_back(len(messages), sum([len(message.payload) for message in messages]))


def _count(owed: Sequence[Receipt]) -> None:
    ACCEPTED_EVENTS.inc(sum([receipt.status == "accepted" for receipt in owed]))
    for receipt in owed:
        if receipt.code is not None:
            REJECTED_EVENTS.inc()
            REJECTED.labels(receipt.code).inc()
