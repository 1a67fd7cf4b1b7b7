"""`yian move-readings`."""

import asyncio
import time
from pathlib import Path

import typer

from services.db.pool import Database
from services.telemetry import store_before
from yian.plain_errors import plain_errors
from yian.surroundings import Surroundings

TELL_EVERY_S = 5.0


@plain_errors
def move_command(data: Path) -> None:
    moved = asyncio.run(_move(Surroundings.at(data).database))
    typer.echo(f"No readings are left in the layout of before ({moved:,} moved now).")


async def _move(dsn: str) -> int:
    db = Database(dsn, connections=2, name="yian move-readings")
    await db.open()
    told_at = float("-inf")

    def tell(line: str) -> None:
        nonlocal told_at
        if "done" in line or time.monotonic() - told_at >= TELL_EVERY_S:
            told_at = time.monotonic()
            typer.echo(line)

    try:
        return await store_before.move(db, tell)
    finally:
        await db.close()
