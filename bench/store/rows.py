"""Narrow rows or wide ones for readings, and what the keys cost: the figures of the decision on telemetry rows.

Each shape takes the same messages (three readings each, devices in random order) through binary COPY into
a temporary table and `INSERT … SELECT … ON CONFLICT DO NOTHING` on the unique key, a transaction a batch.
"""

import argparse
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from psycopg import sql

from bench.tables import show
from yian.servers import PostgresServer

DEVICES = 100_000
NAMES = ("heart_rate", "steps", "battery")
UNITS = ("beat/min", "count", "%EL")
Message = tuple[int, float, float, float, float]
"""Device number, Unix time, three values."""


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    ddl: str
    table: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows_of: Callable[[Message], Iterator[tuple[object, ...]]]
    latest: str
    """The newest reading of each name of device %s."""


def _at(message: Message) -> datetime:
    return datetime.fromtimestamp(message[1], UTC)


def _narrow(message: Message) -> Iterator[tuple[object, ...]]:
    device, at = f"W-{message[0]:06}", _at(message)
    for name, unit, value in zip(NAMES, UNITS, message[2:], strict=True):
        yield device, name, at, unit, value, ""


def _series(message: Message) -> Iterator[tuple[object, ...]]:
    at = _at(message)
    for number, value in enumerate(message[2:]):
        yield message[0] * 3 + number, at, value, ""


def _wide(message: Message) -> Iterator[tuple[object, ...]]:
    yield f"W-{message[0]:06}", _at(message), *message[2:], None, None, None


SHAPES = (
    Shape(
        "narrow: device, name, time as text keys",
        """CREATE TABLE narrow (device_id text NOT NULL, name text NOT NULL, measured_at timestamptz NOT NULL,
               unit text, value double precision, text_value text NOT NULL DEFAULT '',
               UNIQUE (device_id, name, measured_at, text_value))""",
        "narrow",
        ("device_id", "name", "measured_at", "unit", "value", "text_value"),
        ("text", "text", "timestamptz", "text", "float8", "text"),
        _narrow,
        """SELECT n, (SELECT value FROM narrow WHERE device_id = d AND name = n ORDER BY measured_at DESC LIMIT 1)
           FROM (SELECT 'W-' || lpad(%s::text, 6, '0') AS d) AS one,
                unnest(ARRAY['heart_rate', 'steps', 'battery']) AS n""",
    ),
    Shape(
        "narrow: a number for each device's name",
        """CREATE TABLE series (series_id int NOT NULL, measured_at timestamptz NOT NULL,
               value double precision, text_value text NOT NULL DEFAULT '',
               UNIQUE (series_id, measured_at, text_value))""",
        "series",
        ("series_id", "measured_at", "value", "text_value"),
        ("int4", "timestamptz", "float8", "text"),
        _series,
        """SELECT s, (SELECT value FROM series WHERE series_id = s ORDER BY measured_at DESC LIMIT 1)
           FROM (SELECT %s::int * 3 AS first) AS one, generate_series(first, first + 2) AS s""",
    ),
    Shape(
        "wide: a row a message, the rest as jsonb",
        """CREATE TABLE wide (device_id text NOT NULL, measured_at timestamptz NOT NULL, heart_rate double precision,
               steps double precision, battery double precision, spo2 double precision,
               body_temperature double precision, others jsonb, UNIQUE (device_id, measured_at))""",
        "wide",
        ("device_id", "measured_at", "heart_rate", "steps", "battery", "spo2", "body_temperature", "others"),
        ("text", "timestamptz", "float8", "float8", "float8", "float8", "float8", "jsonb"),
        _wide,
        """SELECT heart_rate, steps, battery FROM wide WHERE device_id = 'W-' || lpad(%s::text, 6, '0')
           ORDER BY measured_at DESC LIMIT 1""",
    ),
)


def messages(seed: int) -> Iterator[Message]:
    chance = random.Random(seed)
    at = 1_795_307_335.0
    while True:
        at += 1 / 7000
        yield chance.randrange(DEVICES), round(at, 3), 60.0 + chance.randrange(40), float(chance.randrange(9000)), 41.0


def measure(connection: psycopg.Connection, shape: Shape, seconds: float, batch: int) -> dict[str, object]:
    connection.execute(shape.ddl)
    connection.execute(f"CREATE TEMP TABLE new_{shape.table} (LIKE {shape.table}) ON COMMIT DELETE ROWS")
    connection.commit()
    source = messages(1)
    count, spent = 0, 0.0
    while spent < seconds:
        made = [row for _ in range(batch) for row in shape.rows_of(next(source))]
        started = time.perf_counter()
        write(connection, shape, made)
        spent += time.perf_counter() - started
        count += batch
    size = connection.execute("SELECT pg_total_relation_size(%s::regclass)", [shape.table]).fetchone()
    started = time.perf_counter()
    for device in range(500):
        connection.execute(shape.latest, [device * 191 % DEVICES]).fetchall()
    latest_ms = (time.perf_counter() - started) / 500 * 1000
    assert size is not None
    return {
        "shape": shape.name,
        "messages/s": count / spent,
        "readings/s": 3 * count / spent,
        "bytes a message": size[0] / count,
        "latest, ms": latest_ms,
    }


def write(connection: psycopg.Connection, shape: Shape, rows: list[tuple[object, ...]]) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, shape.columns))
    staging, table = sql.Identifier(f"new_{shape.table}"), sql.Identifier(shape.table)
    with connection.transaction(), connection.cursor() as cursor:
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(staging, columns)) as copy:
            copy.set_types(shape.types)
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT DO NOTHING").format(
                table, columns, columns, staging
            )
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.store.rows", description=__doc__)
    parser.add_argument("--seconds", type=float, default=15, help="of writing, for each shape")
    parser.add_argument("--batch", type=int, default=7000, help="messages a transaction")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with PostgresServer() as server, psycopg.connect(server.dsn) as connection:
        found = [measure(connection, shape, asked.seconds, asked.batch) for shape in SHAPES]
    show("Shapes of telemetry rows (PostgreSQL 18, plain tables)", found, as_json=asked.json)


if __name__ == "__main__":
    main()
