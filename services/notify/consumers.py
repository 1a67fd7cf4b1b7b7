"""Hears of every move of an order, of what recurring ones say, of elders' lives and of alarms, and tells whom
it concerns.

A group of its own: nobody waits for it.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from prometheus_client import Counter

from backbone import dead_letters
from backbone.bus import Bus, Delivered
from backbone.consume import Consumer
from contracts.elder import ElderLifeChanged
from contracts.order import OrderMoved
from contracts.response import StepTaken
from contracts.series import SeriesDateRefused, SeriesPriceChanges, SeriesSubsidyEnds, SeriesSubsidyFalls
from contracts.topics import ELDER, ORDER, RESPONSE, SERIES
from services.db.pool import Database, DatabaseUnreachable
from services.notify.handlers import hear, hear_of_alarm, hear_of_life, hear_of_series
from services.notify.store import NoticeStore

GROUP = "notices"
OfSeries = SeriesDateRefused | SeriesPriceChanges | SeriesSubsidyEnds | SeriesSubsidyFalls
Heard = OrderMoved | OfSeries | ElderLifeChanged | StepTaken
EVENTS: dict[str, type[Heard]] = {
    event.TYPE: event
    for event in (
        OrderMoved,
        SeriesDateRefused,
        SeriesPriceChanges,
        SeriesSubsidyEnds,
        SeriesSubsidyFalls,
        ElderLifeChanged,
        StepTaken,
    )
}
MOST_AT_ONCE = 50
"""Events in one transaction: the alarms share the process."""

PACE_SECONDS = 0.1
"""What one order's people hear within so long is written together."""

TOLD = Counter("yian_notice_messages", "messages written, before it is known how many accounts hear of each")


def _type(record: Delivered) -> str:
    return record.headers.get("ce_type", "")


def utc_now() -> datetime:
    return datetime.now(UTC)


class NoticeConsumer:
    def __init__(self, db: Database, bus: Bus, now: Callable[[], datetime] = utc_now) -> None:
        self._db = db
        self._bus = bus
        self._now = now

    def loop(self) -> Consumer:
        return Consumer(
            self._bus,
            [ORDER, SERIES, ELDER, RESPONSE],
            group=GROUP,
            handle=self.handle,
            set_aside=dead_letters.set_aside(self._bus),
            max_records=MOST_AT_ONCE,
            pace_seconds=PACE_SECONDS,
            transient=(DatabaseUnreachable,),
        )

    async def handle(self, records: list[Delivered]) -> None:
        """What each order's people know is its inbox: a version that comes again tells nobody anything."""
        events = [EVENTS[kind].read(record.value) for record in records if (kind := _type(record)) in EVENTS]
        if not events:
            return
        told = 0
        async with self._db.transaction(pipelined=True) as tx:
            terms = await NoticeStore(tx).terms()
            if moves := [event for event in events if isinstance(event, OrderMoved)]:
                told += await hear(tx, moves, now=self._now(), terms=terms)
            for event in events:
                if isinstance(event, ElderLifeChanged):
                    told += await hear_of_life(tx, event, now=self._now())
                elif isinstance(event, StepTaken):
                    told += await hear_of_alarm(tx, event, now=self._now())
                elif not isinstance(event, OrderMoved):
                    told += await hear_of_series(tx, event, now=self._now())
        TOLD.inc(told)
