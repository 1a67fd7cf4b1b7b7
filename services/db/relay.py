"""From the outbox to the bus: one relay at a time, in order, repeated until the bus has it.

A “last id” cursor would skip a transaction that commits late, and two relays would overtake each other on one key. So
this one holds an advisory lock, reads what is there, and deletes it once the bus has confirmed.
"""

import asyncio
from contextlib import suppress

import structlog
from prometheus_client import Counter, Gauge
from psycopg import OperationalError

from backbone.bus import Bus, BusUnavailable, Record
from backbone.consume import Pace
from backbone.postgres.log import SETTLE
from backbone.postgres.notify import listening
from services.db.outbox import CHANNEL
from services.db.pool import Connection, Database, DatabaseUnreachable

LOCK = 0x6F_75_74_62  # "outb"
BATCH = 500
STAND_BY_SECONDS = 0.5
"""How often a waiting relay checks whether the first is gone."""
POLL_SECONDS = 0.5
"""How often the table is read without a notification. Only records for devices notify, and a notification may have been
lost with its connection."""
LINGER_SECONDS = 0.005
"""A delay after a notification: the consoles, notified by the same commit, go first, and a flood is published in
batches."""
PACE_SECONDS = 0.03
"""From one batch to the next: readers then have fewer, larger ones. The first goes at once."""
RETRY_SECONDS = (0.05, 0.1, 0.3, 1.0)

RELAYED = Counter("yian_outbox_relayed", "records published from the outbox")
WAITING = Gauge("yian_outbox_oldest_seconds", "age of the oldest record that the bus has not confirmed")
RELAYING = Gauge("yian_outbox_relaying", "1 in the process that publishes the outbox, 0 where it stands by or cannot")
FAILURES = Counter("yian_outbox_failures", "attempts that failed and were tried again")

log = structlog.get_logger("relay")

_READ = "SELECT id, topic, key, headers, value, clock_timestamp() - written_at AS age FROM outbox ORDER BY id LIMIT %s"
_DELETE = "DELETE FROM outbox WHERE id = ANY (%s)"


class Relay:
    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus
        self._rung = asyncio.Event()
        self._pace = Pace(PACE_SECONDS)
        self._failures = 0
        self.ready = False
        """Whether this relay works, or waits for one that does."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                connection = await self._db.connect_alone()
                async with connection, await self._db.connect_alone() as ears:
                    await self._serve(connection, ears)
            except (DatabaseUnreachable, OperationalError) as error:
                await self._back_off(error)

    async def _serve(self, connection: Connection, ears: Connection) -> None:
        while not await self._only_one(connection):
            self.ready = True
            await asyncio.sleep(STAND_BY_SECONDS)
        RELAYING.set(1)
        try:
            async with listening(ears, {CHANNEL: lambda _: self._rung.set()}) as broken:
                await self._relay(connection, broken)
        finally:  # it does not know any more, and another one may have taken over
            RELAYING.set(0)
            WAITING.set(0)

    async def _only_one(self, connection: Connection) -> bool:
        cursor = await connection.execute("SELECT pg_try_advisory_lock(%s) AS mine", (LOCK,))
        row = await cursor.fetchone()
        return bool(row and row["mine"])

    async def _relay(self, connection: Connection, broken: asyncio.Future[None]) -> None:
        # It only deletes what the bus has on its disk; what a crash brings back is published again.
        await connection.execute("SET synchronous_commit TO off")
        while not broken.done():
            await self._pace.kept()
            self._rung.clear()
            try:
                published = await self._pass(connection)
            except BusUnavailable as error:
                await self._back_off(error)
                continue
            self._failures, self.ready = 0, True
            if published < BATCH:
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._rung.wait()
                        await asyncio.sleep(LINGER_SECONDS)
        await broken

    async def _pass(self, connection: Connection) -> int:
        """One batch; returns how many. A crash after the publish publishes again: readers go by version and id.

        Some was committed before the disk had it; what the bus says must not be taken back."""
        cursor = await connection.execute(_READ, (BATCH,))
        rows = await cursor.fetchall()
        WAITING.set(rows[0]["age"].total_seconds() if rows else 0.0)
        if not rows:
            return 0
        self._pace.begin()
        await connection.execute(SETTLE)
        await self._bus.publish([Record(r["topic"], r["value"], key=r["key"], headers=r["headers"]) for r in rows])
        await connection.execute(_DELETE, ([row["id"] for row in rows],))
        RELAYED.inc(len(rows))
        return len(rows)

    async def _back_off(self, error: Exception) -> None:
        self.ready = False
        FAILURES.inc()
        wait = RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS) - 1)]
        self._failures += 1
        log.warning("relay_waits", seconds=wait, error=type(error).__name__)
        await asyncio.sleep(wait)
