"""A year of a city's figures: how fast facts are kept, how fast the pages' questions are answered, and how large it is.

The facts are made by chance on the database itself: alarms with three facts each and visits with six, spread over the
towns and villages of the example city. Then facts go in as the platform keeps them, counting with it; and the questions
of the regulator's pages are asked in turn, with the same figures counted from the facts beside them.
"""

import argparse
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import uvloop

from bench.metrics.year import fill, places
from bench.program import run
from bench.tables import percentile, show
from services.accounts.model import Scope
from services.db.migrate import migrate
from services.db.pool import Connection, Database
from services.metrics import handlers, store_figures
from services.metrics.facts import CaseFact, VisitFact
from services.metrics.kpis import DEFINITIONS
from services.metrics.model import Subject
from services.metrics.store_figures import Span
from services.metrics.store_recount import recount
from yian.servers import PostgresServer

CITY = Scope(region_codes=("4202",))
YEAR = 2026
BATCH = 5_000
Ask = Callable[[Connection, random.Random], Awaitable[object]]


def a_batch(chance: random.Random, number: int, villages: list[str]) -> tuple[list[CaseFact], list[VisitFact]]:
    """A fifth of them alarms that open, the rest visits that are placed."""
    now = datetime(YEAR, 12, 31, tzinfo=UTC) + timedelta(milliseconds=number * BATCH)
    cases, visits = [], []
    for n in range(BATCH):
        at, region = now + timedelta(milliseconds=n), chance.choice(villages)
        id_ = UUID(int=chance.getrandbits(128))
        if n % 5 == 0:
            cases.append(
                CaseFact(
                    f"{id_}:1", id_, 1, "open", "open", at, at, at, at, None, None, "sos", False, region, None,
                    f"W-{n:06}", None, 1, None,
                )
            )  # fmt: skip
        else:
            due = at + timedelta(hours=5)
            visits.append(
                VisitFact(
                    f"{id_}:1", id_, id_, 1, "place", False, "waiting", at, at, at, due.date(), due, region, id_, id_,
                    "bath_assist", None, None, None,
                )
            )  # fmt: skip
    return cases, visits


async def writing(db: Database, seconds: float) -> dict[str, object]:
    chance, villages = random.Random(1), await places(db)
    spent, kept, number = 0.0, 0, 0
    while spent < seconds:
        cases, visits = a_batch(chance, number, villages)
        number += 1
        began = time.perf_counter()
        async with db.transaction() as tx:
            kept += await handlers.keep_facts(tx, {Subject.CASE: cases, Subject.VISIT: visits})
        spent += time.perf_counter() - began
    return {"facts": kept, "facts a transaction": BATCH, "facts/s": kept / spent}


def _span(chance: random.Random) -> Span:
    months = chance.choice((1, 1, 1, 3, 12))
    return Span(first=date(YEAR, chance.randrange(1, 14 - months), 1), months=months)


async def page(tx: Connection, chance: random.Random) -> object:
    return await handlers.figures(tx, "4202", _span(chance))


async def whole_year(tx: Connection, chance: random.Random) -> object:
    return await handlers.figures(tx, "4202", Span(first=date(YEAR, 1, 1), months=12))


def drill(regions: list[str]) -> Ask:
    async def ask(tx: Connection, chance: random.Random) -> object:
        figure = chance.choice(DEFINITIONS).id
        region = await handlers.region_in(tx, CITY, chance.choice(regions))
        return await handlers.detail(tx, figure, region, _span(chance))

    return ask


def village_page(villages: list[str]) -> Ask:
    async def ask(tx: Connection, chance: random.Random) -> object:
        return await handlers.figures(tx, chance.choice(villages), _span(chance))

    return ask


def evidence(regions: list[str]) -> Ask:
    async def ask(tx: Connection, chance: random.Random) -> object:
        return await store_figures.evidence(
            tx, chance.choice(DEFINITIONS), _span(chance), chance.choice(regions), part=None,
            standing=chance.choice((None, "missed", "excluded")), after=None, limit=50,
        )  # fmt: skip

    return ask


async def from_facts(tx: Connection, chance: random.Random) -> object:
    return await recount(tx, date(YEAR, chance.randrange(1, 13), 1), DEFINITIONS)


async def asked(db: Database, name: str, ask: Ask, times: int) -> dict[str, object]:
    chance, took = random.Random(2), []
    for _ in range(times):
        began = time.perf_counter()
        async with db.transaction() as tx:
            await ask(tx, chance)
        took.append((time.perf_counter() - began) * 1000)
    return {"question": name, "asked": times, "p50 ms": percentile(took, 0.5), "p99 ms": percentile(took, 0.99)}


async def sizes(db: Database) -> list[dict[str, object]]:
    rows = []
    async with db.transaction() as tx:
        for table in ("case_facts", "visit_facts", "counted_cases", "counted_visits", "day_counts", "month_counts"):
            cursor = await tx.execute(
                f"SELECT count(*) AS n, pg_table_size('{table}') AS bytes, pg_indexes_size('{table}') AS indexes"
                f" FROM {table}".encode()
            )
            row = await cursor.fetchone()
            assert row is not None
            rows.append(
                {
                    "table": table,
                    "rows": row["n"],
                    "MB": row["bytes"] / 1e6,
                    "indexes MB": row["indexes"] / 1e6,
                    "bytes a row": (row["bytes"] + row["indexes"]) / max(row["n"], 1),
                }
            )
    return rows


async def measure(dsn: str, cases: int, visits: int, seconds: float, *, as_json: bool) -> None:
    await migrate(dsn)
    db = Database(dsn, connections=2, name="bench")
    await db.open()
    try:
        began = time.perf_counter()
        await fill(db, YEAR, cases=cases, visits=visits)
        print(f"{cases:,} alarms and {visits:,} visits counted in {time.perf_counter() - began:.0f} s")
        villages = await places(db)
        counties, towns = (sorted({code[:digits] for code in villages}) for digits in (6, 9))
        questions: list[tuple[str, Ask, int]] = [
            ("page of the city, 1 to 12 months", page, 100),
            ("page of the city, the year", whole_year, 30),
            ("page of a village, 1 to 12 months", village_page(villages), 60),
            ("one figure of the city", drill(["4202"]), 100),
            ("one figure of a county", drill(counties), 100),
            ("one figure of a town", drill(towns), 100),
            ("one figure of a village", drill(villages), 100),
            ("evidence, first page", evidence(["4202", *counties, *towns, *villages[:50]]), 100),
            ("a month, from the facts themselves", from_facts, 3),
        ]
        show(
            f"The questions of the pages, {cases * 3 + visits * 6:,} facts",
            [await asked(db, *one) for one in questions],
            as_json=as_json,
        )
        show("Facts kept, and what they change counted", [await writing(db, seconds)], as_json=as_json)
        show("On the disk, with the indexes", await sizes(db), as_json=as_json)
    finally:
        await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.metrics", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000, help="alarms of the year, three facts each")
    parser.add_argument("--visits", type=int, default=2_000_000, help="visits of the year, six facts each")
    parser.add_argument("--seconds", type=float, default=10, help="of keeping facts")
    parser.add_argument("--timescale", type=Path, default=None, help="a folder with TimescaleDB")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    with PostgresServer(with_timescale=told.timescale) as server:
        uvloop.run(measure(server.dsn, told.cases, told.visits, told.seconds, as_json=told.json))


if __name__ == "__main__":
    run(main)
