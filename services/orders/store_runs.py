"""The SQL of meals that are carried together: who fetches them, and where."""

from services.db.pool import Connection
from services.orders.model import Order, Visit


async def has_fetched(tx: Connection, order: Order, visit: Visit) -> bool:
    """Whether its worker has been, or is on the way, to the kitchen of this meal by way of an earlier visit."""
    assert visit.worker is not None
    cursor = await tx.execute(
        "SELECT EXISTS (SELECT FROM visits v JOIN orders o ON o.id = v.order_id WHERE v.worker_id = %s AND v.id <> %s"
        " AND v.picks_up AND v.state IN ('on_the_way', 'in_service', 'done', 'not_met', 'interrupted')"
        " AND o.day = %s AND o.kitchen_id = %s AND o.service_code = %s) AS yes",
        (visit.worker.id, visit.id, order.day, order.kitchen_id, order.service_code),
    )
    row = await cursor.fetchone()
    return row is not None and bool(row["yes"])
