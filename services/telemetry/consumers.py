"""The writer's work: the fetched batches become rows, in one transaction, before their offsets are committed.

A batch may come again; the key of `moments` lets each reading in once. Unreadable messages are published as
dead letters first: a letter written twice is harmless, a lost one is not. Of one device only the first in an hour are
stored whole.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

from backbone import dead_letters
from backbone.bus import Bus, Delivered, Record
from backbone.letter_bounds import LetterBounds
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceEvent
from contracts.envelope import headers
from contracts.telemetry import TelemetryMessage, decode_batch
from contracts.topics import DEVICE_EVENT
from services.db.pool import Connection, Database
from services.telemetry import store_figures, store_moments, store_notes, store_suspect
from services.telemetry.catalogue import VITALS
from services.telemetry.faults import Faults
from services.telemetry.heard import Heard, Seen
from services.telemetry.model import BadRecord, Moment, Pack, Reading
from services.telemetry.moments import merge, moments_of, size
from services.telemetry.rules import moment_at
from services.telemetry.senml import read_pack
from services.telemetry.senml_usual import usual_moments
from services.telemetry.store_figures import Touched
from services.telemetry.store_moments import DeviceNumbers
from services.telemetry.units import settled

ROWS_A_COPY = 20_000
LETTERS_A_PUBLISH = 200
SOURCE = "/writer"

MESSAGES = Counter("yian_telemetry_messages", "telemetry messages read")
WRITTEN = Counter("yian_readings_written", "readings that were new")
REPEATED = Counter("yian_readings_repeated", "readings that were there already")
FAULTS = Counter("yian_telemetry_faults", "faults told of devices that measure what no body can have")
WRITE_SECONDS = Histogram(
    "yian_telemetry_write_seconds",
    "from reading a fetch of batches to its commit",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
BEHIND = Gauge("yian_telemetry_behind_seconds", "from the gateway to the tables: the newest message written last")
UNREADABLE = Counter("yian_telemetry_unreadable", "records that went to the dead letters", ["code"])


@dataclass(slots=True)
class Rows:
    """What goes to the database at once."""

    moments: dict[tuple[str, int], Moment] = field(default_factory=dict)
    suspect: list[Reading] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    readings: int = 0
    """Those of `moments` and `suspect`, repeats among them too."""

    @property
    def enough(self) -> bool:
        return (
            len(self.moments) >= ROWS_A_COPY
            or len(self.suspect) >= ROWS_A_COPY
            or len(self.letters) >= LETTERS_A_PUBLISH
        )


class ReadingWriter:
    def __init__(
        self, db: Database, bus: Bus, monotonic: Callable[[], float], wall: Callable[[], float] = time.time
    ) -> None:
        self._db = db
        self._bus = bus
        self._monotonic, self._wall = monotonic, wall
        self._numbers = DeviceNumbers()
        self._seen = Seen(monotonic)
        self._heard = Heard()
        self._touched = Touched(monotonic)
        self._is_touching: bool | None = None
        """Whether this database keeps its figures by that; None until it was asked."""
        self._remarks: dict[tuple[str, str, str], datetime] = {}
        """(device, name, remark) → when received."""
        self._bounds = LetterBounds(monotonic)
        self._owed: list[DeadLetter] = []
        """To be written; still there when the bus was away and the batch comes again."""
        self._faults = Faults()
        self._faults_owed: list[DeviceEvent] = []

    async def handle(self, batch: list[Delivered]) -> None:
        """:raises msgspec.DecodeError: when a record is no batch of telemetry; :raises DatabaseUnreachable:"""
        began = self._monotonic()
        messages = [message for record in batch for message in decode_batch(record.value)]
        written = readings = 0
        self._remarks.clear()
        self._seen.begin()
        self._heard.begin()
        self._touched.begin()
        self._numbers.begin()
        async with self._db.transaction() as tx:
            if self._is_touching is None:
                self._is_touching = await store_figures.is_needed(tx)
            for rows in self._read(messages):
                await self._set_aside(rows.letters)
                await self._tell_faults()
                written += await self._write(tx, rows)
                readings += rows.readings
            if self._remarks:
                await store_notes.note_remarks(tx, self._remarks)
            if seen := self._seen.due():
                await store_notes.note_seen(tx, seen)
            if heard := self._heard.due():
                await store_moments.note_heard(tx, heard, await self._numbers.of(tx, ()))
            if hours := self._touched.due():
                await store_figures.touch(tx, hours, await self._numbers.of(tx, ()))
        self._numbers.kept()
        self._seen.told()
        self._heard.told()
        self._touched.told()
        MESSAGES.inc(len(messages))
        WRITTEN.inc(written)
        REPEATED.inc(readings - written)
        WRITE_SECONDS.observe(self._monotonic() - began)
        if messages:
            BEHIND.set(self._wall() - messages[-1].received_us / 1e6)

    async def _write(self, tx: Connection, rows: Rows) -> int:
        numbers = await self._numbers.of(tx, (device_id for device_id, _ in rows.moments))
        written = await store_moments.write(tx, list(rows.moments.values()), numbers)
        if rows.suspect:
            numbers = await self._numbers.of(tx, (reading.device_id for reading in rows.suspect))
            written += await store_suspect.write(tx, rows.suspect, numbers)
        return written

    def _read(self, messages: list[TelemetryMessage]) -> Iterator[Rows]:
        """Never more than a COPY's worth at a time."""
        rows = Rows()
        for message in messages:
            moments = usual_moments(message.payload, message.device_id, message.received_us)
            if moments is None:
                moments = self._read_closely(message, rows)
            elif not self._seen.is_told(message.device_id):
                self._note_seen(message, (moment.values.get("battery") for moment in moments))
            for moment in moments:
                rows.readings += size(moment)
                self._heard.note(moment)
                if self._is_touching:
                    self._touched.note(moment)
                there = rows.moments.setdefault((moment.device_id, moment.time_us), moment)
                if there is not moment:
                    merge(there, moment)
            if rows.enough:
                yield rows
                rows = Rows()
        yield rows

    def _read_closely(self, message: TelemetryMessage, rows: Rows) -> list[Moment]:
        """Whatever is not as usual; suspect readings and letters go to `rows` from here."""
        pack = read_pack(message.payload, message.device_id, message.received_us)
        told = [settled(reading) for reading in pack.readings]
        if not self._seen.is_told(message.device_id):
            self._note_seen(message, (reading.value for reading in told if reading.name == "battery"))
        rows.letters += [_letter(message, bad) for bad in pack.bad]
        self._remark(message, pack, [reading for reading in told if reading.mark is not None])
        rows.suspect += [reading for reading in told if reading.time_suspect]
        moments = moments_of(reading for reading in told if not reading.time_suspect)
        rows.readings += len(told) - sum(map(size, moments))
        return moments

    def _note_seen(self, message: TelemetryMessage, batteries: Iterator[float | None]) -> None:
        battery = next((told for told in batteries if told is not None), None)
        self._seen.note(message.device_id, message.received_us, battery)

    def _remark(self, message: TelemetryMessage, pack: Pack, marked: list[Reading]) -> None:
        for name in pack.mended.keys() & VITALS.keys():  # of other names a device can make up many
            self._remarks[message.device_id, name, pack.mended[name]] = moment_at(message.received_us)
        for reading in marked:
            self._remarks[message.device_id, reading.name, str(reading.mark)] = moment_at(message.received_us)
            if (fault := self._faults.heard(reading)) is not None:
                self._faults_owed.append(fault)

    async def _tell_faults(self) -> None:
        """What could not be told while the bus was away is told when the batch comes again."""
        if self._faults_owed:
            await self._bus.publish([_record(fault) for fault in self._faults_owed])
            FAULTS.inc(len(self._faults_owed))
            self._faults_owed = []

    async def _set_aside(self, letters: list[DeadLetter]) -> None:
        """The first of a device in an hour; of the others how many there were."""
        for letter in letters:
            UNREADABLE.labels(letter.code).inc()
        self._owed += [letter for letter in letters if self._bounds.admit(letter)] + self._bounds.due()
        if self._owed:
            await dead_letters.write(self._bus, self._owed)
            self._owed = []


def _record(fault: DeviceEvent) -> Record:
    named = headers(fault.TYPE, SOURCE, event_id=f"{fault.device_id}/{fault.event_id}", at=fault.received_at)
    return Record(DEVICE_EVENT.name, fault.value(), key=fault.device_id, headers=named)


def _letter(message: TelemetryMessage, bad: BadRecord) -> DeadLetter:
    return DeadLetter(
        letter_id=dead_letters.letter_id("telemetry", message.device_id, bad.payload),
        device_id=message.device_id,
        lane="telemetry",
        code=bad.code,
        detail=bad.detail,
        received_at=moment_at(message.received_us),
        payload=bad.payload,
    )
