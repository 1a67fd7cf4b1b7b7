"""What a process knows about floods. It decides when to report them: as a case of the device, and as dead letters that
hold counts."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from prometheus_client import Counter, Gauge

from backbone import dead_letters
from backbone.bus import Record
from backbone.letter_bounds import LetterBounds
from contracts.dead_letter import DeadLetter
from ingest_gateway.durable import DurableBus
from ingest_gateway.flood.figures import Flood
from ingest_gateway.records import event_record

LOOK_SECONDS = 1.0
CROWDS_SECONDS = 10.0

COUNTED = Counter("yian_gateway_flood_events", "events that were kept together with others of their device")
UNREAD = Counter("yian_gateway_flood_unread", "messages that were not read: their device sent too much", ["lane"])
FLOODING = Gauge("yian_gateway_flooding_devices", "devices that send beyond their pace")

log = structlog.get_logger("flood")


class FloodBook:
    def __init__(self, monotonic: Callable[[], float], now: Callable[[], datetime]) -> None:
        self._monotonic, self._now = monotonic, now
        self._floods: dict[str, Flood] = {}
        self._letters = LetterBounds(monotonic)
        FLOODING.set_function(lambda: len(self._floods))

    def heard(self, device_id: str, size: int) -> bool:
        """Called for every message: the speed of a flood is measured over all of them. Returns whether the device
        `crowds`."""
        flood = self._floods.get(device_id)
        if flood is None:
            return False
        flood.messages += 1
        flood.bytes += size
        return self.crowds(device_id)

    def counted(self, device_id: str, events: int = 1) -> None:
        """This many events were stored together with others."""
        COUNTED.inc(events)
        self._beyond_pace(device_id).counted += events

    def unread(self, device_id: str, lane: str, payload: bytes) -> None:
        """A message that was not read. Its device may repeat it; here it is only counted."""
        UNREAD.labels(lane).inc()
        self._beyond_pace(device_id).unread += 1
        self._letters.count(device_id, lane, f"{lane}.unread", payload, self._now())

    def crowds(self, device_id: str) -> bool:
        """Whether it exceeded its pace a moment ago; then its messages wait for those of others."""
        flood = self._floods.get(device_id)
        return flood is not None and self._monotonic() - flood.last < CROWDS_SECONDS

    def letters(self, letter: DeadLetter) -> list[Record]:
        """The dead letter to store for it; empty: it was only counted."""
        return [dead_letters.record_of(letter)] if self._letters.admit(letter) else []

    def due(self, *, at_the_end: bool = False) -> list[Record]:
        """What must be reported now."""
        now, at = self._monotonic(), self._now()
        records = [dead_letters.record_of(letter) for letter in self._letters.due(all_of_them=at_the_end)]
        for device_id, flood in list(self._floods.items()):
            if flood.is_due(now):
                event = flood.tell(device_id, now, at)
                records.append(event_record(event))
                log.warning("device_floods", device_id=device_id, **event.data)
            elif flood.is_over(now):
                del self._floods[device_id]
        return records

    async def watch(self, bus: DurableBus) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            records = self.due()
            if records:
                await bus.keep(records)

    def _beyond_pace(self, device_id: str) -> Flood:
        flood = self._floods.get(device_id)
        if flood is None:
            flood = self._floods[device_id] = Flood(since=self._now(), began=self._monotonic())
        flood.last = self._monotonic()
        return flood
