"""The SQL of welfare visits that are due."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.catalogue.model import Words
from services.db import outbox
from services.db.pool import Connection
from services.orders.states import OrderState
from services.orders.welfare.model import SERVICE, Due, DueState, OnRegister, Period, WelfareRules
from services.orders.welfare.telling import CAME_OF_IT, forgotten, told
from services.orders.withdrawing import NOT_BEGUN

AT_HIGH_RISK = (
    "EXISTS (SELECT 1 FROM welfare_rules r, jsonb_to_recordset(r.weekly)"
    " AS c(ability_levels text[], living_situations text[], register_flags text[])"
    " WHERE (c.ability_levels = '{}' OR e.ability_level = ANY (c.ability_levels))"
    " AND (c.living_situations = '{}' OR e.living_situation = ANY (c.living_situations))"
    " AND (c.register_flags = '{}' OR e.register_flags && c.register_flags))"
)
"""A condition over `elders e`."""
ENDED = (OrderState.DONE, OrderState.MISSED, OrderState.NOT_MET, OrderState.CANCELLED, OrderState.INTERRUPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A due whose order has come to an end."""

    due: Due
    state: OrderState
    day: date


def due_of(row: dict[str, Any]) -> Due:
    same = ("elder_id", "region_code", "month", "weekly", "planned_day", "order_id", "visited_on", "attempts", "code")
    return Due(
        **{name: row[name] for name in same},
        period=Period(first=row["due_from"], last=row["due_until"]),
        state=DueState(row["state"]),
        says=Words(row["says_zh"], row["says_en"]) if row["says_zh"] else None,
    )


class WelfareStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def rules(self) -> WelfareRules:
        cursor = await self._tx.execute("SELECT urgent_days, place_ahead_days FROM welfare_rules")
        row = await cursor.fetchone()
        assert row is not None
        return WelfareRules(**row)

    async def alone(self) -> bool:
        """One process plans at a time, until the transaction ends."""
        cursor = await self._tx.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended('welfare visits are planned', 0)) AS mine"
        )
        row = await cursor.fetchone()
        return bool(row and row["mine"])

    async def unplanned(self, month: date, flags: Collection[str], limit: int) -> list[OnRegister]:
        """Elders on the register for whom nothing is planned in that month, or who are at high risk and are planned
        like everybody; neighbours together."""
        cursor = await self._tx.execute(
            f"SELECT e.id AS elder_id, e.region_code, {AT_HIGH_RISK} AS weekly FROM elders e"  # noqa: S608
            " WHERE e.register_flags <> '{}' AND e.register_flags && %(flags)s AND NOT EXISTS (SELECT 1"
            "   FROM elder_lives l WHERE l.elder_id = e.id AND l.state IN ('moved_out', 'died'))"
            " AND NOT EXISTS (SELECT 1 FROM welfare_dues d WHERE d.month = %(month)s AND d.elder_id = e.id"
            f"  AND (d.weekly OR NOT {AT_HIGH_RISK}))"
            " ORDER BY e.region_code, e.id LIMIT %(limit)s",
            {"month": month, "flags": list(flags), "limit": limit},
        )
        return [OnRegister(**row) for row in await cursor.fetchall()]

    async def load(self, month: date, areas: Collection[str]) -> dict[str, dict[date | None, int]]:
        """How many visits are planned for each day, by area; under None those that have none."""
        cursor = await self._tx.execute(
            "SELECT area, planned_day, count(*) AS visits FROM welfare_dues WHERE month = %s AND area = ANY (%s)"
            " GROUP BY 1, 2",
            (month, list(areas)),
        )
        found: defaultdict[str, dict[date | None, int]] = defaultdict(dict)
        for row in await cursor.fetchall():
            found[row["area"]][row["planned_day"]] = row["visits"]
        return found

    async def forget_monthly(self, month: date, elder_ids: Collection[UUID]) -> None:
        """These elders are visited every week from now on: what is ordered already counts for its week."""
        values = (month, list(elder_ids))
        cursor = await self._tx.execute(
            "WITH gone AS (DELETE FROM welfare_dues WHERE month = %s AND elder_id = ANY (%s) AND NOT weekly"
            "  AND state = 'planned' RETURNING *)"
            " SELECT d.*, e.region_code, clock_timestamp() AS at FROM gone d JOIN elders e ON e.id = d.elder_id",
            values,
        )
        rows = await cursor.fetchall()
        await outbox.append(self._tx, [forgotten(due_of(row), row["version"] + 1, row["at"]) for row in rows])
        await self._tx.execute("UPDATE welfare_dues SET weekly = true WHERE month = %s AND elder_id = ANY (%s)", values)

    async def add(self, dues: Sequence[tuple[Due, datetime]]) -> None:
        """Each with the moment of its first look; what is there already stays."""
        new = []
        async with self._tx.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO welfare_dues (elder_id, due_from, due_until, month, weekly, area, state, planned_day,"
                " code, says_zh, says_en, next_look_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING RETURNING version, clock_timestamp() AS at",
                [
                    (
                        due.elder_id, due.period.first, due.period.last, due.month, due.weekly, due.area, due.state,
                        due.planned_day, due.code, due.says and due.says.zh, due.says and due.says.en, look_at,
                    )
                    for due, look_at in dues
                ],
                returning=True,
            )  # fmt: skip
            for due, _ in dues:
                if row := await cursor.fetchone():
                    new.append(told(due, row["version"], row["at"]))
                cursor.nextset()
        await outbox.append(self._tx, new)

    async def lock_next(self, now: datetime) -> Due | None:
        """One to be looked at that nobody else has."""
        cursor = await self._tx.execute(
            "SELECT d.*, e.region_code FROM welfare_dues d JOIN elders e ON e.id = d.elder_id"
            " WHERE d.next_look_at <= %s ORDER BY d.next_look_at LIMIT 1 FOR UPDATE OF d SKIP LOCKED",
            (now,),
        )
        row = await cursor.fetchone()
        return due_of(row) if row else None

    async def lock_ended(self, today: date, limit: int) -> list[Ended]:
        """Ordered, and the order is over, or its day is and nobody has begun it."""
        cursor = await self._tx.execute(
            "SELECT d.*, e.region_code, o.state AS order_state, o.day AS order_day FROM welfare_dues d"
            " JOIN orders o ON o.id = d.order_id JOIN elders e ON e.id = d.elder_id"
            " WHERE d.state = 'ordered' AND (o.state = ANY (%s) OR (o.day < %s AND o.state = ANY (%s)))"
            " LIMIT %s FOR UPDATE OF d SKIP LOCKED",
            ([state.value for state in ENDED], today, [state.value for state in NOT_BEGUN], limit),
        )
        return [
            Ended(due=due_of(row), state=OrderState(row["order_state"]), day=row["order_day"])
            for row in await cursor.fetchall()
        ]

    async def save(self, due: Due, *, next_look_at: datetime | None) -> None:
        says = due.says or Words("", "")
        cursor = await self._tx.execute(
            "UPDATE welfare_dues SET state = %s, planned_day = %s, order_id = %s, visited_on = %s, attempts = %s,"
            " code = %s, says_zh = %s, says_en = %s, next_look_at = %s, version = version + 1"
            " WHERE elder_id = %s AND due_from = %s RETURNING version, clock_timestamp() AS at",
            (
                due.state, due.planned_day, due.order_id, due.visited_on, due.attempts, due.code, says.zh or None,
                says.en or None, next_look_at, due.elder_id, due.period.first,
            ),
        )  # fmt: skip
        row = await cursor.fetchone()
        if row and due.state in CAME_OF_IT:
            await outbox.append(self._tx, [told(due, row["version"], row["at"])])

    async def of_elder(self, elder_id: UUID, *, to_edit: bool = False) -> list[Due]:
        """Those that may still be visited."""
        lock = "FOR UPDATE OF d" if to_edit else ""
        cursor = await self._tx.execute(
            "SELECT d.*, e.region_code FROM welfare_dues d JOIN elders e ON e.id = d.elder_id"  # noqa: S608
            f" WHERE d.elder_id = %s AND d.state IN ('planned', 'ordered') ORDER BY d.due_from {lock}",
            (elder_id,),
        )
        return [due_of(row) for row in await cursor.fetchall()]

    async def ordered_by(self, order_ids: Sequence[UUID]) -> list[Due]:
        """Those for which one of these orders was made; nobody else looks at them meanwhile."""
        cursor = await self._tx.execute(
            "SELECT d.*, e.region_code FROM welfare_dues d JOIN elders e ON e.id = d.elder_id"
            " WHERE d.order_id = ANY (%s) AND d.state = 'ordered' ORDER BY d.elder_id, d.due_from FOR UPDATE OF d",
            (list(order_ids),),
        )
        return [due_of(row) for row in await cursor.fetchall()]

    async def forget(self, due: Due) -> None:
        cursor = await self._tx.execute(
            "DELETE FROM welfare_dues WHERE elder_id = %s AND due_from = %s RETURNING version, clock_timestamp() AS at",
            (due.elder_id, due.period.first),
        )
        if row := await cursor.fetchone():
            await outbox.append(self._tx, [forgotten(due, row["version"] + 1, row["at"])])

    async def last_provider(self, elder_id: UUID) -> UUID | None:
        """Who came last time."""
        cursor = await self._tx.execute(
            "SELECT provider_id FROM orders WHERE elder_id = %s AND service_code = %s AND state = 'done'"
            " ORDER BY wished_from DESC LIMIT 1",
            (elder_id, SERVICE),
        )
        row = await cursor.fetchone()
        return row["provider_id"] if row else None
