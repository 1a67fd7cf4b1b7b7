"""`python -m bench.store --grow ROWS`: the store of a city as it fills, by the writer's own path.

After each tenth: how many readings a second went in, what one takes on disk, and how long the pages' questions take
against the rows there are. On TimescaleDB also after compression.
"""

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from backbone.bus import Delivered
from backbone.process import spare_the_collector
from bench.store.city import READINGS, messages
from bench.tables import percentile
from contracts.telemetry import TelemetryMessage, encode_batch
from contracts.topics import DEVICE_TELEMETRY
from services.db.migrate import migrate
from services.db.pool import Connection, Database
from services.telemetry.catalogue import VITALS
from services.telemetry.consumers import ReadingWriter
from services.telemetry.store import ReadingStore, Worn
from services.telemetry.store_merge import SIZE

MESSAGES_A_BATCH = 14_000
ASKED = 20
"""Devices that each question is put for."""
Line = dict[str, object]


@dataclass(frozen=True, slots=True)
class Growth:
    rows: int
    devices: int
    steady: bool
    lines: int = 10


class NoBus:
    """Nothing of this is for the bus."""

    async def publish(self, records: Sequence[object]) -> None:
        raise AssertionError("the city's messages are readable, and its devices sound")


class Filling:
    """One writer, and the time that passes in its city."""

    def __init__(self, db: Database, growth: Growth) -> None:
        bus: Any = NoBus()
        self.now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self._since = self.now.timestamp() - growth.rows / READINGS / growth.devices * 60
        self._source = messages(self._since, devices=growth.devices, steady=growth.steady)
        self._city_seconds = 0.0
        self._writer = ReadingWriter(db, bus, lambda: self._city_seconds)

    async def write(self, count: int) -> float:
        """So many messages; the seconds it took, the making of them left out."""
        spent = 0.0
        for part in _parts(self._source, count):
            batch = [Delivered(DEVICE_TELEMETRY.name, 0, 0, None, {}, encode_batch(part))]
            self._city_seconds = part[-1].received_us / 1e6
            started = time.perf_counter()
            await self._writer.handle(batch)
            spent += time.perf_counter() - started
        return spent


def _parts(source: Iterator[TelemetryMessage], count: int) -> Iterator[list[TelemetryMessage]]:
    for start in range(0, count, MESSAGES_A_BATCH):
        yield list(islice(source, min(MESSAGES_A_BATCH, count - start)))


async def grow(dsn: str, growth: Growth, say: Callable[[str], None]) -> list[Line]:
    await migrate(dsn)
    db = Database(dsn, connections=2, name="bench")
    await db.open()
    try:
        if await _number(db, "SELECT count(*) AS n FROM (SELECT FROM moments LIMIT 1) AS one"):
            raise SystemExit("There are readings in this database: give an empty one.")
        filling, lines = Filling(db, growth), []
        spare_the_collector()  # as the writer's process does
        count = growth.rows // READINGS // growth.lines
        for nth in range(1, growth.lines + 1):
            spent = await filling.write(count)
            line: Line = {"readings": nth * count * READINGS, "readings/s": count * READINGS / spent}
            lines.append(line | await _measured(db, nth * count * READINGS, filling.now, growth.devices))
            say(f"{line['readings']:,} readings, {line['readings/s']:,.0f} a second")
        if await _number(db, "SELECT count(*) AS n FROM pg_extension WHERE extname = 'timescaledb'"):
            spent = await _compress(db)
            line = {"readings": "compressed", "seconds to compress": spent}
            lines.append(line | await _measured(db, growth.lines * count * READINGS, filling.now, growth.devices))
        kept = await _number(db, f"SELECT coalesce(sum({SIZE}), 0) AS n FROM moments AS m")
        if kept != growth.lines * count * READINGS:
            raise SystemExit(f"{growth.lines * count * READINGS:,} readings were written, {kept:,} are there.")
        return lines
    finally:
        await db.close()


async def _measured(db: Database, readings: int, now: datetime, devices: int) -> Line:
    table, index = await _bytes(db)
    sample = Random(1).sample(range(devices), ASKED)
    worn = [Worn(device_id=f"W-{number:06d}", model=None, since=None) for number in sample]

    async def asked(question: Callable[[ReadingStore, Worn], Awaitable[object]]) -> float:
        took = []
        for device in worn:
            async with db.transaction() as tx:
                started = time.perf_counter()
                await question(ReadingStore(tx), device)
                took.append((time.perf_counter() - started) * 1000)
        return percentile(took, 0.5)

    day, year = now - timedelta(days=1), now - timedelta(days=365)
    return {
        "bytes a reading": table / readings,
        "of its indexes": index / readings,
        "24 h, ms": await asked(lambda store, device: store.points(device, "heart_rate", day, now)),
        "latest, ms": await asked(lambda store, device: store.latest(device, list(VITALS), now)),
        "a year by day, ms": await asked(lambda store, device: store.daily(device, "heart_rate", year, now)),
    }


async def _bytes(db: Database) -> tuple[int, int]:
    """Of the table, and of its indexes."""
    async with db.reading() as tx:
        if await _is_hypertable(tx):
            query = "SELECT sum(table_bytes + toast_bytes) AS t, sum(index_bytes) AS i"
            query += " FROM hypertable_detailed_size('moments')"
        else:
            query = "SELECT pg_table_size('moments') AS t, pg_indexes_size('moments') AS i"
        row = await (await tx.execute(query.encode())).fetchone()
    return (int(row["t"]), int(row["i"])) if row else (0, 0)


async def _is_hypertable(tx: Connection) -> bool:
    return await (await tx.execute("SELECT FROM pg_extension WHERE extname = 'timescaledb'")).fetchone() is not None


async def _compress(db: Database) -> float:
    """The readings, then the figures made of them; the seconds that the readings took."""
    started = time.perf_counter()
    async with db.reading() as tx:
        cursor = await tx.execute("SELECT c::text AS chunk FROM show_chunks('moments') AS c")
        for row in await cursor.fetchall():
            await tx.execute("SELECT compress_chunk(%s::regclass, if_not_compressed => true)", (row["chunk"],))
        spent = time.perf_counter() - started
        for figures in ("moments_hourly", "moments_daily"):
            await tx.execute("CALL refresh_continuous_aggregate(%s, NULL, NULL)", (figures,))
    return spent


async def _number(db: Database, query: str) -> int:
    async with db.reading() as tx:
        row = await (await tx.execute(query.encode())).fetchone()
    return int(row["n"]) if row else 0
