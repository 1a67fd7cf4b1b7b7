"""Messages that could not be read have a topic of their own: whoever could not read one writes it there; they can be
listed and replayed."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from pydantic import ValidationError

from backbone.bus import Bus, Delivered, Record
from backbone.consume import SetAside
from contracts.dead_letter import DeadLetter
from contracts.envelope import headers
from contracts.topics import ALL, DEAD_LETTER

QUIET_SECONDS = 2.0
"""If nothing arrives for so long, the end of the topic has been reached."""


def letter_id(lane: str, device_id: str, payload: bytes) -> str:
    """The same bytes from the same device are one letter, however often they are sent."""
    digest = hashlib.sha256(b"\0".join((lane.encode(), device_id.encode(), payload)))
    return digest.hexdigest()[:32]


def record_of(letter: DeadLetter) -> Record:
    attributes = headers(letter.TYPE, letter.SOURCE, event_id=letter.letter_id, at=letter.received_at)
    return Record(DEAD_LETTER.name, letter.value(), key=letter.device_id, headers=attributes)


def of_record(record: Delivered, code: str, error: Exception) -> DeadLetter:
    """For a record of the bus that a consumer could not handle; `lane` is its topic."""
    return DeadLetter(
        letter_id=letter_id(record.topic, record.key or "", record.value),
        device_id=record.key or "",
        lane=record.topic,
        code=code,
        detail=f"{type(error).__name__}: {str(error)[:500]}",
        received_at=datetime.now(UTC),
        payload=record.value,
        key=record.key,
        headers=record.headers,
    )


async def write(bus: Bus, letters: Sequence[DeadLetter]) -> None:
    """:raises BusUnavailable:"""
    await bus.publish([record_of(letter) for letter in letters])


def set_aside(bus: Bus) -> SetAside:
    """For a Consumer: its records that cannot be handled become letters, to be replayed on their own topic."""

    async def to_dead_letters(record: Delivered, error: Exception) -> None:
        await write(bus, [of_record(record, "record.unhandled", error)])

    return to_dead_letters


async def read_all(bus: Bus, *, reader: str) -> AsyncIterator[DeadLetter]:
    """Every letter still kept, oldest first; a letter written twice comes once.

    :param reader: a new name each time; nothing is committed under it.
    """
    subscription = await bus.subscribe([DEAD_LETTER], group=reader)
    seen: set[str] = set()
    try:
        while batch := await subscription.fetch(wait_seconds=QUIET_SECONDS):
            for record in batch:
                try:
                    letter = DeadLetter.read(record.value)
                except ValidationError:
                    continue
                if letter.letter_id not in seen:
                    seen.add(letter.letter_id)
                    yield letter
    finally:
        await subscription.close()


def replay_record(letter: DeadLetter) -> Record | None:
    """The bus record to publish again, for letters that were records of the bus; None for messages of a device."""
    if letter.lane in {topic.name for topic in ALL}:
        return Record(letter.lane, letter.payload, key=letter.key, headers=letter.headers)
    return None
