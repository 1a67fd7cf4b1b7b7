"""What the worker process hears: what dispatch proposes, and whose hours are different. Each event has its effect once,
in a transaction of its own: one that is refused holds up no other."""

from datetime import datetime
from uuid import UUID

from backbone import dead_letters
from backbone.bus import Bus, Delivered
from backbone.consume import Consumer
from contracts.assignment import AssignmentNotFound, AssignmentProposed, AssignmentRefused, TellingDue
from contracts.staff import StaffChanged
from contracts.topics import ASSIGNMENT, STAFF
from services.db import clock, inbox, outbox
from services.db.pool import Connection, Database, DatabaseUnreachable
from services.orders import assigning, without_provider
from services.orders.assigning import CannotGo, Placed
from services.orders.states import VisitMove
from services.orders.store import OrderStore
from services.orders.telling import refused
from services.orders.welfare import giving_way

GROUP = "orders"
READER = "bus:orders"
"""In the inbox; no device has a name like this."""

NO_ROOM = "no_room"
_NUL = rb"\u0000"


class AssignmentConsumer:
    """One of each group may run in every worker process: they share the partitions."""

    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    def loop(self) -> Consumer:
        return Consumer(
            self._bus,
            [ASSIGNMENT, STAFF],
            group=GROUP,
            handle=self.handle,
            set_aside=dead_letters.set_aside(self._bus),
            transient=(DatabaseUnreachable,),
            max_records=50,
        )

    async def handle(self, records: list[Delivered]) -> None:
        for record in records:
            await self._without_provider(record)
            async with self._db.transaction() as tx:
                await self._one(tx, record)

    async def _without_provider(self, record: Delivered) -> None:
        """Some of its orders at a time, each lot a transaction; after a crash the rest of them, before the event counts
        as heard."""
        if record.headers.get("ce_type") != StaffChanged.TYPE:
            return
        staff = StaffChanged.read(record.value.replace(_NUL, b""))
        more, after = staff.worker_id is None and staff.what == "state", None
        while more:
            async with self._db.transaction() as tx:
                now = await clock.now(tx)
                after = await without_provider.follow(tx, staff.provider_id, staff.area, now, after=after)
            more = after is not None

    async def _one(self, tx: Connection, record: Delivered) -> None:
        kind, value = record.headers.get("ce_type"), record.value.replace(_NUL, b"")
        event_id = record.headers.get("ce_id") or f"{record.topic}:{record.partition}:{record.offset}"
        if kind == AssignmentRefused.TYPE or (now := await inbox.taken_at(tx, READER, event_id)) is None:
            return
        if kind == AssignmentProposed.TYPE:
            await take(tx, AssignmentProposed.read(value), now)
        elif kind == AssignmentNotFound.TYPE:
            none = AssignmentNotFound.read(value)
            await _make_room(tx, none, now)
            await assigning.nobody_found(tx, none.order_id, none.order_version, reason=none.reason, now=now)
        elif kind == TellingDue.TYPE:
            await assigning.tell(tx, TellingDue.read(value).visit_ids, now=now)
        elif kind == StaffChanged.TYPE:
            staff = StaffChanged.read(value)
            gone, move = staff.released_visit_ids, VisitMove.RELEASE
            await assigning.give_back(tx, gone, move, of=staff.worker_id, because="worker_absent", now=now)


async def take(tx: Connection, proposed: AssignmentProposed, now: datetime) -> None:
    """All of a proposal, or nothing; dispatch hears why not. Who must know at once is told in the same transaction."""
    placed = [Placed(**one.model_dump()) for one in proposed.visits]
    try:
        await assigning.assign(tx, placed, now=now)
    except CannotGo as reason:
        said = AssignmentRefused(
            proposal_id=proposed.proposal_id,
            area=proposed.area,
            order_id=proposed.order_id,
            reason=reason.reason,
            worker_ids=reason.worker_ids,
            at=now,
        )
        await outbox.append(tx, [refused(said)])
        return
    if proposed.tell_at is not None and proposed.tell_at <= now:
        await assigning.tell(tx, _visits(proposed), now=now)


async def _make_room(tx: Connection, none: AssignmentNotFound, now: datetime) -> None:
    """A welfare visit that can be on another day gives way; dispatch hears of it, and tries again."""
    if none.reason == NO_ROOM:
        order = await OrderStore(tx).get(none.order_id, assigning.EVERYWHERE)
        if order is not None and order.version == none.order_version:
            await giving_way.make_room(tx, order, now)


def _visits(proposed: AssignmentProposed) -> list[UUID]:
    """Of the order for which it is made: what only makes room for it is told when it is due itself."""
    return [one.visit_id for one in proposed.visits if one.order_id == proposed.order_id]
