"""The SQL of which process plans an area, and which areas there are."""

from services.db.pool import Connection


async def areas(tx: Connection) -> list[str]:
    """Counties: codes of 6 digits."""
    cursor = await tx.execute("SELECT DISTINCT left(code, 6) AS area FROM regions WHERE length(code) >= 6 ORDER BY 1")
    return [row["area"] for row in await cursor.fetchall()]


async def claim(tx: Connection, area: str, base_url: str) -> int:
    """From now on this process plans it; whoever did before is replaced. The epoch says which of the two is newer."""
    cursor = await tx.execute(
        "INSERT INTO planning_areas (area, base_url) VALUES (%s, %s) ON CONFLICT (area) DO UPDATE SET"
        " base_url = excluded.base_url, since = clock_timestamp(), epoch = planning_areas.epoch + 1 RETURNING epoch",
        (area, base_url),
    )
    row = await cursor.fetchone()
    assert row is not None
    epoch: int = row["epoch"]
    return epoch


async def release(tx: Connection, area: str, epoch: int, base_url: str) -> None:
    """Nothing happens where somebody else plans it by now. Also what was claimed before is given up: of the last claim
    it may not be known whether it was written."""
    await tx.execute(
        "UPDATE planning_areas SET base_url = NULL WHERE area = %s AND epoch <= %s AND base_url = %s",
        (area, epoch, base_url),
    )


async def planner_of(tx: Connection, area: str) -> str | None:
    """Its address; None: nobody plans it."""
    cursor = await tx.execute("SELECT base_url FROM planning_areas WHERE area = %s", (area,))
    row = await cursor.fetchone()
    return row["base_url"] if row else None
