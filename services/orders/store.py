"""The SQL of orders and visits: one is locked, moved, and written with its history and what everyone is told of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from backbone.bus import Record
from services.accounts.model import Scope
from services.db import outbox
from services.db.pool import Connection
from services.db.ringing import ring
from services.orders.model import Entry, Order
from services.orders.refusing.store import of_elders
from services.orders.states import AGREED, TOLD, VisitMove
from services.orders.store_rows import ORDER_COLUMNS, VISIT_COLUMNS, order_values, orders_of, visit_values

CHANNEL = "order_moved"
"""App processes that listen get every move when it is committed, as an `OrderMoved`."""
LONGEST_NOTIFICATION = 7900
"""In bytes; PostgreSQL refuses 8,000. Who follows finds a longer move by its own query."""

IN_SCOPE = (
    "(CASE WHEN %(scope_worker)s::uuid IS NOT NULL"  # noqa: S608
    " THEN EXISTS (SELECT 1 FROM visits own WHERE own.order_id = o.id"
    "   AND own.worker_id = %(scope_worker)s AND own.state <> 'planned')"
    " WHEN %(scope_provider)s::uuid IS NOT NULL THEN o.provider_id = %(scope_provider)s"
    " ELSE " + Scope.where(region="o.region_code", elder="o.elder_id") + " END)"
)
"""A condition over `orders o`, with the scope's `params()`. A worker knows of an order once told of a visit."""


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(f'%({name})s' for name in columns)})"  # noqa: S608


