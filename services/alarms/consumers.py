"""Turns events from the bus into cases. An event that cannot be handled becomes a dead letter and rings, because it
came where alarms come."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from prometheus_client import Counter
from psycopg.errors import UniqueViolation

from backbone import dead_letters
from backbone.bus import Bus, Delivered
from backbone.consume import Consumer, Settling
from contracts.alarm_kind import AlarmKind
from contracts.alarm_path import PathProbe
from contracts.device_event import DeviceEvent, DeviceStatus
from contracts.topics import DEVICE_EVENT, DEVICE_STATUS
from services.alarms import raising
from services.alarms.model import Moved
from services.alarms.store_path import keep_probe
from services.alarms.store_supervision import SupervisionStore
from services.db.flush import Flush
from services.db.pipeline import Pipeline
from services.db.pool import Database, DatabaseUnreachable

GROUP = "alarms"
STATUS_GROUP = "supervision"
UNREADABLE = "alarms.not_handled"
GIVE_WAY_SECONDS = 0.001
"""A pause after a commit: the app process that it woke may be waiting for this core, and a console waits for the app.
"""

MOVES = Counter("yian_alarm_moves", "moves of cases made by devices' events", ["move", "kind"])

_NUL = rb"\u0000"
_STORABLE = rb"\u2400"
"""PostgreSQL cannot store a NUL in a text. An alarm with a NUL in it is still an alarm."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class AlarmConsumer:
    """Handles one batch at a time."""

    def __init__(self, db: Database, bus: Bus, now: Callable[[], datetime] = utc_now) -> None:
        self._now = now
        self._pipeline = Pipeline(db, flushes=False)
        self._flush = Flush(db)
        self._probe_pipeline, self._probes_turn = Pipeline(db), asyncio.Lock()
        self._bus = bus

    def loop(self) -> Consumer:
        return Consumer(
            self._bus,
            [DEVICE_EVENT],
            group=GROUP,
            handle=self.handle,
            set_aside=self.set_aside,
            transient=(DatabaseUnreachable,),
        )

    async def handle(self, records: list[Delivered]) -> Settling:
        """Handles a batch in one transaction, so all of it has its effect, or nothing.

        The consoles are notified at once. The returned future is done when the disk has it too; until then the bus
        keeps the batch.
        """
        probes = [(PathProbe.read(record.value), record.partition) for record in records if is_probe(record)]
        if len(probes) < len(records):
            await self._raise([read(record) for record in records if not is_probe(record)])
        on_disk = self._flush.start()
        return asyncio.create_task(self._keep_probes(on_disk, probes)) if probes else on_disk

    async def _keep_probes(self, on_disk: Settling, probes: list[tuple[PathProbe, int]]) -> None:
        """Written after everything that came before them, so a probe's row shows that those events got through."""
        await asyncio.shield(on_disk)
        async with self._probes_turn, self._probe_pipeline.transaction() as turns:
            for probe, partition in probes:
                keep_probe(turns, probe, partition=partition, worker_at=self._now())

    async def set_aside(self, record: Delivered, error: Exception) -> None:
        """Writes the dead letter first.

        What a crash loses after that comes again and makes the same letter and the same event. Returns when the case is
        on disk; then the bus is told.
        """
        letter = dead_letters.of_record(record, UNREADABLE, error)
        await dead_letters.write(self._bus, [letter])
        now = self._now()
        await self._raise(
            [
                DeviceEvent(
                    device_id=(record.key or "unknown").replace("\0", "\u2400")[:64],
                    event_id=letter.letter_id,
                    kinds=(AlarmKind.GARBLED,),
                    received_at=now,
                    occurred_at=now,
                    garbled_code=UNREADABLE,
                    garbled_detail=f"dead letter {letter.letter_id}",
                )
            ]
        )
        await self._flush.start()

    async def _raise(self, events: list[DeviceEvent]) -> None:
        try:
            moves = await self._transaction(events)
        except UniqueViolation:  # another worker opened the same alarm of the same person first: now it can be joined
            moves = await self._transaction(events)
        await asyncio.sleep(GIVE_WAY_SECONDS)
        for moved in moves:
            MOVES.labels(moved.entry.move, moved.case.kind).inc()

    async def _transaction(self, events: list[DeviceEvent]) -> list[Moved]:
        async with self._pipeline.transaction() as turns:
            return await raising.raise_alarms(turns, events)


class StatusConsumer:
    """Online, offline, last will: kept for the profile and for supervision. It opens no case by itself."""

    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    def loop(self) -> Consumer:
        return Consumer(
            self._bus,
            [DEVICE_STATUS],
            group=STATUS_GROUP,
            handle=self.handle,
            set_aside=dead_letters.set_aside(self._bus),
            transient=(DatabaseUnreachable,),
        )

    async def handle(self, records: list[Delivered]) -> None:
        statuses = [DeviceStatus.read(record.value.replace(_NUL, _STORABLE)) for record in records]
        async with self._db.transaction() as tx:
            await SupervisionStore(tx).report(statuses)


def is_probe(record: Delivered) -> bool:
    return record.headers.get("ce_type") == PathProbe.TYPE


def read(record: Delivered) -> DeviceEvent:
    """:raises pydantic.ValidationError:"""
    event = DeviceEvent.read(record.value.replace(_NUL, _STORABLE))
    if event.device_time is not None and not 1900 <= event.device_time.year <= 9000:
        return event.model_copy(update={"device_time": None})  # PostgreSQL and Python end at different years
    return event
