"""The SQL of counting: from facts to a row for each case and visit, from those to counts a day and a month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.db.pool import Connection
from services.metrics.model import NO_BUCKET, Definition, FigureUnit, Subject
from services.metrics.rules import GROWTH

ZONE = "Asia/Shanghai"
_TOLD = "'offered', 'accepted', 'on_the_way', 'in_service', 'done', 'not_met', 'interrupted'"
_OVER = "'done', 'missed', 'not_met', 'interrupted'"

_CASES = f"""
SELECT DISTINCT ON (case_id) case_id AS id, version, (occurred_at AT TIME ZONE '{ZONE}')::date AS day,
       left(coalesce(region_code, ''), 9) AS town, coalesce(region_code, '') AS region_code, device_model AS part,
       kind, worklist, state, outcome,
       extract(epoch FROM claimed_at - opened_at)::double precision AS answered_s, presses
  FROM case_facts WHERE {{which}}
 ORDER BY case_id, version DESC
"""  # noqa: S608
_VISITS = f"""
SELECT l.visit_id AS id, l.order_id, l.version, l.day, left(l.region_code, 9) AS town, l.region_code,
       l.provider_id::text AS part, l.service_code, l.state, l.worker_id,
       extract(epoch FROM s.began_at - l.due_at)::double precision AS late_s,
       extract(epoch FROM s.assigned_at - l.placed_at)::double precision AS assigned_s,
       s.offers, s.declines, s.workers, l.usual, l.state = 'cancelled' AND l.waits_because IS NOT NULL AS unserved
  FROM (SELECT DISTINCT ON (visit_id) * FROM visit_facts WHERE {{which}} ORDER BY visit_id, version DESC) l
  JOIN (SELECT visit_id,
               max(happened_at) FILTER (WHERE own AND move IN ('begin', 'not_met')) AS began_at,
               min(happened_at) FILTER (WHERE own AND move = 'assign') AS assigned_at,
               count(*) FILTER (WHERE own AND move = 'offer')::int AS offers,
               count(*) FILTER (WHERE own AND move = 'decline')::int AS declines,
               count(DISTINCT worker_id) FILTER (WHERE state IN ({_TOLD}))::int AS workers
          FROM visit_facts WHERE {{which}} GROUP BY visit_id) s USING (visit_id)
"""  # noqa: S608

BUCKET = f"floor(ln(greatest({{seconds}}, 1.0)) / ln({GROWTH}))::int + 1"
"""As `rules.bucket_of`."""


@dataclass(frozen=True, slots=True)
class Table:
    facts: str
    id: str
    counted: str
    fold: str
    columns: tuple[str, ...]


TABLES: dict[Subject, Table] = {
    Subject.CASE: Table(
        "case_facts", "case_id", "counted_cases", _CASES,
        ("id", "version", "day", "town", "region_code", "part", "kind", "worklist", "state", "outcome", "answered_s",
         "presses"),
    ),
    Subject.VISIT: Table(
        "visit_facts", "visit_id", "counted_visits", _VISITS,
        ("id", "order_id", "version", "day", "town", "region_code", "part", "service_code", "state", "worker_id",
         "late_s", "assigned_s", "offers", "declines", "workers", "usual", "unserved"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bucket:
    """Whose counts are to be made anew."""

    subject: Subject
    day: date
    town: str


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
        "INSERT INTO counts_due (subject, day, town)"  # noqa: S608
        f" SELECT DISTINCT %(subject)s, day, town FROM {table.counted} WHERE id = ANY (%(ids)s) ORDER BY 2, 3"
        " ON CONFLICT DO NOTHING"
    )
    values = {"ids": list(ids), "since": since, "subject": subject.value}
    await tx.execute(due.encode(), values)
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
        " (SELECT ctid FROM counts_due ORDER BY day DESC, town LIMIT %s FOR UPDATE SKIP LOCKED)"
        " RETURNING subject, day, town",
        (at_most,),
    )
    return [Bucket(Subject(row["subject"]), row["day"], row["town"]) for row in await cursor.fetchall()]


async def count_days(
    tx: Connection, definitions: Iterable[Definition], buckets: Sequence[Bucket], *, counted: str | None = None,
    into: str = "day_counts",
) -> None:  # fmt: skip
    """Makes these days of these towns anew, by the definitions that hold on them.

    :param counted: instead of the subject's own table
    """
    of: dict[Subject, list[Bucket]] = {}
    for bucket in buckets:
        of.setdefault(bucket.subject, []).append(bucket)
    for subject, some in of.items():
        figures = [one for one in definitions if one.subject is subject]
        values = {
            "days": [one.day for one in some],
            "towns": [one.town for one in some],
            "figures": sorted({one.id for one in figures}),
        }
        keys = "SELECT * FROM unnest(%(days)s::date[], %(towns)s::text[])"
        await tx.execute(
            f"DELETE FROM {into} WHERE figure = ANY (%(figures)s) AND (day, town) IN ({keys})".encode(),  # noqa: S608
            values,
        )
        rows = f"SELECT * FROM {counted or TABLES[subject].counted} WHERE (day, town) IN ({keys})"  # noqa: S608
        each = " UNION ALL ".join(_counts(one) for one in figures)
        await tx.execute(f"WITH c AS MATERIALIZED ({rows}) INSERT INTO {into} {each}".encode(), values)


def _counts(definition: Definition) -> str:
    """One figure of the rows of `c`, a day, town and part each."""
    bucket = str(NO_BUCKET)
    if definition.unit is FigureUnit.SECONDS:
        bucket = f"CASE WHEN because IS NULL THEN {BUCKET.format(seconds=definition.seconds)} ELSE {NO_BUCKET} END"
    return (
        f"SELECT '{definition.id}', {definition.version}, day, town, part, {bucket},"  # noqa: S608
        f" coalesce(sum(CASE WHEN because IS NULL THEN {definition.each} END), 0),"
        f" coalesce(sum(CASE WHEN because IS NULL THEN {hits(definition)} END), 0), count(because)"
        f" FROM ({judged(definition, 'c')}) AS judged WHERE {held(definition)} GROUP BY 3, 4, 5, 6"
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


async def count_months(tx: Connection, months: Iterable[tuple[date, str]], *, days: str = "day_counts",
                       into: str = "month_counts") -> None:  # fmt: skip
    """Adds up the days of these (month, town). :param months: the first day of each"""
    keys = sorted(set(months))
    values = {"months": [month for month, _ in keys], "towns": [town for _, town in keys]}
    of = "SELECT * FROM unnest(%(months)s::date[], %(towns)s::text[])"
    await tx.execute(f"DELETE FROM {into} WHERE (month, town) IN ({of})".encode(), values)  # noqa: S608
    await tx.execute(
        f"INSERT INTO {into} (figure, version, month, town, part, bucket, n, hits, excluded)"  # noqa: S608
        " SELECT d.figure, d.version, k.month, d.town, d.part, d.bucket, sum(d.n), sum(d.hits), sum(d.excluded)"
        f" FROM ({of}) AS k (month, town) JOIN {days} d ON d.town = k.town AND d.day >= k.month"
        " AND d.day < (k.month + interval '1 month')::date GROUP BY 1, 2, 3, 4, 5, 6".encode(),
        values,
    )
