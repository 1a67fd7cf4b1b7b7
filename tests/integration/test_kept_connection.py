"""A kept connection: one pipeline, one transaction, all of it or nothing."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from services.db.pool import Database, DatabaseUnreachable, KeptConnection


@pytest.fixture
async def db(postgres_dsn: str) -> AsyncIterator[Database]:
    db = Database(postgres_dsn, connections=2)
    await db.open()
    async with db.transaction() as tx:
        await tx.execute("CREATE TABLE IF NOT EXISTS kept (n int PRIMARY KEY)")
        await tx.execute("DELETE FROM kept")
    yield db
    await db.close()


async def kept(db: Database) -> list[int]:
    async with db.transaction() as tx:
        cursor = await tx.execute("SELECT n FROM kept ORDER BY n")
        return [row["n"] for row in await cursor.fetchall()]


@pytest.mark.parametrize("flushes", [True, False])
async def test_what_a_block_wrote_is_there_when_it_has_ended_and_not_before(db: Database, flushes: bool) -> None:
    connection = KeptConnection(db, flushes=flushes)
    for n in (1, 2):
        async with connection.transaction() as tx:
            await tx.execute("INSERT INTO kept VALUES (%s)", (n,))
            assert [row["n"] for row in await (await tx.execute("SELECT max(n) AS n FROM kept")).fetchall()] == [n]
            assert await kept(db) == list(range(1, n))
        assert await kept(db) == list(range(1, n + 1))
    await connection.close()


async def test_a_block_that_raises_leaves_nothing_though_its_statements_had_been_answered(db: Database) -> None:
    connection = KeptConnection(db)

    async def work() -> None:
        async with connection.transaction() as tx:
            await tx.execute("INSERT INTO kept VALUES (1)")
            await (await tx.execute("SELECT n FROM kept")).fetchall()
            await tx.execute("INSERT INTO kept VALUES (2)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await work()
    assert await kept(db) == []
    async with connection.transaction() as tx:
        await tx.execute("INSERT INTO kept VALUES (3)")
    assert await kept(db) == [3]
    await connection.close()


@pytest.mark.parametrize("reads", [True, False])
async def test_a_statement_that_the_database_refuses_takes_the_others_with_it(db: Database, reads: bool) -> None:
    connection = KeptConnection(db)

    async def work() -> None:
        async with connection.transaction() as tx:
            await tx.execute("INSERT INTO kept VALUES (1)")
            cursor = await tx.execute("INSERT INTO kept VALUES (1) RETURNING n")
            if reads:
                await cursor.fetchall()

    with pytest.raises(psycopg.errors.UniqueViolation):
        await work()
    assert await kept(db) == []
    async with connection.transaction() as tx:
        await tx.execute("INSERT INTO kept VALUES (4)")
    assert await kept(db) == [4]
    await connection.close()


async def test_a_block_that_is_cancelled_leaves_nothing(db: Database) -> None:
    connection = KeptConnection(db)

    async def work() -> None:
        async with connection.transaction() as tx:
            await (await tx.execute("INSERT INTO kept VALUES (1) RETURNING n")).fetchall()
            await asyncio.sleep(30)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await kept(db) == []


async def test_a_connection_that_was_cut_is_said_to_be_unreachable_and_opened_anew(db: Database) -> None:
    connection = KeptConnection(db)
    async with connection.transaction() as tx:
        await tx.execute("INSERT INTO kept VALUES (1)")
        (row,) = await (await tx.execute("SELECT pg_backend_pid() AS pid")).fetchall()
    async with db.transaction() as other:
        await other.execute("SELECT pg_terminate_backend(%s)", (row["pid"],))

    async def work() -> None:
        async with connection.transaction() as tx:
            await tx.execute("INSERT INTO kept VALUES (2)")

    with pytest.raises(DatabaseUnreachable):
        await work()
    async with connection.transaction() as tx:
        await tx.execute("INSERT INTO kept VALUES (3)")
    assert await kept(db) == [1, 3]
    await connection.close()
