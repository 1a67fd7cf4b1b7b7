"""How readings get into PostgreSQL: the writer's way (binary COPY, as long as all is new), its way round repeats (COPY
into a staging table, then what is new), executemany, and a transaction a row. The same readings, the table and keys of
the migrations."""

import argparse
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import uvloop

from bench.program import run
from bench.tables import show
from services.db.migrate import migrate
from services.db.pool import Connection, Database
from services.telemetry import store
from services.telemetry.model import Reading
from yian.servers import PostgresServer

NAMES = (("heart_rate", "beat/min"), ("steps", "count"), ("battery", "%EL"))
DEVICES = 100_000
ROUND_BATCHES = 20
FIRST_US = 1_795_307_335_000_000
COLUMNS = store.COLUMNS.count(",") + 1
INSERT = f"INSERT INTO readings ({store.COLUMNS}) VALUES ({', '.join(['%s'] * COLUMNS)}) ON CONFLICT DO NOTHING"
Way = Callable[[Database, list[Reading]], Awaitable[None]]


def readings(seed: int) -> Iterator[Reading]:
    """A city's minute: three readings a message, the devices in random order."""
    chance = random.Random(seed)
    at = FIRST_US
    while True:
        at += 143
        device_id = f"W-{chance.randrange(DEVICES):06}"
        for name, unit in NAMES:
            yield Reading(device_id, name, unit, at, at + 1000, float(chance.randrange(200)), None, False)


def row_of(reading: Reading) -> tuple[object, ...]:
    """As one would write it, in the order of store.COLUMNS."""
    return (
        reading.device_id,
        reading.name,
        reading.unit,
        datetime.fromtimestamp(reading.measured_us / 1e6, UTC),
        datetime.fromtimestamp(reading.received_us / 1e6, UTC),
        reading.value,
        reading.time_suspect,
        reading.text or "",
        reading.sent_value,
        reading.sent_unit,
        reading.mark,
    )


async def by_copy(db: Database, batch: list[Reading]) -> None:
    async with db.transaction() as tx:
        await store.write(tx, batch)


async def by_staging(db: Database, batch: list[Reading]) -> None:
    async with db.transaction() as tx:
        await store.write_through_staging(tx, batch)


async def by_executemany(db: Database, batch: list[Reading]) -> None:
    async with db.transaction() as tx, tx.cursor() as cursor:
        await cursor.executemany(INSERT, [row_of(reading) for reading in batch])


async def by_row(db: Database, batch: list[Reading]) -> None:
    for reading in batch:
        async with db.transaction() as tx:
            await tx.execute(INSERT, row_of(reading))


@dataclass
class Measured:
    """One way, over all its rounds."""

    name: str
    way: Way
    batch: int
    rows_a_round: int
    rows: int = 0
    kept: int = 0
    spent_s: float = 0.0

    async def round(self, db: Database, source: Iterator[Reading]) -> None:
        """Into an empty table, after the disk has finished earlier work."""
        async with db.transaction() as tx:
            await tx.execute("TRUNCATE readings")
            await tx.execute("CHECKPOINT")
        for _ in range(self.rows_a_round // self.batch):
            made = list(itertools.islice(source, self.batch))
            started = time.perf_counter()
            await self.way(db, made)
            self.spent_s += time.perf_counter() - started
            self.rows += self.batch
        async with db.transaction() as tx:
            self.kept += await _count(tx)

    @property
    def rows_per_s(self) -> float:
        return self.rows / self.spent_s


async def _count(tx: Connection) -> int:
    cursor = await tx.execute("SELECT count(*) AS n FROM readings")
    found = await cursor.fetchone()
    return int(found["n"]) if found else 0


async def compare(dsn: str, seconds: float, batch: int) -> list[dict[str, object]]:
    """In turn, so that a machine that is slow for a while is slow for all of them."""
    await migrate(dsn)
    db = Database(dsn, connections=2, name="bench")
    await db.open()
    source = readings(1)
    ways = [
        Measured("COPY", by_copy, batch, ROUND_BATCHES * batch),
        Measured("COPY, staging, what is new", by_staging, batch, ROUND_BATCHES * batch),
        Measured("executemany", by_executemany, batch, ROUND_BATCHES * batch),
        Measured("a row a commit", by_row, 200, 600),
    ]
    try:
        while min(way.spent_s for way in ways[:3]) < seconds:
            for way in ways:
                await way.round(db, source)
    finally:
        await db.close()
    return [
        {
            "way": way.name,
            "rows a batch": way.batch,
            "rows/s": way.rows_per_s,
            "rows kept": way.kept,
            "rows sent": way.rows,
            "COPY is faster by": ways[0].rows_per_s / way.rows_per_s,
        }
        for way in ways
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.store", description=__doc__)
    parser.add_argument("--seconds", type=float, default=6, help="of writing, at least, for each way")
    parser.add_argument("--batch", type=int, default=10_000, help="rows a transaction")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with PostgresServer() as server:
        lines = uvloop.run(compare(server.dsn, asked.seconds, asked.batch))
    show("Readings into PostgreSQL 18", lines, as_json=asked.json)


if __name__ == "__main__":
    run(main)
