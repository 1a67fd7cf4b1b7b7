"""The SQL of facts: each is kept once and never changed, and each batch of them is a link of a chain."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.db.pool import Connection
from services.metrics.facts import CaseFact, DueFact, VisitFact
from services.metrics.facts_devices import BatteryFact, DeviceFact, PressFact
from services.metrics.facts_load import LoadFact
from services.metrics.model import Subject
from services.metrics.reach.model import ReachFact

LOCK = 0x66_61_63_74  # "fact": one batch after the other, so that the chain has one end
EARLIER = timedelta(days=4)
"""A move may have happened before its order was placed or its case opened, by a device that was away; no more than
this."""
START = b"\0" * 32
BREATH = 100
"""Rows handed over at one go: others of the process do not wait for the rest."""

FIRST = (Subject.CASE, Subject.VISIT, Subject.REGISTER)
"""In the digest of each batch, also where it has no facts of them: so the chain began."""

Fact = CaseFact | VisitFact | DueFact | ReachFact | PressFact | DeviceFact | BatteryFact | LoadFact

_STAGING = """
CREATE TEMP TABLE IF NOT EXISTS {new} ON COMMIT DELETE ROWS AS SELECT {columns} FROM {facts} WHERE false
"""
_KEEP = """
WITH kept AS (
    INSERT INTO {facts} (batch, {columns}{more}) SELECT %(batch)s, {own}{found} FROM new_{facts} n {join}
    ON CONFLICT DO NOTHING RETURNING *
)
SELECT count(*) AS n, array_agg(DISTINCT {id}) AS ids, min({began}) AS since, {digest} AS digest FROM kept
"""
_LINK = "SELECT batch, '{subject}' AS subject, count(*) AS n, {digest} AS digest FROM {facts} GROUP BY batch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The facts of one subject."""

    facts: str
    id: str
    row: type[Fact]
    types: Sequence[str]
    began: str
    """When the first fact of a case or visit can have happened."""
    order: str = "event_id"
    more: str = ""
    """A column that is looked up when the fact is kept,"""
    found: str = ""
    join: str = ""
    later: str = ""
    """A column looked up likewise that older facts do not have: they are said as they were."""

    @property
    def columns(self) -> str:
        return ", ".join(self.row._fields)

    @property
    def digest(self) -> str:
        """Of some rows, whatever the order in which they are read."""
        said = f"ROW(stored_at, {self.columns}{self.more})::text"
        if self.later:
            longer = f"ROW(stored_at, {self.columns}{self.more}, {self.later})::text"
            said = f"CASE WHEN {self.later} IS NULL THEN {said} ELSE {longer} END"
        return f"sha256(convert_to(string_agg({said}, E'\\n' ORDER BY {self.order}), 'UTF8'))"

    @property
    def keeping(self) -> str:
        more = self.more + (self.later and f", {self.later}")
        return _KEEP.format(
            facts=self.facts, columns=self.columns, more=more, found=self.found, join=self.join, id=self.id,
            began=self.began, digest=self.digest, own=", ".join(f"n.{name}" for name in self.row._fields),
        )  # fmt: skip


