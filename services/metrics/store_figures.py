"""The SQL of reading figures: by month and region, and what stands behind each."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from services.db.pool import Connection
from services.metrics.model import NO_BUCKET, Counts, Definition
from services.metrics.rules import added, month_after
from services.metrics.store_counted import COUNTY, TABLES, TOWN
from services.metrics.store_counting import adds, bucket, held, hits, judged

CITY = 4
"""Digits of a city's code."""
MOST_BY_DAY = 3
"""Months of which each day is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Whole months."""

    first: date
    months: int = 1

    @property
    def end(self) -> date:
        return month_after(self.first, self.months)

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def each(self) -> list[date]:
        """Its months."""
        return [month_after(self.first, n) for n in range(self.months)]

    @property
    def before(self) -> "Span":
        """As long, right before it."""
        return Span(first=month_after(self.first, -self.months), months=self.months)


class Split(Enum):
    """What a figure is divided by."""

    WHOLE = "whole"
    REGIONS = "regions"
    PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Part:
    """One of what a figure is divided by: a day, a region, a provider or a model."""

    key: str
    figure: str
    version: int
    counts: Counts


async def totals(
    tx: Connection, span: Span, region: str, *, split: Split = Split.WHOLE, figure: str | None = None
) -> list[Part]:
    """Of a region of up to nine digits: each figure, and of it what it is split by. A town's parts are not kept."""
    level = TOWN if len(region) >= TOWN or (split is Split.REGIONS and len(region) >= COUNTY) else COUNTY
    key = {Split.REGIONS: "place", Split.PARTS: "part"}.get(split, "''")
    kept = _Kept("published_counts", "month", key, level, whole=split is not Split.PARTS)
    return await _parts(tx, kept, span, region, figure)


async def course(tx: Connection, span: Span, region: str, figure: str) -> list[Part]:
    """Day by day, as they are counted today; of more than three months month by month, as they are published."""
    level = TOWN if len(region) >= TOWN else COUNTY
    kept = _Kept("day_counts", "day", "day::text", level, whole=True)
    if span.months > MOST_BY_DAY:
        kept = _Kept("published_counts", "month", "left(month::text, 7)", level, whole=True)
    return await _parts(tx, kept, span, region, figure)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Which counts are added up: of a table with this column of time, by a key."""

    table: str
    at: str
    key: str
    level: int
    _: KW_ONLY
    whole: bool


async def _parts(tx: Connection, kept: _Kept, span: Span, region: str, figure: str | None) -> list[Part]:
    cursor = await tx.execute(
        f"SELECT {kept.key} AS key, figure, version, n, hits, excluded, buckets, bucket_ns FROM {kept.table}"  # noqa: S608
        f" WHERE {kept.at} >= %(first)s AND {kept.at} < %(end)s AND level = {kept.level} AND whole = {kept.whole}"
        " AND (%(figure)s::text IS NULL OR figure = %(figure)s) AND (%(city)s OR place ^@ %(region)s)".encode(),
        {"first": span.first, "end": span.end, "region": region, "city": len(region) <= CITY, "figure": figure},
    )
    found: dict[tuple[str, str, int], list[Counts]] = {}
    for row in await cursor.fetchall():
        found.setdefault((row["key"], row["figure"], row["version"]), []).append(_counts(row))
    return [Part(*key, added(some)) for key, some in sorted(found.items())]


def _counts(row: dict[str, Any]) -> Counts:
    buckets = zip(row["buckets"] or (), row["bucket_ns"] or (), strict=True)
    return Counts(n=row["n"], hits=row["hits"], excluded=row["excluded"], buckets=tuple(buckets))


async def counted_now(
    tx: Connection, span: Span, region: str, definitions: Sequence[Definition], *, by: str = "''"
) -> list[Part]:
    """Figures of one subject and any region, from the counted rows themselves: of a town or less that is soon done.

    :param by: an expression over a row
    """
    each = " UNION ALL ".join(
        f"SELECT '{one.id}' AS figure, {one.version} AS version, {by} AS key, {bucket(one)} AS bucket, {adds(one)}"  # noqa: S608
        f" FROM ({judged(one, 'c')}) AS judged WHERE {held(one)}"
        for one in definitions
    )
    counted = TABLES[definitions[0].subject].counted
    cursor = await tx.execute(
        f"WITH c AS MATERIALIZED (SELECT * FROM {counted} WHERE {_OF_REGION} AND {_OF_PART.format(part='part')}),"  # noqa: S608
        f" j AS ({each}),"
        " g AS (SELECT figure, version, key, bucket, sum(n) AS n, sum(hits) AS hits, sum(excluded) AS excluded"
        "  FROM j GROUP BY 1, 2, 3, 4)"
        " SELECT figure, version, key,"
        " sum(n)::bigint AS n, sum(hits)::bigint AS hits, sum(excluded)::bigint AS excluded,"
        f" array_agg(bucket ORDER BY bucket) FILTER (WHERE bucket > {NO_BUCKET}) AS buckets,"
        f" array_agg(n::bigint ORDER BY bucket) FILTER (WHERE bucket > {NO_BUCKET}) AS bucket_ns"
        " FROM g GROUP BY 1, 2, 3 ORDER BY 3, 1".encode(),
        _of(span, region),
    )
    return [Part(row["key"], row["figure"], row["version"], _counts(row)) for row in await cursor.fetchall()]


_OF_REGION = "day >= %(first)s AND day < %(end)s AND (%(city)s OR region_code ^@ %(region)s)"
_OF_PART = "(%(part)s::text IS NULL OR {part} = %(part)s)"


def _of(span: Span, region: str, part: str | None = None) -> dict[str, object]:
    return {"first": span.first, "end": span.end, "region": region, "city": len(region) <= CITY, "part": part}


async def provider_names(tx: Connection, ids: Sequence[str]) -> dict[str, str]:
    cursor = await tx.execute("SELECT id::text, name FROM providers WHERE id::text = ANY (%s)", (list(ids),))
    return {row["id"]: row["name"] for row in await cursor.fetchall()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One case or visit behind a figure, and the events that say so."""

    id: UUID
    day: date
    region_code: str
    part: str
    version: int
    because: str | None
    """Code of why it is left out; None: it counts."""
    n: int
    hits: int
    seconds: float | None
    events: list[str]


