"""The SQL of where elders' lives stand, and how they came there."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from services.db.pool import Connection
from services.elders.life.model import AT_HOME, Life, LifeMove, LifeMoved, LifeState

_SAME = ("from_day", "until_day", "said_at", "version")


def _life(row: dict[str, Any]) -> Life:
    return Life(**{name: row[name] for name in _SAME}, state=LifeState(row["state"]))


class LifeStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def get(self, elder_id: UUID) -> Life:
        """Nothing was said of her: at home."""
        return (await self.of([elder_id])).get(elder_id, AT_HOME)

    async def of(self, elder_ids: Collection[UUID]) -> dict[UUID, Life]:
        """Of whom nothing was said, she is not among them."""
        cursor = await self._tx.execute("SELECT * FROM elder_lives WHERE elder_id = ANY (%s)", (list(elder_ids),))
        return {row["elder_id"]: _life(row) for row in await cursor.fetchall()}

    async def save(self, elder_id: UUID, life: Life) -> None:
        """:param elder_id: her row is locked"""
        await self._tx.execute(
            "INSERT INTO elder_lives (elder_id, state, from_day, until_day, said_at, version)"
            " VALUES (%(elder)s, %(state)s, %(from_day)s, %(until_day)s, %(said_at)s, %(version)s)"
            " ON CONFLICT (elder_id) DO UPDATE SET state = excluded.state, from_day = excluded.from_day,"
            " until_day = excluded.until_day, said_at = excluded.said_at, version = excluded.version",
            {"elder": elder_id, "state": life.state, **{name: getattr(life, name) for name in _SAME}},
        )

    async def note_move(
        self, elder_id: UUID, move: LifeMove, life: Life, *, region_code: str, reason: str, by: UUID
    ) -> None:
        """:param life: after the move"""
        await self._tx.execute(
            "INSERT INTO elder_life_moves (elder_id, version, move, state, from_day, until_day, region_code, reason,"
            " actor_id, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                elder_id, life.version, move, life.state, life.from_day, life.until_day, region_code, reason, by,
                life.said_at,
            ),
        )  # fmt: skip

    async def history(self, elder_id: UUID) -> list[LifeMoved]:
        """Newest first."""
        cursor = await self._tx.execute(
            "SELECT m.*, a.name AS by_name FROM elder_life_moves m LEFT JOIN accounts a ON a.id = m.actor_id"
            " WHERE m.elder_id = %s ORDER BY m.version DESC",
            (elder_id,),
        )
        same = ("version", "from_day", "until_day", "region_code", "reason", "by_name", "at")
        return [
            LifeMoved(
                **{name: row[name] for name in same},
                move=LifeMove(row["move"]),
                state=LifeState(row["state"]),
                by=row["actor_id"],
            )
            for row in await cursor.fetchall()
        ]
