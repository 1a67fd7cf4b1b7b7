"""The SQL of welfare visits that may be on another day: told to nobody, of a period that is not nearly over."""

from datetime import date, datetime
from uuid import UUID

from services.db.pool import Connection
from services.orders.model import Order
from services.orders.welfare.model import Due
from services.orders.welfare.store import due_of

_FROM = (
    " FROM welfare_dues d JOIN orders o ON o.id = d.order_id JOIN elders e ON e.id = d.elder_id"
    " JOIN visits v ON v.order_id = o.id JOIN workers w ON w.id = v.worker_id"
    " WHERE d.state = 'ordered' AND o.provider_id = %(provider_id)s AND o.area = %(area)s AND o.day = %(day)s"
    " AND o.state = 'assigned' AND v.state = 'planned' AND NOT v.locked AND w.skills @> %(skills)s"
    " AND d.due_until - %(today)s >= (SELECT urgent_days FROM welfare_rules)"
    " AND NOT EXISTS (SELECT 1 FROM visits other WHERE other.order_id = o.id AND other.id <> v.id)"
)


def _params(order: Order, today: date) -> dict[str, object]:
    return {
        "provider_id": order.provider.id,
        "area": order.area,
        "day": order.day,
        "skills": list(order.skills),
        "today": today,
    }


async def in_the_way(
    tx: Connection, order: Order, begin: datetime, until: datetime, today: date
) -> list[tuple[Due, UUID]]:
    """With whom each is; nobody else moves them until the transaction ends, and what somebody else has is left out."""
    cursor = await tx.execute(
        f"SELECT d.*, e.region_code, v.worker_id{_FROM}"
        " AND v.sets_out_at < %(until)s AND v.ends_at > %(begin)s"
        " ORDER BY v.worker_id, v.starts_at LIMIT 60 FOR UPDATE OF d, o SKIP LOCKED",
        {**_params(order, today), "begin": begin, "until": until},
    )
    return [(due_of(row), row["worker_id"]) for row in await cursor.fetchall()]


async def of_day(tx: Connection, order: Order, today: date) -> list[UUID]:
    cursor = await tx.execute(f"SELECT o.id{_FROM} LIMIT 200", _params(order, today))
    return [row["id"] for row in await cursor.fetchall()]
