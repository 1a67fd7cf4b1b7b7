"""The append log in PostgreSQL: its tables and the statements on them.

An append locks the topic's row, takes the next offsets from it and keeps the lock until it has committed. So offsets
become visible in their own order, and a reader that has seen offset n will never be shown a smaller one later.

Readers see an append before the disk has it; who appended waits for the disk (`settle`). PostgreSQL writes its log in
order, so whatever a reader has written because of a record is lost with the record, or not at all. See
docs/decisions/0033.
"""

import json
from collections.abc import Sequence

from backbone.bus import Delivered, Record, UnknownTopic
from backbone.postgres.session import Connection
from contracts.topics import Topic

FETCH_BYTES = 16 * 1024 * 1024
SCHEMA_LOCK = 0x5941_4255
TRIM_SLICE = 20_000

SCHEMA = """
CREATE SCHEMA IF NOT EXISTS bus;
CREATE TABLE IF NOT EXISTS bus.topics (
    id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    head bigint NOT NULL DEFAULT 0,
    retention_hours integer NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE IF NOT EXISTS bus.records (
    topic_id smallint NOT NULL,
    "offset" bigint NOT NULL,
    key text,
    headers json NOT NULL,
    value bytea NOT NULL,
    appended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (topic_id, "offset")
);
ALTER TABLE bus.records ALTER COLUMN value SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS bus.positions (
    group_name text NOT NULL,
    topic text NOT NULL,
    committed bigint NOT NULL,
    PRIMARY KEY (group_name, topic)
) WITH (fillfactor = 50);
"""

APPEND = """
WITH head AS (
    UPDATE bus.topics SET head = head + %(n)s WHERE name = %(topic)s RETURNING id, head - %(n)s AS before
), kept AS (
    INSERT INTO bus.records (topic_id, "offset", key, headers, value)
    SELECT head.id, head.before + r.nth, r.key, r.headers::json, r.value
    FROM head, unnest(%(keys)s::text[], %(headers)s::text[], %(values)s::bytea[])
         WITH ORDINALITY AS r (key, headers, value, nth)
)
SELECT pg_notify(%(channel)s, %(topic)s), set_config('synchronous_commit', 'off', true) FROM head
"""

SETTLE = "SELECT set_config('synchronous_commit', 'on', true), pg_logical_emit_message(true, 'yian.flush', '')"
"""Writes next to nothing. Its commit waits until the disk has it and everything committed before."""

# The running sum reads the lengths from the TOAST pointers; only the rows that are sent are read in full.
READ = """
SELECT "offset", key, headers, value FROM (
    SELECT "offset", key, headers, value,
           sum(octet_length(value)) OVER (ORDER BY "offset") - octet_length(value) AS bytes_before
    FROM bus.records
    WHERE topic_id = (SELECT id FROM bus.topics WHERE name = %s) AND "offset" > %s
    ORDER BY "offset" LIMIT %s
) AS r WHERE bytes_before < %s ORDER BY "offset"
"""

COMMIT = """
INSERT INTO bus.positions (group_name, topic, committed)
SELECT %s, topic, committed FROM unnest(%s::text[], %s::bigint[]) AS p (topic, committed)
ON CONFLICT (group_name, topic) DO UPDATE SET committed = greatest(bus.positions.committed, excluded.committed)
"""

# Looks at the oldest records only, so that a topic with nothing to delete costs one short index scan.
TRIM = """
WITH topic AS (
    SELECT id, retention_hours * interval '1 hour' AS kept_for FROM bus.topics WHERE name = %s
), oldest AS (
    SELECT r.topic_id, r."offset", r.appended_at FROM bus.records AS r, topic
    WHERE r.topic_id = topic.id ORDER BY r."offset" LIMIT %s
)
DELETE FROM bus.records AS r USING oldest, topic
WHERE r.topic_id = oldest.topic_id AND r."offset" = oldest."offset"
  AND oldest.appended_at < now() - topic.kept_for
"""


def channel(topic: str) -> str:
    """What notifies of appends to it: who reads no other topic is woken by no other."""
    return f"bus {topic}"


async def create(connection: Connection, topics: Sequence[Topic]) -> None:
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
        await connection.execute("SET LOCAL client_min_messages = warning")
        await connection.execute(SCHEMA)
        for topic in topics:
            await connection.execute(
                "INSERT INTO bus.topics (name, retention_hours) VALUES (%s, %s)"
                " ON CONFLICT (name) DO UPDATE SET retention_hours = excluded.retention_hours",
                (topic.name, topic.retention_hours),
            )


async def append(connection: Connection, topic: str, records: Sequence[Record]) -> None:
    """:raises UnknownTopic: when nobody has created it."""
    cursor = await connection.execute(
        APPEND,
        {
            "n": len(records),
            "topic": topic,
            "keys": [record.key for record in records],
            "headers": [json.dumps(record.headers) for record in records],
            "values": [record.value for record in records],
            "channel": channel(topic),
        },
        binary=True,
    )
    if cursor.rowcount == 0:
        raise UnknownTopic(f"topic {topic} does not exist: run `yian migrate`")


async def settle(connection: Connection) -> None:
    """Returns once the disk has all that was appended before."""
    await connection.execute(SETTLE)


async def read(connection: Connection, topic: str, after: int, max_records: int) -> list[Delivered]:
    cursor = await connection.execute(READ, (topic, after, max_records, FETCH_BYTES), binary=True)
    return [Delivered(topic, 0, offset, key, headers, value) for offset, key, headers, value in await cursor.fetchall()]


def is_cut(records: Sequence[Delivered]) -> bool:
    """There may be more after these, though fewer were read than asked for."""
    return sum(len(record.value) for record in records) >= FETCH_BYTES


async def head(connection: Connection, topic: str) -> int:
    """The last offset given out.

    :raises UnknownTopic: when nobody has created the topic.
    """
    cursor = await connection.execute("SELECT head FROM bus.topics WHERE name = %s", (topic,))
    row = await cursor.fetchone()
    if row is None:
        raise UnknownTopic(f"topic {topic} does not exist: run `yian migrate`")
    return int(row[0])


async def hold(connection: Connection, group: str, topic: str) -> int | None:
    """Become the group's one reader of a topic for as long as the connection lives: the committed offset, or None."""
    cursor = await connection.execute(
        "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (f"yian bus {group} {topic}",)
    )
    row = await cursor.fetchone()
    if row is None or not row[0]:
        return None
    cursor = await connection.execute(
        "SELECT committed FROM bus.positions WHERE group_name = %s AND topic = %s", (group, topic)
    )
    position = await cursor.fetchone()
    return int(position[0]) if position else 0


async def commit(connection: Connection, group: str, offsets: dict[str, int]) -> None:
    await connection.execute(COMMIT, (group, list(offsets), list(offsets.values())))


async def trim(connection: Connection, topic: str) -> int:
    """Deletes records older than the topic's retention, some at a time; returns how many."""
    cursor = await connection.execute(TRIM, (topic, TRIM_SLICE))
    return cursor.rowcount
