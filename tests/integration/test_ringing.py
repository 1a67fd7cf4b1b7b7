"""What notifies gives back the lock of notifications before the disk has it, and is on disk when its block ends."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from backbone.postgres.notify import listening
from services.db.pool import Connection, Database
from services.db.ringing import ring, will_ring

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def db(postgres_dsn: str) -> AsyncIterator[Database]:
    db = Database(postgres_dsn, connections=2)
    await db.open()
    yield db
    await db.close()


async def _answer(tx: Connection, question: str) -> object:
    cursor = await tx.execute(question.encode())
    row = await cursor.fetchone()
    assert row is not None
    return row["answer"]


class Undone(Exception):
    pass


async def _ring_and_undo(db: Database) -> None:
    async with db.transaction() as tx:
        await ring(tx, "somebody", "undone")
        raise Undone


@pytest.mark.parametrize("pipelined", [False, True])
async def test_its_commit_does_not_wait_for_the_disk_but_its_end_does(db: Database, pipelined: bool) -> None:
    async with db.transaction(pipelined=pipelined) as tx:
        assert await _answer(tx, "SELECT current_setting('synchronous_commit') AS answer") == "on"
        await ring(tx, "somebody", "something")
        await tx.execute("CREATE TABLE IF NOT EXISTS rung (n int)")
        await tx.execute("INSERT INTO rung VALUES (1)")
        assert await _answer(tx, "SELECT current_setting('synchronous_commit') AS answer") == "off"
        written = await _answer(tx, "SELECT pg_current_wal_insert_lsn() AS answer")
    async with db.transaction() as tx:
        assert await _answer(tx, "SELECT current_setting('synchronous_commit') AS answer") == "on", "only that one"
        assert await _answer(tx, f"SELECT pg_current_wal_flush_lsn() >= '{written}' AS answer")


async def test_what_is_told_by_a_trigger_is_asked_for_once(db: Database) -> None:
    async with db.transaction() as tx:
        await will_ring(tx)
        await will_ring(tx)
        assert await _answer(tx, "SELECT current_setting('synchronous_commit') AS answer") == "off"


async def test_who_listens_hears_it_at_the_commit_and_of_none_that_was_rolled_back(db: Database) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    async with await db.connect_alone() as ears, listening(ears, {"somebody": heard.put_nowait}):
        with pytest.raises(Undone):
            await _ring_and_undo(db)
        async with db.transaction() as tx:
            await ring(tx, "somebody", "done")
        assert await heard.get() == b"done"
        assert heard.empty()
