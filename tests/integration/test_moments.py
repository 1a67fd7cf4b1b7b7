"""Readings as rows of moments: each reading once, the first stays, whichever way it comes. On both databases."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.bus import Delivered
from contracts.telemetry import TelemetryMessage, encode_batch
from contracts.topics import DEVICE_TELEMETRY
from services.db.migrate import migrate
from services.db.pool import Database
from services.telemetry.catalogue import VITALS
from services.telemetry.consumers import ReadingWriter
from services.telemetry.model import Reading
from services.telemetry.senml import read_pack
from services.telemetry.store_figures import TOUCHED_EVERY_SECONDS, is_needed, roll_up
from services.telemetry.store_merge import SIZE
from services.telemetry.store_moments import write_readings
from services.telemetry.units import settled
from tests.examples import examples
from yian.servers import PostgresServer

NOW = 1_795_307_400.0
HOUR = 3600.0
HOUR_US = 3600 * 1_000_000
Said = tuple[object, ...]


@pytest.fixture(scope="module")
def dsn(time_series: PostgresServer) -> Iterator[str]:
    time_series.drop_database("moments")
    dsn = time_series.create_database("moments")
    asyncio.run(migrate(dsn))
    yield dsn
    time_series.drop_database("moments")


@asynccontextmanager
async def empty(dsn: str) -> AsyncIterator[Database]:
    db = Database(dsn, connections=2)
    await db.open()
    try:
        async with db.transaction() as tx:
            for table in ("moments", "suspect_readings", "vitals_heard"):
                await tx.execute(f"TRUNCATE {table}".encode())
            if await is_needed(tx):
                await tx.execute("TRUNCATE hours_kept, days_kept, hours_touched, days_touched")
        yield db
    finally:
        await db.close()


async def rows(db: Database, query: str) -> list[dict[str, Any]]:
    async with db.transaction() as tx:
        return await (await tx.execute(query.encode())).fetchall()


class NoBus:
    """Nothing of this is for the bus."""

    async def publish(self, records: Sequence[object]) -> None:
        pass


def a_writer(db: Database, monotonic: Callable[[], float] = time.monotonic) -> ReadingWriter:
    bus: Any = NoBus()
    return ReadingWriter(db, bus, monotonic)


def delivered(messages: Sequence[TelemetryMessage]) -> list[Delivered]:
    return [Delivered(DEVICE_TELEMETRY.name, 0, 0, None, {}, encode_batch(list(messages)))]


def a_message(
    device_id: str, *records: dict[str, object], at: float = NOW, received: float | None = None
) -> TelemetryMessage:
    body = [{"bn": f"{device_id}/", "bt": at, **records[0]}, *records[1:]]
    return TelemetryMessage(device_id, int((received or at) * 1e6), json.dumps(body).encode())


def read(message: TelemetryMessage) -> list[Reading]:
    return [settled(r) for r in read_pack(message.payload, message.device_id, message.received_us).readings]


def told(reading: Reading) -> tuple[Said, Said]:
    """(what makes it one reading, what it says)."""
    vital = VITALS.get(reading.name)
    usual = vital is not None and reading.value is not None and reading.unit in (None, *vital.sent_as)
    unit = vital.unit if vital is not None and usual else reading.unit
    text = reading.text or ""
    return (reading.device_id, reading.name, reading.measured_us, text), (
        reading.value, unit, reading.sent_value, reading.sent_unit, reading.mark, reading.time_suspect,
    )  # fmt: skip


async def kept(db: Database) -> dict[Said, Said]:
    found = await rows(
        db,
        "SELECT device_id, name, (extract(epoch FROM measured_at) * 1000000)::bigint AS us, text_value, value, unit,"
        " sent_value, sent_unit, mark, time_suspect FROM readings",
    )
    for row in found:
        if row["time_suspect"] and row["name"] in VITALS and row["unit"] in VITALS[row["name"]].sent_as:
            row["unit"] = VITALS[row["name"]].unit  # there it is as sent
        elif row["time_suspect"] and row["name"] in VITALS and row["unit"] is None and row["value"] is not None:
            row["unit"] = VITALS[row["name"]].unit
    return {tuple(row.values())[:4]: tuple(row.values())[4:] for row in found}


records = st.one_of(
    st.builds(
        lambda name, value, unit: {"n": name, "v": value, **({"u": unit} if unit else {})},
        st.sampled_from(("heart_rate", "steps", "body_temperature", "液位", "device", "signal")),
        st.sampled_from((72, 36.6, 400, 99.5)),
        st.sampled_from((None, None, "beat/min", "Cel", "K", "ppm")),
    ),
    st.builds(lambda room: {"n": "motion", "vs": room}, st.sampled_from(("kitchen", "hallway", ""))),
    st.just({"n": "worn", "vb": True}),
)
messages = st.builds(
    lambda device, told, at, late: a_message(device, *told, at=at, received=at + late),
    st.sampled_from(("W-1", "W-2")),
    st.lists(records, min_size=1, max_size=4),
    st.sampled_from((NOW, NOW - 60, NOW - 2 * HOUR, NOW - 71 * HOUR)),
    st.sampled_from((0.0, 0.0, 90.0, 80 * HOUR, -30 * HOUR)),  # the last two: a clock that cannot be right
)
batches = st.lists(st.lists(messages, min_size=1, max_size=6), min_size=1, max_size=4)


@examples(60)
@given(sent=batches, settled_down=st.booleans())
def test_any_packs_in_any_batches_are_the_same_readings_as_one_by_one(
    dsn: str, sent: list[list[TelemetryMessage]], settled_down: bool
) -> None:
    async def check() -> None:
        async with empty(dsn) as db:
            clock, model = 0.0, {}
            writer = a_writer(db, lambda: clock)
            for batch in sent:
                clock += TOUCHED_EVERY_SECONDS  # whoever rolls up waits longer than that
                await writer.handle(delivered(batch))
                if settled_down:
                    await compress(db)
                    await roll_up(db, timedelta())
                for reading in sorted((r for m in batch for r in read(m)), key=lambda r: r.time_suspect):
                    model.setdefault(*told(reading))
            assert await kept(db) == model
            assert await count(db) == len(model)
            assert await figures(db, "hour") == figures_of(model, lambda us: us // HOUR_US)
            assert await figures(db, "day") == figures_of(model, lambda us: (us + 8 * HOUR_US) // (24 * HOUR_US))

    asyncio.run(check())


def figures_of(model: dict[Said, Said], period: Callable[[int], int]) -> dict[Said, Said]:
    """(device, vital, hour or day since 1970) → how many, lowest, highest."""
    found: dict[Said, list[float]] = {}
    for (device_id, name, us, _), (value, *_) in model.items():
        if name in VITALS and isinstance(value, float) and isinstance(us, int):
            found.setdefault((device_id, name, period(us)), []).append(value)
    return {of: (len(values), min(values), max(values)) for of, values in found.items()}


async def figures(db: Database, period: str) -> dict[Said, Said]:
    seconds = "3600" if period == "hour" else "86400"
    view = "readings_hourly" if period == "hour" else "readings_daily"
    found = await rows(
        db,
        f"SELECT device_id, name, ceil(extract(epoch FROM {period}) / {seconds})::bigint AS since, n,"
        f" min_value::real AS low, max_value::real AS high FROM {view} WHERE name IN (SELECT name FROM vital_columns)",
    )
    return {tuple(row.values())[:3]: tuple(row.values())[3:] for row in found}


async def count(db: Database) -> int:
    """As bench and tests count, without the view."""
    query = f"SELECT (SELECT coalesce(sum({SIZE}), 0) FROM moments AS m) + (SELECT count(*) FROM suspect_readings) AS n"
    return int((await rows(db, query))[0]["n"])


async def compress(db: Database) -> bool:
    """All there is; False where there is nothing that could."""
    if not await rows(db, "SELECT FROM pg_extension WHERE extname = 'timescaledb'"):
        return False
    await rows(db, "SELECT compress_chunk(c, if_not_compressed => true) FROM show_chunks('moments') AS c")
    return True


async def test_how_many_were_new_is_told_whichever_way_they_went(dsn: str) -> None:
    beat, steps = {"n": "heart_rate", "v": 72}, {"n": "steps", "v": 312}
    now_us = int(NOW * 1e6)

    def some(device_id: str, *names: str) -> list[Reading]:
        return [Reading(device_id, name, None, now_us, now_us, 1.0, None, False) for name in names]

    async with empty(dsn) as db, db.transaction() as tx:
        assert await write_readings(tx, some("W-1", "heart_rate", "steps")) == 2
        assert await write_readings(tx, some("W-1", "heart_rate", "steps", "液位") + some("W-2", "spo2")) == 2
        assert await write_readings(tx, some("W-1", "heart_rate", "steps", "液位") + some("W-2", "spo2")) == 0
    async with empty(dsn) as db:
        await a_writer(db).handle(delivered([a_message("W-1", beat), a_message("W-1", steps), a_message("W-1", beat)]))
        assert await count(db) == 2, "one row, though it came in three packs"
        assert len(await rows(db, "SELECT FROM moments")) == 1


async def test_late_readings_are_kept_once_also_where_all_is_compressed(dsn: str) -> None:
    """After 72 hours a clock is not believed; until then a reading has its own place, whatever was done to it."""
    devices = [f"W-{n:03}" for n in range(200)]
    ago = NOW - 71 * HOUR
    early = [a_message(d, {"n": "heart_rate", "v": 70}, at=ago + m) for d in devices for m in range(0, 600, 60)]
    late = [a_message(d, {"n": "steps", "v": 5}, at=ago + m, received=NOW) for d in devices for m in (0, 30)]
    async with empty(dsn) as db:
        writer = a_writer(db)
        await writer.handle(delivered(early))
        await compress(db)
        for _ in range(2):
            await writer.handle(delivered(late))
            assert await count(db) == 200 * 10 + 200 * 2
        (row,) = await rows(
            db, f"SELECT * FROM moments JOIN device_numbers USING (device)"
            f" WHERE device_id = 'W-007' AND time = to_timestamp({ago})"
        )  # fmt: skip
        assert (row["heart_rate"], row["steps"], row["lag_ms"]) == (70.0, 5.0, None)
        later = [a_message(d, {"n": "steps", "v": 6}, at=ago, received=NOW + 2 * HOUR) for d in devices]
        await writer.handle(delivered(later))
        assert await count(db) == 200 * 12, "sent again when nobody would believe its time, it is the same reading"


async def test_readings_of_2019_stay_though_what_is_older_than_400_days_is_dropped_by_the_hour(dsn: str) -> None:
    then = datetime(2019, 4, 1, tzinfo=UTC).timestamp()
    async with empty(dsn) as db:
        await a_writer(db).handle(
            delivered([a_message("W-1", {"n": "heart_rate", "v": 70}, at=then, received=NOW)] * 2)
        )
        if await compress(db):
            await rows(db, "SELECT drop_chunks('moments', INTERVAL '400 days')")
        (row,) = await rows(db, "SELECT name, measured_at, time_suspect FROM readings")
        assert (row["measured_at"].timestamp(), row["time_suspect"]) == (then, True)


async def test_a_watch_with_a_random_clock_makes_no_chunks(dsn: str) -> None:
    async with empty(dsn) as db:
        packs = [a_message("W-1", {"n": "steps", "v": 1}, at=NOW + n * 1e6, received=NOW) for n in range(-300, 300)]
        await a_writer(db).handle(delivered(packs))
        (extent,) = await rows(db, "SELECT max(time) - min(time) AS extent FROM moments")
        assert extent["extent"] is None or extent["extent"] <= timedelta(hours=96)
        assert await count(db) == len(packs)
