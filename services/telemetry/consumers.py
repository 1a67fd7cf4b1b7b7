"""The writer's work: the fetched batches become rows, in one transaction, before their offsets are committed.

A batch may come again; the unique key of `readings` lets each reading in once. Unreadable messages are published as
dead letters first: a letter written twice is harmless, a lost one is not. Of one device only the first in an hour are
stored whole.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from prometheus_client import Counter, Gauge, Histogram

from backbone import dead_letters
from backbone.bus import Bus, Delivered, Record
from backbone.letter_bounds import LetterBounds
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceEvent
from contracts.envelope import headers
from contracts.telemetry import TelemetryMessage, decode_batch
from contracts.topics import DEVICE_EVENT
from services.db.pool import Database
from services.telemetry import store
from services.telemetry.catalogue import VITALS
from services.telemetry.faults import Faults
from services.telemetry.model import BadRecord, Reading
from services.telemetry.senml import read_pack
from services.telemetry.units import settled

ROWS_A_COPY = 20_000
LETTERS_A_PUBLISH = 200
SOURCE = "/writer"
SEEN_EVERY_SECONDS = 60.0
"""How old `device_states.last_seen_at` may be: one row a minute for each device is what the load allows."""

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


class Seen:
    """Which devices spoke, told to the database at most once a minute each."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._told_at: dict[str, float] = {}
        self._due: dict[str, tuple[int, float | None]] = {}

    def note(self, device_id: str, received_us: int, readings: list[Reading]) -> None:
        if device_id in self._told_at:
            return
        battery = next((r.value for r in readings if r.name == "battery" and r.value is not None), None)
        at, known = self._due.get(device_id, (received_us, None))
        self._due[device_id] = (max(at, received_us), known if battery is None else battery)

    def due(self) -> dict[str, tuple[datetime, float | None]]:
        return {device: (_moment(us), battery) for device, (us, battery) in self._due.items()}

    def told(self) -> None:
        """`due` is in the database."""
        now = self._monotonic()
        self._told_at = {device: at for device, at in self._told_at.items() if now - at < SEEN_EVERY_SECONDS}
        self._told_at |= dict.fromkeys(self._due, now)
        self._due.clear()


class ReadingWriter:
    def __init__(
        self, db: Database, bus: Bus, monotonic: Callable[[], float], wall: Callable[[], float] = time.time
    ) -> None:
        self._db = db
        self._bus = bus
        self._monotonic, self._wall = monotonic, wall
        self._seen = Seen(monotonic)
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
        written = rows = 0
        self._remarks.clear()
        async with self._db.transaction() as tx:
            for readings, letters in self._read(messages):
                await self._set_aside(letters)
                await self._tell_faults()
                if readings:
                    written += await store.write(tx, readings)
                    rows += len(readings)
            if self._remarks:
                await store.note_remarks(tx, self._remarks)
            seen = self._seen.due()
            if seen:
                await store.note_seen(tx, seen)
        self._seen.told()
        MESSAGES.inc(len(messages))
        WRITTEN.inc(written)
        REPEATED.inc(rows - written)
        WRITE_SECONDS.observe(self._monotonic() - began)
        if messages:
            BEHIND.set(self._wall() - messages[-1].received_us / 1e6)

    def _read(self, messages: list[TelemetryMessage]) -> Iterator[tuple[list[Reading], list[DeadLetter]]]:
        """Never more than a COPY's worth at a time."""
        readings: list[Reading] = []
        letters: list[DeadLetter] = []
        for message in messages:
            pack = read_pack(message.payload, message.device_id, message.received_us)
            told = [settled(reading) for reading in pack.readings]
            readings += told
            self._seen.note(message.device_id, message.received_us, told)
            letters += [_letter(message, bad) for bad in pack.bad]
            self._remark(message, pack.mended, [reading for reading in told if reading.mark is not None])
            if len(readings) >= ROWS_A_COPY or len(letters) >= LETTERS_A_PUBLISH:
                yield readings, letters
                readings, letters = [], []
        yield readings, letters

    def _remark(self, message: TelemetryMessage, mended: Mapping[str, str], marked: list[Reading]) -> None:
        for name in mended.keys() & VITALS.keys():  # of other names a device can make up many
            self._remarks[message.device_id, name, mended[name]] = _moment(message.received_us)
        for reading in marked:
            self._remarks[message.device_id, reading.name, str(reading.mark)] = _moment(message.received_us)
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
        received_at=_moment(message.received_us),
        payload=bad.payload,
    )


def _moment(us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
