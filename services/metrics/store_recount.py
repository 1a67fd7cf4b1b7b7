"""The SQL of counting a month again, from its facts alone, beside what stands in the tables."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.db.pool import Connection
from services.metrics.model import Definition, Subject
from services.metrics.rules import month_after
from services.metrics.store_counted import TABLES, ZONE
from services.metrics.store_counting import Bucket, count_days, count_months

_OF_MONTH: dict[Subject, str] = {
    Subject.CASE: f"(occurred_at AT TIME ZONE '{ZONE}')::date BETWEEN %(first)s AND %(last)s",
    Subject.VISIT: "day BETWEEN %(first)s AND %(last)s",
    Subject.REGISTER: "month BETWEEN %(first)s AND %(last)s",
    Subject.REACH: "day BETWEEN %(first)s AND %(last)s",
    Subject.PRESS: f"(happened_at AT TIME ZONE '{ZONE}')::date BETWEEN %(first)s AND %(last)s",
    Subject.DEVICE: "day BETWEEN %(first)s AND %(last)s",
    Subject.BATTERY: f"(low_since AT TIME ZONE '{ZONE}')::date BETWEEN %(first)s AND %(last)s",
    Subject.LOAD: f"(begins_at AT TIME ZONE '{ZONE}')::date BETWEEN %(first)s AND %(last)s",
}
_KEYS = "month, figure, version, level, place, part, whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    figure: str
    version: int
    place: str
    part: str
    stands: tuple[int, int, int] | None
    """n, hits, excluded in the table; None: nothing is there. Where they are alike the durations are not."""
    counted: tuple[int, int, int] | None
    """From the facts."""


async def recount(
    tx: Connection, month: date, definitions: tuple[Definition, ...], *, against: str = "month_counts"
) -> list[Difference]:
    """What is not in `against` as the facts say. What it makes on the way ends with the transaction."""
    values = {"first": month, "last": month_after(month) - timedelta(days=1)}
    for counts in ("day_counts", "month_counts"):
        await tx.execute(f"CREATE TEMP TABLE recounted_{counts} (LIKE {counts}) ON COMMIT DROP".encode())
    keys = set[tuple[date, str]]()
    for subject, table in TABLES.items():
        name = f"re{table.counted}"
        await tx.execute(f"CREATE TEMP TABLE {name} (LIKE {table.counted}) ON COMMIT DROP".encode())
        of = f"SELECT {table.id} FROM {table.facts} WHERE {_OF_MONTH[subject]}"  # noqa: S608
        columns = ", ".join(table.columns)
        await tx.execute(
            f"INSERT INTO {name} ({columns}) {table.fold.format(which=f'{table.id} IN ({of})')}".encode(),
            values,
        )
        cursor = await tx.execute(
            f"SELECT DISTINCT day, county FROM {name} WHERE day BETWEEN %(first)s AND %(last)s".encode(),  # noqa: S608
            values,
        )
        buckets = [Bucket(subject, row["day"], row["county"]) for row in await cursor.fetchall()]
        keys |= {(month, one.county) for one in buckets}
        if buckets:
            await count_days(tx, definitions, buckets, counted=name, into="recounted_day_counts")
    await count_months(tx, keys, days="recounted_day_counts", into="recounted_month_counts")
    return await _differences(tx, month, against)


async def _differences(tx: Connection, month: date, against: str) -> list[Difference]:
    cursor = await tx.execute(
        f"SELECT {_KEYS}, s.n AS s_n, s.hits AS s_hits, s.excluded AS s_excluded,"  # noqa: S608
        " c.n AS c_n, c.hits AS c_hits, c.excluded AS c_excluded"
        f" FROM (SELECT * FROM {against} WHERE month = %(month)s) s"
        f" FULL JOIN recounted_month_counts c USING ({_KEYS})"
        " WHERE (s.n, s.hits, s.excluded, s.buckets, s.bucket_ns)"
        " IS DISTINCT FROM (c.n, c.hits, c.excluded, c.buckets, c.bucket_ns)"
        " ORDER BY figure, version, level, place, part".encode(),
        {"month": month},
    )
    return [
        Difference(
            figure=row["figure"], version=row["version"], place=row["place"], part=row["part"],
            stands=_counts(row["s_n"], row["s_hits"], row["s_excluded"]),
            counted=_counts(row["c_n"], row["c_hits"], row["c_excluded"]),
        )
        for row in await cursor.fetchall()
    ]  # fmt: skip


def _counts(n: int | None, hits: int, excluded: int) -> tuple[int, int, int] | None:
    return None if n is None else (n, hits, excluded)
