"""The SQL of what time does to visits: rows whose moment has come, skipped while another process has them."""

from datetime import datetime, timedelta
from uuid import UUID

from services.db.pool import Connection

AT_ONCE = 50


async def offers_expired(tx: Connection, now: datetime) -> list[UUID]:
    """Visits that were offered and not answered; their orders are locked."""
    cursor = await tx.execute(
        "SELECT v.id FROM visits v JOIN orders o ON o.id = v.order_id WHERE v.state = 'offered'"
        " AND v.offer_expires_at <= %s ORDER BY v.offer_expires_at LIMIT %s FOR UPDATE OF o SKIP LOCKED",
        (now, AT_ONCE),
    )
    return [row["id"] for row in await cursor.fetchall()]


async def never_begun(tx: Connection, now: datetime, after: timedelta) -> list[UUID]:
    """Visits that should have begun so long ago and have not; their orders are locked."""
    cursor = await tx.execute(
        "SELECT v.id FROM visits v JOIN orders o ON o.id = v.order_id"
        " WHERE v.state IN ('offered', 'accepted', 'on_the_way') AND v.told_starts_at <= %s"
        " ORDER BY v.told_starts_at LIMIT %s FOR UPDATE OF o SKIP LOCKED",
        (now - after, AT_ONCE),
    )
    return [row["id"] for row in await cursor.fetchall()]
