"""What has been heard: an event has its effect once, however often it comes."""

from collections.abc import Sequence
from datetime import timedelta

from contracts.topics import DEVICE_EVENT
from services.db.pool import Connection

KEPT = timedelta(hours=max(72, DEVICE_EVENT.retention_hours) + 24)
"""Devices repeat for 72 h; a group that lost its offsets hears again all that the bus still holds, so longer."""

Heard = tuple[str, str]
"""(device_id, event_id)"""

RECORD = """
INSERT INTO inbox (device_id, event_id)
SELECT DISTINCT * FROM unnest(%s::text[], %s::text[]) ORDER BY 1, 2
ON CONFLICT DO NOTHING RETURNING device_id, event_id
"""
"""Answers those not heard before. A second writer of the same event waits here until the first has committed."""


def arguments(events: Sequence[Heard]) -> tuple[list[str], list[str]]:
    return [device_id for device_id, _ in events], [event_id for _, event_id in events]


async def purge(tx: Connection, *, at_most: int = 5000) -> int:
    """Forgets what is older than `KEPT`, a bounded number at a time; returns how many."""
    cursor = await tx.execute(
        "DELETE FROM inbox WHERE ctid IN (SELECT ctid FROM inbox WHERE arrived_at < clock_timestamp() - %s LIMIT %s)",
        (KEPT, at_most),
    )
    return cursor.rowcount
