"""Hears of cases that open and change hands. A group of its own: no alarm waits for it."""

import re

from prometheus_client import Counter

from backbone import dead_letters
from backbone.bus import Bus, Delivered
from backbone.consume import Consumer
from contracts.alarm_case import CaseMoved
from contracts.topics import ALARM_CASE
from services.db.pool import Database, DatabaseUnreachable
from services.response.handlers import ENTERS, Around, hear

GROUP = "response"
MOST_AT_ONCE = 100
PACE_SECONDS = 0.05
"""What follows hot on the first is heard together."""
_NUL = rb"\u0000"
_MOVE = re.compile(rb'"move":\s*"(\w+)"')

AT_ONCE = Counter("yian_response_at_once", "steps of escalation plans taken when a case opened or came back")


class CaseConsumer:
    def __init__(self, db: Database, bus: Bus, around: Around) -> None:
        self._db = db
        self._bus = bus
        self._around = around

    def loop(self) -> Consumer:
        return Consumer(
            self._bus,
            [ALARM_CASE],
            group=GROUP,
            handle=self.handle,
            set_aside=dead_letters.set_aside(self._bus),
            max_records=MOST_AT_ONCE,
            pace_seconds=PACE_SECONDS,
            transient=(DatabaseUnreachable,),
        )

    async def handle(self, records: list[Delivered]) -> None:
        """What a run knows of its case is its inbox: a version that comes again changes nothing."""
        events = [
            CaseMoved.read(record.value.replace(_NUL, b""))
            for record in records
            if record.headers.get("ce_type") == CaseMoved.TYPE and _enters(record.value)
        ]
        if not events:
            return
        async with self._db.transaction() as tx:
            taken = await hear(tx, events, self._around)
        AT_ONCE.inc(taken)


def _enters(value: bytes) -> bool:
    """Presses, notes and calls change no hold, and are most of what is said; they are not read."""
    found = _MOVE.search(value)
    return found is not None and found[1].decode() in ENTERS
