"""Hears of every move of an order, and tells whom it concerns. A group of its own: nobody waits for it."""

from collections.abc import Callable
from datetime import UTC, datetime

from prometheus_client import Counter

from backbone import dead_letters
from backbone.bus import Bus, Delivered
from backbone.consume import Consumer
from contracts.order import OrderMoved
from contracts.topics import ORDER
from services.db.pool import Database, DatabaseUnreachable
from services.notify.handlers import hear
from services.notify.store import NoticeStore

GROUP = "notices"
MOST_AT_ONCE = 50
"""Moves in one transaction: the alarms share the process."""

TOLD = Counter("yian_notice_messages", "messages written, before it is known how many accounts hear of each")


def utc_now() -> datetime:
    return datetime.now(UTC)


class OrderConsumer:
    def __init__(self, db: Database, bus: Bus, now: Callable[[], datetime] = utc_now) -> None:
        self._db = db
        self._bus = bus
        self._now = now

    def loop(self) -> Consumer:
        return Consumer(
            self._bus,
            [ORDER],
            group=GROUP,
            handle=self.handle,
            set_aside=dead_letters.set_aside(self._bus),
            max_records=MOST_AT_ONCE,
            transient=(DatabaseUnreachable,),
        )

    async def handle(self, records: list[Delivered]) -> None:
        """What each order's people know is its inbox: a version that comes again tells nobody anything."""
        moves = [
            OrderMoved.read(record.value) for record in records if record.headers.get("ce_type") == OrderMoved.TYPE
        ]
        if not moves:
            return
        told = 0
        async with self._db.transaction() as tx:
            terms = await NoticeStore(tx).terms()
            for move in moves:
                told += await hear(tx, move, now=self._now(), terms=terms)
        TOLD.inc(told)
