"""What everybody who follows orders in this app process receives: each move once, in order, numbered for resuming.

The same way as the console's (decision 7): the database notifies at the commit, and every second it is asked for moves
of which no notification came.
"""

import asyncio
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID, uuid4

import structlog
from prometheus_client import Counter, Gauge
from psycopg import OperationalError
from pydantic import ValidationError

from backbone.postgres.notify import listening
from contracts.order import OrderMoved
from services.accounts.changes import CHANNEL as ACCOUNTS
from services.accounts.model import Caller, Scope
from services.accounts.permissions import Role
from services.accounts.seat import Seat
from services.db import clock
from services.db.pool import Database, DatabaseUnreachable
from services.orders.store import CHANNEL
from services.orders.store_feed import OVERLAP, untold, versions_since
from services.orders.telling import shown
from services.orders.views import INSIDE, ON_DUTY, seen_by

RING = 5000
"""Moves kept for who reconnects; who was away longer gets a snapshot."""
KNOWN = 100_000
"""Orders whose version is remembered, so that a move told twice is sent once."""
LOOK_SECONDS = 1.0
LATE = timedelta(seconds=1)
"""A notification has this long to arrive before the query takes its place."""
AGAIN_SECONDS = 0.2

FOLLOWERS = Gauge("yian_order_followers", "pages of this process that follow orders")
SENT = Counter("yian_order_feed_moves", "moves told to who follows orders", ["source"])

log = structlog.get_logger("order feed")


class Told:
    """One move, and who may see how much of it."""

    def __init__(self, offset: int, epoch: str, event: OrderMoved) -> None:
        self.offset = offset
        self._epoch = epoch
        self._event = event

    def concerns(self, scope: Scope) -> bool:
        """The same rule as `store.IN_SCOPE`; also who has just lost a visit hears of that."""
        order = self._event.order
        if scope.worker_id is not None:
            return scope.worker_id in self._workers
        if scope.provider_id is not None:
            return order.provider.id == scope.provider_id
        return scope.covers(region_code=order.region_code, elder_id=order.elder.id)

    @cached_property
    def _workers(self) -> frozenset[UUID]:
        had_by = [self._event.taken_from.id] if self._event.taken_from else []
        told = [one.worker.id for one in self._event.order.visits if one.worker and one.state != "planned"]
        return frozenset((*had_by, *told))

    def frame(self, role: Role) -> str:
        if role is Role.WORKER:
            return self._head({"order_id": self._event.order.id})
        return self._whole if role in ON_DUTY else self._outside

    @cached_property
    def _whole(self) -> str:
        return self._framed(self._event)

    @cached_property
    def _outside(self) -> str:
        event = self._event.model_copy(update={"order": seen_by(self._event.order, Role.FAMILY)})
        if event.move in INSIDE:
            event = event.model_copy(update={"move": "arrange", "actor_name": None, "reason": None, "taken_from": None})
        return self._framed(event)

    def _framed(self, event: OrderMoved) -> str:
        return f"{self._head({})[:-1]},{event.value().decode()[1:]}"

    def _head(self, more: dict[str, UUID]) -> str:
        fields = "".join(f',"{name}":"{value}"' for name, value in more.items())
        return f'{{"op":"order","epoch":"{self._epoch}","offset":{self.offset}{fields}}}'


@dataclass(eq=False, slots=True)
class Follower:
    account_id: UUID
    role: Role
    seat: Seat
    in_question: bool = False
    """Their account has changed since somebody looked whether they may still follow."""


