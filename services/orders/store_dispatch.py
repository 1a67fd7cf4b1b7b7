"""The SQL of what dispatch plans upon: the orders of a day, who came to whom, who is taken elsewhere."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.db.pool import Connection
from services.orders.model import Order
from services.orders.store import OrderStore


@dataclass(frozen=True, slots=True)
class TakenTime:
    """A span in which a worker is taken by a visit."""

    worker_id: UUID
    visit_id: UUID
    day: date
    """The business day of its order."""
    begin: datetime
    until: datetime


async def open_days(tx: Connection, area: str, first: date) -> list[tuple[date, UUID]]:
    """Day and provider, where an order is not over."""
    cursor = await tx.execute(
        "SELECT DISTINCT day, provider_id FROM orders WHERE area = %s AND day >= %s"
        " AND state IN ('placed', 'assigned', 'accepted', 'under_way') ORDER BY 1, 2",
        (area, first),
    )
    return [(row["day"], row["provider_id"]) for row in await cursor.fetchall()]


async def of_day(tx: Connection, area: str, day: date, provider_id: UUID) -> list[Order]:
    """All that were not cancelled."""
    cursor = await tx.execute(
        "SELECT * FROM orders WHERE area = %s AND day = %s AND provider_id = %s AND state <> 'cancelled' ORDER BY id",
        (area, day, provider_id),
    )
    return await OrderStore(tx).whole(await cursor.fetchall())


async def shares(tx: Connection, elder_ids: Iterable[UUID], since: datetime) -> dict[UUID, dict[UUID, float]]:
    """Elder → worker → share (0–1) of the visits that were done since then."""
    cursor = await tx.execute(
        "SELECT o.elder_id, v.worker_id, count(*) AS n FROM orders o JOIN visits v ON v.order_id = o.id"
        " WHERE o.elder_id = ANY (%s) AND v.state = 'done' AND v.worker_id IS NOT NULL AND o.wished_from >= %s"
        " GROUP BY 1, 2",
        (list(elder_ids), since),
    )
    counts: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    for row in await cursor.fetchall():
        counts[row["elder_id"]][row["worker_id"]] = row["n"]
    return {
        elder_id: {worker_id: n / sum(own.values()) for worker_id, n in own.items()} for elder_id, own in counts.items()
    }


async def taken_elsewhere(
    tx: Connection, worker_ids: Sequence[UUID], first: date, last: date, *, area: str, day: date
) -> list[TakenTime]:
    """By visits of these days, but for those of the area's day itself."""
    cursor = await tx.execute(
        "SELECT t.worker_id, t.visit_id, o.day, lower(t.during) AS begin, upper(t.during) AS until"
        " FROM worker_times t JOIN visits v ON v.id = t.visit_id JOIN orders o ON o.id = v.order_id"
        " WHERE t.worker_id = ANY (%s) AND o.day BETWEEN %s AND %s AND (o.area, o.day) <> (%s, %s)",
        (list(worker_ids), first, last, area, day),
    )
    return [TakenTime(**row) for row in await cursor.fetchall()]
