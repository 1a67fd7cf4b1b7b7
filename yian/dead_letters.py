"""Messages that could not be read: shown, and decoded again with this release."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backbone import dead_letters
from backbone.bus import Bus, Record
from backbone.connect import connect_bus
from contracts import telemetry
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceStatus
from contracts.envelope import headers
from contracts.telemetry import TelemetryMessage
from contracts.topics import DEVICE_STATUS, DEVICE_TELEMETRY
from ingest_gateway.decode.elsewhere import decode_elsewhere
from ingest_gateway.decode.event import Decoded, decode
from ingest_gateway.decode.status import BadStatus, read_status
from ingest_gateway.records import event_record
from yian.surroundings import Surroundings


class StillUnreadable(Exception):
    """In plain words: why."""


@asynccontextmanager
async def opened(around: Surroundings) -> AsyncIterator[Bus]:
    bus = connect_bus(around.bus, client="yian-dead-letters")
    try:
        yield bus
    finally:
        await bus.close()


async def read(bus: Bus) -> list[DeadLetter]:
    """All that is still kept, oldest first."""
    reader = f"dead-letters-{secrets.token_hex(6)}"
    return [letter async for letter in dead_letters.read_all(bus, reader=reader)]


async def replay(bus: Bus, letter: DeadLetter) -> int:
    """Publishes what can be read of it now; returns how many records. Twice has no second effect.

    :raises StillUnreadable:
    """
    records = records_of(letter)
    await bus.publish(records)
    return len(records)


def records_of(letter: DeadLetter) -> list[Record]:
    """Times stay those of its arrival. :raises StillUnreadable:"""
    if letter.counted is not None:
        raise StillUnreadable(f"it only counts {letter.counted.letters} others, which were not kept")
    as_it_was = dead_letters.replay_record(letter)
    if as_it_was is not None:
        return [as_it_was]
    if letter.lane == "event":
        return _events(letter, decode(letter.payload, letter.device_id, letter.received_at))
    if letter.lane.startswith("up/"):
        topic = letter.lane.removeprefix("up/")
        return _events(letter, decode_elsewhere(topic, letter.payload, letter.device_id, letter.received_at).decoded)
    if letter.lane == "telemetry":
        return [_telemetry(letter)]
    if letter.lane == "status":
        return [_status(letter)]
    raise StillUnreadable(f"it came on {letter.detail}, so nobody knows whose it is")


def _events(letter: DeadLetter, decoded: Decoded) -> list[Record]:
    if not decoded.events:
        raise StillUnreadable("; ".join(rejection.detail for rejection in decoded.rejections[:3]))
    return [event_record(event) for event in decoded.events]


def _telemetry(letter: DeadLetter) -> Record:
    message = TelemetryMessage(letter.device_id, int(letter.received_at.timestamp() * 1_000_000), letter.payload)
    attributes = headers(telemetry.TYPE, "/gateway", content_type=telemetry.CONTENT_TYPE)
    return Record(DEVICE_TELEMETRY.name, telemetry.encode_batch([message]), headers=attributes)


def _status(letter: DeadLetter) -> Record:
    try:
        status = read_status(letter.payload, letter.device_id, letter.received_at, retained=True)
    except BadStatus as error:
        raise StillUnreadable(str(error)) from None
    attributes = headers(DeviceStatus.TYPE, DeviceStatus.SOURCE, at=letter.received_at)
    return Record(DEVICE_STATUS.name, status.value(), key=letter.device_id, headers=attributes)
