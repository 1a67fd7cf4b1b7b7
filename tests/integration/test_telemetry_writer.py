"""The writer on a real PostgreSQL: every reading once, whatever comes twice, fails or goes away."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from prometheus_client import REGISTRY

from backbone import dead_letters
from backbone.bus import Bus, BusUnavailable, Record
from backbone.connect import connect_bus
from backbone.consume import Consumer
from contracts.alarm_kind import AlarmKind
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceEvent
from contracts.telemetry import TelemetryMessage, encode_batch
from contracts.topics import ALL, DEVICE_EVENT, DEVICE_TELEMETRY
from services.accounts.model import Scope
from services.db.migrate import migrate
from services.db.pool import Database, DatabaseUnreachable
from services.telemetry.consumers import ReadingWriter
from services.telemetry.handlers import device_latest
from services.telemetry.store_merge import SIZE
from yian.servers import PostgresServer

NOW = 1_795_307_400.0
READINGS = (
    f"(SELECT coalesce(sum({SIZE}), 0)::bigint FROM moments AS m)"  # as the view `readings`, but quick
    " + (SELECT count(*) FROM suspect_readings)"
)


def a_message(device: int, at: float = NOW, *, payload: bytes | None = None, beat: float = 72) -> TelemetryMessage:
    device_id = f"W-{device:06d}"
    records = [{"bn": f"{device_id}/", "bt": at, "n": "heart_rate", "u": "beat/min", "v": beat}]
    records += [{"n": "steps", "u": "count", "v": 312}, {"n": "battery", "u": "%EL", "v": 41}]
    return TelemetryMessage(device_id, int(at * 1e6) + 1500, payload or json.dumps(records).encode())


def a_batch(messages: Sequence[TelemetryMessage]) -> Record:
    return Record(DEVICE_TELEMETRY.name, encode_batch(list(messages)))


class Ground:
    """A database with a bus in it, and a writer that can be started as often as a test likes."""

    def __init__(self, dsn: str, db: Database, bus: Bus) -> None:
        self.dsn = dsn
        self.db = db
        self.bus = bus

    @asynccontextmanager
    async def writer(self, handle: Any = None) -> AsyncIterator[Consumer]:
        writer = ReadingWriter(self.db, self.bus, time.monotonic)
        consumer = Consumer(
            self.bus,
            [DEVICE_TELEMETRY],
            group="writer",
            handle=handle or writer.handle,
            set_aside=dead_letters.set_aside(self.bus),
            max_records=64,
            transient=(DatabaseUnreachable,),
        )
        task = asyncio.create_task(consumer.run())
        try:
            yield consumer
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def rows(self, query: str = "SELECT * FROM readings") -> list[dict[str, Any]]:
        async with self.db.transaction() as tx:
            return await (await tx.execute(query.encode())).fetchall()

    async def until(self, rows: int, *, within: float = 20.0) -> None:
        await self.reach(rows, within=within)
        assert await self.count() == rows

    async def reach(self, rows: int, *, within: float = 20.0) -> None:
        """Waits for at least so many rows, in vain for not longer than `within` seconds."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            with suppress(DatabaseUnreachable):  # the pool comes back to a server that was restarted at its own pace
                if await self.count() >= rows:
                    return
            await asyncio.sleep(0.05)

    async def count(self) -> int:
        number: int = (await self.rows(f"SELECT ({READINGS}) AS n"))[0]["n"]
        return number

    async def letters(self) -> list[DeadLetter]:
        return [letter async for letter in dead_letters.read_all(self.bus, reader=f"test-{time.monotonic_ns()}")]


@pytest.fixture(scope="module")
def empty(time_series: PostgresServer) -> str:
    """The name of a database with the tables of this release and nothing in them, on both."""
    time_series.drop_database("writer_empty")
    asyncio.run(migrate(time_series.create_database("writer_empty")))
    return "writer_empty"


@pytest.fixture
def dsn(time_series: PostgresServer, empty: str) -> Iterator[str]:
    time_series.drop_database("writer")
    yield time_series.create_database("writer", like=empty)
    time_series.drop_database("writer")


@asynccontextmanager
async def ground_on(dsn: str, bus_dsn: str | None = None) -> AsyncIterator[Ground]:
    await migrate(dsn)
    db, bus = Database(dsn, connections=3, wait_seconds=1.0), connect_bus(bus_dsn or dsn)
    await bus.create_topics(ALL)
    await db.open()
    try:
        yield Ground(dsn, db, bus)
    finally:
        await bus.close()
        await db.close()


