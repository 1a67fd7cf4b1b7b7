"""The SQL that merges moments into those that are there already: of two readings for one place the first stays.

The same rule as `moments.merge`, in the database, where two writers may meet.
"""

from services.db.pool import Connection
from services.telemetry.moment_copy import COLUMNS, VITAL_COLUMNS

COPY = f"COPY {{table}} ({', '.join(COLUMNS)}) FROM STDIN (FORMAT binary)"
_STAGING = "CREATE TEMP TABLE IF NOT EXISTS moments_staging (LIKE moments) ON COMMIT DELETE ROWS"
_ALL = ", ".join(COLUMNS)


def _held(row: str) -> str:
    """The vitals that have a value in it."""
    cases = ", ".join(f"CASE WHEN {row}.{name} IS NOT NULL THEN '{name}' END" for name in VITAL_COLUMNS)
    return f"array_remove(ARRAY[{cases}], NULL)"


def _size(row: str) -> str:
    """As `moments.size`."""
    return (
        f"(num_nonnulls({', '.join(f'{row}.{name}' for name in VITAL_COLUMNS)})"  # noqa: S608
        f" + CASE WHEN {row}.extra IS NULL THEN 0"
        f" ELSE (SELECT count(*) FROM jsonb_object_keys({row}.extra - {_held(row)})) END"
        f" + CASE WHEN {row}.texts IS NULL THEN 0"
        f" ELSE (SELECT count(*) FROM jsonb_each({row}.texts) AS e, jsonb_object_keys(e.value)) END)"
    )


SIZE = _size("m")
"""How many readings a row `m` of `moments` holds."""

_NEWS = " OR ".join(
    (
        *(f"(s.{name} IS NOT NULL AND m.{name} IS NULL)" for name in VITAL_COLUMNS),
        "(s.extra IS NOT NULL AND EXISTS (SELECT FROM jsonb_object_keys(s.extra) AS k"
        " WHERE NOT coalesce(m.extra ? k, false)))",
        "(s.texts IS NOT NULL AND NOT coalesce(m.texts @> s.texts, false))",
    )
)
_FIRST_STAYS = ", ".join(
    (
        *(
            f"{name} = CASE WHEN t.extra ? '{name}' THEN t.{name} ELSE coalesce(t.{name}, excluded.{name}) END"
            for name in VITAL_COLUMNS
        ),
        f"extra = nullif((coalesce(excluded.extra, '{{}}') - {_held('t')}) || coalesce(t.extra, '{{}}'), '{{}}')",
        "texts = CASE WHEN excluded.texts IS NULL THEN t.texts"
        " ELSE moment_texts(coalesce(t.texts, '{}'), excluded.texts) END",
    )
)
_ADD = (
    f"WITH added AS (INSERT INTO moments AS m ({_ALL}) SELECT {_ALL} FROM moments_staging ORDER BY device, time"  # noqa: S608
    f" ON CONFLICT DO NOTHING RETURNING {SIZE} AS readings) SELECT coalesce(sum(readings), 0)::bigint AS n FROM added"
)
_MERGE = f"""
WITH known AS (
    SELECT s.*, {SIZE} AS before FROM moments_staging AS s
      JOIN moments AS m ON m.device = s.device AND m.time = s.time AND m.time BETWEEN %(first)s AND %(last)s
     WHERE {_NEWS}
), merged AS (
    INSERT INTO moments AS t ({_ALL}) SELECT {_ALL} FROM known ORDER BY device, time
    ON CONFLICT (device, time) DO UPDATE SET {_FIRST_STAYS}
    RETURNING t.device, t.time, {_size("t")} AS after
)
SELECT coalesce(sum(after - before), 0)::bigint AS n FROM merged JOIN known USING (device, time)
"""  # noqa: S608


async def merge(tx: Connection, rows: bytes, first: object, last: object) -> int:
    """How many readings were new. What is there from end to end is left alone, so no compressed chunk is opened for it.

    :param rows: each moment once, as `COPY` takes them; their times are from `first` to `last`
    """
    await tx.execute(_STAGING)
    await copy(tx, "moments_staging", rows)
    added = await _count(tx, _ADD, {})
    merged = await _count(tx, _MERGE, {"first": first, "last": last})
    await tx.execute("DELETE FROM moments_staging")
    return added + merged


async def copy(tx: Connection, table: str, rows: bytes) -> None:
    async with tx.cursor() as cursor, cursor.copy(COPY.format(table=table).encode()) as into:
        await into.write(rows)


async def _count(tx: Connection, query: str, within: dict[str, object]) -> int:
    cursor = await tx.execute(query.encode(), within)
    row = await cursor.fetchone()
    return int(row["n"]) if row else 0
