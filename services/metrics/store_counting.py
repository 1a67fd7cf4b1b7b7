"""The SQL of counting: from the rows that facts come to (`store_counted`) to counts a day and a month.

Counts are kept of a county, of each part of it (a provider, a model), and of each town: what pages ask for is then a
few rows. A city is the sum of its counties; villages, and the parts of a town, are counted when they are asked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.db.pool import Connection
from services.metrics.model import NO_BUCKET, Definition, FigureUnit, Subject
from services.metrics.rules import GROWTH
from services.metrics.store_counted import COUNTY, TABLES, TOWN

BUCKET = f"floor(ln(greatest({{seconds}}, 1.0)) / ln({GROWTH}))::int + 1"
"""As `rules.bucket_of`."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Whose counts are to be made anew."""

    subject: Subject
    day: date
    county: str


async def count_anew(tx: Connection, subject: Subject, ids: Sequence[UUID], since: datetime | None) -> None:
    """The rows of these cases or visits, from all their facts, and what depends on them is due. A visit that is on
    another day now is due on both.

    :param since: none of their facts happened before
    """
    if not ids:
        return
    table = TABLES[subject]
    which = f"{table.id} = ANY (%(ids)s) AND happened_at >= %(since)s"
    others = [name for name in table.columns if name != "id"]
    due = (
        "INSERT INTO counts_due (subject, day, county)"  # noqa: S608
        f" SELECT DISTINCT %(subject)s, day, county FROM {table.counted} WHERE {table.key} = ANY (%(ids)s)"
        " ORDER BY 2, 3 ON CONFLICT DO NOTHING"
    )
    values = {"ids": list(ids), "since": since, "subject": subject.value}
    await tx.execute(due.encode(), values)
    if table.key != "id":  # of the same facts there may be other rows now
        await tx.execute(f"DELETE FROM {table.counted} WHERE {table.key} = ANY (%(ids)s)".encode(), values)  # noqa: S608
    await tx.execute(
        f"INSERT INTO {table.counted} AS c ({', '.join(table.columns)}) {table.fold.format(which=which)}"
        f" ON CONFLICT (id) DO UPDATE SET ({', '.join(others)}) ="
        f" ROW ({', '.join('excluded.' + name for name in others)})".encode(),
        values,
    )
    await tx.execute(due.encode(), values)


async def take_due(tx: Connection, *, at_most: int) -> list[Bucket]:
    """They are this transaction's; what is counted meanwhile is due again."""
    cursor = await tx.execute(
        "DELETE FROM counts_due WHERE ctid IN"
        " (SELECT ctid FROM counts_due ORDER BY day DESC, county LIMIT %s FOR UPDATE SKIP LOCKED)"
        " RETURNING subject, day, county",
        (at_most,),
    )
    return [Bucket(Subject(row["subject"]), row["day"], row["county"]) for row in await cursor.fetchall()]


async def count_days(
    tx: Connection, definitions: Iterable[Definition], buckets: Sequence[Bucket], *, counted: str | None = None,
    into: str = "day_counts",
) -> None:  # fmt: skip
    """Makes these days of these counties anew, by the definitions that hold on them.

    :param counted: instead of the subject's own table
    """
    of: dict[Subject, list[Bucket]] = {}
    for bucket in buckets:
        of.setdefault(bucket.subject, []).append(bucket)
    for subject, some in of.items():
        figures = [one for one in definitions if one.subject is subject]
        values = {
            "days": [one.day for one in some],
            "counties": [one.county for one in some],
            "figures": sorted({one.id for one in figures}),
        }
        await tx.execute(
            f"DELETE FROM {into} WHERE figure = ANY (%(figures)s)"  # noqa: S608
            f" AND (day, left(place, {COUNTY})) IN ({_KEYS})".encode(),
            values,
        )
        each = " UNION ALL ".join(_judged_rows(one) for one in figures)
        await tx.execute(
            _COUNT.format(into=into, counted=counted or TABLES[subject].counted, keys=_KEYS, each=each).encode(), values
        )


async def alone_with(tx: Connection, months: Iterable[tuple[date, str]]) -> None:
    """Until the transaction ends nobody else counts these (month, county): a month is the sum of days that several may
    be counting. In one order, so that nobody waits for each other."""
    await tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(%s::text[]) AS key",
        ([f"counts of {month} {county}" for month, county in sorted(months)],),
    )


