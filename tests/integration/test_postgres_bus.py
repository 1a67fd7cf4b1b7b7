"""What the log in PostgreSQL promises beyond the bus' contract: commit order, one reader, retention."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import psycopg
import pytest

from backbone.bus import BusUnavailable, Record
from backbone.postgres import log
from backbone.postgres.bus import PostgresBus
from backbone.postgres.wake import PostgresWake
from contracts.topics import Topic

pytestmark = pytest.mark.real


@pytest.fixture
async def bus(postgres_dsn: str) -> AsyncIterator[PostgresBus]:
    bus = PostgresBus(postgres_dsn)
    yield bus
    await bus.close()


@pytest.fixture
async def topic(bus: PostgresBus) -> Topic:
    topic = Topic(f"test.{uuid4().hex}", partitions=1, retention_hours=1)
    await bus.create_topics([topic])
    return topic


async def test_no_reader_passes_over_a_record_that_is_committed_late(
    bus: PostgresBus, topic: Topic, postgres_dsn: str
) -> None:
    subscription = await bus.subscribe([topic], group="g")
    async with await psycopg.AsyncConnection.connect(postgres_dsn) as slow:
        await log.append(slow, topic.name, [Record(topic.name, b"first")])
        second = asyncio.create_task(bus.publish([Record(topic.name, b"second")]))
        assert await subscription.fetch(wait_seconds=0.5) == []
        assert not second.done()
        await slow.commit()
    await second
    found = []
    while len(found) < 2:
        found += await subscription.fetch(wait_seconds=5)
    assert [(record.offset, record.value) for record in found] == [(1, b"first"), (2, b"second")]


async def test_a_rolled_back_append_leaves_no_gap(bus: PostgresBus, topic: Topic, postgres_dsn: str) -> None:
    async with await psycopg.AsyncConnection.connect(postgres_dsn) as connection:
        await log.append(connection, topic.name, [Record(topic.name, b"gone")])
        await connection.rollback()
    await bus.publish([Record(topic.name, b"kept")])
    subscription = await bus.subscribe([topic], group="g")
    assert [(record.offset, record.value) for record in await subscription.fetch()] == [(1, b"kept")]


async def test_a_reader_that_lost_its_place_cannot_commit_over_the_one_who_has_it(
    bus: PostgresBus, topic: Topic, postgres_dsn: str
) -> None:
    await bus.publish([Record(topic.name, b"%d" % n) for n in range(4)])
    old = await bus.subscribe([topic], group="g")
    assert len(await old.fetch(max_records=2)) == 2
    await _cut_readers(postgres_dsn)
    new = await bus.subscribe([topic], group="g")
    assert len(await new.fetch(max_records=4)) == 4
    await new.commit()
    with pytest.raises(BusUnavailable):
        await old.commit()
    await old.rewind()
    assert await old.fetch(wait_seconds=0.1) == [], "it stands by"
    assert await new.lag() == 0


async def _cut_readers(dsn: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'yian bus read g' AND datname = current_database()"
        )


async def test_what_is_past_its_retention_is_forgotten_and_nothing_else(
    bus: PostgresBus, topic: Topic, postgres_dsn: str
) -> None:
    await bus.publish([Record(topic.name, b"%d" % n) for n in range(5)])
    async with await psycopg.AsyncConnection.connect(postgres_dsn, autocommit=True) as connection:
        await connection.execute(
            "UPDATE bus.records SET appended_at = now() - interval '61 minutes'"
            ' WHERE topic_id = (SELECT id FROM bus.topics WHERE name = %s) AND "offset" <= 3',
            (topic.name,),
        )
        assert await log.trim(connection, topic.name) == 3
        assert await log.trim(connection, topic.name) == 0
    subscription = await bus.subscribe([topic], group="late")
    assert [record.value for record in await subscription.fetch()] == [b"3", b"4"]


async def test_large_records_come_in_portions(bus: PostgresBus, topic: Topic) -> None:
    megabyte = bytes(1024 * 1024)
    for _ in range(3):
        await bus.publish([Record(topic.name, megabyte)] * 8)
    subscription = await bus.subscribe([topic], group="g")
    sizes = [len(await subscription.fetch(max_records=100)) for _ in range(2)]
    assert sum(sizes) == 24
    assert max(sizes) * len(megabyte) <= log.FETCH_BYTES


async def test_a_reader_is_woken_by_its_own_topics_only(bus: PostgresBus, topic: Topic, postgres_dsn: str) -> None:
    other = Topic(f"test.{uuid4().hex}", partitions=1, retention_hours=1)
    await bus.create_topics([other])
    rung: asyncio.Queue[str] = asyncio.Queue()
    wake = PostgresWake(postgres_dsn)
    wake.add([topic.name], rung.put_nowait)
    assert await rung.get() == topic.name, "it listens from now on, and something may have been missed"
    await bus.publish([Record(other.name, b"1")])
    await bus.publish([Record(topic.name, b"1")])
    assert await rung.get() == topic.name
    wake.add([other.name], rung.put_nowait)
    assert {await rung.get(), await rung.get()} == {topic.name, other.name}
    await bus.publish([Record(other.name, b"2")])
    assert await rung.get() == other.name
    await wake.close()
    assert rung.empty()


@pytest.mark.parametrize("group", ["g", None])
async def test_what_a_crash_took_back_from_under_a_reader_hides_nothing_that_came_after(
    bus: PostgresBus, topic: Topic, postgres_dsn: str, group: str | None
) -> None:
    """Readers see an append before the disk has it; other records may get its offsets."""
    subscription = await bus.subscribe([topic], group=group)
    await bus.publish([Record(topic.name, b"%d" % n) for n in range(5)])
    assert len(await subscription.fetch()) == 5
    async with await psycopg.AsyncConnection.connect(postgres_dsn, autocommit=True) as connection:
        found = await connection.execute("UPDATE bus.topics SET head = 2 WHERE name = %s RETURNING id", (topic.name,))
        row = await found.fetchone()
        assert row is not None
        await connection.execute('DELETE FROM bus.records WHERE topic_id = %s AND "offset" > 2', row)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'yian bus read %' AND datname = current_database()"
        )
    with pytest.raises(BusUnavailable):
        await subscription.fetch()
    await subscription.rewind()
    again = await subscription.fetch(wait_seconds=0.1)
    assert [record.value for record in again] == ([b"0", b"1"] if group else [])
    await bus.publish([Record(topic.name, b"new")])
    assert [record.value for record in await subscription.fetch()] == [b"new"]
