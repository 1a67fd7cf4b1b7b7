"""What gateways put on a bus, by topic and device."""

import json
import time
from typing import Any

from gateway_stack import Device

from backbone.bus import Bus, Delivered, Subscription
from backbone.connect import connect_bus
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceEvent, DeviceStatus
from contracts.telemetry import TelemetryMessage, decode_batch
from contracts.topics import ALL, DEAD_LETTER, DEVICE_EVENT, DEVICE_STATUS, DEVICE_TELEMETRY, Topic

WATCHED = (DEVICE_EVENT, DEVICE_TELEMETRY, DEVICE_STATUS, DEAD_LETTER)


async def create_topics(url: str) -> None:
    bus = connect_bus(url)
    await bus.create_topics(ALL)
    await bus.close()


class Watcher:
    """Everything the gateway publishes from now on, by topic."""

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription
        self.records: list[Delivered] = []

    @classmethod
    async def of(cls, bus: Bus) -> "Watcher":
        return cls(await bus.subscribe(WATCHED, group=None))

    def values(self, topic: Topic) -> list[bytes]:
        return [record.value for record in self.records if record.topic == topic.name]

    def events(self, device: Device) -> list[DeviceEvent]:
        records = [record for record in self.records if record.topic == DEVICE_EVENT.name]
        return [DeviceEvent.read(record.value) for record in records if record.key == device.id]

    def telemetry(self, device: Device) -> list[TelemetryMessage]:
        found = [message for value in self.values(DEVICE_TELEMETRY) for message in decode_batch(value)]
        return [message for message in found if message.device_id == device.id]

    def statuses(self, device: Device) -> list[DeviceStatus]:
        found = [DeviceStatus.read(value) for value in self.values(DEVICE_STATUS)]
        return [status for status in found if status.device_id == device.id]

    def letters(self, device: Device) -> list[DeadLetter]:
        found = [DeadLetter.read(value) for value in self.values(DEAD_LETTER)]
        return [letter for letter in found if letter.device_id == device.id]

    async def sees(self, count: Any, n: int, *, within: float = 10.0) -> None:
        deadline = time.monotonic() + within
        while len(count()) < n:
            assert time.monotonic() < deadline, f"{count()}: {len(count())} of {n}"
            self.records += await self._subscription.fetch(wait_seconds=0.2)

    async def rest(self) -> None:
        self.records += await self._subscription.fetch(wait_seconds=0.5)


def a_press(event_id: str, **changes: Any) -> bytes:
    event = {"specversion": "1.0", "id": event_id, "source": "/devices/x", "type": "device.sos", **changes}
    return json.dumps(event).encode()
