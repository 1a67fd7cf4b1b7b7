"""The SQL of closed months: what was published, and what has changed since."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.db.pool import Connection
from services.metrics.store_counted import COUNTY, TOWN
from services.metrics.store_facts import head

_KEYS = "month, figure, version, level, place, part, whole"
_SAID = f"ROW({_KEYS}, n, hits, excluded, buckets, bucket_ns)::text"
_OF_TOWNS = f"level = {TOWN} AND whole AND month = ANY (%(months)s) AND left(place, {COUNTY}) = ANY (%(counties)s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedMonth:
    month: date
    closed_at: datetime
    closed_by: UUID
    facts: int
    digest: str
    """SHA-256, hexadecimal: over the digest of all facts up to then and the counts that were published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restatement:
    """A figure of a closed month that is another one by facts that came later. What was published stays."""

    id: int
    month: date
    figure: str
    version: int
    town: str
    noted_at: datetime
    facts: int
    n_before: int
    hits_before: int
    excluded_before: int
    n_after: int
    hits_after: int
    excluded_after: int


async def closed(tx: Connection, months: Sequence[date]) -> list[ClosedMonth]:
    cursor = await tx.execute(
        "SELECT month, closed_at, closed_by, facts, encode(digest, 'hex') AS digest FROM closed_months"
        " WHERE month = ANY (%s) ORDER BY month",
        (list(months),),
    )
    return [ClosedMonth(**row) for row in await cursor.fetchall()]


async def hold(tx: Connection) -> None:
    """Facts and counts stand still until the transaction ends."""
    await tx.execute("LOCK TABLE fact_batches, counts_due, day_counts, month_counts IN SHARE ROW EXCLUSIVE MODE")


async def close(tx: Connection, month: date, *, by: UUID) -> None:
    """Its counts as they are now; they are held."""
    await tx.execute("INSERT INTO closed_counts SELECT * FROM month_counts WHERE month = %s", (month,))
    facts, digest = await head(tx)
    await tx.execute(
        "INSERT INTO closed_months (month, closed_by, facts, digest) VALUES (%s, %s, %s, %s)",
        (month, by, facts, await digest_of(tx, month, digest)),
    )


async def digest_of(tx: Connection, month: date, facts: bytes, *, counts: str = "closed_counts") -> bytes:
    """:param facts: digest of the facts up to which was counted"""
    cursor = await tx.execute(
        f"SELECT string_agg({_SAID}, E'\\n' ORDER BY {_KEYS}) AS said FROM {counts} WHERE month = %s".encode(),  # noqa: S608
        (month,),
    )
    row = await cursor.fetchone()
    return hashlib.sha256(facts + ((row and row["said"]) or "").encode()).digest()


async def note_restatements(tx: Connection, months: Sequence[date], counties: Sequence[str]) -> None:
    """Of closed months: what is another figure of a town of these counties now than was last said."""
    await tx.execute(_RESTATE.encode(), {"months": list(months), "counties": list(counties)})


_OF_TABLE = f"SELECT month, figure, version, place AS town, n, hits, excluded FROM {{table}} WHERE {_OF_TOWNS}"  # noqa: S608
_RESTATE = f"""
WITH now AS ({_OF_TABLE.format(table="month_counts")}), published AS ({_OF_TABLE.format(table="closed_counts")}),
said AS (
    SELECT DISTINCT ON (month, figure, version, town) month, figure, version, town, n_after AS n, hits_after AS hits,
           excluded_after AS excluded
      FROM restatements WHERE month = ANY (%(months)s) AND left(town, {COUNTY}) = ANY (%(counties)s)
     ORDER BY month, figure, version, town, id DESC),
both_of AS (
    SELECT month, figure, version, town, coalesce(s.n, p.n, 0) AS n_before, coalesce(s.hits, p.hits, 0) AS hits_before,
           coalesce(s.excluded, p.excluded, 0) AS excluded_before, coalesce(now.n, 0) AS n_after,
           coalesce(now.hits, 0) AS hits_after, coalesce(now.excluded, 0) AS excluded_after
      FROM now FULL JOIN published p USING (month, figure, version, town)
      LEFT JOIN said s USING (month, figure, version, town))
INSERT INTO restatements (month, figure, version, town, facts, n_before, hits_before, excluded_before, n_after,
                          hits_after, excluded_after)
SELECT month, figure, version, town, coalesce((SELECT max(no) FROM fact_batches), 0), n_before, hits_before,
       excluded_before, n_after, hits_after, excluded_after
  FROM both_of
 WHERE (n_before, hits_before, excluded_before) IS DISTINCT FROM (n_after, hits_after, excluded_after)
 ORDER BY month, figure, town
"""  # noqa: S608


async def restatements(tx: Connection, month: date, region: str, *, after: int | None, limit: int) -> list[Restatement]:
    """The newest first."""
    cursor = await tx.execute(
        "SELECT * FROM restatements WHERE month = %(month)s AND (town ^@ %(region)s OR (%(whole)s AND town = ''))"
        " AND (%(after)s::bigint IS NULL OR id < %(after)s) ORDER BY id DESC LIMIT %(limit)s",
        {"month": month, "region": region[:TOWN], "whole": len(region) < COUNTY, "after": after, "limit": limit},
    )
    return [Restatement(**row) for row in await cursor.fetchall()]
