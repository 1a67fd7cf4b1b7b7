"""What the pool of connections promises to whoever opens a transaction."""

import asyncio
import math
from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY

from services.db.figures import DatabaseFigures
from services.db.pool import Database, DatabaseUnreachable

pytestmark = pytest.mark.real


@pytest.fixture
async def db(postgres_dsn: str) -> AsyncIterator[Database]:
    db = Database(postgres_dsn, connections=2, name="pool test", wait_seconds=5.0)
    await db.open()
    await db.ping()
    yield db
    await db.close()


async def cut(db: Database) -> None:
    async with await db.connect_alone() as other:
        await other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'pool test' AND pid <> pg_backend_pid()"
        )


async def test_a_connection_that_the_server_has_cut_is_given_to_nobody(db: Database) -> None:
    await cut(db)
    for _ in range(3):
        await db.ping()


async def test_a_statement_by_itself_keeps_no_transaction_open(db: Database) -> None:
    async with db.reading() as connection:
        await connection.execute("SELECT 1")
        assert connection.info.transaction_status.name == "IDLE"


async def test_a_server_that_takes_no_writes_is_not_written_to(postgres_dsn: str) -> None:
    db = Database(f"{postgres_dsn} options='-c default_transaction_read_only=on'", connections=1, wait_seconds=0.5)
    await db.open()
    with pytest.raises(DatabaseUnreachable):
        await db.ping()
    await db.close()


def figure(name: str, **labels: str) -> float:
    value = REGISTRY.get_sample_value(name, labels)
    assert value is not None, name
    return value


async def test_who_waits_for_a_connection_is_seen_from_outside(db: Database) -> None:
    before = figure("yian_pool_wait_seconds_total", pool="pool test")
    async with db.reading(), db.reading():
        assert figure("yian_pool_connections", pool="pool test", state="used") == 2
        waits = asyncio.create_task(db.ping())
        await asyncio.sleep(0.1)
        assert figure("yian_pool_waiting", pool="pool test") == 1
    await waits
    assert figure("yian_pool_waiting", pool="pool test") == 0
    assert figure("yian_pool_wait_seconds_total", pool="pool test") >= before + 0.09
    assert figure("yian_pool_connections_limit", pool="pool test") == 2


async def test_a_pool_that_is_closed_is_shown_no_more(postgres_dsn: str) -> None:
    db = Database(postgres_dsn, connections=1, name="closed pool")
    await db.open()
    await db.ping()
    assert figure("yian_pool_requests_total", pool="closed pool") == 1
    await db.close()
    assert REGISTRY.get_sample_value("yian_pool_requests_total", {"pool": "closed pool"}) is None


async def test_the_database_says_how_large_it_is_and_what_holds_others_up(db: Database) -> None:
    figures = DatabaseFigures(db)
    async with await db.connect_alone() as holds, await db.connect_alone() as waits, holds.transaction():
        await holds.execute("SELECT pg_advisory_xact_lock(41)")
        waiting = asyncio.create_task(waits.execute("SELECT pg_advisory_xact_lock(41)"))
        await asyncio.sleep(0.2)
        await figures.look()
        assert figure("yian_database_waiting_for_locks") == 1
        assert figure("yian_database_oldest_transaction_seconds") >= 0.2
        assert figure("yian_database_connections", state="idle in transaction") >= 1
    await waiting
    await figures.look()
    assert figure("yian_database_waiting_for_locks") == 0
    assert figure("yian_database_size_bytes") > 1_000_000
    assert figure("yian_database_connections_limit") > 10
    figures.know_nothing()
    assert math.isnan(figure("yian_database_answer_seconds"))
    assert REGISTRY.get_sample_value("yian_database_connections", {"state": "idle"}) is None
