"""What every console of this app process receives: each move of a case once, in order, numbered for resuming.

The database notifies of each move at its commit (NOTIFY). Every second it is also asked for moves of which no
notification came, so any gap closes by itself. See docs/decisions/0007.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import structlog
from prometheus_client import Counter, Gauge
from psycopg import OperationalError

from backbone.postgres.notify import listening
from services.accounts.model import Scope
from services.accounts.seat import Seat
from services.alarms.store_moves import CHANNEL
from services.alarms.store_supervision import SupervisionStore
from services.console import snapshot
from services.console.alarm_path import AlarmPath
from services.console.images import Image, Images, Kept
from services.console.told import Told, ToldCase, case_in, found, frame_of, read_case
from services.db.pool import Connection, Database, DatabaseUnreachable

RING = 5000
"""Moves kept for consoles that reconnect; one that was away longer gets a snapshot."""
KNOWN = 100_000
"""Cases whose version is remembered, so that a move told twice is sent once."""
BEAT_SECONDS = 2.0
LOOK_SECONDS = 1.0
LATE = timedelta(seconds=1)
"""A notification has this long to arrive before the query takes its place."""
OVERLAP = timedelta(seconds=10)
"""A transaction that commits late writes an earlier time; so the query looks back this far."""
AGAIN_SECONDS = 0.2
WHOLE_SECONDS = 2.0
"""Who asks for the queue waits so long for a feed that has just begun."""
IMAGE_TRIES = 3
"""An image may be of an epoch that ended while it was made."""
IN_A_TURN = 50
"""Cases read before others have their turn."""
HEALED_SECONDS = 5.0
"""For so long after a query had to find a move, the feed reports that it depends on queries."""

CONSOLES = Gauge("yian_consoles", "console connections of this process")
SENT = Counter("yian_feed_moves", "moves told to consoles", ["source"])
LIVE = Gauge("yian_feed_live", "1 while moves come by notification; 0: up to 2 s late, or the database is away")
DROPPED = Counter("yian_feed_slow_clients", "consoles closed because they did not read")

log = structlog.get_logger("feed")


class Feed:
    def __init__(self, db: Database, path: AlarmPath, *, ring: int = RING) -> None:
        self._db = db
        self._path = path
        self.epoch = uuid4().hex
        """Identifies one run of this feed; an offset has a meaning only within one epoch."""
        self.offset = 0
        self._ring: deque[Told] = deque(maxlen=ring)
        self._known: OrderedDict[UUID, int] = OrderedDict()
        self._images = Images()
        self._seats: set[Seat] = set()
        self._listening = False
        self._has_listened = False
        self.database_answers = False
        """Whether the last query worked; unknown after the connection was lost."""
        self._healed_at = float("-inf")
        self._looked_until: datetime | None = None
        self._known_whole = asyncio.Event()
        """Set once every case that is not closed has been read in this epoch."""
        self._silent_since: datetime | None = None

    # --- consoles come and go

    def join(self, scope: Scope) -> Seat:
        """From now on every move in scope waits in the seat; take the snapshot after this, not before."""
        seat = Seat(scope)
        self._seats.add(seat)
        CONSOLES.set(len(self._seats))
        return seat

    def leave(self, seat: Seat) -> None:
        self._seats.discard(seat)
        CONSOLES.set(len(self._seats))

    async def image(self, scope: Scope) -> tuple[Image, list[str]]:
        """The queue as it is: what it was a moment ago, and the moves since then, with nothing between them and what
        comes next.

        :raises DatabaseUnreachable: it has not been read since it was lost
        """
        for _ in range(IMAGE_TRIES):
            if not self._known_whole.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._known_whole.wait(), WHOLE_SECONDS)
            if not self._known_whole.is_set():
                break
            image = await self._images.of(scope, lambda: (self.epoch, self.offset))
            missed = self.missed(scope, image.epoch, image.offset)
            if missed is not None:
                return image, missed
        raise DatabaseUnreachable

    def missed(self, scope: Scope, epoch: str | None, offset: int | None) -> list[str] | None:
        """The frames after `offset`, or None when only a snapshot will do."""
        if epoch != self.epoch or offset is None or offset > self.offset:
            return None
        if offset < self.offset and (not self._ring or self._ring[0].offset > offset + 1):
            return None
        return [told.frame for told in self._after(offset) if self._may_see(scope, told)]

    def _after(self, offset: int) -> Iterator[Told]:
        newest_first = []
        for told in reversed(self._ring):
            if told.offset <= offset:
                break
            newest_first.append(told)
        return reversed(newest_first)

    # --- what is told

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(), name="feed listen")
            group.create_task(self._look(), name="feed look")
            group.create_task(self._beat(), name="feed beat")

    def hear(self, value: bytes, *, source: str = "live") -> None:
        """Takes a `CaseMoved` as it was sent, and sends it on. A known version is not sent again; what cannot be read
        is ignored."""
        try:
            told_case = case_in(value)
            case = read_case(told_case)
        except msgspec.DecodeError:
            log.warning("move_unreadable", bytes=len(value))
            return
        if self._known.get(case.id, 0) >= case.version:
            return
        self._keep(case, told_case)
        self.offset += 1
        told = Told(self.offset, case.region_code, case.elder_id, frame_of(value, self.epoch, self.offset))
        self._ring.append(told)
        for seat in self._seats:
            if self._may_see(seat.scope, told):
                seat.put(told.frame)
        SENT.labels(source).inc()

    def _keep(self, case: ToldCase, told_case: bytes) -> None:
        self._remember(case.id, case.version)
        kept = Kept(case.region_code, case.elder_id, told_case)
        self._images.keep(case.id, kept, is_closed=case.state == "closed")

    def _remember(self, case_id: UUID, version: int) -> None:
        self._known[case_id] = version
        self._known.move_to_end(case_id)
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)

    @staticmethod
    def _may_see(scope: Scope, told: Told) -> bool:
        return scope.covers(region_code=told.region_code, elder_id=told.elder_id)

    async def _listen(self) -> None:
        while True:
            try:
                async with (
                    await self._db.connect_alone() as connection,
                    listening(connection, {CHANNEL: self.hear}) as broken,
                ):
                    if self._has_listened:
                        self._begin_anew()
                    self._listening = self._has_listened = True
                    await broken
            except (DatabaseUnreachable, OperationalError) as error:
                log.warning("feed_waits", error=type(error).__name__)
            finally:
                self._listening = False
            await asyncio.sleep(AGAIN_SECONDS)

    def _begin_anew(self) -> None:
        """A database that crashed has forgotten the moves that it notified of but had not written to disk (decision
        12). So after its connection was lost, nothing known counts any more, and every console gets a snapshot."""
        self.epoch, self.offset, self._looked_until = uuid4().hex, 0, None
        self.database_answers = False
        self._ring.clear()
        self._known.clear()
        self._known_whole.clear()
        self._images.forget()
        for seat in self._seats:
            seat.begin_anew()

    # --- what was not told

    async def _look(self) -> None:
        while True:
            try:
                await self.look()
                answered, self.database_answers = self.database_answers, True
                if not answered:
                    self._beat_once()
            except DatabaseUnreachable:
                self.database_answers = False
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Finds moves of which no notification came in time, and whether devices can be heard at all."""
        async with self._db.transaction() as tx:
            self._silent_since = await SupervisionStore(tx).incident_since()
            if self._looked_until is None:
                await self._read_whole(tx)
                return
            since = self._looked_until - OVERLAP
            self._looked_until, untold = await snapshot.news(tx, since, late=LATE, known=self._known)
        for case in untold:
            if self._known.get(case.id, 0) < case.version:
                self._healed_at = asyncio.get_running_loop().time()
                self.hear(found(case, self._looked_until), source="looks")

    async def _read_whole(self, tx: Connection) -> None:
        epoch = self.epoch
        whole = await snapshot.whole(tx, OVERLAP)
        for number, case in enumerate(whole.cases, 1):
            if self.epoch != epoch:
                return  # the connection was lost again meanwhile
            if self._known.get(case.id, 0) < case.version:
                told = case.view().model_dump_json(exclude_none=True).encode()
                self._keep(read_case(told), told)
            if number % IN_A_TURN == 0:
                await asyncio.sleep(0)
        for case_id, version in whole.moved.items():
            self._remember(case_id, max(version, self._known.get(case_id, 0)))
        self._looked_until = whole.at
        self._known_whole.set()

    @property
    def source(self) -> str:
        """What the consoles stand on now: `live`, `looks` (up to 2 s late), or `none` (the database is away)."""
        if not self.database_answers:
            return "none"
        recently_healed = asyncio.get_running_loop().time() - self._healed_at < HEALED_SECONDS
        return "live" if self._listening and not recently_healed else "looks"

    def _beat_once(self) -> None:
        LIVE.set(self.source == "live")
        head = {"op": "beat", "at": datetime.now(UTC), "offset": self.offset, "source": self.source}
        said = {"devices_silent_since": self._silent_since, "alarms_stopped": self._path.stopped}
        beat = msgspec.json.encode(head | said).decode()
        for seat in self._seats:
            seat.put(beat)

    async def _beat(self) -> None:
        while True:
            self._beat_once()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._path.changed.wait(), BEAT_SECONDS)
            self._path.changed.clear()
