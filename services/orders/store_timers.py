"""The SQL of what time does to visits: rows whose moment has come, skipped while another process has them."""

from datetime import datetime, timedelta
from uuid import UUID

from services.db.pool import Connection

AT_ONCE = 50
PAGES = "yian app"
"""How the process that serves pages is known to the database."""


async def pages_are_served(tx: Connection) -> bool:
    """Whether a process that serves pages is at the database now: all processes share one role, which sees them."""
    cursor = await tx.execute(
        "SELECT EXISTS (SELECT FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = %s) AS yes",
        (PAGES,),
    )
    row = await cursor.fetchone()
    return row is not None and bool(row["yes"])


async def offers_expired(tx: Connection, now: datetime, *, urgent_only: bool) -> list[UUID]:
    """Visits that were offered and not answered; their orders are locked."""
    cursor = await tx.execute(
        "SELECT v.id FROM visits v JOIN orders o ON o.id = v.order_id WHERE v.state = 'offered'"
        " AND v.offer_expires_at <= %s AND (o.urgent OR NOT %s)"
        " ORDER BY v.offer_expires_at LIMIT %s FOR UPDATE OF o SKIP LOCKED",
        (now, urgent_only, AT_ONCE),
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