_TIME = "timestamptz"
KINDS: dict[Subject, Kind] = {
    Subject.CASE: Kind(
        facts="case_facts", id="case_id", row=CaseFact, began="least(occurred_at, opened_at)",
        types=("text", "uuid", "int4", "text", "text", *(_TIME,) * 6, "text", "bool", "text", "uuid", "text", "uuid",
               "int4", "text"),
        more=", device_model", found=", coalesce(d.model, '')", join="LEFT JOIN devices d ON d.device_id = n.device_id",
    ),
    Subject.VISIT: Kind(
        facts="visit_facts", id="visit_id", row=VisitFact, began="placed_at", order="event_id, visit_id",
        types=("text", "uuid", "uuid", "int4", "text", "bool", "text", _TIME, _TIME, _TIME, "date", _TIME, "text",
               "uuid", "uuid", "text", "uuid", "bool", "text"),
    ),
    Subject.REGISTER: Kind(
        facts="due_facts", id="register_id", row=DueFact, began="(month - 31)::timestamptz",
        types=("text", "uuid", "uuid", "date", "int4", "text", _TIME, _TIME, "date", "text", "bool", "date", "uuid",
               "text"),
        later="register_flags", found=", coalesce(e.register_flags, '{}')",
        join="LEFT JOIN elders e ON e.id = n.elder_id",
    ),
    Subject.REACH: Kind(
        facts="reach_facts", id="reach_id", row=ReachFact, began="happened_at", order="event_id, reach_id",
        types=("text", "uuid", "int4", _TIME, _TIME, "date", "text", "int4", "int4", "text[]", "int4[]", "bool[]"),
    ),
    Subject.PRESS: Kind(
        facts="press_facts", id="press_id", row=PressFact, began="happened_at", order="press_id, received_at",
        types=("text", "uuid", _TIME, _TIME, "text", "text", "bool", "bool", "bool"),
        more=", device_model, firmware, region_code",
        found=", coalesce(d.model, ''), coalesce(s.firmware, ''), b.region_code",
        join="LEFT JOIN devices d ON d.device_id = n.device_id LEFT JOIN device_states s ON s.device_id = n.device_id"
             " LEFT JOIN bound_elders b ON b.device_id = n.device_id",
    ),
    Subject.DEVICE: Kind(
        facts="device_facts", id="row_id", row=DeviceFact, began="happened_at", order="row_id",
        types=("text", "uuid", "text", "text", _TIME, _TIME, "date", "text", "text", "text", "int4", "int8", "int8",
               "text"),
    ),
    Subject.BATTERY: Kind(
        facts="battery_facts", id="battery_id", row=BatteryFact, began="low_since", order="battery_id, version",
        types=("text", "uuid", "int4", "text", _TIME, _TIME, _TIME, "text", "text", "text"),
    ),
    Subject.LOAD: Kind(
        facts="load_facts", id="window_id", row=LoadFact, began="begins_at", order="window_id, what, subject_id",
        types=("text", "uuid", "text", "uuid", _TIME, _TIME, _TIME, "text", "text[]", "int4"),
    ),
}  # fmt: skip
_EACH = " UNION ALL ".join(_LINK.format(subject=one, digest=of.digest, facts=of.facts) for one, of in KINDS.items())
_DIGESTS = ", ".join(f"(array_agg(digest) FILTER (WHERE subject = '{one}'))[1] AS of_{one}" for one in Subject)
_LINKS = f"""
SELECT coalesce(b.no, p.batch) AS no, b.digest, coalesce(b.facts, 0) AS facts, coalesce(p.n, 0)::bigint AS n,
       {", ".join(f"p.of_{subject}" for subject in Subject)}
  FROM fact_batches b
  FULL JOIN (SELECT batch, sum(n) AS n, {_DIGESTS} FROM ({_EACH}) AS parts GROUP BY batch) p ON p.batch = b.no
 ORDER BY 1
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a batch was new: whose counts it may change."""

    facts: int
    ids: Mapping[Subject, Sequence[UUID]]
    since: datetime | None
    """No fact of these happened before."""


async def take_turn(tx: Connection) -> None:
    """Nobody else keeps facts until the transaction ends: what they kept before can be seen."""
    await tx.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))


async def keep(tx: Connection, facts: Mapping[Subject, Sequence[Fact]]) -> Kept:
    """What is not there yet. Of what is kept already nothing changes."""
    await take_turn(tx)
    no, before = await head(tx)
    parts = {subject: await _keep(tx, KINDS[subject], no + 1, some) for subject, some in facts.items() if some}
    n = sum(part.n for part in parts.values())
    if n:
        digests = {subject: part.digest for subject, part in parts.items()}
        await tx.execute(
            "INSERT INTO fact_batches (no, facts, digest) VALUES (%s, %s, %s)", (no + 1, n, linked(before, digests))
        )
    since = [part.since - EARLIER for part in parts.values() if part.since]
    return Kept(n, {subject: part.ids for subject, part in parts.items()}, min(since, default=None))


@dataclass(frozen=True, slots=True)
class _Part:
    n: int
    ids: Sequence[UUID]
    since: datetime | None
    digest: bytes | None


async def _keep(tx: Connection, kind: Kind, batch: int, rows: Sequence[Fact]) -> _Part:
    new = f"new_{kind.facts}"
    await tx.execute(_STAGING.format(new=new, columns=kind.columns, facts=kind.facts).encode())
    async with tx.cursor() as cursor, cursor.copy(f"COPY {new} ({kind.columns}) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(kind.types)
        for n, row in enumerate(rows):
            if n % BREATH == 0:
                await asyncio.sleep(0)
            await copy.write_row(row)
    cursor = await tx.execute(kind.keeping.encode(), {"batch": batch})
    found = await cursor.fetchone()
    assert found is not None
    return _Part(**{**found, "ids": found["ids"] or ()})


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


def linked(before: bytes, parts: Mapping[Subject, bytes | None]) -> bytes:
    """The digest of a batch: over that of the one before it and those of its facts, by subject. A subject that came
    later is in it, with its name, where there are facts of it: batches of before keep their digest."""
    later = sorted((subject.value, digest) for subject, digest in parts.items() if digest and subject not in FIRST)
    said = [parts.get(subject) or START for subject in FIRST] + [name.encode() + digest for name, digest in later]
    return hashlib.sha256(b"".join([before, *said])).digest()


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
        elif linked(before, {subject: row[f"of_{subject}"] for subject in Subject}) != row["digest"]:
            yield Broken(row["no"], "a fact, or the batch itself, was changed")
        before, expected = row["digest"] or before, row["no"] + 1
