"""The inbox: events that are already taken. Whoever handles an event writes it there in the same transaction. Here old
ones are deleted."""

from datetime import datetime, timedelta

from contracts.topics import DEVICE_EVENT
from services.db.pool import Connection

KEPT = timedelta(hours=max(72, DEVICE_EVENT.retention_hours) + 24)
"""Devices repeat for 72 h. A group that lost its offsets reads again everything that the bus still holds, so it is
longer."""


async def taken_at(tx: Connection, reader: str, event_id: str) -> datetime | None:
    """The event is taken with this transaction, at this moment of the database. None: this reader has taken it before.

    :param reader: of the bus; it stands where a device's id stands
    """
    cursor = await tx.execute(
        "INSERT INTO inbox (device_id, event_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"
        " RETURNING clock_timestamp() AS now",
        (reader, event_id),
    )
    row = await cursor.fetchone()
    return row["now"] if row else None


async def purge(tx: Connection, *, at_most: int = 5000) -> int:
    """Deletes what is older than `KEPT`, a limited number at a time; returns how many."""
    cursor = await tx.execute(
        "DELETE FROM inbox WHERE ctid IN (SELECT ctid FROM inbox WHERE arrived_at < clock_timestamp() - %s LIMIT %s)",
        (KEPT, at_most),
    )
    return cursor.rowcount
