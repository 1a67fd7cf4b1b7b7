"""What was there before readings were rows of moments is there afterwards, with the same answers. On both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from services.db.migrate import migrate, packaged
from services.db.pool import Database
from services.telemetry.catalogue import VITALS
from services.telemetry.model import Reading
from services.telemetry.store import ReadingStore, Worn
from services.telemetry.store_before import is_left, move
from services.telemetry.store_moments import write_readings
from yian.servers import PostgresServer

NOW = datetime.now(UTC).replace(microsecond=0)
COLUMNS = (
    "device_id, name, unit, measured_at, received_at, value, time_suspect, text_value, sent_value, sent_unit, mark"
)
Row = tuple[Any, ...]


def a_row(name: str, ago: timedelta, value: float | None = 72.0, **fields: Any) -> Row:
    at = NOW - ago
    told = {"device_id": "W-1", "unit": None, "received_at": at, "time_suspect": False, "text_value": ""}
    told |= {"name": name, "measured_at": at, "value": value, **fields}
    return tuple(told.get(column) for column in COLUMNS.split(", "))


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OLD = [
    a_row("heart_rate", MINUTE, 71.0, unit="beat/min"),
    a_row("heart_rate", 40 * DAY, 80.0, unit="beat/min", received_at=NOW - 40 * DAY + HOUR),
    a_row("steps", MINUTE, 312.0, unit="count"),
    a_row("body_temperature", HOUR, 98.6, unit="[degF]"),  # of before units were converted
    a_row("body_temperature", 2 * HOUR, 37.0, unit="Cel", sent_value=98.6, sent_unit="[degF]"),
    a_row("spo2", 2 * MINUTE, None, sent_value=97.0, sent_unit="mg/dL", mark="unit"),
    a_row("spo2", 9 * DAY, 97.5, unit="%"),
    a_row("motion", MINUTE, None, text_value="kitchen"),
    a_row("motion", MINUTE, None, text_value="hallway"),
    a_row("worn", MINUTE, 1.0),
    a_row("液位", MINUTE, -1.5e-7, unit="m"),
    a_row("battery", -300 * DAY, 41.0, unit="%EL", received_at=NOW - 3 * MINUTE, time_suspect=True),
    a_row("heart_rate", 2600 * DAY, 60.0, received_at=NOW - 30 * DAY, time_suspect=True),
    *(a_row("steps", n * HOUR, float(n), unit="count", device_id=f"W-{n % 7 + 2}") for n in range(1, 400)),
]
BOTH = a_row("signal", 5 * MINUTE, -70.0, unit="dBm")


def as_told(row: Row) -> Row:
    """A unit that means the usual one is told as that, and what came at once was received at once."""
    told = dict(zip(COLUMNS.split(", "), row, strict=True))
    vital = VITALS.get(told["name"])
    if vital and not told["time_suspect"] and told["value"] is not None and told["unit"] in (None, *vital.sent_as):
        told["unit"] = vital.unit
    return tuple(told.values())


@pytest.fixture
async def dsn(time_series: PostgresServer) -> AsyncIterator[str]:
    time_series.drop_database("moving")
    dsn = time_series.create_database("moving")
    await migrate(dsn, files={name: sql for name, sql in packaged().items() if name < "0140"})
    with psycopg.connect(dsn) as connection:
        put(connection, [*OLD, BOTH])
    await migrate(dsn)
    yield dsn
    time_series.drop_database("moving")


def put(connection: psycopg.Connection, rows: list[Row]) -> None:
    """As a writer of the release before does: COPY into `readings`."""
    with connection.cursor() as cursor, cursor.copy(f"COPY readings ({COLUMNS}) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(
            ("text", "text", "text", "timestamptz", "timestamptz", "float8", "bool", "text", "float8", "text", "text")
        )
        for row in rows:
            copy.write_row(row)


def ask(dsn: str, query: str) -> set[Row]:
    with psycopg.connect(dsn) as connection:
        connection.execute("SET TimeZone TO 'UTC'")
        return set(connection.execute(query.encode()).fetchall())


async def test_rows_of_every_kind_are_there_afterwards_with_the_same_answers(dsn: str) -> None:
    db = Database(dsn, connections=3)
    await db.open()
    late = a_row("spo2", 3 * MINUTE, 95.0, unit="%")
    new = Reading("W-1", "signal", "dBm", us(5 * MINUTE), us(5 * MINUTE), -70.0, None, False)
    told: list[str] = []

    def until_killed(line: str) -> None:
        told.append(line)
        if len(told) == 2:
            raise ConnectionError("killed")

    try:
        async with db.transaction() as tx:
            await write_readings(tx, [new])
        with psycopg.connect(dsn) as connection:
            put(connection, [late, OLD[0]])
        with pytest.raises(ConnectionError):
            await move(db, until_killed)
        half = ask(dsn, "SELECT count(*) FROM readings_of_before")
        assert half != {(0,)}
        assert await move(db) == next(iter(half))[0]
        assert not await is_left(db)
        expected = {as_told(row) for row in [*OLD, BOTH, late]}
        assert ask(dsn, f"SELECT {COLUMNS} FROM readings") == expected
        await same_answers(db)
    finally:
        await db.close()
    assert await migrate(dsn) == []


async def same_answers(db: Database) -> None:
    device = Worn(device_id="W-1", model=None, since=None)
    async with db.transaction() as tx:
        store = ReadingStore(tx)
        latest = {one.name: one for one in await store.latest(device, [*VITALS, "液位"], NOW)}
        marked = await store.latest_left_out(device, ["spo2"], NOW)
        points = await store.points(device, "heart_rate", NOW - 48 * HOUR, NOW)
        hours = await store.hourly(device, "heart_rate", NOW - 60 * DAY, NOW)
    assert {name: one.value for name, one in latest.items() if one.value is not None} == {
        "heart_rate": 71.0, "steps": 312.0, "body_temperature": 98.6, "spo2": 95.0, "worn": 1.0, "液位": -1.5e-7,
        "battery": 41.0, "signal": -70.0,
    }  # fmt: skip
    assert (latest["motion"].text_value in ("kitchen", "hallway"), latest["motion"].value) == (True, None)
    assert (latest["body_temperature"].unit, latest["液位"].unit) == ("[degF]", "m")
    assert latest["battery"].time_suspect
    assert [(one.value, one.measured_at) for one in marked] == [(None, NOW - 2 * MINUTE)]
    assert points == [(NOW - MINUTE, 71.0)]
    assert [value for _, value in hours] == [80.0, 71.0]


def us(ago: timedelta) -> int:
    return round((NOW - ago).timestamp() * 1e6)


async def test_where_nothing_was_before_nothing_is_left_to_move(time_series: PostgresServer) -> None:
    time_series.drop_database("nothing_moved")
    dsn = time_series.create_database("nothing_moved")
    await migrate(dsn)
    db = Database(dsn, connections=2)
    await db.open()
    try:
        assert await move(db) == 0
    finally:
        await db.close()
        time_series.drop_database("nothing_moved")
