"""A city's devices looked at hour by hour, and a day of them written as facts: how long that takes, and how many rows.

Some devices are silent all day, some now and then, and of some readings are missing. What the writer of readings does
is not in it: the looks read what it has left.
"""

import argparse
import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import uvloop

from bench.program import run
from bench.tables import percentile, show
from services.business_day import day_starts_at
from services.db.migrate import migrate
from services.db.pool import Connection, Database
from services.elders.store_regions import RegionStore, packaged_regions
from services.metrics import handlers, store_figures, watching
from services.metrics.kpis import DEFINITIONS
from services.metrics.store_figures import Span
from yian.servers import PostgresServer

DAY = date(2026, 10, 10)
MODELS = 6
ALWAYS, NOW_AND_THEN, INCOMPLETE = 0.05, 0.005, 0.1
"""Shares of the devices: silent all day, silent in an hour, without some of their readings."""

_PLACES = "(SELECT array_agg(code ORDER BY code) AS codes FROM regions WHERE length(code) = 12) p"
_FILL = (
    f"""
INSERT INTO elders (id, name, sex, birth_date, ability_level, living_situation, address, region_code)
SELECT md5(n::text)::uuid, 'x', 'female', '1940-01-01', 'intact', 'alone', '',
       p.codes[1 + n %% cardinality(p.codes)] FROM generate_series(1, %(n)s) n, {_PLACES}
""",
    f"""
INSERT INTO devices (device_id, model, kind, credential_hash)
SELECT 'W-' || n, 'model ' || n %% {MODELS}, 'watch', 'x' FROM generate_series(1, %(n)s) n
""",
    """
INSERT INTO device_bindings (id, device_id, elder_id, bound_at)
SELECT md5(n::text)::uuid, 'W-' || n, md5(n::text)::uuid, '2026-01-01' FROM generate_series(1, %(n)s) n
""",
    f"""
INSERT INTO device_states (device_id, last_seen_at)
SELECT 'W-' || n, CASE WHEN random() > {ALWAYS} THEN 'infinity'::timestamptz END FROM generate_series(1, %(n)s) n
""",
    "INSERT INTO device_numbers (device_id) SELECT 'W-' || n FROM generate_series(1, %(n)s) n",
)
_READINGS = f"""
INSERT INTO days_kept (device, day, heart_rate_n)
SELECT device, %(start)s, CASE WHEN random() < {INCOMPLETE} THEN 90 ELSE 144 END FROM device_numbers
"""
_SILENCE = (
    "UPDATE device_states SET last_seen_at = 'infinity' WHERE last_seen_at = '-infinity'",
    "UPDATE device_states SET last_seen_at = '-infinity'"
    f" WHERE last_seen_at = 'infinity' AND random() < {NOW_AND_THEN}",
)


async def fill(db: Database, devices: int) -> None:
    async with db.transaction() as tx:
        await RegionStore(tx).load(packaged_regions())
        for table in ("elders", "devices", "device_bindings"):
            await tx.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        for statement in _FILL:
            await tx.execute(statement.encode(), {"n": devices})
        await tx.execute(_READINGS.encode(), {"start": day_starts_at(DAY)})
    async with db.transaction() as tx:
        await tx.execute("ANALYZE")


async def timed(db: Database, work: Callable[[Connection], Awaitable[object]]) -> tuple[float, object]:
    began = time.perf_counter()
    async with db.transaction() as tx:
        found = await work(tx)
    return time.perf_counter() - began, found


async def looks(db: Database) -> list[float]:
    start, took = day_starts_at(DAY), []
    for hour in range(24):
        async with db.transaction() as tx:
            for statement in _SILENCE:
                await tx.execute(statement.encode())
        now = start + timedelta(hours=hour + 1, seconds=40)
        spent, _ = await timed(db, lambda tx, now=now: watching.look_at_hour(tx, now))  # type: ignore[misc]
        took.append(spent * 1000)
    return took


async def rows_of(db: Database, table: str) -> dict[str, object]:
    async with db.transaction() as tx:
        cursor = await tx.execute(
            f"SELECT count(*) AS n, pg_total_relation_size('{table}') AS bytes FROM {table}".encode()
        )
        row = await cursor.fetchone()
    assert row is not None
    return {"table": table, "rows": row["n"], "MB": row["bytes"] / 1e6, "bytes a row": row["bytes"] / max(row["n"], 1)}


async def measure(dsn: str, devices: int, *, as_json: bool) -> None:
    await migrate(dsn)
    db = Database(dsn, connections=2, name="bench")
    await db.open()
    try:
        await fill(db, devices)
        took = await looks(db)
        now = day_starts_at(DAY) + timedelta(days=5)
        done = [
            {"work": "look at an hour of all devices", "times": 24, "s p50": percentile(took, 0.5) / 1000,
             "s most": max(took) / 1000},
        ]  # fmt: skip
        for look in ("heard", "measured"):
            spent, facts = await timed(db, lambda tx, look=look: watching.write_day(tx, look, DAY, now))  # type: ignore[misc]
            done.append({"work": f"write a day, {look}", "times": 1, "s p50": spent, "facts": facts})
        spent, _ = await timed(db, lambda tx: handlers.count_due(tx, at_most=1_000))
        done.append({"work": "count what they change", "times": 1, "s p50": spent})
        definition = next(one for one in DEFINITIONS if one.id == "devices_online")
        spent, _ = await timed(
            db,
            lambda tx: store_figures.evidence(
                tx, definition, Span(first=DAY.replace(day=1)), "4202", part=None, standing="missed", after=None,
                limit=50,
            ),
        )  # fmt: skip
        done.append({"work": "evidence, first page", "times": 1, "s p50": spent})
        show(f"{devices:,} devices", done, as_json=as_json)
        show("On the disk", [await rows_of(db, one) for one in ("device_facts", "counted_devices")], as_json=as_json)
    finally:
        await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.watching", description=__doc__)
    parser.add_argument("--devices", type=int, default=420_100)
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    with PostgresServer() as server:
        uvloop.run(measure(server.dsn, told.devices, as_json=told.json))


if __name__ == "__main__":
    run(main)
