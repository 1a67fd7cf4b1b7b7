"""From events to figures, on a real database of both kinds: what is shown is what happened."""

import random
from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio

from services.accounts.model import Scope
from services.db.migrate import migrate
from services.db.pool import Connection, Database
from services.elders.store_regions import RegionStore, packaged_regions
from services.metrics import handlers, store_facts, store_figures, store_months
from services.metrics.consumers import FactConsumer
from services.metrics.kpis import DEFINITIONS
from services.metrics.model import Figure, Subject
from services.metrics.store_figures import Span
from services.metrics.store_recount import Difference, recount
from tests.integration.figure_log import COUNTED, TOWNS, VILLAGES, Counted, Log, a_log, counted, of_region
from tests.integration.watched_log import (
    MODELS,
    add_batteries,
    add_busy_times,
    add_device_days,
    add_presses,
    add_shifts,
)

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
SPAN = Span(first=OCTOBER)
LAST = date(2026, 10, 31)
OFFICER = UUID(int=77)
CITY = Scope(region_codes=("4202",))
FACTS = (
    "case_facts", "visit_facts", "due_facts", "press_facts", "device_facts", "battery_facts", "load_facts",
)  # fmt: skip
WORN = {f"W-{n}": village for n, village in enumerate(("420202006001", "420202007001", "420281104208", "", ""))}
"""Device → where its bearer lives; two are worn by nobody."""