async def evidence(
    tx: Connection,
    definition: Definition,
    span: Span,
    region: str,
    *,
    part: str | None,
    standing: str | None,
    after: tuple[date, UUID] | None,
    limit: int,
) -> list[Evidence]:
    """What was counted and what was left out, the last day first.

    :param standing: `hit`, `missed` or `excluded`; None: all
    """
    table = TABLES[definition.subject]
    only = {
        "hit": f"because IS NULL AND {hits(definition)} > 0",
        "missed": f"because IS NULL AND {hits(definition)} < {definition.each}",
        "excluded": "because IS NOT NULL",
    }.get(standing or "", "true")
    cursor = await tx.execute(
        "SELECT e.id, e.day, e.region_code, e.part, e.version, e.because, e.n, e.hits, e.seconds,"  # noqa: S608
        " (SELECT array_agg(f.proof ORDER BY f.at)"
        f" FROM (SELECT DISTINCT {table.proof} AS proof, {table.order} AS at FROM {table.facts}"
        f" WHERE {table.id} = e.of_facts) f) AS events"
        f" FROM (SELECT id, {table.key} AS of_facts, day, region_code, {definition.part} AS part, version, because,"
        f" CASE WHEN because IS NULL THEN {definition.each} ELSE 0 END AS n,"
        f" CASE WHEN because IS NULL THEN {hits(definition)} ELSE 0 END AS hits, {definition.seconds or 'NULL::float8'}"
        f" AS seconds FROM ({judged(definition, table.counted)}) AS judged"
        f" WHERE {held(definition)} AND {_OF_REGION} AND {_OF_PART.format(part=definition.part)} AND {only}"
        " AND (%(day)s::date IS NULL OR (day, id) < (%(day)s, %(id)s)) ORDER BY day DESC, id DESC LIMIT %(limit)s) e"
        " ORDER BY day DESC, id DESC".encode(),
        {
            **_of(span, region, part),
            "day": after[0] if after else None,
            "id": after[1] if after else None,
            "limit": limit,
        },
    )
    return [Evidence(**row) for row in await cursor.fetchall()]
