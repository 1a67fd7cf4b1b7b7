"""The SQL of notices: what each order's people know, what is told and held and to whom, and each account's list."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.accounts.grants.store import BUSINESS_DAY, holds_on
from services.db.pool import Connection
from services.db.ringing import will_ring
from services.notify.model import About, Audience, Message, Notice, NoticeKind, OrderKnown, Said, Terms

_FOLLOWERS = (
    "SELECT DISTINCT a.id FROM accounts a JOIN grants g ON g.account_id = a.id"  # noqa: S608
    " WHERE a.active AND a.role = 'family' AND g.elder_id = %(elder)s AND 'follow' = ANY (g.kinds)"
    f" AND {holds_on(BUSINESS_DAY)}"
)
_LIVES = "NOT EXISTS (SELECT 1 FROM elder_lives l WHERE l.elder_id = %(elder)s AND l.state = 'died')"
_ACCOUNTS: dict[Audience, str] = {
    Audience.FAMILY: f"{_FOLLOWERS} AND {_LIVES}",
    Audience.BEREAVED: _FOLLOWERS,
    Audience.WORKER: (
        "SELECT a.id FROM accounts a JOIN account_workers w ON w.account_id = a.id"
        " WHERE a.active AND w.worker_id = %(worker)s"
    ),
    Audience.PROVIDER: (
        "SELECT a.id FROM accounts a JOIN account_providers p ON p.account_id = a.id"
        " WHERE a.active AND p.provider_id = %(provider)s"
    ),
    Audience.ON_DUTY: (
        "SELECT DISTINCT a.id FROM accounts a JOIN account_regions r ON r.account_id = a.id"
        " WHERE a.active AND a.role IN ('operator', 'supervisor') AND %(region)s ^@ r.region_code"
    ),
}
"""Who hears of what: the one place that says it."""

_TELL = """
WITH new AS (
    INSERT INTO notices (account_id, kind, order_id, visit_id, series_id, elder_id, region_code, zh, en, told_once,
                         not_before, told_at)
    SELECT who.id, %(kind)s, %(order)s, %(visit)s, %(series)s, %(elder)s, %(region)s, %(zh)s, %(en)s,
           %(told_once)s, clock_timestamp() + %(hold)s, CASE WHEN %(hold)s = interval '0' THEN clock_timestamp() END
      FROM ({accounts} ORDER BY 1) AS who
    ON CONFLICT (account_id, told_once) DO NOTHING
    RETURNING id, told_at
)
INSERT INTO notice_deliveries (notice_id, channel) SELECT id, 'page' FROM new WHERE told_at IS NOT NULL
"""

_FAMILY = _ACCOUNTS[Audience.FAMILY].replace("%(elder)s", "e.id")
_FOLLOWED = (
    f"SELECT e.id AS elder, (SELECT count(*) FROM ({_FAMILY}) f) AS n"  # noqa: S608
    " FROM unnest(%(elders)s::uuid[]) AS e (id)"
)

_COLUMNS = "n.id, n.kind, n.order_id, n.visit_id, n.series_id, n.elder_id, n.zh, n.en, n.told_at, n.read_at"


def _notice(row: dict[str, Any]) -> Notice:
    kept = {name: row[name] for name in ("id", "order_id", "visit_id", "series_id", "elder_id", "told_at", "read_at")}
    return Notice(**kept, kind=NoticeKind(row["kind"]), said=Said(row["zh"], row["en"]))


class NoticeStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def terms(self) -> Terms:
        cursor = await self._tx.execute("SELECT * FROM notice_terms")
        row = await cursor.fetchone()
        assert row is not None
        return Terms(**{name: span for name, span in row.items() if name != "only_one"})

    async def lock_orders(self, order_ids: Collection[UUID]) -> dict[UUID, OrderKnown]:
        """What is known of each. Nobody else tells of these orders until the transaction ends."""
        ids = sorted(order_ids)
        await self._tx.execute(
            "INSERT INTO notice_orders (order_id, version, known) SELECT unnest(%s::uuid[]), 0, '{}'"
            " ON CONFLICT DO NOTHING",
            (ids,),
        )
        cursor = await self._tx.execute(
            "SELECT order_id, version, known FROM notice_orders WHERE order_id = ANY (%s) ORDER BY order_id FOR UPDATE",
            (ids,),
        )
        return {
            row["order_id"]: msgspec.convert({**row["known"], "version": row["version"]}, OrderKnown)
            for row in await cursor.fetchall()
        }

    async def save_orders(self, known: Mapping[UUID, OrderKnown]) -> None:
        kept = [msgspec.json.encode(one).decode() for one in known.values()]
        await self._tx.execute(
            "UPDATE notice_orders o SET version = n.version, known = n.known::jsonb, at = clock_timestamp()"
            " FROM unnest(%s::uuid[], %s::bigint[], %s::text[]) AS n (order_id, version, known)"
            " WHERE o.order_id = n.order_id",
            (list(known), [one.version for one in known.values()], kept),
        )

    async def holding(self, order_ids: Collection[UUID]) -> set[UUID]:
        """Of which of these orders something is held."""
        cursor = await self._tx.execute(
            "SELECT DISTINCT order_id FROM notices WHERE order_id = ANY (%s) AND told_at IS NULL", (list(order_ids),)
        )
        return {row["order_id"] for row in await cursor.fetchall()}

    async def tell(self, message: Message, about: About) -> None:
        """Once to each account, however often it is asked."""
        await will_ring(self._tx)
        await self._tx.execute(
            _TELL.format(accounts=_ACCOUNTS[message.to]).encode(),
            {
                "kind": message.kind,
                "order": about.order_id,
                "visit": message.visit_id,
                "series": about.series_id,
                "elder": about.elder_id,
                "region": about.region_code,
                "provider": about.provider_id,
                "worker": message.worker_id,
                "zh": message.said.zh,
                "en": message.said.en,
                "told_once": message.told_once,
                "hold": message.hold,
            },
        )

    async def followers(self, elder_ids: Collection[UUID]) -> dict[UUID, int]:
        """How many accounts hear of each as her family (`Audience.FAMILY`)."""
        cursor = await self._tx.execute(_FOLLOWED.encode(), {"elders": list(elder_ids)})
        return {row["elder"]: row["n"] for row in await cursor.fetchall()}

    async def drop(self, order_id: UUID, outdated: Sequence[tuple[NoticeKind, UUID]]) -> set[tuple[NoticeKind, UUID]]:
        """What is held and has stopped being true; returns what of it there was."""
        cursor = await self._tx.execute(
            "DELETE FROM notices WHERE order_id = %s AND told_at IS NULL"
            " AND (kind, visit_id) IN (SELECT * FROM unnest(%s::text[], %s::uuid[])) RETURNING kind, visit_id",
            (order_id, [kind for kind, _ in outdated], [visit_id for _, visit_id in outdated]),
        )
        return {(NoticeKind(row["kind"]), row["visit_id"]) for row in await cursor.fetchall()}

    async def withdraw(self, elder_id: UUID) -> None:
        """What her family has not been told yet, or has not seen yet: it is told no more."""
        await self._tx.execute(
            "DELETE FROM notices n USING accounts a WHERE n.elder_id = %s AND a.id = n.account_id"
            " AND a.role = 'family' AND (n.told_at IS NULL OR EXISTS (SELECT 1 FROM notice_deliveries d"
            "   WHERE d.notice_id = n.id AND d.delivered_at IS NULL))",
            (elder_id,),
        )

    async def tell_due(self, *, at_most: int) -> int:
        """What was held and is still true; returns how many."""
        await will_ring(self._tx)
        cursor = await self._tx.execute(
            "WITH due AS (SELECT id FROM notices WHERE told_at IS NULL AND not_before <= clock_timestamp()"
            "   ORDER BY not_before LIMIT %s FOR UPDATE SKIP LOCKED),"
            " told AS (UPDATE notices n SET told_at = clock_timestamp() FROM due WHERE n.id = due.id RETURNING n.id)"
            " INSERT INTO notice_deliveries (notice_id, channel) SELECT id, 'page' FROM told",
            (at_most,),
        )
        return cursor.rowcount

    async def purge(self, terms: Terms, *, at_most: int) -> int:
        cursor = await self._tx.execute(
            "DELETE FROM notices WHERE ctid IN (SELECT ctid FROM notices"
            " WHERE created_at < clock_timestamp() - %(read)s"
            "   AND (read_at IS NOT NULL OR created_at < clock_timestamp() - %(unread)s) LIMIT %(at_most)s)",
            {"read": terms.read_kept, "unread": terms.unread_kept, "at_most": at_most},
        )
        return cursor.rowcount

    async def purge_orders(self, terms: Terms, *, at_most: int) -> int:
        """What the people of orders know that have not moved for longer than any notice is kept."""
        cursor = await self._tx.execute(
            "DELETE FROM notice_orders WHERE order_id IN (SELECT order_id FROM notice_orders"
            " WHERE at < clock_timestamp() - %s LIMIT %s)",
            (max(terms.read_kept, terms.unread_kept), at_most),
        )
        return cursor.rowcount


class PageStore:
    """One account's own notices."""

    def __init__(self, tx: Connection, account_id: UUID, condition: str, params: dict[str, Any]) -> None:
        """:param condition: which of them it may still see, over `notices n`; `params` belong to it"""
        self._tx = tx
        self._mine = f"n.account_id = %(account)s AND n.told_at IS NOT NULL AND {condition}"
        self._params = {"account": account_id, **params}

    async def page(self, *, after: tuple[datetime, UUID] | None, limit: int) -> list[Notice]:
        """The last told first."""
        cursor = await self._tx.execute(
            f"SELECT {_COLUMNS} FROM notices n WHERE {self._mine}"  # noqa: S608
            " AND (%(at)s::timestamptz IS NULL OR (n.told_at, n.id) < (%(at)s, %(id)s))"
            " ORDER BY n.told_at DESC, n.id DESC LIMIT %(limit)s",
            {
                **self._params,
                "at": after[0] if after else None,
                "id": after[1] if after else None,
                "limit": limit,
            },
        )
        return [_notice(row) for row in await cursor.fetchall()]

    async def unread(self) -> int:
        cursor = await self._tx.execute(
            f"SELECT count(*) FROM notices n WHERE {self._mine} AND n.read_at IS NULL",  # noqa: S608
            self._params,
        )
        row = await cursor.fetchone()
        return row["count"] if row else 0

    async def delivered(self, notices: Sequence[Notice]) -> None:
        """They have reached a page."""
        await self._tx.execute(
            "UPDATE notice_deliveries SET delivered_at = clock_timestamp()"
            " WHERE notice_id = ANY (%s) AND channel = 'page' AND delivered_at IS NULL",
            ([notice.id for notice in notices],),
        )

    async def read(self, *, ids: Sequence[UUID] | None, until: datetime | None) -> None:
        """These, or all that were told until then; what is read already keeps its time."""
        await self._tx.execute(
            f"UPDATE notices n SET read_at = clock_timestamp() WHERE {self._mine} AND n.read_at IS NULL"  # noqa: S608
            " AND (n.id = ANY (%(ids)s::uuid[]) OR n.told_at <= %(until)s)",
            {**self._params, "ids": list(ids or ()), "until": until},
        )
