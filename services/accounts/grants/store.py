"""The SQL of grants and their history."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.accounts.grants.model import (
    AFTER_DEATH,
    Grant,
    GrantKind,
    GrantMove,
    GrantMoved,
    GrantSeen,
    GrantState,
    How,
)
from services.accounts.model import Caller, Scope
from services.accounts.permissions import Role
from services.db.pool import Connection

BUSINESS_DAY = "(clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date"
"""By the database's clock."""


def holds_on(day: str) -> str:
    """A condition over `grants g`; the same rule as `Grant.holds_on`. :param day: in SQL"""
    return f"g.state = 'confirmed' AND (g.until IS NULL OR g.until >= {day})"


HOLDS = holds_on("%(today)s")
HAS_DIED = "EXISTS (SELECT 1 FROM elder_lives l WHERE l.elder_id = g.elder_id AND l.state = 'died')"

ELDERS = f"""
    (SELECT jsonb_agg(jsonb_build_object('elder', g.elder_id, 'kinds', g.kinds, 'died', {HAS_DIED}))
       FROM grants g WHERE g.account_id = a.id AND {HOLDS})
"""  # noqa: S608
"""For whom the account `a` may do what, today, as `elders_by_kind` reads it."""


def elders_by_kind(granted: Sequence[dict[str, Any]] | None) -> dict[GrantKind, frozenset[UUID]]:
    """:param granted: `ELDERS`"""
    return {
        kind: frozenset(
            UUID(one["elder"])
            for one in granted or ()
            if kind in one["kinds"] and (kind in AFTER_DEATH or not one["died"])
        )
        for kind in GrantKind
    }


_SEEN = """
    g.*, a.name AS account_name, e.name AS registered_name, coalesce(e.region_code, g.region_code) AS lives_in,
    (SELECT how FROM grant_moves m WHERE m.grant_id = g.id AND m.move = 'confirm') AS how
    FROM grants g JOIN accounts a ON a.id = g.account_id LEFT JOIN elders e ON e.id = g.elder_id
"""


_YOURS = (
    "(CASE WHEN %(mine)s::uuid IS NOT NULL THEN g.account_id = %(mine)s::uuid"
    f" ELSE {Scope.where(region='coalesce(e.region_code, g.region_code)', elder='g.elder_id')} END)"
)
"""A family knows of its own, everybody else of those in their regions."""


def _yours(caller: Caller) -> dict[str, Any]:
    return {"mine": caller.id if caller.account.role is Role.FAMILY else None, **caller.scope.params()}


def _grant(row: dict[str, Any]) -> Grant:
    names = ("id", "account_id", "elder_id", "elder_name", "relation", "region_code", "until", "version")
    kept: dict[str, Any] = {name: row[name] for name in names}
    return Grant(**kept, kinds=tuple(GrantKind(kind) for kind in row["kinds"]), state=GrantState(row["state"]))


def _seen(row: dict[str, Any]) -> GrantSeen:
    return GrantSeen(
        grant=_grant(row),
        account_name=row["account_name"],
        registered_name=row["registered_name"],
        lives_in=row["lives_in"],
        asked_at=row["asked_at"],
        since=row["updated_at"],
        how=How(row["how"]) if row["how"] else None,
    )


class GrantStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def get(self, grant_id: UUID, caller: Caller) -> GrantSeen | None:
        cursor = await self._tx.execute(
            f"SELECT {_SEEN} WHERE g.id = %(id)s AND {_YOURS}",
            {"id": grant_id, **_yours(caller)},
        )
        row = await cursor.fetchone()
        return _seen(row) if row else None

    async def to_move(self, grant_id: UUID, caller: Caller) -> Grant | None:
        """Nobody else moves it until the transaction ends."""
        cursor = await self._tx.execute(
            f"SELECT g.* FROM grants g LEFT JOIN elders e ON e.id = g.elder_id"  # noqa: S608
            f" WHERE g.id = %(id)s AND {_YOURS} FOR UPDATE OF g",
            {"id": grant_id, **_yours(caller)},
        )
        row = await cursor.fetchone()
        return _grant(row) if row else None

    async def page(
        self, caller: Caller, *, state: GrantState | None, after: tuple[datetime, UUID] | None, limit: int
    ) -> list[GrantSeen]:
        """Who has waited longest comes first."""
        cursor = await self._tx.execute(
            f"SELECT {_SEEN} WHERE {_YOURS} AND (%(state)s::text IS NULL OR g.state = %(state)s)"
            " AND (%(at)s::timestamptz IS NULL OR (g.asked_at, g.id) > (%(at)s, %(id)s))"
            " ORDER BY g.asked_at, g.id LIMIT %(limit)s",
            {
                "state": state,
                "at": after[0] if after else None,
                "id": after[1] if after else None,
                "limit": limit,
                **_yours(caller),
            },
        )
        return [_seen(row) for row in await cursor.fetchall()]

    async def for_elder(self, elder_id: UUID, *, holding_on: date | None, limit: int) -> list[GrantSeen]:
        """Newest first. `holding_on`: only those that hold on this day."""
        condition = HOLDS if holding_on else "true"
        cursor = await self._tx.execute(
            f"SELECT {_SEEN} WHERE g.elder_id = %(elder)s AND {condition}"
            " ORDER BY g.asked_at DESC, g.id LIMIT %(limit)s",
            {"elder": elder_id, "today": holding_on, "limit": limit},
        )
        return [_seen(row) for row in await cursor.fetchall()]

    async def knows_elder(self, elder_id: UUID, scope: Scope) -> bool:
        cursor = await self._tx.execute(
            "SELECT 1 FROM elders e WHERE e.id = %(elder)s"  # noqa: S608
            f" AND {Scope.where(region='e.region_code', elder='e.id')}",
            {"elder": elder_id, **scope.params()},
        )
        return await cursor.fetchone() is not None

    async def lock_asker(self, account_id: UUID, since: datetime) -> tuple[list[datetime], int]:
        """One ask of an account at a time, until the transaction ends. When it asked since then, and how many wait."""
        await self._tx.execute("SELECT 1 FROM accounts WHERE id = %s FOR NO KEY UPDATE", (account_id,))
        cursor = await self._tx.execute(
            "SELECT asked_at, state FROM grants g WHERE account_id = %s AND (asked_at > %s OR state = 'asked')"
            " AND EXISTS (SELECT 1 FROM grant_moves m WHERE m.grant_id = g.id AND m.move = 'ask')",
            (account_id, since),
        )
        rows = await cursor.fetchall()
        asked_at = [row["asked_at"] for row in rows if row["asked_at"] > since]
        return asked_at, sum(row["state"] == GrantState.ASKED for row in rows)

    async def add(self, grant: Grant) -> None:
        await self._tx.execute(
            "INSERT INTO grants (id, account_id, elder_id, elder_name, relation, region_code, kinds, until, state,"
            " version) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                grant.id, grant.account_id, grant.elder_id, grant.elder_name, grant.relation, grant.region_code,
                list(grant.kinds), grant.until, grant.state, grant.version,
            ),
        )  # fmt: skip

    async def give(self, account_id: UUID, elder_ids: Sequence[UUID]) -> list[UUID]:
        """Confirmed grants of every kind; an elder for whom the account has had one before is left as it is. Returns
        the grants made."""
        cursor = await self._tx.execute(
            "INSERT INTO grants (id, account_id, elder_id, elder_name, relation, region_code, kinds, state)"
            " SELECT gen_random_uuid(), %(account)s, e.id, e.name, '', e.region_code, %(kinds)s, 'confirmed'"
            "  FROM elders e WHERE e.id = ANY (%(elders)s::uuid[])"
            "   AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.account_id = %(account)s AND g.elder_id = e.id)"
            " RETURNING id",
            {"account": account_id, "elders": list(elder_ids), "kinds": list(GrantKind)},
        )
        return [row["id"] for row in await cursor.fetchall()]

    async def known(self, elder_ids: Sequence[UUID]) -> bool:
        """All of them are on the register."""
        cursor = await self._tx.execute(
            "SELECT count(*) FROM elders WHERE id = ANY (%s::uuid[])", (list(set(elder_ids)),)
        )
        row = await cursor.fetchone()
        return row is not None and row["count"] == len(set(elder_ids))

    async def save(self, grant: Grant) -> None:
        await self._tx.execute(
            "UPDATE grants SET kinds = %s, until = %s, state = %s, version = %s, updated_at = clock_timestamp()"
            " WHERE id = %s",
            (list(grant.kinds), grant.until, grant.state, grant.version, grant.id),
        )

    async def note_move(
        self,
        grant_id: UUID,
        move: GrantMove,
        state: GrantState,
        *,
        by: UUID | None,
        how: How | None = None,
        note: str = "",
    ) -> None:
        """:param state: after the move"""
        await self._tx.execute(
            "INSERT INTO grant_moves (grant_id, move, state, how, note, actor_id) VALUES (%s, %s, %s, %s, %s, %s)",
            (grant_id, move, state, how, note, by),
        )

    async def history(self, grant_id: UUID) -> list[GrantMoved]:
        """Newest first."""
        cursor = await self._tx.execute(
            "SELECT m.*, a.name AS by_name FROM grant_moves m LEFT JOIN accounts a ON a.id = m.actor_id"
            " WHERE m.grant_id = %s ORDER BY m.id DESC",
            (grant_id,),
        )
        return [
            GrantMoved(
                move=GrantMove(row["move"]),
                state=GrantState(row["state"]),
                how=How(row["how"]) if row["how"] else None,
                note=row["note"],
                by=row["actor_id"],
                by_name=row["by_name"],
                at=row["at"],
            )
            for row in await cursor.fetchall()
        ]

    async def lock_expired(self, today: date, *, at_most: int) -> list[Grant]:
        """Confirmed ones whose last day is over, without those that somebody moves right now."""
        cursor = await self._tx.execute(
            "SELECT * FROM grants WHERE state = 'confirmed' AND until < %s"
            " ORDER BY until LIMIT %s FOR UPDATE SKIP LOCKED",
            (today, at_most),
        )
        return [_grant(row) for row in await cursor.fetchall()]
