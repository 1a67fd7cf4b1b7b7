"""`up/event`: each message is kept at once; then the device is told, and only then the broker."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

import structlog
from prometheus_client import Counter, Histogram

from backbone import dead_letters
from backbone.bus import Record
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceEvent
from contracts.downlink import Receipt
from contracts.envelope import headers
from contracts.topics import DEVICE_EVENT
from ingest_gateway.decode.event import Decoded, decode, garbled
from ingest_gateway.durable import DurableBus
from ingest_gateway.mqtt import receipts
from ingest_gateway.mqtt.connection import MqttConnection
from ingest_gateway.mqtt.held import Held
from ingest_gateway.mqtt.model import Publish
from ingest_gateway.mqtt.routes import Routes, down

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
    def __init__(self, bus: DurableBus, held: Held, now: Callable[[], datetime]) -> None:
        self._bus = bus
        self._held = held
        self._now = now
        self._routes = Routes()
        self.under_way: set[asyncio.Task[None]] = set()

    def on_messages(self, connection: MqttConnection, messages: list[Publish]) -> None:
        """Whatever came in one piece goes to the bus in one piece; nothing waits for more."""
        size = self._held.take(connection, messages)
        task = asyncio.create_task(self._keep(connection, messages, size))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def _keep(self, connection: MqttConnection, messages: list[Publish], size: int) -> None:
        received_at = self._now()
        started = asyncio.get_running_loop().time()
        try:
            records, read = self._read(messages, received_at)
            if records:
                await self._bus.keep(records)
            for device_id, due in _due(read, received_at).items():
                connection.publish_unwatched(down(device_id, "receipt"), receipts.payload(due))
            connection.acknowledge([message.mid for message in messages if message.mid])
            KEEP_SECONDS.observe(asyncio.get_running_loop().time() - started)
        except Exception:
            # Not acknowledged: the broker gives them again when it or we come back.
            log.exception("events_not_kept", messages=len(messages))
        finally:
            self._held.give_back(len(messages), size)

    def _read(self, messages: list[Publish], received_at: datetime) -> tuple[list[Record], list[tuple[str, Decoded]]]:
        """(what has to be durable, what each device said)."""
        records: list[Record] = []
        read: list[tuple[str, Decoded]] = []
        for message in messages:
            route = self._routes.of(message.topic)
            if route is None:
                records.append(nameless(message, received_at))
            elif message.payload or not message.retained:
                decoded = decode(message.payload, route.device_id, received_at)
                records += _records(decoded, message.payload, route.device_id, received_at)
                read.append((route.device_id, decoded))
        return records, read


def _due(read: list[tuple[str, Decoded]], at: datetime) -> dict[str, list[Receipt]]:
    """The receipts each device is due, now that all it said is durable."""
    due: defaultdict[str, list[Receipt]] = defaultdict(list)
    for device_id, decoded in read:
        due[device_id] += receipts.of_message(decoded, at)
        ACCEPTED_EVENTS.inc(len(decoded.events))
        for rejection in decoded.rejections:
            REJECTED_EVENTS.inc()
            REJECTED.labels(rejection.code).inc()
    return due


def _records(decoded: Decoded, payload: bytes, device_id: str, received_at: datetime) -> list[Record]:
    events = list(decoded.events)
    records: list[Record] = []
    if decoded.rejections:
        events.append(garbled(payload, device_id, received_at, decoded.rejections))
        letter = DeadLetter(
            letter_id=dead_letters.letter_id("event", device_id, payload),
            device_id=device_id,
            lane="event",
            code=decoded.rejections[0].code,
            detail="; ".join(bad.detail for bad in decoded.rejections[:8]),
            received_at=received_at,
            payload=payload,
        )
        records.append(dead_letters.record_of(letter))
    return [event_record(event) for event in events] + records


def event_record(event: DeviceEvent) -> Record:
    attributes = headers(event.TYPE, event.SOURCE, event_id=f"{event.device_id}/{event.event_id}", at=event.received_at)
    return Record(DEVICE_EVENT.name, event.value(), key=event.device_id, headers=attributes)


def nameless(message: Publish, received_at: datetime) -> Record:
    """A message on a topic that names no device: there is nobody to answer, but somebody may look."""
    topic = message.topic.replace("\x00", "\ufffd")[:256]
    letter = DeadLetter(
        letter_id=dead_letters.letter_id("topic", topic, message.payload),
        device_id="",
        lane="topic",
        code="topic.bad_device",
        detail=f"topic {topic}: a device id has 3 to 64 of A–Z a–z 0–9 _ -",
        received_at=received_at,
        payload=message.payload,
    )
    return dead_letters.record_of(letter)
