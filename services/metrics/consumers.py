"""Facts from the bus. A group of its own: nobody waits for it, and what comes again changes nothing."""

from prometheus_client import Counter

from backbone import dead_letters
from backbone.bus import Bus, Delivered
from backbone.consume import Consumer
from contracts.alarm_case import CaseMoved
from contracts.order import OrderMoved
from contracts.topics import ALARM_CASE, ORDER
from services.db.pool import Database, DatabaseUnreachable
from services.metrics.facts import CaseFact, VisitFact, case_fact, visit_facts
from services.metrics.handlers import keep_facts

GROUP = "facts"
MOST_AT_ONCE = 5_000
PACE_SECONDS = 1.0
"""Figures are seconds behind; what comes within one is written together."""
_NUL = rb"\u0000"

FACTS = Counter("yian_facts_kept", "facts that were new")


class FactConsumer:
    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    def loop(self) -> Consumer:
        return Consumer(
            self._bus,
            [ALARM_CASE, ORDER],
            group=GROUP,
            handle=self.handle,
            set_aside=dead_letters.set_aside(self._bus),
            max_records=MOST_AT_ONCE,
            pace_seconds=PACE_SECONDS,
            transient=(DatabaseUnreachable,),
        )

    async def handle(self, records: list[Delivered]) -> None:
        """:raises msgspec.DecodeError: a record is not what its type says"""
        cases: list[CaseFact] = []
        visits: list[VisitFact] = []
        for record in records:
            kind, event_id = record.headers.get("ce_type"), record.headers.get("ce_id", "")
            if kind == CaseMoved.TYPE:
                cases.append(case_fact(event_id, record.value.replace(_NUL, b"")))
            elif kind == OrderMoved.TYPE:
                visits += visit_facts(event_id, record.value.replace(_NUL, b""))
        if cases or visits:
            async with self._db.transaction() as tx:
                kept = await keep_facts(tx, cases, visits)
            FACTS.inc(kept)
