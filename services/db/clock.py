"""The database's clock, by which deadlines are kept."""

from datetime import datetime

from services.db.pool import Connection


async def now(tx: Connection) -> datetime:
    """Of this moment, not of the beginning of the transaction."""
    cursor = await tx.execute("SELECT clock_timestamp() AS now")
    row = await cursor.fetchone()
    assert row is not None
    moment: datetime = row["now"]
    return moment
