"""Real homes, replayed: the rows in the database are exactly those of the files."""

import asyncio
import csv
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backbone import dead_letters
from backbone.bus import Bus, Delivered, Record
from backbone.connect import connect_bus
from backbone.consume import Consumer
from contracts.telemetry import TelemetryMessage, encode_batch
from contracts.topics import ALL, DEVICE_TELEMETRY
from device_sim import senml, tihm
from services.db.pool import Database
from services.telemetry.consumers import ReadingWriter
from tests.conftest import missing

TIHM = Path(__file__).parents[3] / "shared" / "data" / "tihm"
MESSAGES_A_BATCH = 200


@pytest.fixture(scope="module")
def homes() -> Path:
    if not (TIHM / "Physiology.csv").is_file():
        missing(f"the TIHM data set is not at {TIHM}")
    return TIHM


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told_by_the_files(homes: Path) -> set[tuple[str, datetime, str]]:
    """Home, time and what was measured, of every row, read here and not by the simulator."""
    with (homes / "Physiology.csv").open() as file:
        rows = {(r["patient_id"], moment(r["date"]), f"{float(r['value']):g}") for r in csv.DictReader(file)}
    for path in sorted((homes / "activity").glob("*.csv")):
        with path.open() as file:
            rows |= {(home, moment(at), place) for home, place, at, *_ in list(csv.reader(file))[1:]}
    return rows


def rows_of_the_files(homes: Path) -> int:
    """Rows without their exact repeats."""
    paths = [homes / "Physiology.csv", *(homes / "activity").glob("*.csv")]
    return sum(len({tuple(row[:4]) for row in list(csv.reader(path.open()))[1:]}) for path in paths)


@pytest.fixture(scope="module")
def samples(homes: Path) -> list[tihm.Sample]:
    return tihm.samples(homes)


def messages(samples: list[tihm.Sample], *, one_device_a_home: bool) -> list[TelemetryMessage]:
    """As a fleet would send them: the readings of a device and hour in one pack."""
    packs: defaultdict[tuple[str, int], list[senml.Reading]] = defaultdict(list)
    for sample in samples:
        device_id = "-".join(sample.device_id.split("-")[:2]) if one_device_a_home else sample.device_id
        packs[device_id, int(sample.at // 3600)].append(sample.reading())
    now_us = time.time_ns() // 1000
    return [
        TelemetryMessage(device_id, now_us, payload)
        for (device_id, _), readings in packs.items()
        for payload in senml.packs(device_id, readings)
    ]


async def replay(sent: list[TelemetryMessage], bus: Bus, db: Database) -> None:
    """Through the bus and the writer, until the last message is committed."""
    parts = [sent[start : start + MESSAGES_A_BATCH] for start in range(0, len(sent), MESSAGES_A_BATCH)]
    writer = ReadingWriter(db, bus, time.monotonic)
    left = len(parts)
    done = asyncio.Event()

    async def handle(batch: list[Delivered]) -> None:
        nonlocal left
        await writer.handle(batch)
        left -= len(batch)
        if left <= 0:
            done.set()

    set_aside = dead_letters.set_aside(bus)
    consumer = Consumer(bus, [DEVICE_TELEMETRY], group="writer", handle=handle, set_aside=set_aside, max_records=16)
    running = asyncio.create_task(consumer.run())
    try:
        await bus.publish([Record(DEVICE_TELEMETRY.name, encode_batch(part)) for part in parts])
        await asyncio.wait_for(done.wait(), 60)
        await asyncio.sleep(0.2)  # the commit on the bus
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def told_by_the_database(db: Database) -> set[tuple[str, datetime, str]]:
    async with db.transaction() as tx:
        cursor = await tx.execute("SELECT device_id, measured_at, value, text_value FROM readings")
        return {
            (row["device_id"].split("-")[1], row["measured_at"], row["text_value"] or f"{row['value']:g}")
            async for row in cursor
        }


@pytest.mark.parametrize(
    ("one_device_a_home", "times"), [(False, 2), (True, 1)], ids=["a device a sensor, twice", "a device a home"]
)
async def test_all_homes_replayed_give_the_rows_of_the_files(
    homes: Path, samples: list[tihm.Sample], postgres_dsn: str, one_device_a_home: bool, times: int
) -> None:
    db, bus = Database(postgres_dsn, connections=3), connect_bus(postgres_dsn)
    await bus.create_topics(ALL)
    await db.open()
    try:
        async with db.transaction() as tx:
            await tx.execute("TRUNCATE moments, suspect_readings, vitals_heard")
        sent = messages(samples, one_device_a_home=one_device_a_home)
        for _ in range(times):
            await replay(sent, bus, db)
            async with db.transaction() as tx:
                row = await (await tx.execute("SELECT count(*) AS n FROM readings")).fetchone()
            assert row == {"n": rows_of_the_files(homes)}
        assert await told_by_the_database(db) == told_by_the_files(homes)
    finally:
        await bus.close()
        await db.close()
