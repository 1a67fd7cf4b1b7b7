"""A database that crashes: what the consoles were told a moment before is there again, as the same case."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest

from backbone.bus import Delivered, Record
from contracts.device_event import DeviceEvent
from contracts.envelope import headers
from contracts.topics import DEVICE_EVENT
from services.alarms.consumers import AlarmConsumer
from services.db.flush import LINGER_SECONDS, Flush
from services.db.pool import DatabaseUnreachable
from tests.integration.alarm_desk import a_desk, an_event, later
from yian.servers import PostgresServer

DEVICE = "W-000123"


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """Of its own: it is killed."""
    with PostgresServer() as server:
        yield server


def a_press(**fields: Any) -> Delivered:
    attributes = headers(DeviceEvent.TYPE, DeviceEvent.SOURCE)
    return Delivered(DEVICE_EVENT.name, 0, 0, DEVICE, attributes, an_event(DEVICE, event_id="1", **fields).value())


def cases_seen(dsn: str) -> list[tuple[str, int]]:
    """Without a turn of the loop, in which the flush would begin."""
    with psycopg.connect(dsn) as connection:
        return [(str(id_), presses) for id_, presses in connection.execute("SELECT id, press_count FROM alarm_cases")]


async def test_a_case_told_before_the_disk_had_it_is_the_same_case_after_a_crash(server: PostgresServer) -> None:
    async with a_desk(server.dsn) as desk:
        consumer = AlarmConsumer(desk.db, None)  # type: ignore[arg-type]
        settling = await consumer.handle([a_press()])
        told = cases_seen(server.dsn)
        server.kill()
        assert not settling.done()
        with pytest.raises(DatabaseUnreachable):
            await settling
        await asyncio.to_thread(server.start)
        left = cases_seen(server.dsn)
        with pytest.raises(DatabaseUnreachable):
            await consumer.handle([a_press()])  # finds its connection broken
        await (await consumer.handle([a_press()]))  # the bus still holds it, for nothing was confirmed
    assert len(told) == 1
    assert left in ([], told)
    assert cases_seen(server.dsn) == told


async def test_an_id_used_again_and_data_that_grew_make_the_same_cases_after_a_crash(server: PostgresServer) -> None:
    batch = [
        a_press(data_digest="d1"),
        a_press(data_digest="d2", battery_pct=40),
        a_press(data_digest="d1", kind="fall"),
        a_press(data_digest="d1", occurred_at=later(60)),
    ]
    async with a_desk(server.dsn) as desk:
        consumer = AlarmConsumer(desk.db, None)  # type: ignore[arg-type]
        settling = await consumer.handle(batch)
        told = cases_seen(server.dsn)
        server.kill()
        with pytest.raises(DatabaseUnreachable):
            await settling
        await asyncio.to_thread(server.start)
        with pytest.raises(DatabaseUnreachable):
            await consumer.handle(batch)
        for _ in range(2):
            await (await consumer.handle(batch))
        lines = [await desk.rows("SELECT count(*) AS n FROM alarm_timeline")]
    assert sorted(presses for _, presses in told) == [1, 2]
    assert sorted(cases_seen(server.dsn)) == sorted(told)
    assert lines == [[{"n": 4}]]


async def test_once_settled_a_case_outlives_a_crash(server: PostgresServer) -> None:
    async with a_desk(server.dsn) as desk:
        consumer = AlarmConsumer(desk.db, None)  # type: ignore[arg-type]
        await (await consumer.handle([a_press()]))
        told = cases_seen(server.dsn)
        server.kill()
        await asyncio.to_thread(server.start)
        assert cases_seen(server.dsn) == told != []


class LettersOnly:
    """A bus for dead letters."""

    async def publish(self, records: Sequence[Record]) -> None: ...


async def test_the_alarm_of_a_record_that_was_set_aside_outlives_a_crash(server: PostgresServer) -> None:
    """The bus is told next, and does not give the record again."""
    async with a_desk(server.dsn) as desk:
        consumer = AlarmConsumer(desk.db, LettersOnly())  # type: ignore[arg-type]
        await consumer.set_aside(a_press(), ValueError("cannot be read"))
        server.kill()
        await asyncio.to_thread(server.start)
        assert [presses for _, presses in cases_seen(server.dsn)] == [1]


async def test_those_who_ask_while_a_flush_is_under_way_share_the_next(server: PostgresServer) -> None:
    async with a_desk(server.dsn) as desk:
        flush = Flush(desk.db)
        first = flush.start()
        await asyncio.sleep(LINGER_SECONDS + 0.001)
        later = flush.start()
        assert [flush.start() for _ in range(5)] == [later] * 5 != [first] * 5
        await asyncio.gather(first, later)
