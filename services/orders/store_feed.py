"""The SQL of who follows orders: where they stand, and what moved."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from services.accounts.model import Scope
from services.db.pool import Connection
from services.orders.model import Order
from services.orders.store import IN_SCOPE, OrderStore

MOST = 20_000
"""Orders in one snapshot."""


async def of_day(tx: Connection, scope: Scope, day: date) -> list[Order]:
    """By wished time; of a family also all that is not over, whatever its day."""
    cursor = await tx.execute(
        f"SELECT o.* FROM orders o WHERE {IN_SCOPE}"  # noqa: S608
        " AND (o.day = %(day)s OR (%(scope_elders)s::uuid[] IS NOT NULL AND %(scope_provider)s::uuid IS NULL"
        "   AND o.state IN ('placed', 'assigned', 'accepted', 'under_way')))"
        " ORDER BY o.wished_from, o.id LIMIT %(most)s",
        {"day": day, "most": MOST, **scope.params()},
    )
    return await OrderStore(tx).whole(await cursor.fetchall())


async def versions_since(tx: Connection, since: datetime, until: datetime) -> dict[UUID, int]:
    cursor = await tx.execute("SELECT id, version FROM orders WHERE moved_at > %s AND moved_at <= %s", (since, until))
    return {row["id"]: row["version"] for row in await cursor.fetchall()}


async def untold(tx: Connection, since: datetime, until: datetime, known: Mapping[UUID, int]) -> list[Order]:
    """Moved in this time to a version beyond the known."""
    moved = await versions_since(tx, since, until)
    unknown = [order_id for order_id, version in moved.items() if known.get(order_id, 0) < version]
    if not unknown:
        return []
    cursor = await tx.execute("SELECT o.* FROM orders o WHERE o.id = ANY (%s) ORDER BY o.moved_at", (unknown,))
    return await OrderStore(tx).whole(await cursor.fetchall())


OVERLAP = timedelta(seconds=10)
"""A transaction that commits late writes an earlier time; so one looks back this far."""