@pytest.fixture
async def ground(dsn: str) -> AsyncIterator[Ground]:
    async with ground_on(dsn) as ground:
        yield ground


async def test_readings_become_rows_as_they_were_sent(ground: Ground) -> None:
    async with ground.writer():
        await ground.bus.publish([a_batch([a_message(1)])])
        await ground.until(3)
    row = (await ground.rows("SELECT * FROM readings WHERE name = 'heart_rate'"))[0]
    assert (row["device_id"], row["unit"], row["value"], row["text_value"]) == ("W-000001", "/min", 72.0, "")
    assert row["measured_at"].timestamp() == NOW
    assert row["received_at"] == row["measured_at"], "1.5 ms are at once"
    assert row["time_suspect"] is False


async def test_every_kind_of_value_survives_the_copy(ground: Ground) -> None:
    payload = json.dumps(
        [
            {"n": "motion", "vs": "厨房", "t": NOW},
            {"n": "worn", "vb": True, "t": NOW},
            {"n": "液位", "u": "m", "v": -1.5e-7, "t": NOW - 0.000123},
            {"n": "spo2", "v": 97, "t": NOW - 8 * 365 * 86400},
        ]
    ).encode()
    async with ground.writer():
        await ground.bus.publish([a_batch([a_message(1, payload=payload)])])
        await ground.until(4)
    rows = {row["name"]: row for row in await ground.rows()}
    assert (rows["motion"]["text_value"], rows["motion"]["value"], rows["motion"]["unit"]) == ("厨房", None, None)
    assert rows["worn"]["value"] == 1.0
    assert (rows["液位"]["value"], rows["液位"]["unit"]) == (-1.5e-7, "m")
    assert round(NOW - rows["液位"]["measured_at"].timestamp(), 6) == 0.000123
    assert rows["spo2"]["time_suspect"] is True
    assert rows["spo2"]["measured_at"].year == 2018


async def test_what_comes_twice_counts_once(ground: Ground) -> None:
    messages = [a_message(device) for device in range(50)]
    again = [a_message(device, beat=99) for device in range(50)]
    async with ground.writer():
        await ground.bus.publish([a_batch(messages + messages), a_batch(messages)])
        await ground.until(150)
        await ground.bus.publish([a_batch(again)])
        await ground.bus.publish([a_batch([a_message(99)])])
        await ground.until(153)
    beats = await ground.rows("SELECT DISTINCT value FROM readings WHERE name = 'heart_rate'")
    assert [row["value"] for row in beats] == [72.0], "the first of two readings of the same moment stays"


async def test_how_far_the_tables_are_behind_is_seen_from_outside(ground: Ground) -> None:
    async with ground.writer():
        message = a_message(7)
        received_us = int((time.time() - 30) * 1e6)
        await ground.bus.publish([a_batch([TelemetryMessage(message.device_id, received_us, message.payload)])])
        await ground.until(3)
        async with asyncio.timeout(5):
            while not 30 <= (REGISTRY.get_sample_value("yian_telemetry_behind_seconds") or 0) < 60:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_two_rooms_in_one_second_are_two_readings_and_a_room_told_twice_is_one(ground: Ground) -> None:
    rooms = [{"n": "motion", "vs": room, "t": NOW} for room in ("kitchen", "hallway", "kitchen")]
    longest = {"n": "n" * 128, "vs": "".join(chr(0x4E00 + i * 37 % 20000) for i in range(341)), "t": NOW}
    message = a_message(1, payload=json.dumps([*rooms, longest]).encode())
    async with ground.writer():
        await ground.bus.publish([a_batch([message, message])])
        await ground.until(3)
        await ground.bus.publish([a_batch([message])])
        await ground.bus.publish([a_batch([a_message(2)])])
        await ground.until(6)
    assert await ground.letters() == [], "the longest name and text fit the index"


async def test_a_batch_whose_commit_the_bus_never_heard_of_is_not_doubled(ground: Ground) -> None:
    """The writer dies between the database's commit and the bus's."""
    await ground.bus.publish([a_batch([a_message(device) for device in range(20)])])
    writer = ReadingWriter(ground.db, ground.bus, time.monotonic)
    reached = asyncio.Event()

    async def handle_and_hang(batch: Any) -> None:
        await writer.handle(batch)
        reached.set()
        await asyncio.Event().wait()

    async with ground.writer(handle_and_hang):
        await asyncio.wait_for(reached.wait(), 10)
    await ground.until(60)
    async with ground.writer():
        await ground.bus.publish([a_batch([a_message(20)])])
        await ground.until(63)
    assert await ground.count() == 63, "sixty of the batch that came twice, three of the next"