class OrderFeed:
    def __init__(self, db: Database, *, ring: int = RING) -> None:
        self._db = db
        self.epoch = uuid4().hex
        """Identifies one run of this feed; an offset has a meaning only within one epoch."""
        self.offset = 0
        self._ring: deque[Told] = deque(maxlen=ring)
        self._known: OrderedDict[UUID, int] = OrderedDict()
        self._followers: set[Follower] = set()
        self._of_account: defaultdict[UUID, set[Follower]] = defaultdict(set)
        self._has_listened = False
        self._looked_until: datetime | None = None

    # --- pages come and go

    def join(self, caller: Caller) -> Follower:
        """From now on every move in scope waits in the seat; take the snapshot after this, not before."""
        follower = Follower(caller.id, caller.account.role, Seat(caller.scope))
        self._followers.add(follower)
        self._of_account[caller.id].add(follower)
        FOLLOWERS.set(len(self._followers))
        return follower

    def leave(self, follower: Follower) -> None:
        self._followers.discard(follower)
        own = self._of_account[follower.account_id]
        own.discard(follower)
        if not own:
            del self._of_account[follower.account_id]
        FOLLOWERS.set(len(self._followers))

    def missed(self, caller: Caller, epoch: str | None, offset: int | None) -> list[str] | None:
        """The frames after `offset`, or None when only a snapshot will do."""
        if epoch != self.epoch or offset is None or offset > self.offset:
            return None
        if offset < self.offset and (not self._ring or self._ring[0].offset > offset + 1):
            return None
        role, scope = caller.account.role, caller.scope
        return [told.frame(role) for told in self._after(offset) if told.concerns(scope)]

    def _after(self, offset: int) -> Iterator[Told]:
        return (told for told in list(self._ring) if told.offset > offset)

    # --- what is told

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(), name="order feed listen")
            group.create_task(self._look(), name="order feed look")

    def hear(self, value: bytes, *, source: str = "live") -> None:
        """Takes an `OrderMoved` as it was sent, and sends it on. A known version is not sent again."""
        try:
            event = OrderMoved.read(value)
        except ValidationError:
            log.warning("move_unreadable", bytes=len(value))
            return
        if self._known.get(event.order.id, 0) >= event.order.version:
            return
        self._remember(event.order.id, event.order.version)
        self.offset += 1
        told = Told(self.offset, self.epoch, event)
        self._ring.append(told)
        for follower in self._followers:
            if told.concerns(follower.seat.scope):
                follower.seat.put(told.frame(follower.role))
        SENT.labels(source).inc()

    def account_changed(self, payload: bytes) -> None:
        """Heard over the same connection as moves, in the order of the commits: so before whatever moved after it."""
        for follower in self._of_account.get(UUID(payload.decode()), ()):
            follower.in_question = True

    def _remember(self, order_id: UUID, version: int) -> None:
        self._known[order_id] = version
        self._known.move_to_end(order_id)
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)

    async def _listen(self) -> None:
        while True:
            try:
                async with (
                    await self._db.connect_alone() as connection,
                    listening(connection, {ACCOUNTS: self.account_changed, CHANNEL: self.hear}) as broken,
                ):
                    if self._has_listened:
                        self._begin_anew()
                    self._has_listened = True
                    await broken
            except (DatabaseUnreachable, OperationalError) as error:
                log.warning("order_feed_waits", error=type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)

    def _begin_anew(self) -> None:
        """What was notified may not have outlived the database: every page gets a snapshot."""
        self.epoch, self.offset, self._looked_until = uuid4().hex, 0, None
        self._ring.clear()
        self._known.clear()
        for follower in self._followers:
            follower.seat.begin_anew()

    async def _look(self) -> None:
        while True:
            try:
                await self.look()
            except DatabaseUnreachable:
                log.warning("order_feed_cannot_look")
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Finds moves of which no notification came in time."""
        async with self._db.transaction() as tx:
            until = await clock.now(tx) - LATE
            if self._looked_until is None:
                self._looked_until = until
                for order_id, version in (await versions_since(tx, until - OVERLAP, until)).items():
                    self._remember(order_id, max(version, self._known.get(order_id, 0)))
                return
            since, self._looked_until = self._looked_until - OVERLAP, until
            found = await untold(tx, since, until, self._known)
        for follower in self._followers if found else ():
            follower.in_question = True  # of an account, too, a notification may not have come
        for order in found:
            event = OrderMoved.model_construct(
                move="sync", visit_id=None, at=until, actor_name=None, reason=None, taken_from=None, order=shown(order)
            )
            self.hear(event.value(), source="looks")