_KEYS = "SELECT * FROM unnest(%(days)s::date[], %(counties)s::text[])"
_COUNT = f"""
WITH c AS MATERIALIZED (SELECT * FROM {{counted}} WHERE (day, county) IN ({{keys}})), j AS ({{each}}),
g AS (
    SELECT figure, version, day, CASE WHEN grouping(town) = 0 THEN {TOWN} ELSE {COUNTY} END AS level,
           CASE WHEN grouping(town) = 0 THEN town ELSE county END AS place,
           coalesce(part, '') AS part, grouping(part) = 1 AS whole, bucket,
           sum(n) AS n, sum(hits) AS hits, sum(excluded) AS excluded
      FROM j
     GROUP BY GROUPING SETS ((figure, version, day, county, bucket), (figure, version, day, county, part, bucket),
                             (figure, version, day, town, bucket))
)
INSERT INTO {{into}} (figure, version, day, level, place, part, whole, n, hits, excluded, buckets, bucket_ns)
SELECT figure, version, day, level, place, part, whole, sum(n), sum(hits), sum(excluded),
       array_agg(bucket ORDER BY bucket) FILTER (WHERE bucket > {NO_BUCKET}),
       array_agg(n ORDER BY bucket) FILTER (WHERE bucket > {NO_BUCKET})
  FROM g GROUP BY 1, 2, 3, 4, 5, 6, 7
"""  # noqa: S608


def _judged_rows(definition: Definition) -> str:
    """What each row of `c` adds to one figure."""
    return (
        f"SELECT '{definition.id}' AS figure, {definition.version} AS version, day, county, town,"  # noqa: S608
        f" {definition.part} AS part,"
        f" {bucket(definition)} AS bucket, {adds(definition)}"
        f" FROM ({judged(definition, 'c')}) AS judged WHERE {held(definition)}"
    )


def bucket(definition: Definition) -> str:
    if definition.unit is not FigureUnit.SECONDS:
        return str(NO_BUCKET)
    return f"CASE WHEN because IS NULL THEN {BUCKET.format(seconds=definition.seconds)} ELSE {NO_BUCKET} END"


def adds(definition: Definition) -> str:
    """Of a judged row: n, hits and excluded."""
    return (
        f"CASE WHEN because IS NULL THEN {definition.each} ELSE 0 END AS n,"
        f" CASE WHEN because IS NULL THEN {hits(definition)} ELSE 0 END AS hits,"
        f" CASE WHEN because IS NULL THEN 0 ELSE {definition.each} END AS excluded"
    )


def judged(definition: Definition, rows: str) -> str:
    """The rows that a figure is about, with `because`: the code of why one is left out, or null."""
    reasons = " ".join(f"WHEN {one.where} THEN '{one.code}'" for one in definition.excluded)
    because = f"CASE {reasons} END" if reasons else "NULL::text"
    return f"SELECT {rows}.*, {because} AS because FROM {rows} WHERE {definition.counted}"  # noqa: S608


def hits(definition: Definition) -> str:
    """How much a row adds to the numerator; what cannot be told adds nothing."""
    return f"coalesce({definition.hits}, 0)"


def held(definition: Definition) -> str:
    """The days on which this version of it holds."""
    until = f" AND day < '{definition.until}'" if definition.until else ""
    return f"day >= '{definition.since}'{until}"


_SAME = "figure, version, level, place, part, whole"
_MONTHS = f"""
WITH d AS MATERIALIZED (
    SELECT k.month, c.* FROM (SELECT * FROM unnest(%(months)s::date[], %(counties)s::text[])) AS k (month, county)
      JOIN {{days}} c ON c.day >= k.month AND c.day < (k.month + interval '1 month')::date
       AND left(c.place, {COUNTY}) = k.county),
b AS (
    SELECT month, {_SAME}, array_agg(bucket ORDER BY bucket) AS buckets, array_agg(k ORDER BY bucket) AS bucket_ns
      FROM (SELECT month, {_SAME}, u.bucket, sum(u.k) AS k FROM d, unnest(d.buckets, d.bucket_ns) AS u (bucket, k)
             GROUP BY month, {_SAME}, u.bucket) AS one
     GROUP BY month, {_SAME})
INSERT INTO {{into}} (month, {_SAME}, n, hits, excluded, buckets, bucket_ns)
SELECT month, {_SAME}, s.n, s.hits, s.excluded, b.buckets, b.bucket_ns
  FROM (SELECT month, {_SAME}, sum(n) AS n, sum(hits) AS hits, sum(excluded) AS excluded
          FROM d GROUP BY month, {_SAME}) s
  LEFT JOIN b USING (month, {_SAME})
"""  # noqa: S608


async def count_months(
    tx: Connection, months: Iterable[tuple[date, str]], *, days: str = "day_counts", into: str = "month_counts"
) -> None:
    """Adds up the days of these (month, county). :param months: the first day of each"""
    keys = sorted(set(months))
    values = {"months": [month for month, _ in keys], "counties": [county for _, county in keys]}
    await tx.execute(
        f"DELETE FROM {into} WHERE (month, left(place, {COUNTY})) IN"  # noqa: S608
        " (SELECT * FROM unnest(%(months)s::date[], %(counties)s::text[]))".encode(),
        values,
    )
    await tx.execute(_MONTHS.format(days=days, into=into).encode(), values)
