"""Facts from the bus. A group of its own: nobody waits for it, and what comes again changes nothing."""

import asyncio
from collections.abc import Sequence

from prometheus_client import Counter

from backbone import dead_letters
from backbone.bus import Bus, Delivered
from backbone.consume import Consumer
from contracts.alarm_case import CaseMoved
from contracts.device_event import DeviceEvent
from contracts.order import OrderMoved
from contracts.topics import ALARM_CASE, DEVICE_EVENT, ORDER, WELFARE
from contracts.welfare import WelfareDueMoved
from services.db.pool import Database, DatabaseUnreachable
from services.metrics.facts import case_fact, due_fact, visit_facts
from services.metrics.facts_devices import press_fact
from services.metrics.facts_load import rang_fact
from services.metrics.handlers import keep_facts
from services.metrics.model import Subject
from services.metrics.store_facts import Fact

GROUP = "facts"
MOST_AT_ONCE = 5_000
PACE_SECONDS = 15.0
"""Figures may be behind by so much. An order's moves come within seconds; written together they are counted once."""
BREATH = 50
"""Records read at one go: others of the process do not wait for the rest."""
_NUL = rb"\u0000"

FACTS = Counter("yian_facts_kept", "facts that were new")


class FactConsumer:
    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    def loop(self) -> Consumer:
        return Consumer(
            self._bus,
            [ALARM_CASE, ORDER, WELFARE, DEVICE_EVENT],
            group=GROUP,
            handle=self.handle,
            set_aside=dead_letters.set_aside(self._bus),
            max_records=MOST_AT_ONCE,
            pace_seconds=PACE_SECONDS,
            transient=(DatabaseUnreachable,),
        )

    async def handle(self, records: list[Delivered]) -> None:
        """:raises msgspec.DecodeError: a record is not what its type says"""
        FACTS.inc(await hear(self._db, records))


async def hear(db: Database, records: Sequence[Delivered]) -> int:
    """Keeps what these come to as facts, in one transaction; returns how many were new.

    :raises msgspec.DecodeError: a record is not what its type says
    """
    facts: dict[Subject, list[Fact]] = {subject: [] for subject in Subject}
    for n, record in enumerate(records):
        if n % BREATH == 0:
            await asyncio.sleep(0)
        kind, event_id = record.headers.get("ce_type"), record.headers.get("ce_id", "")
        value = record.value.replace(_NUL, b"")
        if kind == CaseMoved.TYPE:
            case = case_fact(event_id, value)
            facts[Subject.CASE].append(case)
            facts[Subject.LOAD] += filter(None, [rang_fact(case)])
        elif kind == OrderMoved.TYPE:
            facts[Subject.VISIT] += visit_facts(event_id, value)
        elif kind == WelfareDueMoved.TYPE:
            facts[Subject.REGISTER].append(due_fact(event_id, value))
        elif kind == DeviceEvent.TYPE:
            facts[Subject.PRESS] += filter(None, [press_fact(event_id, value)])
    if not any(facts.values()):
        return 0
    async with db.transaction() as tx:
        return await keep_facts(tx, facts)
