"""The SQL of reading figures: by month and region, and what stands behind each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from services.db.pool import Connection
from services.metrics.model import Counts, Definition, FigureUnit, Subject
from services.metrics.rules import month_after
from services.metrics.store_counting import BUCKET, TABLES, held, hits, judged

TOWN = 9
"""Digits of a town's code: counts are kept for towns; villages are counted when they are asked for."""
CITY = 4

_IN = "(town ^@ %(region)s OR (%(whole)s AND town = ''))"
"""What happened at nobody's home counts for the city as a whole."""
_SUMS = "sum(n)::bigint AS n, sum(hits)::bigint AS hits, sum(excluded)::bigint AS excluded"


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
    def before(self) -> "Span":
        """As long, right before it."""
        return Span(first=month_after(self.first, -self.months), months=self.months)


@dataclass(frozen=True, slots=True)
class Part:
    """What a figure is divided by: a month, a region, a provider or a model."""

    key: str
    figure: str
    version: int
    counts: Counts


async def totals(tx: Connection, span: Span, region: str, *, by: str = "''", figure: str | None = None) -> list[Part]:
    """Of a region of up to nine digits; each figure, and of it each `by`, an expression over a count."""
    return await _parts(tx, "published_counts", span, region, by=by, figure=figure, at="month")


async def days(tx: Connection, span: Span, region: str, figure: str) -> list[Part]:
    """Day by day, as they are counted today."""
    return await _parts(tx, "day_counts", span, region, by="day::text", figure=figure, at="day")


async def _parts(
    tx: Connection, table: str, span: Span, region: str, *, by: str, figure: str | None, at: str
) -> list[Part]:
    cursor = await tx.execute(
        f"SELECT {by} AS key, figure, version, bucket, {_SUMS} FROM {table}"  # noqa: S608
        f" WHERE {at} >= %(first)s AND {at} < %(end)s AND {_IN}"
        " AND (%(figure)s::text IS NULL OR figure = %(figure)s) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4".encode(),
        {"first": span.first, "end": span.end, "region": region, "whole": len(region) <= CITY, "figure": figure},
    )
    return _gathered([tuple(row.values()) for row in await cursor.fetchall()])


async def villages(tx: Connection, span: Span, region: str, definition: Definition, *, by: str = "''") -> list[Part]:
    """Of a region of more than nine digits, or by the villages of a town: from the counted rows themselves."""
    bucket = BUCKET.format(seconds=definition.seconds) if definition.unit is FigureUnit.SECONDS else "0"
    cursor = await tx.execute(
        f"SELECT {by} AS key, '{definition.id}' AS figure, {definition.version} AS version,"  # noqa: S608
        f" CASE WHEN because IS NULL THEN {bucket} ELSE 0 END AS bucket,"
        f" coalesce(sum(CASE WHEN because IS NULL THEN {definition.each} END), 0)::bigint AS n,"
        f" coalesce(sum(CASE WHEN because IS NULL THEN {hits(definition)} END), 0)::bigint AS hits,"
        " count(because) AS excluded"
        f" FROM ({judged(definition, _rows(definition.subject))}) AS judged"
        f" WHERE {held(definition)} AND {_OF_REGION} GROUP BY 1, 4 ORDER BY 1, 4".encode(),
        _of(span, region),
    )
    return _gathered([tuple(row.values()) for row in await cursor.fetchall()])


def _gathered(rows: Sequence[tuple[object, ...]]) -> list[Part]:
    """Rows of one key, figure and version follow each other, a bucket each."""
    found: dict[tuple[str, str, int], list[tuple[int, int, int, int]]] = {}
    for key, figure, version, *counts in rows:
        found.setdefault((str(key), str(figure), int(str(version))), []).append(tuple(int(str(one)) for one in counts))  # type: ignore[arg-type]
    return [
        Part(
            key,
            figure,
            version,
            Counts(
                n=sum(n for _, n, _, _ in some),
                hits=sum(hits for _, _, hits, _ in some),
                excluded=sum(excluded for _, _, _, excluded in some),
                buckets=tuple((bucket, n) for bucket, n, _, _ in some if bucket),
            ),
        )
        for (key, figure, version), some in found.items()
    ]


_OF_REGION = (
    "day >= %(first)s AND day < %(end)s AND town ^@ %(town)s AND region_code ^@ %(region)s"
    " AND (%(part)s::text IS NULL OR part = %(part)s)"
)


def _rows(subject: Subject) -> str:
    return TABLES[subject].counted


def _of(span: Span, region: str, part: str | None = None) -> dict[str, object]:
    return {
        "first": span.first, "end": span.end, "region": region if len(region) > CITY else "",
        "town": region[:TOWN] if len(region) > CITY else "", "part": part,
    }  # fmt: skip


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
        "SELECT e.*, (SELECT array_agg(f.event_id ORDER BY f.version)"  # noqa: S608
        f" FROM (SELECT DISTINCT event_id, version FROM {table.facts} WHERE {table.id} = e.id) f) AS events"
        " FROM (SELECT id, day, region_code, part, version, because,"
        f" CASE WHEN because IS NULL THEN {definition.each} ELSE 0 END AS n,"
        f" CASE WHEN because IS NULL THEN {hits(definition)} ELSE 0 END AS hits, {definition.seconds or 'NULL::float8'}"
        f" AS seconds FROM ({judged(definition, table.counted)}) AS judged"
        f" WHERE {held(definition)} AND {_OF_REGION} AND {only}"
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
