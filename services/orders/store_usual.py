"""The SQL of who does the visits of a series."""

from datetime import date
from uuid import UUID

from services.db.pool import Connection


async def usual_workers(tx: Connection, series_id: UUID, day: date, *, besides: UUID | None = None) -> tuple[UUID, ...]:
    """Of those who have done, or are to do, one of the eight visits nearest to this day, first who has more of them.

    :param besides: an order that does not count
    """
    cursor = await tx.execute(
        "SELECT v.worker_id FROM visits v JOIN (SELECT id, day FROM orders WHERE series_id = %(series)s"
        "   AND id IS DISTINCT FROM %(besides)s AND state IN ('assigned', 'accepted', 'under_way', 'done')"
        "   ORDER BY abs(day - %(day)s::date), day LIMIT 8) o ON o.id = v.order_id"
        " WHERE v.worker_id IS NOT NULL AND v.state IN"
        "   ('planned', 'offered', 'accepted', 'on_the_way', 'in_service', 'done')"
        " GROUP BY v.worker_id ORDER BY count(*) DESC, max(o.day) DESC, v.worker_id LIMIT 3",
        {"series": series_id, "day": day, "besides": besides},
    )
    return tuple(row["worker_id"] for row in await cursor.fetchall())
