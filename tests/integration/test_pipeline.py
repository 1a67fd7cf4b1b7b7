"""The pipeline: one connection, one transaction after another, all of it or nothing."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import psycopg
import pytest

from services.db.pipeline import Pipeline, Statement, as_array, as_text
from services.db.pool import Database, DatabaseUnreachable

INSERT = Statement("insert_kept", "INSERT INTO kept VALUES ($1::int)")
READ = Statement("read_kept", "SELECT json_agg(n ORDER BY n) FROM kept")
ECHO = Statement("echo", "SELECT json_build_object('bytes', octet_length($1::text))")
PID = Statement("pid", "SELECT to_json(pg_backend_pid())")


@pytest.fixture
async def db(postgres_dsn: str) -> AsyncIterator[Database]:
    db = Database(postgres_dsn, connections=2)
    await db.open()
    async with db.transaction() as tx:
        await tx.execute("CREATE TABLE IF NOT EXISTS kept (n int PRIMARY KEY)")
        await tx.execute("DELETE FROM kept")
    yield db
    await db.close()


@pytest.fixture
async def pipeline(db: Database) -> AsyncIterator[Pipeline]:
    pipeline = Pipeline(db)
    yield pipeline
    await pipeline.close()


async def kept(db: Database) -> list[int]:
    async with db.transaction() as tx:
        cursor = await tx.execute("SELECT n FROM kept ORDER BY n")
        return [row["n"] for row in await cursor.fetchall()]


@pytest.mark.parametrize("flushes", [True, False])
async def test_what_a_block_wrote_is_there_when_it_has_ended_and_not_before(db: Database, flushes: bool) -> None:
    pipeline = Pipeline(db, flushes=flushes)
    for n in (1, 2, 3):
        async with pipeline.transaction() as turns:
            turns.tell(INSERT, str(n).encode())
            assert json.loads(await turns.ask(READ) or b"") == list(range(1, n + 1))
            assert await kept(db) == list(range(1, n))
        assert await kept(db) == list(range(1, n + 1))
    await pipeline.close()


async def test_statements_that_are_told_are_done_in_order_by_the_commit(db: Database, pipeline: Pipeline) -> None:
    async with pipeline.transaction() as turns:
        for n in range(500):
            turns.tell(INSERT, str(n).encode())
    assert await kept(db) == list(range(500))
    async with pipeline.transaction():
        """Nothing told: nothing done."""


async def test_more_than_a_socket_takes_at_once_travels_all_the_same(pipeline: Pipeline) -> None:
    async with pipeline.transaction() as turns:
        for _ in range(40):
            turns.tell(ECHO, b"x" * 100_000)
        assert await turns.ask(ECHO, b"x" * 3_000_000) == b'{"bytes" : 3000000}'


async def test_a_statement_without_an_answer_answers_none(pipeline: Pipeline) -> None:
    async with pipeline.transaction() as turns:
        assert await turns.ask(READ) is None
        assert await turns.ask(INSERT, b"7") is None
        assert await turns.ask(READ) == b"[7]"


TEXTS = ["", " ", "a,b", "{}", '"', "\\", '\\"', "NULL", "老人", "'); DROP TABLE kept; --", "\n\t", "😀"]


async def test_texts_arrive_as_they_were_whatever_is_in_them(pipeline: Pipeline) -> None:
    both = Statement("both", "SELECT json_build_array($1::text[], $2::text[])")
    texts = [as_text(text) for text in TEXTS]
    async with pipeline.transaction() as turns:
        assert json.loads(await turns.ask(both, as_array(TEXTS), as_array(TEXTS[::-1])) or b"") == [TEXTS, TEXTS[::-1]]
        echo = Statement("echo_text", "SELECT to_json($1::text)")
        assert [json.loads(await turns.ask(echo, text) or b"") for text in texts] == TEXTS
        assert await turns.ask(Statement("none", "SELECT to_json($1::text[])"), as_array([])) == b"[]"


def test_a_text_that_would_be_cut_short_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        as_text("a\0b")
    with pytest.raises(ValueError, match="NUL"):
        as_array(["a", "\0"])


async def test_a_block_that_raises_leaves_nothing_though_its_statements_had_been_answered(
    db: Database, pipeline: Pipeline
) -> None:
    async def work() -> None:
        async with pipeline.transaction() as turns:
            turns.tell(INSERT, b"1")
            assert await turns.ask(READ) == b"[1]"
            turns.tell(INSERT, b"2")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await work()
    assert await kept(db) == []
    async with pipeline.transaction() as turns:
        turns.tell(INSERT, b"3")
    assert await kept(db) == [3]


@pytest.mark.parametrize("asks", [True, False])
async def test_a_statement_that_the_database_refuses_takes_the_others_with_it(
    db: Database, pipeline: Pipeline, asks: bool
) -> None:
    async def work() -> None:
        async with pipeline.transaction() as turns:
            turns.tell(INSERT, b"1")
            turns.tell(INSERT, b"1")
            turns.tell(INSERT, b"2")
            if asks:
                await turns.ask(READ)

    with pytest.raises(psycopg.errors.UniqueViolation):
        await work()
    assert await kept(db) == []
    async with pipeline.transaction() as turns:
        turns.tell(INSERT, b"4")
    assert await kept(db) == [4]


async def test_a_block_that_is_cancelled_leaves_nothing(db: Database, pipeline: Pipeline) -> None:
    async def work() -> None:
        async with pipeline.transaction() as turns:
            await turns.ask(INSERT, b"1")
            await asyncio.sleep(30)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await kept(db) == []


async def test_a_connection_that_was_cut_is_said_to_be_unreachable_and_opened_anew(
    db: Database, pipeline: Pipeline
) -> None:
    async with pipeline.transaction() as turns:
        turns.tell(INSERT, b"1")
        pid = int(await turns.ask(PID) or b"")
    async with db.transaction() as other:
        await other.execute("SELECT pg_terminate_backend(%s)", (pid,))

    async def work() -> None:
        async with pipeline.transaction() as turns:
            turns.tell(INSERT, b"2")

    with pytest.raises(DatabaseUnreachable):
        await work()
    async with pipeline.transaction() as turns:
        turns.tell(INSERT, b"3")
    assert await kept(db) == [1, 3]


async def test_a_server_that_leaves_while_nobody_asks_keeps_nobody_busy(db: Database, pipeline: Pipeline) -> None:
    async with pipeline.transaction() as turns:
        pid = int(await turns.ask(PID) or b"")
    async with db.transaction() as other:
        await other.execute("SELECT pg_terminate_backend(%s)", (pid,))
    await asyncio.sleep(0.1)
    used = time.process_time()
    await asyncio.sleep(1.0)
    assert time.process_time() - used < 0.5  # of a second, which a loop without rest would take whole
