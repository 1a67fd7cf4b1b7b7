"""Counts, for the page of each device, what of its messages could not be read."""

from collections.abc import Iterator

import structlog
from pydantic import ValidationError

from backbone.bus import Bus, Delivered
from backbone.consume import Consumer
from contracts.dead_letter import DeadLetter
from contracts.topics import DEAD_LETTER
from services.alarms.store_notes import Unreadable, count_unreadable
from services.db.pool import Database, DatabaseUnreachable

GROUP = "unreadable"
_OF_DEVICES = ("event", "telemetry", "status")
"""Codes of other letters, such as `record.unhandled`, are faults of the platform."""
MAX_DETAIL = 300

log = structlog.get_logger("dead letters")


class LetterConsumer:
    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    def loop(self) -> Consumer:
        return Consumer(
            self._bus,
            [DEAD_LETTER],
            group=GROUP,
            handle=self.handle,
            set_aside=self.leave,
            transient=(DatabaseUnreachable,),
        )

    async def handle(self, records: list[Delivered]) -> None:
        found = list(unreadable_of(records))
        if found:
            async with self._db.transaction() as tx:
                await count_unreadable(tx, found)

    async def leave(self, record: Delivered, error: Exception) -> None:
        """Another dead letter for it would come here again."""
        log.error("letter_not_counted", offset=record.offset, error=repr(error))


def unreadable_of(records: list[Delivered]) -> Iterator[tuple[str, Unreadable]]:
    """(device, what could not be read). Several bad records of one message are one."""
    messages = set()
    for record in records:
        try:
            letter = DeadLetter.read(record.value.replace(rb"\u0000", rb"\u2400"))
        except ValidationError:
            continue
        message = (letter.device_id, letter.code, letter.received_at)
        if not letter.device_id or letter.code.partition(".")[0] not in _OF_DEVICES or message in messages:
            continue
        counted = letter.counted
        if counted is None:
            messages.add(message)
        yield (
            letter.device_id,
            Unreadable(
                code=letter.code,
                times=counted.letters if counted else 1,
                detail=letter.detail[:MAX_DETAIL],
                first_at=counted.first_at if counted else letter.received_at,
                last_at=counted.last_at if counted else letter.received_at,
            ),
        )