class Books:
    """Facts and figures of one database."""

    def __init__(self, dsn: str, db: Database) -> None:
        self.dsn, self.db = dsn, db
        self.consumer = FactConsumer(db, None)  # type: ignore[arg-type]  # nothing here is set aside
        self.log = a_log(1, OCTOBER, days=45, cases=600, visits=900, elders=300)
        chance = random.Random(2)
        add_busy_times(self.log, chance, OCTOBER, days=31)
        add_presses(self.log, chance, OCTOBER, days=45, presses=250, worn=WORN)
        add_device_days(self.log, chance, OCTOBER, days=9, devices=20)
        add_batteries(self.log, chance, OCTOBER, days=40, batteries=60)
        add_shifts(self.log, chance, OCTOBER, days=40, windows=40)

    async def hear(self, log: Log, *, seed: int, at_once: int = 170) -> None:
        """In any order, every fifth twice, over several batches."""
        chance = random.Random(seed)
        records = [*log.records, *chance.sample(log.records, len(log.records) // 5)]
        chance.shuffle(records)
        seen = [*log.facts, *chance.sample(log.facts, len(log.facts) // 5)]
        chance.shuffle(seen)
        for start in range(0, max(len(records), len(seen)), at_once):
            await self.consumer.handle(records[start : start + at_once])
            facts: dict[Subject, list[store_facts.Fact]] = {}
            for subject, fact in seen[start : start + at_once]:
                facts.setdefault(subject, []).append(fact)
            if facts:
                async with self.db.transaction() as tx:
                    await handlers.keep_facts(tx, facts)

    async def count(self) -> None:
        while True:
            async with self.db.transaction() as tx:
                if not await handlers.count_due(tx, at_most=50):
                    return

    async def shown(self, region: str, span: Span = SPAN) -> dict[str, Figure]:
        async with self.db.transaction() as tx:
            return {one.definition.id: one.figure for one in await handlers.figures(tx, region, span)}

    async def differences(self, month: date = OCTOBER) -> list[Difference]:
        async with self.db.transaction() as tx:
            return await recount(tx, month, DEFINITIONS)

    async def broken(self) -> list[store_facts.Broken]:
        async with self.db.transaction() as tx:
            return [one async for one in store_facts.verify(tx)]


async def wear(tx: Connection) -> None:
    for n, (device, village) in enumerate(WORN.items()):
        await tx.execute(
            "INSERT INTO devices (device_id, model, kind, credential_hash) VALUES (%s, %s, 'watch', 'x')",
            (device, MODELS[n % 2]),
        )
        await tx.execute("INSERT INTO device_states (device_id, firmware) VALUES (%s, %s)", (device, f"1.{n % 3}"))
        if village:
            await tx.execute(
                "INSERT INTO elders (id, name, sex, birth_date, ability_level, living_situation, address, region_code)"
                " VALUES (%s, 'x', 'female', '1940-01-01', 'intact', 'alone', '', %s)",
                (UUID(int=n + 1), village),
            )
            await tx.execute(
                "INSERT INTO device_bindings (id, device_id, elder_id) VALUES (%s, %s, %s)",
                (UUID(int=n + 1), device, UUID(int=n + 1)),
            )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def books(time_series_dsn: str) -> AsyncIterator[Books]:
    await migrate(time_series_dsn)
    db = Database(time_series_dsn, connections=4)
    await db.open()
    async with db.transaction() as tx:
        await RegionStore(tx).load(packaged_regions())
        await tx.execute(
            "INSERT INTO accounts (id, username, name, role, password_hash)"
            " VALUES (%s, 'office', 'o', 'regulator', 'x')",
            (OFFICER,),
        )
        await wear(tx)
    books = Books(time_series_dsn, db)
    await books.hear(books.log, seed=5)
    await books.count()
    yield books
    await db.close()


@pytest.mark.parametrize("region", ["4202", "420202", "420281", *TOWNS, *VILLAGES])
async def test_every_figure_of_every_region_is_what_the_log_comes_to(books: Books, region: str) -> None:
    shown = await books.shown(region)
    assert shown.keys() == COUNTED.keys()
    prefix = "" if region == "4202" else region
    for figure, said in shown.items():
        rows = of_region(books.log, figure, prefix, OCTOBER, LAST)
        assert (said.n, said.hits, said.excluded) == counted(books.log, figure, rows), figure


async def test_quantiles_are_within_one_percent(books: Books) -> None:
    waits = sorted(
        case.fields["waits"]
        for case in of_region(books.log, "alarm_answer_time", "", OCTOBER, LAST)
        if case.fields["waits"] is not None
        and not case.fields["worklist"]
        and case.fields["outcome"] not in ("test", "duplicate")
    )
    said = (await books.shown("4202"))["alarm_answer_time"]
    for quantile, found in ((0.5, said.median_s), (0.95, said.p95_s)):
        exact = max(1.0, waits[-(-int(quantile * 1000) * len(waits) // 1000) - 1])
        assert found == pytest.approx(exact, rel=0.0101)


@pytest.mark.parametrize("figure", sorted(COUNTED))
async def test_parts_regions_and_days_add_up_to_the_whole(books: Books, figure: str) -> None:
    for code in ("4202", "420202", TOWNS[0]):
        async with books.db.transaction() as tx:
            region = await handlers.region_in(tx, CITY, code)
            detail = await handlers.detail(tx, figure, region, SPAN)
        whole = (detail.figure.n, detail.figure.hits, detail.figure.excluded)
        for rows in (detail.parts, detail.course):
            assert tuple(sum(getattr(row.figure, name) for row in rows) for name in ("n", "hits", "excluded")) == whole
        assert sum(row.figure.n for row in detail.regions) == whole[0]


async def test_evidence_names_every_case_that_counts_and_every_one_that_does_not(books: Books) -> None:
    figure = next(one for one in DEFINITIONS if one.id == "visits_on_time")
    rows = of_region(books.log, figure.id, "420202", OCTOBER, LAST)
    n, hits, excluded = counted(books.log, figure.id, rows)
    found: list[store_figures.Evidence] = []
    async with books.db.transaction() as tx:
        after = None
        while page := await store_figures.evidence(
            tx, figure, SPAN, "420202", part=None, standing=None, after=after, limit=40
        ):
            found += page
            after = (page[-1].day, page[-1].id)
        late = await store_figures.evidence(
            tx, figure, SPAN, "420202", part=None, standing="missed", after=None, limit=900
        )
    assert {one.id for one in found} == {row.id for row in rows}
    assert (sum(one.n for one in found), sum(one.hits for one in found)) == (n, hits)
    assert sum(one.because is not None for one in found) == excluded
    assert len(late) == n - hits
    said = {record.headers["ce_id"] for record in books.log.records}
    assert all(one.events and said.issuperset(one.events) for one in found)


async def test_the_facts_alone_come_to_the_same_counts(books: Books) -> None:
    assert await books.differences(OCTOBER) == []
    assert await books.differences(NOVEMBER) == []


async def test_facts_are_single_and_their_chain_holds(books: Books) -> None:
    total = 0
    async with books.db.transaction() as tx:
        for table, name in (
            ("case_facts", "case_id, version"),
            ("visit_facts", "visit_id, version"),
            ("due_facts", "due_from, register_id, version"),
            ("press_facts", "press_id, received_at"),
            ("device_facts", "row_id"),
            ("battery_facts", "battery_id, version"),
            ("load_facts", "window_id, what, subject_id"),
        ):
            cursor = await tx.execute(f"SELECT count(*) AS n, count(DISTINCT ({name})) AS of FROM {table}".encode())
            row = await cursor.fetchone()
            assert row is not None
            assert row["n"] == row["of"] > 0
            total += row["n"]
        cursor = await tx.execute("SELECT sum(facts) AS n FROM fact_batches")
        row = await cursor.fetchone()
    assert row is not None
    assert row["n"] == total
    assert await books.broken() == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE visit_facts SET happened_at = happened_at - interval '10 minutes' WHERE batch = 3 AND move = 'begin'",
        "DELETE FROM case_facts WHERE batch = 3 AND case_id = (SELECT min(case_id::text)::uuid FROM case_facts"
        " WHERE batch = 3)",
        "UPDATE due_facts SET state = 'visited' WHERE batch = 3 AND state <> 'visited'",
        "UPDATE press_facts SET received_at = received_at - interval '1 minute' WHERE batch = 3",
        "UPDATE load_facts SET begins_at = begins_at + interval '10 minutes' WHERE batch = 3 AND what = 'rang'",
        "UPDATE fact_batches SET facts = facts + 1 WHERE no = 3",
        "DELETE FROM fact_batches WHERE no = 3",
        "INSERT INTO case_facts SELECT batch, event_id || 'x', case_id, version + 99, move, state, happened_at,"
        " received_at, stored_at, occurred_at, opened_at, claimed_at, closed_at, kind, worklist, region_code, elder_id,"
        " device_id, device_model, operator_id, presses, outcome FROM case_facts WHERE batch = 3 LIMIT 1",
    ],
)
async def test_a_fact_that_was_changed_taken_out_or_put_in_is_found(books: Books, tampering: str) -> None:
    async with books.db.transaction() as tx:
        for table in FACTS:
            await tx.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_stay".encode())
        cursor = await tx.execute(tampering.encode())
        assert cursor.rowcount > 0
        found = [one async for one in store_facts.verify(tx)]
        assert found[0].batch == 3
        await tx.execute("ROLLBACK")
        await tx.execute("BEGIN")


async def test_a_fact_cannot_be_changed(books: Books) -> None:
    for statement in ("UPDATE visit_facts SET state = 'done'", "DELETE FROM case_facts"):
        with pytest.raises(psycopg.Error, match="never changed"):
            async with books.db.transaction() as tx:
                await tx.execute(statement.encode())


async def test_late_facts_go_where_facts_are_compressed_already(books: Books) -> None:
    """On TimescaleDB; on plain PostgreSQL nothing is compressed."""
    async with books.db.transaction() as tx:
        cursor = await tx.execute("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'")
        if await cursor.fetchone():
            for table in FACTS:
                await tx.execute(f"SELECT compress_chunk(c) FROM show_chunks('{table}') c".encode())
    late = a_log(3, OCTOBER, days=10, cases=40, visits=40, elders=20)
    add_batteries(late, random.Random(4), OCTOBER, days=9, batteries=20)
    await books.hear(late, seed=7)
    await books.hear(books.log, seed=8, at_once=900)  # all of it again
    await books.count()
    books.log.records += late.records
    books.log.cases += late.cases
    books.log.visits += late.visits
    books.log.register += late.register
    books.log.batteries += late.batteries
    books.log.facts += late.facts
    for figure, said in (await books.shown("4202")).items():
        rows = of_region(books.log, figure, "", OCTOBER, LAST)
        assert (said.n, said.hits, said.excluded) == counted(books.log, figure, rows), figure
    assert await books.broken() == []
    assert await books.differences(OCTOBER) == []


async def test_a_closed_month_stays_as_published_and_what_comes_later_is_a_restatement(books: Books) -> None:
    async with books.db.transaction() as tx:
        closed = await handlers.close_month(tx, OCTOBER, by=OFFICER, scope=CITY, today=date(2026, 11, 20))
    published = await books.shown("4202")
    for refused, scope, today in (
        (handlers.MonthClosed, CITY, date(2026, 11, 20)),
        (handlers.MonthNotOver, CITY, LAST),
        (handlers.NotTheWholeCity, Scope(region_codes=("420202",)), date(2026, 11, 20)),
    ):
        with pytest.raises(refused):
            async with books.db.transaction() as tx:
                await handlers.close_month(tx, OCTOBER, by=OFFICER, scope=scope, today=today)
    late = a_log(2, date(2026, 10, 29), days=3, cases=60, visits=80)
    before = {figure: of_october(books, figure) for figure in COUNTED}
    books.log.records += late.records
    books.log.cases += late.cases
    books.log.visits += late.visits
    await books.hear(late, seed=6)
    await books.count()
    assert await books.shown("4202") == published
    async with books.db.transaction() as tx:
        log = await store_months.restatements(tx, OCTOBER, "4202", after=None, limit=500)
        cursor = await tx.execute("SELECT digest FROM fact_batches WHERE no = %s", (closed.facts,))
        head = await cursor.fetchone()
        assert head is not None
        assert (await store_months.digest_of(tx, OCTOBER, head["digest"])).hex() == closed.digest
    for figure in COUNTED:
        n, hits, _ = of_october(books, figure)
        said = [one for one in log if one.figure == figure]
        assert sum(one.n_after - one.n_before for one in said) == n - before[figure][0], figure
        assert sum(one.hits_after - one.hits_before for one in said) == hits - before[figure][1], figure
    assert await books.differences(OCTOBER) == [], "the counts that are not published follow the facts"


def of_october(books: Books, figure: str) -> Counted:
    return counted(books.log, figure, of_region(books.log, figure, "", OCTOBER, LAST))
