"""What the database says of itself, twice a minute: its size, who is connected, what holds others up."""

import asyncio
import math
import time

import structlog
from prometheus_client import Gauge

from services.db.pool import Database, DatabaseUnreachable

EVERY_SECONDS = 30.0

SIZE = Gauge("yian_database_size_bytes", "all tables and indexes of this database")
CONNECTIONS = Gauge("yian_database_connections", "connections to this database, by what they do", ["state"])
LIMIT = Gauge("yian_database_connections_limit", "how many the server accepts, of all databases")
OLDEST = Gauge("yian_database_oldest_transaction_seconds", "age of the oldest transaction that is open")
LOCKED = Gauge("yian_database_waiting_for_locks", "connections that wait for a lock of another one")
ANSWER = Gauge("yian_database_answer_seconds", "how long it took to say all this; no number: it did not answer")

log = structlog.get_logger("database figures")

_ASK = """
SELECT pg_database_size(current_database()) AS bytes, current_setting('max_connections')::int AS connections_limit
"""
_ASK_WHO = """
SELECT coalesce(state, 'unknown') AS state, count(*) AS connections,
       count(*) FILTER (WHERE wait_event_type = 'Lock') AS locked,
       coalesce(max(extract(epoch FROM clock_timestamp() - xact_start))
                FILTER (WHERE pid <> pg_backend_pid()), 0)::float8 AS oldest_seconds
  FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' GROUP BY 1
"""


class DatabaseFigures:
    """Several workers may run one each: all see the same."""

    def __init__(self, db: Database, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._db = db
        self._every = every_seconds

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except DatabaseUnreachable:
                log.warning("figures_wait")
                self.know_nothing()
            await asyncio.sleep(self._every)

    async def look(self) -> None:
        began = time.monotonic()
        async with self._db.reading() as connection:
            whole = await (await connection.execute(_ASK)).fetchone()
            who = await (await connection.execute(_ASK_WHO)).fetchall()
        assert whole is not None
        SIZE.set(whole["bytes"])
        LIMIT.set(whole["connections_limit"])
        CONNECTIONS.clear()
        for row in who:
            CONNECTIONS.labels(row["state"]).set(row["connections"])
        LOCKED.set(sum(row["locked"] for row in who))
        OLDEST.set(max((row["oldest_seconds"] for row in who), default=0.0))
        ANSWER.set(time.monotonic() - began)

    def know_nothing(self) -> None:
        """What was true a while ago must not look as if it were true now."""
        CONNECTIONS.clear()
        for gauge in (SIZE, LIMIT, OLDEST, LOCKED, ANSWER):
            gauge.set(math.nan)
