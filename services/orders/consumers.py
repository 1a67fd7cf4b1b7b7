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
from services.db import inbox, outbox
from services.db.pool import Connection, Database, DatabaseUnreachable
from services.orders import assigning, without_provider
from services.orders.assigning import CannotGo, Placed
from services.orders.states import VisitMove
from services.orders.telling import refused

GROUP = "orders"
READER = "bus:orders"
"""In the inbox; no device has a name like this."""

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
            async with self._db.transaction() as tx:
                await self._one(tx, record)

    async def _one(self, tx: Connection, record: Delivered) -> None:
        kind, value = record.headers.get("ce_type"), record.value.replace(_NUL, b"")
        event_id = record.headers.get("ce_id") or f"{record.topic}:{record.partition}:{record.offset}"
        if kind == AssignmentRefused.TYPE or (now := await inbox.taken_at(tx, READER, event_id)) is None:
            return
        if kind == AssignmentProposed.TYPE:
            await take(tx, AssignmentProposed.read(value), now)
        elif kind == AssignmentNotFound.TYPE:
            none = AssignmentNotFound.read(value)
            await assigning.nobody_found(tx, none.order_id, none.order_version, reason=none.reason, now=now)
        elif kind == TellingDue.TYPE:
            await assigning.tell(tx, TellingDue.read(value).visit_ids, now=now)
        elif kind == StaffChanged.TYPE:
            staff = StaffChanged.read(value)
            gone, move = staff.released_visit_ids, VisitMove.RELEASE
            await assigning.give_back(tx, gone, move, of=staff.worker_id, because="worker_absent", now=now)
            if staff.worker_id is None and staff.what == "state":
                await without_provider.follow(tx, staff.provider_id, staff.area, now)


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


def _visits(proposed: AssignmentProposed) -> list[UUID]:
    return [one.visit_id for one in proposed.visits]
