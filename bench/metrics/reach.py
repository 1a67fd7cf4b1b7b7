"""What an hour of the circle of 15 minutes costs: elders of a whole city, and everybody who serves them on duty.

Homes lie around the villages of the example city, staff live among them. Each hour is measured, kept as facts and
counted as `yian worker` does it; beside it the questions of the page.
"""

import argparse
import random
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import psutil
import uvloop

from bench.program import run
from bench.tables import percentile, show
from services.assignment.reach import reach_km
from services.business_day import ZONE
from services.catalogue.store import CatalogueStore, packaged
from services.db.migrate import migrate
from services.db.pool import Connection, Database
from services.elders.store_regions import RegionStore, county_outlines, packaged_regions
from services.metrics import handlers
from services.metrics.reach import store
from services.metrics.reach.timers import ReachTimer
from yian.demo.places import Places, read_counties
from yian.servers import PostgresServer

DAY = date(2026, 12, 1)
SEED = 7
_SKILLS = (
    "bathing", "cleaning", "companionship", "delivery", "errands", "first_aid", "lifting", "medical_escort", "mobility",
    "nursing", "rehabilitation",
)  # fmt: skip
_ELDERS = """
INSERT INTO elders (id, name, sex, birth_date, ability_level, living_situation, address, lat, lon, region_code)
SELECT gen_random_uuid(), 'x', 'female', '1945-01-01', 'intact', 'alone', 'x',
       CASE WHEN random() < 0.98 THEN v.lat + 0.004 * (random() + random() - 1) END, v.lon + 0.004 * (random() - 0.5),
       v.code
  FROM (SELECT 1 + (n %% %(villages)s) AS at FROM generate_series(1, %(elders)s) n) n
  JOIN (SELECT row_number() OVER () AS at, * FROM unnest(%(codes)s::text[], %(lats)s::float8[], %(lons)s::float8[])
        AS v (code, lat, lon)) v USING (at)
"""
_STAFF = """
WITH w AS (
    INSERT INTO workers (id, provider_id, name, sex, phone, kind, state, skills, lat, lon, travel_mode)
    SELECT gen_random_uuid(), lpad((1 + n %% %(providers)s)::text, 32, '0')::uuid, 'x', 'female', n::text, 'employed',
           'active', ARRAY(SELECT s FROM unnest(%(skills)s::text[]) s WHERE hashint4(n * 31 + ascii(s)) %% 2 = 0), lat,
           lon, (ARRAY['ebike', 'ebike', 'ebike', 'car', 'walk'])[1 + n %% 5]
      FROM unnest(%(lats)s::float8[], %(lons)s::float8[]) WITH ORDINALITY AS s (lat, lon, at),
           LATERAL (SELECT at::int AS n) n RETURNING id),
c AS (INSERT INTO worker_certificates SELECT id, 'elder_care_worker', '1', '2020-01-01', '2099-01-01' FROM w)
INSERT INTO shift_patterns SELECT id, '2026-01-01', %(week)s::jsonb, true FROM w
"""


async def found(db: Database, elders: int, workers: int, providers: int) -> None:
    regions, chance = packaged_regions(), random.Random(SEED)
    places = Places(regions, read_counties(county_outlines()), SEED)
    codes = [one.code for one in regions if one.level == "village"]
    spots = [places.point(code, chance) for code in codes]
    bases = [places.point(chance.choice(codes), chance) for _ in range(workers)]
    counties = sorted({code[:6] for code in codes})
    async with db.transaction() as tx:
        await RegionStore(tx).load(regions)
        await CatalogueStore(tx).load(*packaged())
        await tx.execute("SET LOCAL session_replication_role = replica")  # no audit: what is measured is not this
        await tx.execute(
            _ELDERS,
            {"elders": elders, "villages": len(codes), "codes": codes, "lats": [lat for _, lat in spots],
             "lons": [lon for lon, _ in spots]},
        )  # fmt: skip
        for n in range(1, providers + 1):
            id_, region = f"{n:032}", "4202" if n % 4 == 0 else counties[n % len(counties)]
            await tx.execute(
                "INSERT INTO providers (id, name, licence_number, licence_until, phone, state)"
                " VALUES (%(id)s::text::uuid, %(id)s::text, %(id)s::text, '2099-01-01', 'x', 'active')",
                {"id": id_},
            )
            await tx.execute("INSERT INTO provider_regions VALUES (%s, %s)", (id_, region))
            await tx.execute(
                "INSERT INTO offer_versions (provider_id, service_code, version, valid_from, price_fen, region_codes)"
                " SELECT %s::uuid, code, 1, '2026-01-01', 100, %s FROM service_versions",
                (id_, [region]),
            )
        await tx.execute(
            _STAFF,
            {"providers": providers, "skills": list(_SKILLS), "lats": [lat for _, lat in bases],
             "lons": [lon for lon, _ in bases], "week": str([[[360, 1260]]] * 7)},
        )  # fmt: skip
    async with db.reading() as tx:
        await tx.execute("VACUUM ANALYZE")


