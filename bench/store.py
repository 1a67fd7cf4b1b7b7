"""How readings get into PostgreSQL: the writer's way (binary COPY, as long as all is new), its way round repeats (COPY
into a staging table, then what is new), executemany, and a transaction a row. The same readings, the table and keys of
the migrations."""

import argparse
import random
import time
from collections.abc import Awaitable, Callable, Iterator

import uvloop

from bench.tables import show
from services.db.migrate import migrate
from services.db.pool import Connection, Database
from services.telemetry import store
from services.telemetry.model import Reading
from yian.servers import PostgresServer

NAMES = (("heart_rate", "beat/min"), ("steps", "count"), ("battery", "%EL"))
DEVICES = 100_000
FIRST_US = 1_795_307_335_000_000
INSERT = f"INSERT INTO readings ({store.COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
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


async def by_copy(db: Database, batch: list[Reading]) -> None:
    async with db.transaction() as tx:
        await store.write(tx, batch)


async def by_staging(db: Database, batch: list[Reading]) -> None:
    async with db.transaction() as tx:
        await store.write_through_staging(tx, batch)


async def by_executemany(db: Database, batch: list[Reading]) -> None:
    async with db.transaction() as tx, tx.cursor() as cursor:
        await cursor.executemany(INSERT, [store.row_of(reading) for reading in batch])


async def by_row(db: Database, batch: list[Reading]) -> None:
    for reading in batch:
        async with db.transaction() as tx:
            await tx.execute(INSERT, store.row_of(reading))


async def measure(db: Database, name: str, way: Way, batch: int, seconds: float) -> dict[str, object]:
    async with db.transaction() as tx:
        await tx.execute("TRUNCATE readings")
    source = readings(1)
    rows, spent = 0, 0.0
    while spent < seconds:
        made = [next(source) for _ in range(batch)]
        started = time.perf_counter()
        await way(db, made)
        spent += time.perf_counter() - started
        rows += batch
    async with db.transaction() as tx:
        kept = await _count(tx)
    return {"way": name, "rows a batch": batch, "rows/s": rows / spent, "rows kept": kept, "rows sent": rows}


async def _count(tx: Connection) -> int:
    cursor = await tx.execute("SELECT count(*) AS n FROM readings")
    found = await cursor.fetchone()
    return int(found["n"]) if found else 0


async def run(dsn: str, seconds: float, batch: int) -> list[dict[str, object]]:
    await migrate(dsn)
    db = Database(dsn, connections=2, name="bench")
    await db.open()
    try:
        lines = [
            await measure(db, "COPY", by_copy, batch, seconds),
            await measure(db, "COPY, staging, what is new", by_staging, batch, seconds),
            await measure(db, "executemany", by_executemany, batch, seconds),
            await measure(db, "a row a commit", by_row, 200, seconds),
        ]
    finally:
        await db.close()
    best = lines[0]["rows/s"]
    return [{**line, "COPY is faster by": _ratio(best, line["rows/s"])} for line in lines]


def _ratio(one: object, other: object) -> float:
    assert isinstance(one, float)
    assert isinstance(other, float)
    return one / other


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.store", description=__doc__)
    parser.add_argument("--seconds", type=float, default=15, help="of writing, for each way")
    parser.add_argument("--batch", type=int, default=10_000, help="rows a transaction")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with PostgresServer() as server:
        lines = uvloop.run(run(server.dsn, asked.seconds, asked.batch))
    show("Readings into PostgreSQL 18", lines, as_json=asked.json)


if __name__ == "__main__":
    main()
