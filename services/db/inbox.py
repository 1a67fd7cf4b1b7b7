"""What has been heard: who gives an event its effect writes it here in the same transaction. Here it is forgotten."""

from datetime import timedelta

from contracts.topics import DEVICE_EVENT
from services.db.pool import Connection

KEPT = timedelta(hours=max(72, DEVICE_EVENT.retention_hours) + 24)
"""Devices repeat for 72 h; a group that lost its offsets hears again all that the bus still holds, so longer."""


async def purge(tx: Connection, *, at_most: int = 5000) -> int:
    """Forgets what is older than `KEPT`, a bounded number at a time; returns how many."""
    cursor = await tx.execute(
        "DELETE FROM inbox WHERE ctid IN (SELECT ctid FROM inbox WHERE arrived_at < clock_timestamp() - %s LIMIT %s)",
        (KEPT, at_most),
    )
    return cursor.rowcount
