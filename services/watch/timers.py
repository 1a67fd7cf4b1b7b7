"""Looks for silent elders, and tells the platform of each once a day: as an event, which becomes a case on the work
list."""

import asyncio
from datetime import datetime

import structlog
from prometheus_client import Counter

from backbone.bus import Bus, BusUnavailable, Record
from contracts.alarm_kind import AlarmKind
from contracts.device_event import DeviceEvent
from contracts.envelope import headers
from contracts.topics import DEVICE_EVENT
from services.business_day import business_day
from services.db.pool import Database, DatabaseUnreachable
from services.watch import store
from services.watch.model import Silence
from services.watch.rules import silence_of

LOOK_EVERY_SECONDS = 300.0
SOURCE = "/watch"

SILENT = Counter("yian_silent_elders", "elders of whom it was told that they are silent")

log = structlog.get_logger("watch")


class SilenceWatch:
    """Several workers may run one each: what two of them tell is one event."""

    def __init__(self, db: Database, bus: Bus, *, every_seconds: float = LOOK_EVERY_SECONDS) -> None:
        self._db, self._bus, self._every = db, bus, every_seconds

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except (DatabaseUnreachable, BusUnavailable):
                log.warning("silence_waits")
            await asyncio.sleep(self._every)

    async def look(self, at: datetime | None = None) -> int:
        """Told first, noted after that: what is told twice has the same id. Returns how many.

        :param at: None: now
        """
        async with self._db.transaction() as tx:
            now = at or await store.clock(tx)
            found = await store.sights(tx, business_day(now), now)
        silent = [one for one in (silence_of(sight, now) for sight in found) if one is not None]
        if not silent:
            return 0
        day = business_day(now)
        await self._bus.publish([_record(_event(one, f"silent-{one.elder_id}-{day}", now)) for one in silent])
        async with self._db.transaction() as tx:
            await store.note_told(tx, [one.elder_id for one in silent], day)
        SILENT.inc(len(silent))
        log.info("elders_silent", elders=len(silent))
        return len(silent)


def _event(silence: Silence, event_id: str, now: datetime) -> DeviceEvent:
    return DeviceEvent(
        device_id=silence.device_id,
        event_id=event_id,
        kinds=(AlarmKind.SILENT_ELDER,),
        received_at=now,
        occurred_at=now,
        data={"not_met_at": silence.not_met_at.isoformat(), "quiet_since": silence.quiet_since.isoformat()},
    )


def _record(event: DeviceEvent) -> Record:
    named = headers(event.TYPE, SOURCE, event_id=f"{event.device_id}/{event.event_id}", at=event.received_at)
    return Record(DEVICE_EVENT.name, event.value(), key=event.device_id, headers=named)
