"""What the messages of the alarms' lane say: events to store, what could not be read, and what each sender is owed."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import structlog

from backbone import dead_letters
from backbone.bus import Record
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceEvent
from contracts.downlink import Receipt
from ingest_gateway.decode.event import Decoded, garbled
from ingest_gateway.flood.book import FloodBook
from ingest_gateway.flood.counting import Waiting
from ingest_gateway.flood.glance import glance_at
from ingest_gateway.flood.pace import Pace, Sender
from ingest_gateway.mqtt import receipts
from ingest_gateway.mqtt.connection import MqttConnection
from ingest_gateway.mqtt.hearing import hear
from ingest_gateway.mqtt.model import Publish
from ingest_gateway.mqtt.routes import Route
from ingest_gateway.records import event_record

READ_SECONDS = 0.002
"""After so much the loop may do something else before the rest is read."""

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


class EventReader:
    def __init__(
        self, book: FloodBook, pace: Pace, now: Callable[[], datetime], let_go: Callable[[Sequence[Due]], None]
    ) -> None:
        """:param let_go: takes back the memory of a message that will not be answered"""
        self._book, self._pace, self._now, self._let_go = book, pace, now, let_go

    async def read(self, messages: Sequence[Arrived]) -> Read:
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
