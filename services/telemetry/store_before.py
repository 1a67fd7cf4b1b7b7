"""Moves readings out of the layout before (a row each, `readings_of_before`) into moments, while all else runs.

Newest first, some devices of some days at a time. What was written is deleted in the same transaction: whoever kills
this loses nothing, and who starts it again goes on where it was. What is in both layouts is one reading. When the old
table is empty it is dropped, and with it the way in for writers of the release before.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from services.db.pool import Connection, Database
from services.telemetry.model import Reading
from services.telemetry.store_moments import write_readings

ROWS_AT_ONCE = 20_000
ROWS_A_TRANSACTION = 100_000
MOST_DEVICES = 200
FIRST, NEXT, OLDEST = timedelta(days=3), timedelta(days=30), timedelta(days=400)
"""Without chunks to go by: so much is moved first, because charts show it, then so much at a time, and the rest."""
COMPRESSED_AFTER = timedelta(days=1)
"""As the policy of `moments`."""
_BEGINNING, _END = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Span = tuple[datetime, datetime]
Progress = Callable[[str], None]


async def move(db: Database, on_progress: Progress = lambda line: None) -> int:
    """Returns how many rows were moved. :raises DatabaseUnreachable: and can be started again"""
    moved = 0
    while await is_left(db):
        for span in await _spans(db):
            devices, rows_each = await _devices(db, span)
            started, before = time.monotonic(), moved
            for part in _parts(devices, rows_each):
                async with db.transaction() as tx:
                    moved += await _move(tx, span, part)
                on_progress(f"{span[0]:%Y-%m-%d}: up to {part[-1]}, {moved:,} readings moved")
            if moved > before:
                await _refresh(db, span)
                await _compress(db, span)
                rate = (moved - before) / max(time.monotonic() - started, 1e-9)
                on_progress(f"{span[0]:%Y-%m-%d}: done, {moved - before:,} readings, {rate:,.0f} a second")
        await _drop_if_empty(db)
    return moved


async def is_left(db: Database) -> bool:
    async with db.reading() as tx:
        cursor = await tx.execute("SELECT to_regclass('readings_of_before') IS NOT NULL AS left")
        row = await cursor.fetchone()
    return bool(row and row["left"])


async def _spans(db: Database) -> list[Span]:
    async with db.reading() as tx:
        if await _has_timescale(tx):
            cursor = await tx.execute(
                "SELECT range_start, range_end FROM timescaledb_information.chunks"
                " WHERE hypertable_name = 'readings_of_before' ORDER BY range_start DESC"
            )
            chunks = [(row["range_start"], row["range_end"]) for row in await cursor.fetchall()]
            if chunks:
                return chunks
    edges = [_END, until := datetime.now(UTC) - FIRST]
    while edges[-1] > until - OLDEST:
        edges.append(edges[-1] - NEXT)
    return [(since, until) for until, since in pairwise([*edges, _BEGINNING])]


async def _has_timescale(tx: Connection) -> bool:
    cursor = await tx.execute("SELECT FROM pg_extension WHERE extname = 'timescaledb'")
    return await cursor.fetchone() is not None


async def _devices(db: Database, span: Span) -> tuple[list[str], float]:
    """Those with anything in it, and how many rows a device has there."""
    async with db.reading() as tx:
        cursor = await tx.execute(
            "SELECT device_id, count(*) AS n FROM readings_of_before WHERE measured_at >= %s AND measured_at < %s"
            " GROUP BY device_id ORDER BY device_id",
            span,
        )
        found = await cursor.fetchall()
    return [row["device_id"] for row in found], sum(row["n"] for row in found) / max(len(found), 1)


def _parts(devices: Sequence[str], rows_each: float) -> Iterator[Sequence[str]]:
    size = int(min(max(ROWS_A_TRANSACTION / max(rows_each, 1.0), 1), MOST_DEVICES))
    return (devices[start : start + size] for start in range(0, len(devices), size))


async def _move(tx: Connection, span: Span, devices: Sequence[str]) -> int:
    cursor = await tx.execute(_TAKEN, {"devices": list(devices), "since": span[0], "until": span[1]})
    readings = sorted((Reading(**row) for row in await cursor.fetchall()), key=lambda r: (r.device_id, r.measured_us))
    for start in range(0, len(readings), ROWS_AT_ONCE):
        await write_readings(tx, readings[start : start + ROWS_AT_ONCE])
    return len(readings)


_TAKEN = (
    "DELETE FROM readings_of_before WHERE device_id = ANY (%(devices)s)"
    " AND measured_at >= %(since)s AND measured_at < %(until)s RETURNING"
    " device_id, name, unit, (extract(epoch FROM measured_at) * 1000000)::bigint AS measured_us,"
    " (extract(epoch FROM received_at) * 1000000)::bigint AS received_us, value, nullif(text_value, '') AS text,"
    " time_suspect, sent_value, sent_unit, mark"
)
"""What a writer of before adds meanwhile is not seen by this, and stays for the next round."""


async def _refresh(db: Database, span: Span) -> None:
    """The figures of the hours and days that were moved; they are older than what is refreshed by itself."""
    async with db.reading() as tx:
        if not await _has_timescale(tx):
            return
        cursor = await tx.execute(
            "SELECT min(time) AS first, max(time) AS last FROM moments WHERE time >= %s AND time < %s", span
        )
        row = await cursor.fetchone()
        if row is None or row["first"] is None:
            return
        for figures, length in (("moments_hourly", timedelta(hours=1)), ("moments_daily", timedelta(days=1))):
            first, last = row["first"] - 2 * length, row["last"] + 2 * length
            await tx.execute(
                "CALL refresh_continuous_aggregate(%s, %s::timestamptz, %s::timestamptz)", (figures, first, last)
            )


async def _compress(db: Database, span: Span) -> None:
    """As the policy does, but at once: hours that wait for it are tables too many, and not yet days."""
    async with db.reading() as tx:
        if await _has_timescale(tx):
            until = min(span[1], datetime.now(UTC) - COMPRESSED_AFTER)
            cursor = await tx.execute(
                "SELECT format('%%I.%%I', chunk_schema, chunk_name) AS chunk FROM timescaledb_information.chunks"
                " WHERE hypertable_name = 'moments' AND NOT is_compressed AND range_start >= %s AND range_end <= %s"
                " ORDER BY range_start",
                (span[0], until),
            )
            for row in await cursor.fetchall():
                await tx.execute("SELECT compress_chunk(%s::regclass, if_not_compressed => true)", (row["chunk"],))


async def _drop_if_empty(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("LOCK TABLE readings_of_before IN ACCESS EXCLUSIVE MODE")
        cursor = await tx.execute("SELECT FROM readings_of_before LIMIT 1")
        if await cursor.fetchone() is None:
            await tx.execute("DROP FUNCTION put_into_readings_of_before() CASCADE")
            await tx.execute("DROP TABLE readings_of_before")
