"""The lanes between a broker and a bus of the test's own, on a clock of the test's own."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from backbone.bus import Record
from contracts.device_event import DeviceEvent
from contracts.topics import DEVICE_EVENT, Topic
from ingest_gateway.durable import DurableBus
from ingest_gateway.flood.book import FloodBook
from ingest_gateway.flood.bulk_pace import BulkPace
from ingest_gateway.flood.pace import Pace
from ingest_gateway.mqtt.bulk_lane import BulkLane
from ingest_gateway.mqtt.event_lane import EventLane
from ingest_gateway.mqtt.held import Held
from ingest_gateway.mqtt.model import Publish

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def a_press(number: int, kind: str = "help_request") -> bytes:
    return json.dumps({"specversion": "1.0", "id": f"{number}", "source": "/x", "type": f"device.{kind}"}).encode()


PRESS = json.dumps({"specversion": "1.0", "id": "a1", "source": "/x", "type": "device.sos"}).encode()


class Log:
    """What happened, in order: ("bus", topic) and ("receipt", topic) and ("ack", mids)."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, object]] = []


class FakeBus:
    def __init__(self, log: Log) -> None:
        self.log = log
        self.records: list[Record] = []
        self.publishes = 0
        self.troubles: list[Exception] = []
        self.open = asyncio.Event()
        self.open.set()

    async def publish(self, records: Sequence[Record]) -> None:
        self.publishes += 1
        await self.open.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        self.records += records
        self.log.lines += [("bus", record.topic) for record in records]

    async def partitions_of(self, topic: Topic) -> list[int]:
        return [0, 1, 2]

    def of(self, topic: str) -> list[bytes]:
        return [record.value for record in self.records if record.topic == topic]


class FakeConnection:
    def __init__(self, log: Log) -> None:
        self.log = log
        self.receipts: list[tuple[str, list[dict[str, object]]]] = []
        self.acknowledged: list[int] = []
        self.paused = False

    def publish_unwatched(self, topic: str, payload: bytes) -> None:
        self.receipts.append((topic, json.loads(payload)))
        self.log.lines.append(("receipt", topic))

    def acknowledge(self, mids: Sequence[int]) -> None:
        self.acknowledged += mids
        if mids:
            self.log.lines.append(("ack", tuple(mids)))

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False


class Scene:
    def __init__(
        self, *, max_messages: int = 1000, max_bytes: int = 1_000_000, linger: float = 0.01, gather: float = 0.25
    ) -> None:
        self.log = Log()
        self.bus = FakeBus(self.log)
        self.connection = FakeConnection(self.log)
        self.durable = DurableBus(self.bus)  # type: ignore[arg-type]
        self.held = Held("test", max_messages=max_messages, max_bytes=max_bytes)
        self.clock = 0.0
        self.book = FloodBook(lambda: self.clock, lambda: NOW)
        self.events = EventLane(
            self.durable, self.held, lambda: NOW, self.book, Pace(lambda: self.clock), gather_seconds=gather
        )
        pace = BulkPace(lambda: self.clock)
        self.bulk = BulkLane(
            self.durable,
            self.held,
            lambda: NOW,
            self.book,
            pace,
            to_event_lane=self.events.on_messages,
            linger_seconds=linger,
        )

    def event(self, *payloads: bytes, device: str = "W-1", start: int = 1, retained: bool = False) -> None:
        messages = [
            Publish(f"yian/v1/{device}X/up/event", payload, start + nth, retained)
            for nth, payload in enumerate(payloads)
        ]
        self.events.on_messages(self.connection, messages)  # type: ignore[arg-type]

    def other(self, lane: str, *payloads: bytes, start: int = 1, retained: bool = False) -> None:
        messages = [
            Publish(f"yian/v1/W-1/up/{lane}", payload, start + nth, retained) for nth, payload in enumerate(payloads)
        ]
        self.bulk.on_messages(self.connection, messages)  # type: ignore[arg-type]

    def presses(self, first: int, last: int, *, kind: str = "help_request", device: str = "W-1") -> None:
        """One message each, all of them in one piece; the ids are the numbers, and so are the packet ids."""
        self.event(*[a_press(number, kind) for number in range(first, last)], device=device, start=first)

    def told(self) -> list[DeviceEvent]:
        return [DeviceEvent.read(value) for value in self.bus.of(DEVICE_EVENT.name)]

    def accepted(self) -> list[str]:
        """The ids, as often as they were said."""
        heard = [receipt for _, items in self.connection.receipts for receipt in items]
        return [str(receipt["id"]) for receipt in heard if receipt["status"] == "accepted"]

    async def settled(self) -> None:
        self.bulk.close_batch()
        async with asyncio.timeout(5):
            while tasks := self.events.under_way | self.bulk.under_way:
                await asyncio.wait(tasks)
