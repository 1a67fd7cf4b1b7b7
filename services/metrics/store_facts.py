"""The SQL of facts: each is kept once and never changed, and each batch of them is a link of a chain."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.db.pool import Connection
from services.metrics.facts import CaseFact, VisitFact

LOCK = 0x66_61_63_74  # "fact": one batch after the other, so that the chain has one end
EARLIER = timedelta(days=4)
"""A move may have happened before its order was placed or its case opened, by a device that was away; no more than
this."""
START = b"\0" * 32

_CASE = ", ".join(CaseFact._fields)
_VISIT = ", ".join(VisitFact._fields)
_CASE_TYPES = (
    "text", "uuid", "int4", "text", "text", *("timestamptz",) * 6, "text", "bool", "text", "uuid", "text", "uuid",
    "int4", "text",
)  # fmt: skip
_VISIT_TYPES = (
    "text", "uuid", "uuid", "int4", "text", "bool", "text", "timestamptz", "timestamptz", "timestamptz", "date",
    "timestamptz", "text", "uuid", "uuid", "text", "uuid", "bool", "text",
)  # fmt: skip
_SAID_CASE = f"ROW(stored_at, device_model, {_CASE})::text"
_SAID_VISIT = f"ROW(stored_at, {_VISIT})::text"

_STAGING = """
CREATE TEMP TABLE IF NOT EXISTS {new} ON COMMIT DELETE ROWS AS SELECT {columns} FROM {facts} WHERE false
"""
_KEEP_CASES = f"""
WITH kept AS (
    INSERT INTO case_facts (batch, device_model, {_CASE})
    SELECT %(batch)s, coalesce(d.model, ''), {", ".join("n." + name for name in CaseFact._fields)}
      FROM new_case_facts n LEFT JOIN devices d ON d.device_id = n.device_id
    ON CONFLICT DO NOTHING RETURNING *
)
SELECT count(*) AS n, array_agg(DISTINCT case_id) AS ids, min(least(occurred_at, opened_at)) AS since,
       sha256(convert_to(string_agg({_SAID_CASE}, E'\\n' ORDER BY event_id), 'UTF8')) AS digest
  FROM kept
"""  # noqa: S608
_KEEP_VISITS = f"""
WITH kept AS (
    INSERT INTO visit_facts (batch, {_VISIT}) SELECT %(batch)s, {_VISIT} FROM new_visit_facts
    ON CONFLICT DO NOTHING RETURNING *
)
SELECT count(*) AS n, array_agg(DISTINCT visit_id) AS ids, min(placed_at) AS since,
       sha256(convert_to(string_agg({_SAID_VISIT}, E'\\n' ORDER BY event_id, visit_id), 'UTF8')) AS digest
  FROM kept
"""  # noqa: S608
_LINKS = f"""
SELECT coalesce(b.no, c.batch, v.batch) AS no, b.digest, coalesce(b.facts, 0) AS facts,
       coalesce(c.n, 0) + coalesce(v.n, 0) AS n, c.digest AS cases, v.digest AS visits
  FROM fact_batches b
  FULL JOIN (SELECT batch, count(*) AS n,
                    sha256(convert_to(string_agg({_SAID_CASE}, E'\\n' ORDER BY event_id), 'UTF8')) AS digest
               FROM case_facts GROUP BY batch) c ON c.batch = b.no
  FULL JOIN (SELECT batch, count(*) AS n,
                    sha256(convert_to(string_agg({_SAID_VISIT}, E'\\n' ORDER BY event_id, visit_id), 'UTF8')) AS digest
               FROM visit_facts GROUP BY batch) v ON v.batch = coalesce(b.no, c.batch)
 ORDER BY 1
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a batch was new: whose counts it may change."""

    facts: int = 0
    cases: Sequence[UUID] = ()
    visits: Sequence[UUID] = ()
    since: datetime | None = None
    """No fact of these cases and visits happened before."""


async def keep(tx: Connection, cases: Sequence[CaseFact], visits: Sequence[VisitFact]) -> Kept:
    """What is not there yet. Of what is kept already nothing changes."""
    await tx.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
    no, before = await head(tx)
    parts = []
    if cases:
        await _stage(tx, "case_facts", _CASE, _CASE_TYPES, cases)
        parts.append(await _keep(tx, _KEEP_CASES, no + 1))
    else:
        parts.append(_Part())
    if visits:
        await _stage(tx, "visit_facts", _VISIT, _VISIT_TYPES, visits)
        parts.append(await _keep(tx, _KEEP_VISITS, no + 1))
    else:
        parts.append(_Part())
    n = sum(part.n for part in parts)
    if n:
        await tx.execute(
            "INSERT INTO fact_batches (no, facts, digest) VALUES (%s, %s, %s)",
            (no + 1, n, linked(before, *(part.digest for part in parts))),
        )
    since = [part.since - EARLIER for part in parts if part.since]
    return Kept(n, cases=parts[0].ids, visits=parts[1].ids, since=min(since, default=None))


@dataclass(frozen=True, slots=True)
class _Part:
    n: int = 0
    ids: Sequence[UUID] = ()
    since: datetime | None = None
    digest: bytes | None = None


async def _keep(tx: Connection, query: str, batch: int) -> _Part:
    cursor = await tx.execute(query.encode(), {"batch": batch})
    row = await cursor.fetchone()
    assert row is not None
    return _Part(**{**row, "ids": row["ids"] or ()})


async def _stage(
    tx: Connection, facts: str, columns: str, types: Sequence[str], rows: Sequence[CaseFact] | Sequence[VisitFact]
) -> None:
    await tx.execute(_STAGING.format(new=f"new_{facts}", columns=columns, facts=facts).encode())
    async with tx.cursor() as cursor, cursor.copy(f"COPY new_{facts} ({columns}) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(types)
        for row in rows:
            await copy.write_row(row)


async def head(tx: Connection) -> tuple[int, bytes]:
    """The last batch and its digest."""
    cursor = await tx.execute("SELECT no, digest FROM fact_batches ORDER BY no DESC LIMIT 1")
    row = await cursor.fetchone()
    return (row["no"], row["digest"]) if row else (0, START)


async def digest_at(tx: Connection, batch: int) -> bytes:
    """0: before the first. Of one that is not there, that of none: no digest over it will hold."""
    cursor = await tx.execute("SELECT digest FROM fact_batches WHERE no = %s", (batch,))
    row = await cursor.fetchone()
    return row["digest"] if row else START


def linked(before: bytes, cases: bytes | None, visits: bytes | None) -> bytes:
    """The digest of a batch: over that of the one before it and its facts."""
    return hashlib.sha256(before + (cases or START) + (visits or START)).digest()


@dataclass(frozen=True, slots=True)
class Broken:
    batch: int
    says: str


async def verify(tx: Connection) -> AsyncIterator[Broken]:
    """What does not agree with the chain, the first first: everything after a changed batch is as suspect as it."""
    cursor = await tx.execute(_LINKS.encode())
    before, expected = START, 1
    async for row in cursor:
        if row["no"] != expected:
            yield Broken(expected, "the batch is not there")
        if row["digest"] is None:
            yield Broken(row["no"], f"{row['n']} facts are in no batch")
        elif row["n"] != row["facts"]:
            yield Broken(row["no"], f"{row['facts']} facts were written, there are {row['n']}")
        elif linked(before, row["cases"], row["visits"]) != row["digest"]:
            yield Broken(row["no"], "a fact, or the batch itself, was changed")
        before, expected = row["digest"] or before, row["no"] + 1