async def test_what_cannot_be_read_goes_to_the_dead_letters_and_holds_up_nothing(ground: Ground) -> None:
    bad = b'[{"n":"spo2","v":97,"t":1795307400},{"n":"spo2","v":"high"}]'
    async with ground.writer():
        batch = a_batch([a_message(1), a_message(2, payload=b"hr=72"), a_message(3, payload=bad)])
        await ground.bus.publish([batch, Record(DEVICE_TELEMETRY.name, b"\xc1 no batch", key="W-000009")])
        await ground.bus.publish([a_batch([a_message(4)])])
        await ground.until(7)
    letters = {letter.code: letter for letter in await ground.letters()}
    assert set(letters) == {"telemetry.not_json", "telemetry.bad_record", "record.unhandled"}
    assert (letters["telemetry.not_json"].device_id, letters["telemetry.not_json"].payload) == ("W-000002", b"hr=72")
    assert letters["telemetry.bad_record"].payload == b'{"n":"spo2","v":"high"}'
    assert "record 2" in letters["telemetry.bad_record"].detail
    assert letters["record.unhandled"].payload == b"\xc1 no batch"


async def test_a_device_was_seen_when_it_last_spoke(ground: Ground) -> None:
    async with ground.writer():
        await ground.bus.publish([a_batch([a_message(1, NOW), a_message(1, NOW - 60)])])
        await ground.until(6)
    (state,) = await ground.rows("SELECT * FROM device_states")
    assert (state["device_id"], state["battery_pct"]) == ("W-000001", 41)
    assert round(state["last_seen_at"].timestamp(), 4) == NOW + 0.0015


async def test_readings_that_were_mended_are_kept_and_the_habit_is_noted_once(ground: Ground) -> None:
    as_text = b'[{"n":"spo2","v":"97","t":%d},{"n":"steps","v":3,"t":%d},{"n":"made_up","v":"1","t":%d}]'
    messages = [a_message(1, NOW + n, payload=as_text % ((NOW + n,) * 3)) for n in range(3)]
    async with ground.writer():
        await ground.bus.publish([a_batch([*messages, a_message(2)])])
        await ground.until(12)
    (note,) = await ground.rows("SELECT * FROM reading_remarks")
    assert (note["device_id"], note["name"], note["remark"]) == ("W-000001", "spo2", "number")
    async with ground.db.transaction() as tx:
        latest = await device_latest(tx, "W-000001", scope=Scope(("42",)), now=datetime.fromtimestamp(NOW + 60, UTC))
    assert {vital.name: vital.mended for vital in latest} == {"spo2": "number", "steps": None}


async def test_a_unit_is_converted_and_what_no_body_has_is_kept_beside_its_value_and_noted(ground: Ground) -> None:
    pack = [
        {"n": "body_temperature", "u": "[degF]", "v": 98.6, "t": NOW},
        {"n": "heart_rate", "u": "beat/min", "v": 400, "t": NOW},
        {"n": "spo2", "u": "mg/dL", "v": 97, "t": NOW},
        {"n": "battery", "u": "V", "v": 3.7, "t": NOW},
        {"n": "steps", "u": "count", "v": 312, "t": NOW},
    ]
    async with ground.writer():
        await ground.bus.publish([a_batch([a_message(1, payload=json.dumps(pack).encode())])])
        await ground.until(5)
        await ground.bus.publish([a_batch([a_message(1, payload=json.dumps(pack).encode()), a_message(2)])])
        await ground.until(8)
    rows = await ground.rows(
        "SELECT name, value, unit, sent_value, sent_unit, mark FROM readings WHERE device_id = 'W-000001' ORDER BY name"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("battery", None, None, 3.7, "V", "unit"),
        ("body_temperature", 37.0, "Cel", 98.6, "[degF]", None),
        ("heart_rate", None, None, 400.0, "beat/min", "implausible"),
        ("spo2", None, None, 97.0, "mg/dL", "unit"),
        ("steps", 312.0, "{steps}", None, None, None),
    ]
    remarks = await ground.rows("SELECT name, remark FROM reading_remarks ORDER BY name")
    assert [tuple(row.values()) for row in remarks] == [
        ("battery", "unit"),
        ("heart_rate", "implausible"),
        ("spo2", "unit"),
    ]
    states = await ground.rows("SELECT battery_pct FROM device_states WHERE device_id = 'W-000001'")
    assert states == [{"battery_pct": None}], "3.7 V is no 3.7 %"
    hours = await ground.rows("SELECT name, avg_value FROM readings_hourly WHERE device_id = 'W-000001' ORDER BY name")
    assert [tuple(row.values()) for row in hours] == [("body_temperature", 37.0), ("steps", 312.0)]


