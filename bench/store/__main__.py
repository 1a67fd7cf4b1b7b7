"""How readings get into PostgreSQL: the writer's way (binary COPY, as long as all is new), its way round repeats (COPY
into a staging table, then what is new), executemany, and a transaction a row; the same messages of three readings, the
table and key of the migrations. With `--grow`: how the store of a city fills."""

import argparse
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench.program import run
from bench.store.city import DEVICES, READINGS, messages
from bench.store.grow import Growth, grow
from bench.tables import show
from services.db.migrate import migrate
from services.db.pool import Connection, Database
from services.telemetry import store_merge, store_moments
from services.telemetry.model import Moment
from services.telemetry.moment_copy import VITAL_COLUMNS, encoded
from services.telemetry.rules import moment_at
from services.telemetry.senml_usual import usual_moments
from services.telemetry.store_moments import DeviceNumbers
from yian.servers import PostgresServer
from yian.servers.places import CHECKOUT

COMPARED_DEVICES = 100_000
ROUND_BATCHES = 20
FIRST = 1_795_307_335.0
TIMESCALE = CHECKOUT.parent / "shared" / "timescaledb"
INSERT = (
    f"INSERT INTO moments (device, time, {', '.join(VITAL_COLUMNS)})"
    f" VALUES (%s, %s, {', '.join(['%s'] * len(VITAL_COLUMNS))}) ON CONFLICT DO NOTHING"
)
Way = Callable[[Database, list[Moment]], Awaitable[None]]


def moments() -> Iterator[Moment]:
    for message in messages(FIRST, devices=COMPARED_DEVICES):
        yield from usual_moments(message.payload, message.device_id, message.received_us) or ()


class Ways:
    """Each writes a batch of moments that are not there yet."""

    def __init__(self) -> None:
        self._numbers = DeviceNumbers()

    async def know(self, db: Database) -> None:
        """All devices have their numbers before it begins."""
        async with db.transaction() as tx:
            await self._numbers.of(tx, [f"W-{number:06d}" for number in range(COMPARED_DEVICES)])
        self._numbers.kept()

    async def by_copy(self, db: Database, batch: list[Moment]) -> None:
        async with db.transaction() as tx:
            await store_moments.write(tx, batch, await self._numbers.of(tx, ()))

    async def by_staging(self, db: Database, batch: list[Moment]) -> None:
        first, last = moment_at(batch[0].time_us), moment_at(batch[-1].time_us)
        async with db.transaction() as tx:
            await store_merge.merge(tx, encoded(batch, await self._numbers.of(tx, ())), first, last)

    async def by_executemany(self, db: Database, batch: list[Moment]) -> None:
        async with db.transaction() as tx, tx.cursor() as cursor:
            numbers = await self._numbers.of(tx, ())
            await cursor.executemany(INSERT, [self._row(moment, numbers[moment.device_id]) for moment in batch])

    async def by_row(self, db: Database, batch: list[Moment]) -> None:
        for moment in batch:
            async with db.transaction() as tx:
                numbers = await self._numbers.of(tx, ())
                await tx.execute(INSERT, self._row(moment, numbers[moment.device_id]))

    def _row(self, moment: Moment, device: int) -> tuple[object, ...]:
        """As one would write it."""
        return (device, moment_at(moment.time_us), *map(moment.values.get, VITAL_COLUMNS))


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

    async def round(self, db: Database, source: Iterator[Moment]) -> None:
        """Into an empty table, after the disk has finished earlier work."""
        async with db.transaction() as tx:
            await tx.execute("TRUNCATE moments")
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
    def readings_per_s(self) -> float:
        return READINGS * self.rows / self.spent_s


async def _count(tx: Connection) -> int:
    cursor = await tx.execute("SELECT count(*) AS n FROM moments")
    found = await cursor.fetchone()
    return int(found["n"]) if found else 0


async def compare(dsn: str, seconds: float, batch: int) -> list[dict[str, object]]:
    """In turn, so that a machine that is slow for a while is slow for all of them."""
    await migrate(dsn)
    db = Database(dsn, connections=2, name="bench")
    await db.open()
    source, by = moments(), Ways()
    ways = [
        Measured("COPY", by.by_copy, batch, ROUND_BATCHES * batch),
        Measured("COPY, staging, what is new", by.by_staging, batch, ROUND_BATCHES * batch),
        Measured("executemany", by.by_executemany, batch, ROUND_BATCHES * batch),
        Measured("a row a commit", by.by_row, 200, 600),
    ]
    try:
        await by.know(db)
        while min(way.spent_s for way in ways[:3]) < seconds:
            for way in ways:
                await way.round(db, source)
    finally:
        await db.close()
    return [
        {
            "way": way.name,
            "rows a batch": way.batch,
            "readings/s": way.readings_per_s,
            "rows kept": way.kept,
            "rows sent": way.rows,
            "COPY is faster by": ways[0].readings_per_s / way.readings_per_s,
        }
        for way in ways
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.store", description=__doc__)
    parser.add_argument("--seconds", type=float, default=6, help="of writing, at least, for each way")
    parser.add_argument("--batch", type=int, default=7_000, help="rows a transaction")
    parser.add_argument("--grow", type=int, metavar="ROWS", help="so many readings of a city, by the writer's own path")
    parser.add_argument("--devices", type=int, default=DEVICES, help="of that city")
    parser.add_argument("--steady", action="store_true", help="figures as of a body, one near the other; else noise")
    parser.add_argument(
        "--timescale", type=Path, nargs="?", const=TIMESCALE, help=f"on TimescaleDB, of this folder; else {TIMESCALE}"
    )
    parser.add_argument("--dsn", help="on this database, which must be empty")
    parser.add_argument("--shared-buffers", default="64MB", help="of the server that is started: small, as in a city")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with ExitStack() as stack:
        dsn, where = asked.dsn, "a database of yours"
        if dsn is None:
            settings = {"shared_buffers": asked.shared_buffers} if asked.grow else {}
            server = PostgresServer(settings=settings, with_timescale=asked.timescale)
            dsn, where = stack.enter_context(server).dsn, "TimescaleDB" if asked.timescale else "PostgreSQL 18"
        if asked.grow:
            growth = Growth(asked.grow, asked.devices, asked.steady)
            lines = uvloop.run(grow(dsn, growth, lambda line: None if asked.json else print(line, flush=True)))
            show(f"A city's store as it fills, on {where}", lines, as_json=asked.json)
        else:
            lines = uvloop.run(compare(dsn, asked.seconds, asked.batch))
            show(f"Readings into {where}", lines, as_json=asked.json)


if __name__ == "__main__":
    run(main)
