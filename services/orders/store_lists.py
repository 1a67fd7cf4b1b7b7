"""The SQL of lists: orders, the history of one, the visits of a worker's day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.accounts.model import Scope
from services.catalogue.kitchens import SERVICE_OF, Meal
from services.db.pool import Connection
from services.orders.model import Order
from services.orders.states import OrderState
from services.orders.store import IN_SCOPE, OrderStore
from services.orders.views import TimelineLine, VisitOnRoute


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """None: whatever it is."""

    elder_id: UUID | None = None
    provider_id: UUID | None = None
    worker_id: UUID | None = None
    day: date | None = None
    states: Sequence[OrderState] = ()
    """None of them: any."""
    late_since: datetime | None = None
    """A visit should have begun before this and has not."""
    next_first: bool = False
    """What is not over by its begin, then what is over. Else the latest wished time first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Of an order in a list."""

    over: bool = False
    at: datetime
    id: UUID

    @classmethod
    def of(cls, order: Order, wanted: Wanted) -> "Place":
        if not wanted.next_first:
            return cls(at=order.wished_from, id=order.id)
        begins = [visit.starts_at for visit in order.visits if visit.starts_at]
        return cls(over=order.state not in _OPEN, at=min(begins, default=order.wished_from), id=order.id)


_OPEN = (OrderState.PLACED, OrderState.ASSIGNED, OrderState.ACCEPTED, OrderState.UNDER_WAY)
_BEGINS = "coalesce((SELECT min(v.starts_at) FROM visits v WHERE v.order_id = o.id), o.wished_from)"
_LATEST_FIRST = (
    " AND (%(at)s::timestamptz IS NULL OR (o.wished_from, o.id) < (%(at)s, %(id)s))"
    " ORDER BY o.wished_from DESC, o.id DESC"
)
_NEXT_FIRST = (
    f" AND (%(at)s::timestamptz IS NULL OR (o.state <> ALL (%(open)s), {_BEGINS}, o.id) > (%(over)s, %(at)s, %(id)s))"
    f" ORDER BY o.state <> ALL (%(open)s), {_BEGINS}, o.id"
)


async def page(tx: Connection, scope: Scope, wanted: Wanted, *, after: Place | None, limit: int) -> list[Order]:
    cursor = await tx.execute(
        f"SELECT o.* FROM orders o WHERE {IN_SCOPE}"  # noqa: S608
        " AND (%(elder)s::uuid IS NULL OR o.elder_id = %(elder)s)"
        " AND (%(provider)s::uuid IS NULL OR o.provider_id = %(provider)s)"
        " AND (%(worker)s::uuid IS NULL OR EXISTS (SELECT 1 FROM visits v WHERE v.order_id = o.id"
        "   AND v.worker_id = %(worker)s))"
        " AND (%(day)s::date IS NULL OR o.day = %(day)s)"
        " AND (%(states)s::text[] IS NULL OR o.state = ANY (%(states)s))"
        " AND (%(late)s::timestamptz IS NULL OR EXISTS (SELECT 1 FROM visits v WHERE v.order_id = o.id"
        "   AND v.state IN ('waiting', 'planned', 'offered', 'accepted', 'on_the_way')"
        "   AND coalesce(v.told_starts_at, v.starts_at, o.wished_until) < %(late)s))"
        f"{_NEXT_FIRST if wanted.next_first else _LATEST_FIRST} LIMIT %(limit)s",
        {
            "elder": wanted.elder_id,
            "provider": wanted.provider_id,
            "worker": wanted.worker_id,
            "day": wanted.day,
            "states": list(wanted.states) or None,
            "late": wanted.late_since,
            "open": list(_OPEN),
            "over": after.over if after else None,
            "at": after.at if after else None,
            "id": after.id if after else None,
            "limit": limit,
            **scope.params(),
        },
    )
    return await OrderStore(tx).whole(await cursor.fetchall())


async def open_of_provider(
    tx: Connection, provider_id: UUID, area: str, *, after: UUID | None, limit: int
) -> list[UUID]:
    """Its orders in a county that are not over, by id."""
    cursor = await tx.execute(
        "SELECT o.id FROM orders o WHERE o.provider_id = %s AND o.area = %s AND (%s::uuid IS NULL OR o.id > %s)"
        " AND o.state IN ('placed', 'assigned', 'accepted', 'under_way') ORDER BY o.id LIMIT %s",
        (provider_id, area, after, after, limit),
    )
    return [row["id"] for row in await cursor.fetchall()]


async def timeline(tx: Connection, order_id: UUID) -> list[TimelineLine]:
    """Oldest first."""
    cursor = await tx.execute(
        "SELECT seq, move, state, visit_id, visit_state, worker_name, at, device_at, clock_suspect, actor_name,"
        " actor_role, reason FROM order_timeline WHERE order_id = %s ORDER BY seq",
        (order_id,),
    )
    return [TimelineLine(**row) for row in await cursor.fetchall()]


async def portions_taken(tx: Connection, kitchen_ids: Sequence[UUID], day: date) -> dict[tuple[UUID, Meal, UUID], int]:
    """By kitchen, meal and dish, in orders that were not cancelled."""
    if not kitchen_ids:
        return {}
    cursor = await tx.execute(
        "SELECT o.kitchen_id, o.service_code, d.dish_id, sum(d.portions)::integer AS portions FROM orders o"
        " JOIN order_dishes d ON d.order_id = o.id WHERE o.kitchen_id = ANY (%s) AND o.day = %s"
        " AND o.state <> 'cancelled' GROUP BY 1, 2, 3",
        (list(kitchen_ids), day),
    )
    meals = {code: meal for meal, code in SERVICE_OF.items()}
    return {
        (row["kitchen_id"], meals[row["service_code"]], row["dish_id"]): row["portions"]
        for row in await cursor.fetchall()
        if row["service_code"] in meals
    }


async def address_of(tx: Connection, elder_id: UUID) -> str:
    cursor = await tx.execute("SELECT address FROM elders WHERE id = %s", (elder_id,))
    row = await cursor.fetchone()
    return row["address"] if row else ""


async def whereabouts(tx: Connection, worker_id: UUID, now: datetime) -> tuple[str, str] | None:
    """Where a worker is expected to be: the elder's name and the address of the visit that is going on, or comes next
    within an hour."""
    cursor = await tx.execute(
        "SELECT e.name, e.address FROM visits v JOIN orders o ON o.id = v.order_id JOIN elders e ON e.id = o.elder_id"
        " WHERE v.worker_id = %(worker)s AND (v.state IN ('on_the_way', 'in_service')"
        "   OR (v.state = 'accepted' AND abs(extract(epoch FROM v.starts_at - %(now)s)) < 3600))"
        " ORDER BY v.state = 'in_service' DESC, v.state = 'on_the_way' DESC, v.starts_at LIMIT 1",
        {"worker": worker_id, "now": now},
    )
    row = await cursor.fetchone()
    return (row["name"], row["address"]) if row else None


async def route(tx: Connection, scope: Scope, worker_id: UUID, begin: datetime) -> list[VisitOnRoute]:
    """Visits of a worker on the day that begins then, of which they have been told; the first to begin first."""
    cursor = await tx.execute(
        "SELECT v.id AS visit_id, v.order_id, e.address, e.door_note, e.phone, k.name AS kitchen_name,"  # noqa: S608
        ' k.address AS kitchen_address, coalesce(s.terms->\'included\', \'{"zh": "", "en": ""}\') AS included'
        " FROM visits v JOIN orders o ON o.id = v.order_id JOIN elders e ON e.id = o.elder_id"
        " JOIN workers w ON w.id = v.worker_id LEFT JOIN kitchens k ON k.id = o.kitchen_id"
        " LEFT JOIN service_versions s ON s.code = o.service_code AND s.version = o.service_version"
        f" WHERE v.worker_id = %(worker)s AND v.state <> 'planned' AND {IN_SCOPE}"
        " AND v.starts_at >= %(begin)s AND v.starts_at < %(end)s ORDER BY v.starts_at, v.id",
        {"worker": worker_id, "begin": begin, "end": begin + timedelta(days=1), **scope.params()},
    )
    rows: list[dict[str, Any]] = await cursor.fetchall()
    found = await tx.execute("SELECT o.* FROM orders o WHERE o.id = ANY (%s)", ([row["order_id"] for row in rows],))
    orders = {order.id: order for order in await OrderStore(tx).whole(await found.fetchall())}
    return [VisitOnRoute.of(orders[row["order_id"]], row) for row in rows]