class Spent:
    """CPU seconds, of this process and of the database's."""

    def __init__(self, server: psutil.Process) -> None:
        self._server = server

    def now(self) -> tuple[float, float]:
        whole = self._server.cpu_times()
        server = whole.children_user + whole.children_system
        for one in self._server.children():
            spent = one.cpu_times()
            server += spent.user + spent.system
        return time.process_time(), server


async def hour_by_hour(db: Database, hours: Sequence[int], spent: Spent) -> list[dict[str, object]]:
    now = datetime(DAY.year, DAY.month, DAY.day, tzinfo=ZONE)
    clock = [now]
    timer = ReachTimer(db, lambda: clock[0], lambda: reach_km)
    rows = []
    for hour in hours:
        clock[0] = now + timedelta(hours=hour, minutes=1)
        steps: list[tuple[float, float, float]] = [(time.perf_counter(), *spent.now())]
        facts = await timer.look()
        steps.append((time.perf_counter(), *spent.now()))
        while await _counted(db):
            pass
        steps.append((time.perf_counter(), *spent.now()))
        (took, own, server), (counting, _, more) = (
            [after - before for before, after in zip(*pair, strict=True)] for pair in pairwise(steps)
        )
        rows.append(
            {"hour": f"{hour:02}:00", "facts": facts, "measured s": took, "own CPU s": own, "database CPU s": server,
             "counted s": counting, "its database CPU s": more}
        )  # fmt: skip
    return rows


async def _counted(db: Database) -> int:
    async with db.transaction() as tx:
        return await handlers.count_due(tx, at_most=200)


async def _day(tx: Connection, region: str, digits: int, below: int) -> object:
    return await store.cells(tx, DAY, region, digits=digits, below=below)


async def asked(db: Database, times: int) -> list[dict[str, object]]:
    questions = (("the city, by county", "4202", 6, 9), ("a county, by town", "420281", 9, 12),
                 ("a town, by village", "420281104", 12, 12))  # fmt: skip
    rows = []
    for name, *of in questions:
        took = []
        for _ in range(times):
            began = time.perf_counter()
            async with db.transaction() as tx:
                await _day(tx, *of)  # type: ignore[arg-type]
            took.append((time.perf_counter() - began) * 1000)
        rows.append({"a day of": name, "asked": times, "p50 ms": percentile(took, 0.5), "most ms": max(took)})
    return rows


async def sizes(db: Database) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    async with db.transaction() as tx:
        for table in ("reach_facts", "counted_reach", "reach_hours", "day_counts"):
            cursor = await tx.execute(
                f"SELECT count(*) AS n, pg_total_relation_size('{table}') / 1e6 AS mb FROM {table}".encode()
            )
            row = await cursor.fetchone()
            assert row is not None
            rows.append({"table": table, "rows": row["n"], "MB": float(row["mb"])})
    return rows


async def measure(server: PostgresServer, told: argparse.Namespace) -> None:
    await migrate(server.dsn)
    db = Database(server.dsn, connections=2, name="bench")
    await db.open()
    try:
        await found(db, told.elders, told.workers, told.providers)
        async with db.transaction() as tx:
            cursor = await tx.execute("SELECT pg_backend_pid() AS pid")
            row = await cursor.fetchone()
        assert row is not None
        postmaster = psutil.Process(row["pid"]).parent()
        assert postmaster is not None
        rows = await hour_by_hour(db, told.hours, Spent(postmaster))
        show(f"{told.elders:,} elders, {told.workers:,} who serve", rows, as_json=told.json)
        show("The questions of the page", await asked(db, 10), as_json=told.json)
        show("On the disk, with the indexes", await sizes(db), as_json=told.json)
    finally:
        await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.metrics.reach", description=__doc__)
    parser.add_argument("--elders", type=int, default=420_100)
    parser.add_argument("--workers", type=int, default=1_500)
    parser.add_argument("--providers", type=int, default=60)
    parser.add_argument("--hours", type=int, nargs="+", default=[8, 9, 10, 11, 14, 15])
    parser.add_argument("--timescale", type=Path, default=None, help="a folder with TimescaleDB")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    with PostgresServer(with_timescale=told.timescale) as server:
        uvloop.run(measure(server, told))


if __name__ == "__main__":
    run(main)
