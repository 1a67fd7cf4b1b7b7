"""Notifications of the database, without making others wait for the disk.

Whoever has notified holds PostgreSQL's one lock of notifications until the commit is over, and the alarms' transactions
need it too. So what notifies commits before the disk has it, and `Database.transaction` then waits for the disk, with
the lock given back. See docs/decisions/0033.
"""

from services.db.pool import Connection

_RING = "SELECT pg_notify(%s, %s), set_config('synchronous_commit', 'off', true)"
_WILL_RING = "SELECT set_config('synchronous_commit', 'off', true)"


async def ring(tx: Connection, channel: str, payload: str) -> None:
    tx.unsettled = True
    await tx.execute(_RING, (channel, payload))


async def will_ring(tx: Connection) -> None:
    """For what notifies by a trigger."""
    if not tx.unsettled:
        tx.unsettled = True
        await tx.execute(_WILL_RING)
