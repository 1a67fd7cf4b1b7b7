"""The figures of hours and days on plain PostgreSQL, kept up by the writers; on TimescaleDB the same calls do nothing.

A writer touches the hours it writes in, at least every half hour; what was left alone for an hour is rolled up. So
whatever was written under a touch is committed by then.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta

import psycopg
import structlog

from services.db.pool import Connection, Database, DatabaseUnreachable
from services.telemetry.model import Moment
from services.telemetry.rules import moment_at

log = structlog.get_logger()

HOUR_US = 3600 * 1_000_000
TOUCHED_EVERY_SECONDS = 1800.0
QUIET = timedelta(hours=1)
AT_ONCE = 2_000
ROLLED_UP_EVERY_SECONDS = 20.0
Hour = tuple[str, int]
"""A device, and an hour since 1970 UTC."""


class Touched:
    """Which hours a writer wrote in and has not told."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._now = monotonic()
        self._told: dict[str, tuple[int, float]] = {}
        """Of each device its last hour, and when that was told."""
        self._due: set[Hour] = set()

    def begin(self) -> None:
        """A batch begins. What the last one did not tell was not written."""
        self._now = self._monotonic()
        self._due.clear()

    def note(self, moment: Moment) -> None:
        hour = moment.time_us // HOUR_US
        told = self._told.get(moment.device_id)
        if told is None or told[0] != hour or self._now - told[1] >= TOUCHED_EVERY_SECONDS:
            self._due.add((moment.device_id, hour))

    def due(self) -> Collection[Hour]:
        return self._due

    def told(self) -> None:
        for device_id, hour in self._due:
            self._told[device_id] = (hour, self._now)
        self._due.clear()


def hour_of(moment: Moment) -> Hour:
    return moment.device_id, moment.time_us // HOUR_US


async def is_needed(tx: Connection) -> bool:
    cursor = await tx.execute("SELECT to_regclass('hours_touched') IS NOT NULL AS needed")
    row = await cursor.fetchone()
    return bool(row and row["needed"])


async def touch(tx: Connection, hours: Collection[Hour], numbers: Mapping[str, int]) -> None:
    await tx.execute(
        "SELECT touch_hours(%s::int[], %s::timestamptz[])",
        ([numbers[device_id] for device_id, _ in hours], [moment_at(hour * HOUR_US) for _, hour in hours]),
    )


async def roll_up(db: Database, quiet: timedelta = QUIET) -> int:
    """How many hours and days were kept."""
    kept = 0
    while True:
        async with db.transaction() as tx:
            cursor = await tx.execute("SELECT roll_up(%s, %s) AS n", (quiet, AT_ONCE))
            row = await cursor.fetchone()
        if not row or not row["n"]:
            return kept
        kept += row["n"]


async def keep_up(db: Database) -> None:
    """For ever. What could not be rolled up is right all the same, and takes longer to read."""
    while True:
        await asyncio.sleep(ROLLED_UP_EVERY_SECONDS)
        try:
            await roll_up(db)
        except (DatabaseUnreachable, psycopg.Error) as error:
            log.warning("figures not rolled up", error=type(error).__name__)
