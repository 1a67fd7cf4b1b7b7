"""What may be an alarm: each message is stored at once; then the device gets its receipt, and only then the broker its
PUBACK.

Its own connection brings `up/event`; the bulk lane hands over what it finds on other topics. Long messages, and those
of a device beyond its pace, are read after the others. Events beyond the pace are counted together
(`ingest_gateway.flood`). Neither makes other devices wait.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import structlog
from prometheus_client import Counter, Histogram

from backbone import dead_letters
from backbone.bus import Record
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceEvent
from contracts.downlink import Receipt
from ingest_gateway.decode.event import Decoded, garbled
from ingest_gateway.durable import DurableBus
from ingest_gateway.flood.book import FloodBook
from ingest_gateway.flood.counting import GATHER_SECONDS, Counting, Waiting
from ingest_gateway.flood.glance import glance_at
from ingest_gateway.flood.pace import Pace, Sender
from ingest_gateway.flood.turns import Turns
from ingest_gateway.mqtt import receipts
from ingest_gateway.mqtt.connection import MqttConnection
from ingest_gateway.mqtt.hearing import hear
from ingest_gateway.mqtt.held import Held
from ingest_gateway.mqtt.model import Publish
from ingest_gateway.mqtt.routes import Route, Routes, down
from ingest_gateway.records import event_record

LONG_BYTES = 4 * 1024
"""Reading more than this takes so long that another device's press would notice."""
READ_SECONDS = 0.002
"""After so much the loop may do something else before the rest is read."""

EVENTS = Counter("yian_gateway_events", "events kept, by outcome", ["outcome"])
ACCEPTED_EVENTS, REJECTED_EVENTS = EVENTS.labels("accepted"), EVENTS.labels("rejected")
REJECTED = Counter("yian_gateway_rejected", "events that could not be read", ["code"])
KEEP_SECONDS = Histogram(
    "yian_gateway_event_keep_seconds",
    "from a message's arrival to its receipt",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.5, 2, 10, 60),
)

log = structlog.get_logger("event_lane")


class Arrived(NamedTuple):
    """A message with its connection and its sender."""

    connection: MqttConnection
    route: Route | None
    message: Publish


class Due(NamedTuple):
    """What must be sent for a message once it is durable."""

    connection: MqttConnection
    device_id: str
    receipts: Sequence[Receipt]
    message: Publish | None
    """The message to acknowledge; None while a part of it is not durable yet."""


@dataclass(slots=True)
class Read:
    """The result of reading some messages."""

    records: list[Record] = field(default_factory=list)
    singly: list[tuple[Sender, DeviceEvent]] = field(default_factory=list)
    """Those of them that are in `records`."""
    due: list[Due] = field(default_factory=list)
    counted: list[Waiting[Due]] = field(default_factory=list)


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
        self._bus, self._held, self._now, self._book, self._pace = bus, held, now, book, pace
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
            self._start(self._keep(await self._read(self._later.take())))
            await asyncio.sleep(0)
        self._reading_later = False

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read_and_keep(self, arrived: Sequence[Arrived]) -> None:
        await self._keep(await self._read(arrived))

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

    async def _read(self, messages: Sequence[Arrived]) -> Read:
        """Some milliseconds at a time."""
        loop, received_at, read = asyncio.get_running_loop(), self._now(), Read()
        rested = loop.time()
        for arrived in messages:
            if loop.time() - rested > READ_SECONDS:
                await asyncio.sleep(0)
                rested = loop.time()
            try:
                await self._read_one(read, arrived, received_at)
            except Exception:
                # Not acknowledged: the broker delivers it again when it or we come back.
                log.exception("event_not_read")
                self._let_go([Due(arrived.connection, "", (), arrived.message)])
        return read

    async def _read_one(self, read: Read, arrived: Arrived, received_at: datetime) -> None:
        connection, route, message = arrived
        if route is None:
            read.records += self._book.letters(nameless(message, received_at))
        elif message.payload or not message.retained:
            device_id = route.device_id
            sender = self._pace.of(device_id)
            if self._book.crowds(device_id) and self._is_counted(read, sender, arrived, received_at):
                return
            if sender.may_be_read(len(message.payload)):
                heard = await hear(route, message, received_at)
                read.records += heard.besides
                self._take(read, sender, heard.decoded, Due(connection, device_id, (), message), received_at)
                return
            self._book.unread(device_id, "event", message.payload)
        read.due.append(Due(connection, "", (), message))

    def _is_counted(self, read: Read, sender: Sender, arrived: Arrived, received_at: datetime) -> bool:
        """A press like those before it need not be read in full."""
        connection, route, message = arrived
        if route is None or route.lane != "event":
            return False
        glance = glance_at(message.payload, route.device_id, received_at)
        if glance is None or not sender.is_spent(glance):
            return False
        self._book.counted(route.device_id)
        owed = (receipts.accepted(glance, received_at),)
        due = Due(connection, route.device_id, owed, message)
        read.counted.append(Waiting((glance,), len(message.payload), due))
        return True

    def _take(self, read: Read, sender: Sender, decoded: Decoded, due: Due, received_at: datetime) -> None:
        """Each event of a message, and each part that was no event, goes to the bus singly or is counted."""
        assert due.message is not None
        owing = [(event, [receipts.accepted(event, received_at)]) for event in decoded.events]
        now_owed, later_owed, counted = list[Receipt](), list[Receipt](), list[DeviceEvent]()
        if decoded.rejections:
            rejected = receipts.rejected(decoded.rejections, received_at)
            if decoded.may_be_alarm:
                owing.append((garbled(due.message.payload, due.device_id, received_at, decoded.rejections), rejected))
            else:
                now_owed += rejected
        for event, owed in owing:
            if sender.goes_singly(event):
                read.singly.append((sender, event))
                read.records.append(event_record(event))
                now_owed += owed
            else:
                counted.append(event)
                later_owed += owed
        if decoded.rejections:
            read.records += self._book.letters(unreadable(due, decoded, received_at))
        if counted:
            self._book.counted(due.device_id, len(counted))
            waiting = due._replace(receipts=later_owed)
            read.counted.append(Waiting(tuple(counted), len(due.message.payload), waiting))
        read.due.append(due._replace(receipts=now_owed, message=None if counted else due.message))


def _count(owed: Sequence[Receipt]) -> None:
    ACCEPTED_EVENTS.inc(sum([receipt.status == "accepted" for receipt in owed]))
    for receipt in owed:
        if receipt.code is not None:
            REJECTED_EVENTS.inc()
            REJECTED.labels(receipt.code).inc()


def unreadable(due: Due, decoded: Decoded, received_at: datetime) -> DeadLetter:
    assert due.message is not None
    return DeadLetter(
        letter_id=dead_letters.letter_id(decoded.lane, due.device_id, due.message.payload),
        device_id=due.device_id,
        lane=decoded.lane,
        code=decoded.rejections[0].code,
        detail="; ".join(bad.detail for bad in decoded.rejections[:8]),
        received_at=received_at,
        payload=due.message.payload,
    )


def nameless(message: Publish, received_at: datetime) -> DeadLetter:
    """A message on a topic that names no device: nobody can be answered, but it is stored for people to look at."""
    topic = message.topic.replace("\x00", "\ufffd")[:256]
    return DeadLetter(
        letter_id=dead_letters.letter_id("topic", topic, message.payload),
        device_id="",
        lane="topic",
        code="topic.bad_device",
        detail=f"topic {topic}: a device id has 3 to 64 of A–Z a–z 0–9 _ -",
        received_at=received_at,
        payload=message.payload,
    )
