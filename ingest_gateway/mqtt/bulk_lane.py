"""Everything below `up/` except `up/event`: collected for some milliseconds, stored as one record, acknowledged
together.

A single telemetry message has no await, no log line, no bus record and no acknowledgement call of its own. What a
device sends beyond its pace is counted (`ingest_gateway.flood`). What may be an alarm goes to the event lane at once.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from prometheus_client import Counter, Histogram

from backbone import dead_letters
from backbone.bus import Record
from contracts.dead_letter import DeadLetter
from contracts.device_packing import MAX_BYTES
from contracts.telemetry import TelemetryMessage
from ingest_gateway.decode.elsewhere import names_alarms
from ingest_gateway.decode.lookout import Lookout
from ingest_gateway.decode.status import BadStatus, read_status
from ingest_gateway.durable import DurableBus
from ingest_gateway.flood.book import FloodBook
from ingest_gateway.flood.bulk_pace import BulkPace
from ingest_gateway.mqtt.connection import MqttConnection, OnMessages
from ingest_gateway.mqtt.event_lane import LONG_BYTES
from ingest_gateway.mqtt.event_reader import nameless
from ingest_gateway.mqtt.hearing import holds_event, status_record, telemetry_record
from ingest_gateway.mqtt.held import Held
from ingest_gateway.mqtt.model import Publish
from ingest_gateway.mqtt.routes import Route, Routes

BATCH_MESSAGES = 1_000
BATCH_BYTES = 384 * 1024
ACKNOWLEDGED_A_TURN = 64
"""After so many acknowledgements the loop may do something else: an alarm must not wait for a thousand of them."""
LATE_STATUS_SECONDS = 5.0
"""How long statuses are collected of a device that connects again and again."""

_EVENT, _DEEP = "/up/event", 4
"""How `up/event` ends, and how many strokes are in it: a hub may put its own topics below `up/`."""

MESSAGES = Counter("yian_gateway_bulk_messages", "messages kept", ["lane"])
TELEMETRY_MESSAGES = MESSAGES.labels("telemetry")
STATUS_MESSAGES = MESSAGES.labels("status")
DEAD = Counter("yian_gateway_bulk_dead_letters", "messages that could not be read", ["code"])
KEEP_SECONDS = Histogram(
    "yian_gateway_bulk_keep_seconds",
    "from a batch's closing to its acknowledgement",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 10, 60),
)

log = structlog.get_logger("bulk_lane")


@dataclass(slots=True)
class Batch:
    """What was collected, all of it from one connection."""

    connection: MqttConnection
    telemetry: list[TelemetryMessage] = field(default_factory=list)
    others: list[Record] = field(default_factory=list)
    mids: list[int] = field(default_factory=list)
    messages: int = 0
    bytes: int = 0


def _is_copy(topic: str) -> bool:
    return topic.endswith(_EVENT) and topic.count("/") == _DEEP


class BulkLane:
    def __init__(
        self,
        bus: DurableBus,
        held: Held,
        now: Callable[[], datetime],
        book: FloodBook,
        pace: BulkPace,
        *,
        to_event_lane: OnMessages,
        linger_seconds: float,
    ) -> None:
        self._bus, self._held, self._now, self._book, self._pace = bus, held, now, book, pace
        self._linger = linger_seconds
        self._to_event_lane = to_event_lane
        self._routes = Routes()
        self._lookout = Lookout()
        self._late: asyncio.TimerHandle | None = None
        self._batch: Batch | None = None
        self._closing: asyncio.TimerHandle | None = None
        self.under_way: set[asyncio.Task[None]] = set()

    def on_messages(self, connection: MqttConnection, messages: list[Publish]) -> None:
        copies = [message for message in messages if _is_copy(message.topic)]
        if copies:  # their own connection brings them to the event lane
            connection.acknowledge([copy.mid for copy in copies if copy.mid])
            messages = [message for message in messages if not _is_copy(message.topic)]
        if messages:
            self._take(connection, messages)

    def _take(self, connection: MqttConnection, messages: list[Publish]) -> None:
        if self._batch is not None and self._batch.connection is not connection:
            self.close_batch()
        if self._batch is None:
            self._batch = Batch(connection)
            self._closing = asyncio.get_running_loop().call_later(self._linger, self.close_batch)
        batch = self._batch
        batch.bytes += self._held.take(connection, messages)
        batch.messages += len(messages)
        self._collect(batch, messages)
        if batch.messages >= BATCH_MESSAGES or batch.bytes >= BATCH_BYTES:
            self.close_batch()

    def _collect(self, batch: Batch, messages: list[Publish]) -> None:
        received_at = self._now()
        received_us = int(received_at.timestamp() * 1_000_000)
        route_of, heard, takes_telemetry = self._routes.of, self._book.heard, self._pace.takes_telemetry
        alarms: list[Publish] = []
        for message in messages:
            route, payload = route_of(message.topic), message.payload
            beyond = (
                route is not None and route.lane == "telemetry" and not takes_telemetry(route.device_id, len(payload))
            )
            if route is not None and self._concerns_alarms(route, message, received_at, beyond=beyond):
                alarms.append(message)
                continue
            if message.mid:
                batch.mids.append(message.mid)
            if route is None:
                batch.others += self._book.letters(nameless(message, received_at))
                continue
            heard(route.device_id, len(payload))
            if not payload and (message.retained or route.lane != "telemetry"):
                continue  # somebody cleared a retained message
            if beyond:
                self._book.unread(route.device_id, "telemetry", payload)
            elif route.lane == "telemetry" and len(payload) <= MAX_BYTES:
                batch.telemetry.append(TelemetryMessage(route.device_id, received_us, payload))
            else:
                batch.others += self._other(route, message, received_at)
        if alarms:
            self._hand_over(batch, alarms)

    def _concerns_alarms(self, route: Route, message: Publish, received_at: datetime, *, beyond: bool) -> bool:
        """:param beyond: the device's pace; the event lane then decides whether there is time to read it."""
        payload = message.payload
        if route.lane == "other":
            return bool(payload) or names_alarms(route.topic)
        if route.lane == "event" or not payload:
            return False
        if len(payload) > MAX_BYTES or not self._lookout.may_be_alarm(payload):
            return False
        return beyond or len(payload) > LONG_BYTES or holds_event(route, message, received_at)

    def _hand_over(self, batch: Batch, alarms: list[Publish]) -> None:
        """The event lane stores, answers and acknowledges them."""
        size = sum([len(message.payload) for message in alarms])
        batch.messages -= len(alarms)
        batch.bytes -= size
        self._held.give_back(len(alarms), size)
        self._to_event_lane(batch.connection, alarms)

    def _other(self, route: Route, message: Publish, received_at: datetime) -> list[Record]:
        """A status, or a dead letter for what is none and for telemetry that is too large."""
        if route.lane != "status":
            detail = f"{len(message.payload)} bytes: send at most {MAX_BYTES} in a message"
            return self._dead(route, message, received_at, "telemetry.too_large", detail)
        try:
            status = read_status(message.payload, route.device_id, received_at, retained=message.retained)
        except BadStatus as error:
            return self._dead(route, message, received_at, "status.bad", str(error))
        STATUS_MESSAGES.inc()
        record = status_record(status)
        if self._pace.tells_status(route.device_id, record):
            return [record]
        self._book.counted(route.device_id)
        if self._late is None:
            self._late = asyncio.get_running_loop().call_later(LATE_STATUS_SECONDS, self.tell_late)
        return []

    def _dead(self, route: Route, message: Publish, received_at: datetime, code: str, detail: str) -> list[Record]:
        DEAD.labels(code).inc()
        letter = DeadLetter(
            letter_id=dead_letters.letter_id(route.lane, route.device_id, message.payload),
            device_id=route.device_id,
            lane=route.lane,
            code=code,
            detail=detail,
            received_at=received_at,
            payload=message.payload,
        )
        return self._book.letters(letter)

    def tell_late(self) -> None:
        """The last status of each device that sent more than is passed on singly."""
        if self._late is not None:
            self._late.cancel()
            self._late = None
            self._start(self._bus.keep(self._pace.late_statuses()))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    def close_batch(self) -> None:
        """Sends to the bus now what has been collected."""
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        batch, self._batch = self._batch, None
        if batch is not None:
            self._start(self._keep(batch))

    async def _keep(self, batch: Batch) -> None:
        started = asyncio.get_running_loop().time()
        try:
            records = [*batch.others, *([telemetry_record(batch.telemetry)] if batch.telemetry else ())]
            if records:
                await self._bus.keep(records)
            for start in range(0, len(batch.mids), ACKNOWLEDGED_A_TURN):
                batch.connection.acknowledge(batch.mids[start : start + ACKNOWLEDGED_A_TURN])
                await asyncio.sleep(0)
            TELEMETRY_MESSAGES.inc(len(batch.telemetry))
            KEEP_SECONDS.observe(asyncio.get_running_loop().time() - started)
        except Exception:
            # Not acknowledged: the broker delivers them again when it or we come back.
            log.exception("batch_not_kept", messages=batch.messages)
        finally:
            self._held.give_back(batch.messages, batch.bytes)