_PLACE = _insert("orders", ORDER_COLUMNS)
_SAVE = (
    f"UPDATE orders SET {', '.join(f'{name} = %({name})s' for name in ORDER_COLUMNS if name != 'id')},"  # noqa: S608
    " moved_at = clock_timestamp() WHERE id = %(id)s"
)
_PUT_VISIT = (
    _insert("visits", VISIT_COLUMNS)
    + " ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in VISIT_COLUMNS if name not in ("id", "order_id", "position"))
)
_LINE = _insert(
    "order_timeline",
    (
        "order_id", "seq", "move", "state", "visit_id", "visit_state", "worker_id", "worker_name", "at", "device_at",
        "clock_suspect", "actor_id", "actor_name", "actor_role", "reason", "move_id",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRules:
    """What a city may set differently, in minutes."""

    offer_min: int
    late_after_min: int
    missed_after_min: int | None


class OrderStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def rules(self) -> OrderRules:
        cursor = await self._tx.execute("SELECT offer_min, late_after_min, missed_after_min FROM order_rules")
        row = await cursor.fetchone()
        assert row is not None
        return OrderRules(**row)

    async def get(self, order_id: UUID, scope: Scope, *, to_move: bool = False) -> Order | None:
        """`to_move`: nobody else moves it until the transaction ends."""
        found = await self._these("o.id = %(id)s", {"id": order_id}, scope, lock="FOR UPDATE OF o" if to_move else "")
        return found[0] if found else None

    async def lock(self, order_ids: Sequence[UUID]) -> dict[UUID, Order]:
        """Whoever asks; in the order of their ids, so that two who lock several wait for each other in turn."""
        cursor = await self._tx.execute(
            "SELECT o.* FROM orders o WHERE o.id = ANY (%s) ORDER BY o.id FOR UPDATE", (list(order_ids),)
        )
        return {order.id: order for order in await self.whole(await cursor.fetchall())}

    async def of_visits(self, visit_ids: Sequence[UUID], scope: Scope) -> dict[UUID, UUID]:
        """The order of each of these visits."""
        cursor = await self._tx.execute(
            "SELECT v.id, v.order_id FROM visits v JOIN orders o ON o.id = v.order_id"  # noqa: S608
            f" WHERE v.id = ANY (%(ids)s) AND {IN_SCOPE}",
            {"ids": list(visit_ids), **scope.params()},
        )
        return {row["id"]: row["order_id"] for row in await cursor.fetchall()}

    async def now_with(self, visit_id: UUID, had_by: UUID) -> tuple[bool, str | None]:
        """Whether this worker was ever told of the visit, and the name of whoever has agreed to it since."""
        cursor = await self._tx.execute(
            "SELECT w.name FROM visits v LEFT JOIN workers w ON w.id = v.worker_id AND v.state = ANY (%(agreed)s)"
            " WHERE v.id = %(visit)s AND EXISTS (SELECT 1 FROM order_timeline t WHERE t.order_id = v.order_id"
            "   AND t.visit_id = v.id AND t.worker_id = %(worker)s AND t.visit_state = ANY (%(told)s))",
            {"visit": visit_id, "worker": had_by, "agreed": list(AGREED), "told": list(TOLD)},
        )
        row = await cursor.fetchone()
        return row is not None, row["name"] if row else None

    async def did_not_answer(self, visit_id: UUID, worker_id: UUID) -> bool:
        """Whether that is the last that is known of this worker and the visit."""
        cursor = await self._tx.execute(
            "SELECT t.move FROM visits v JOIN order_timeline t ON t.order_id = v.order_id AND t.visit_id = v.id"
            " WHERE v.id = %s AND t.worker_id = %s ORDER BY t.seq DESC LIMIT 1",
            (visit_id, worker_id),
        )
        row = await cursor.fetchone()
        return row is not None and row["move"] == VisitMove.EXPIRE

    async def _these(self, condition: str, values: dict[str, Any], scope: Scope, *, lock: str = "") -> list[Order]:
        cursor = await self._tx.execute(
            f"SELECT o.* FROM orders o WHERE {condition} AND {IN_SCOPE} {lock}",  # noqa: S608
            values | scope.params(),
        )
        return await self.whole(await cursor.fetchall())

    async def whole(self, rows: Sequence[dict[str, Any]]) -> list[Order]:
        """Rows of `orders` with their visits and dishes."""
        ids = [row["id"] for row in rows]
        if not ids:
            return []
        meals = [row["id"] for row in rows if row["kitchen_id"]]
        async with self._tx.pipeline():  # all are asked for at once
            visits, dishes, refused = await asyncio.gather(
                self._rows("SELECT * FROM visits WHERE order_id = ANY (%s) ORDER BY position", ids),
                self._rows("SELECT * FROM order_dishes WHERE order_id = ANY (%s) ORDER BY position", meals),
                of_elders(self._tx, {row["elder_id"] for row in rows}),
            )
        return orders_of(rows, visits, dishes, refused)

    async def _rows(self, query: LiteralString, order_ids: Sequence[UUID]) -> list[dict[str, Any]]:
        if not order_ids:
            return []
        cursor = await self._tx.execute(query, (order_ids,))
        return await cursor.fetchall()

    # --- what is asked before one is placed

    async def lock_elder(self, elder_id: UUID) -> None:
        """One order at a time is placed for an elder, until the transaction ends."""
        await self._tx.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('orders of ' || %s, 0))", (str(elder_id),)
        )

    async def lock_menu(self, kitchen_id: UUID, day: date) -> None:
        """One order at a time takes portions of a kitchen's day, and its menu stays as it is meanwhile."""
        await self._tx.execute("SELECT 1 FROM menus WHERE kitchen_id = %s AND day = %s FOR UPDATE", (kitchen_id, day))

    async def portions_taken(
        self, kitchen_id: UUID, day: date, service_code: str, *, but_for: UUID | None = None
    ) -> dict[UUID, int]:
        """By dish, in orders that were not cancelled."""
        cursor = await self._tx.execute(
            "SELECT d.dish_id, sum(d.portions)::integer AS portions FROM orders o JOIN order_dishes d"
            " ON d.order_id = o.id WHERE o.kitchen_id = %s AND o.day = %s AND o.service_code = %s"
            " AND o.state <> 'cancelled' AND o.id IS DISTINCT FROM %s GROUP BY 1",
            (kitchen_id, day, service_code, but_for),
        )
        return {row["dish_id"]: row["portions"] for row in await cursor.fetchall()}

    async def live_of(self, elder_id: UUID, service_code: str, first: date, last: date) -> list[Order]:
        """Orders of one service that are not over, whoever asks; the first to begin first."""
        cursor = await self._tx.execute(
            "SELECT o.* FROM orders o WHERE o.elder_id = %s AND o.service_code = %s AND o.day BETWEEN %s AND %s"
            " AND o.state IN ('placed', 'assigned', 'accepted', 'under_way') ORDER BY o.wished_from, o.id",
            (elder_id, service_code, first, last),
        )
        return await self.whole(await cursor.fetchall())

    async def open_of(self, elder_id: UUID, first: date, until: date | None, *, to_move: bool) -> list[Order]:
        """Orders of an elder that are not over, from the first day to the one before `until`."""
        lock = "FOR UPDATE" if to_move else ""
        cursor = await self._tx.execute(
            "SELECT o.* FROM orders o WHERE o.elder_id = %s AND o.day >= %s AND (%s::date IS NULL OR o.day < %s)"  # noqa: S608
            f" AND o.state IN ('placed', 'assigned', 'accepted', 'under_way') ORDER BY o.id {lock}",
            (elder_id, first, until, until),
        )
        return await self.whole(await cursor.fetchall())

    async def name_of_account(self, account_id: UUID | None) -> str | None:
        cursor = await self._tx.execute("SELECT name FROM accounts WHERE id = %s", (account_id,))
        row = await cursor.fetchone()
        return row["name"] if row else None

    # --- what is written

    async def done_with(self, order_id: UUID, move_id: UUID) -> str | None:
        """The move that this id has made."""
        cursor = await self._tx.execute(
            "SELECT move FROM order_timeline WHERE order_id = %s AND move_id = %s", (order_id, move_id)
        )
        row = await cursor.fetchone()
        return row["move"] if row else None

    async def place(self, order: Order, entry: Entry, told: Record) -> None:
        async with self._tx.pipeline():
            await self._tx.execute(_PLACE, order_values(order))
            await self._add_dishes(order)
            await self._write(order, entry, told)

    async def put_dishes(self, order: Order) -> None:
        """Instead of those it had."""
        await self._tx.execute("DELETE FROM order_dishes WHERE order_id = %s", (order.id,))
        await self._add_dishes(order)

    async def _add_dishes(self, order: Order) -> None:
        for position, dish in enumerate(order.dishes):
            kept = (dish.dish_id, dish.name.zh, dish.name.en, dish.price_fen, dish.portions, dish.fresh_min)
            await self._tx.execute(
                "INSERT INTO order_dishes"
                " (order_id, position, dish_id, name_zh, name_en, price_fen, portions, fresh_min)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                (order.id, position, *kept),
            )

    async def save(self, order: Order, entry: Entry, told: Record) -> None:
        """:param order: its row is locked"""
        async with self._tx.pipeline():
            await self._tx.execute(_SAVE, order_values(order))
            await self._write(order, entry, told)

    async def _write(self, order: Order, entry: Entry, told: Record) -> None:
        for visit in order.visits:
            await self._tx.execute(_PUT_VISIT, visit_values(order, visit))
        await self._tx.execute(_LINE, _line(order, entry))
        await outbox.append(self._tx, [told])
        if len(told.value) < LONGEST_NOTIFICATION:
            await ring(self._tx, CHANNEL, told.value.decode())


def _line(order: Order, entry: Entry) -> dict[str, Any]:
    visit = order.visit(entry.visit_id) if entry.visit_id else None
    worker = (visit.worker if visit else None) or entry.taken_from
    return {
        "order_id": order.id,
        "seq": order.version,
        "move": entry.move,
        "state": order.state,
        "visit_id": entry.visit_id,
        "visit_state": visit.state if visit else None,
        "worker_id": worker.id if worker else None,
        "worker_name": worker.name if worker else None,
        "at": entry.at,
        "device_at": entry.device_at,
        "clock_suspect": entry.clock_suspect,
        "actor_id": entry.by.id if entry.by else None,
        "actor_name": entry.by.name if entry.by else None,
        "actor_role": entry.by.role if entry.by else None,
        "reason": entry.reason,
        "move_id": entry.move_id,
    }
