"""Welfare visits by group of the register, on a real database of both kinds; and facts from before the groups."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from uuid import UUID

import pytest
import pytest_asyncio

from backbone.bus import Delivered
from contracts.welfare import WelfareDueMoved
from services.business_day import ZONE
from services.db.migrate import migrate
from services.db.pool import Database
from services.elders.store_regions import RegionStore, packaged_regions
from services.metrics import handlers, store_facts
from services.metrics.consumers import FactConsumer
from services.metrics.facts import DueFact
from services.metrics.kpis_coverage import GROUPS
from services.metrics.model import Subject
from services.metrics.recounting import recount_month
from services.metrics.store_figures import Span

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

DECEMBER = date(2026, 12, 1)
HERE = "420202006001"
FLAGS = (["lives_alone", "disabled"], ["lives_alone"], ["empty_nest"], ["low_income"])
"""Of four elders; the last is on a part of the register that the plan does not name."""
VISITED = (0, 2)


def said(elder: int, state: str, version: int) -> Delivered:
    moved = WelfareDueMoved(
        elder_id=UUID(int=elder + 1), region_code=HERE, month=DECEMBER, due_from=DECEMBER, due_until=date(2026, 12, 31),
        weekly=False, version=version, state=state, at=datetime(2026, 12, version, 9, tzinfo=ZONE),
        visited_on=date(2026, 12, 2) if state == "visited" else None,
    )  # type: ignore[arg-type]  # fmt: skip
    event_id = f"{elder}:{version}"
    headers = {"ce_type": moved.TYPE, "ce_id": event_id}
    return Delivered("yian.welfare", 0, 0, event_id, headers, moved.model_dump_json(exclude_none=True).encode())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def db(time_series_dsn: str) -> AsyncIterator[Database]:
    await migrate(time_series_dsn)
    db = Database(time_series_dsn, connections=2)
    await db.open()
    async with db.transaction() as tx:
        await RegionStore(tx).load(packaged_regions())
        for number, flags in enumerate(FLAGS):
            await tx.execute(
                "INSERT INTO elders (id, name, sex, birth_date, ability_level, living_situation, address, region_code,"
                " register_flags) VALUES (%s, 'x', 'female', '1940-01-01', 'intact', 'alone', 'x', %s, %s)",
                (UUID(int=number + 1), HERE, flags),
            )
    consumer = FactConsumer(db, None)  # type: ignore[arg-type]  # nothing here is set aside
    await consumer.handle([said(number, "due", 1) for number in range(len(FLAGS))])
    await consumer.handle([said(number, "visited", 2) for number in VISITED])
    async with db.transaction() as tx:
        await handlers.count_due(tx, at_most=100)
    yield db
    await db.close()


@pytest.mark.parametrize("region", ["4202", "420202", HERE])
async def test_each_group_of_the_plan_has_its_own_share(db: Database, region: str) -> None:
    """Who is of two groups counts in both."""
    async with db.transaction() as tx:
        shown = {one.definition.id: one.figure for one in await handlers.figures(tx, region, Span(first=DECEMBER))}
    found = {flag.value: (shown[f"welfare_visited_{flag}"].hits, shown[f"welfare_visited_{flag}"].n) for flag in GROUPS}
    assert found == {
        "lives_alone": (1, 2), "empty_nest": (1, 1), "left_behind": (0, 0), "disabled": (1, 1),
        "severe_handicap": (0, 0), "special_family": (0, 0),
    }  # fmt: skip
    assert (shown["welfare_visited"].hits, shown["welfare_visited"].n) == (2, 4)


async def test_a_group_is_that_of_the_time_at_which_it_was_said(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("UPDATE elders SET register_flags = '{}' WHERE id = %s", (UUID(int=1),))
        assert (await recount_month(tx, DECEMBER)).agrees
        assert [one async for one in store_facts.verify(tx)] == []


async def test_facts_from_before_there_were_groups_stay_proved(db: Database) -> None:
    """They are written here as the release before wrote them."""
    columns = ", ".join(DueFact._fields)
    async with db.transaction() as tx:
        no, before = await store_facts.head(tx)
        cursor = await tx.execute(
            "WITH kept AS (INSERT INTO due_facts (batch, event_id, register_id, elder_id, due_from, version, state,"
            "  happened_at, received_at, month, region_code, weekly) VALUES (%s, 'old', %s, %s, '2026-11-01', 1, 'due',"
            "  '2026-11-01', '2026-11-01', '2026-11-01', %s, false) RETURNING *)"
            f" SELECT sha256(convert_to(string_agg(ROW(stored_at, {columns})::text, E'\\n' ORDER BY event_id), 'UTF8'))"
            " AS digest FROM kept",
            (no + 1, UUID(int=900), UUID(int=4), HERE),
        )
        row = await cursor.fetchone()
        assert row is not None
        digests = {Subject.REGISTER: row["digest"]}
        await tx.execute(
            "INSERT INTO fact_batches (no, facts, digest) VALUES (%s, 1, %s)",
            (no + 1, store_facts.linked(before, digests)),
        )
        assert [one async for one in store_facts.verify(tx)] == []