async def test_a_device_that_measures_nonsense_is_told_to_the_alarms_as_faulty_once(ground: Ground) -> None:
    messages = [a_message(1, NOW + n, beat=400) for n in range(2)] + [a_message(2, NOW + n) for n in range(5)]
    events = await ground.bus.subscribe([DEVICE_EVENT], group="test")
    async with ground.writer():
        await ground.bus.publish([a_batch(messages)])
        await ground.until(21)
        assert await events.fetch(wait_seconds=0.5) == []
        await ground.bus.publish([a_batch([a_message(1, NOW + n, beat=400) for n in range(9)])])
        await ground.until(42)
        (record,) = await events.fetch(wait_seconds=5.0)
    await events.close()
    fault = DeviceEvent.read(record.value)
    assert (record.key, fault.device_id, fault.kinds) == ("W-000001", "W-000001", (AlarmKind.DEVICE_FAULT,))
    assert fault.data == {"name": "heart_rate", "value": 400.0, "unit": "beat/min"}


class LostLetters:
    """A bus that takes no dead letters for a while."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.refusals = 3

    async def publish(self, records: Sequence[Record]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise BusUnavailable("not now")
        await self._bus.publish(records)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)


async def test_a_batch_waits_until_its_dead_letters_are_kept(ground: Ground) -> None:
    bus: Any = LostLetters(ground.bus)
    writer = ReadingWriter(ground.db, bus, time.monotonic)
    await ground.bus.publish([a_batch([a_message(1), a_message(2, payload=b"?")])])
    async with ground.writer(writer.handle):
        await ground.until(3)
    assert bus.refusals == 0
    assert [letter.payload for letter in await ground.letters()] == [b"?"]


async def test_database_and_bus_may_be_restarted_under_way() -> None:
    quick = {"fsync": "off"}
    with PostgresServer(settings=quick) as database, PostgresServer(settings=quick) as log:
        async with ground_on(database.dsn, log.dsn) as ground:
            async with ground.writer():
                for number in range(12):
                    await publish_at_last(ground.bus, a_batch([a_message(d, NOW + number) for d in range(100)]))
                    if number in (3, 7):
                        await asyncio.to_thread(database.restart)
                    if number in (5, 7):
                        await asyncio.to_thread(log.restart)
                await ground.until(12 * 100 * 3, within=40)
            assert await ground.count() == 12 * 100 * 3, "every reading once"


async def publish_at_last(bus: Bus, record: Record) -> None:
    for _ in range(100):
        try:
            return await bus.publish([record])
        except BusUnavailable:
            await asyncio.sleep(0.2)
    pytest.fail("the bus did not come back")


async def test_the_process_killed_in_the_middle_of_a_backlog_loses_and_doubles_nothing(ground: Ground) -> None:
    batches = [a_batch([a_message(d, NOW + n) for d in range(100)]) for n in range(200)]
    await ground.bus.publish(batches)
    environment = os.environ | {
        "YIAN_DATABASE": ground.dsn,
        "YIAN_BUS": ground.dsn,
        "YIAN_METRICS_PORT": "0",
        "YIAN_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-c", "from services.telemetry.main import main; main()"]
    for ending in (signal.SIGKILL, signal.SIGKILL, None):
        process = await asyncio.to_thread(subprocess.Popen, command, env=environment)
        try:
            if ending:
                await ground.reach(await ground.count() + 1)
                process.send_signal(ending)
            else:
                await ground.until(200 * 100 * 3, within=60)
                process.send_signal(signal.SIGTERM)
            code = await asyncio.to_thread(process.wait, 15)
        finally:
            process.kill()
    assert code == 0, "asked to end, it ends cleanly"
    await ground.until(200 * 100 * 3)
