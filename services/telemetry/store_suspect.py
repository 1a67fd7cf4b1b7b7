"""The SQL of readings whose time cannot be right (decision 8): few, one row each, ordered by when they were received.

Whether a time can be right depends on when it was heard, so a reading that is sent again may be suspect by then, or no
longer. Either way it is there once: each table is asked for what is in the other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.db.pool import Connection
from services.telemetry.model import Reading
from services.telemetry.moment_copy import VITAL_COLUMNS

_TYPES = ("int4", "int4", "text", "text", "int8", "int8", "float8", "text", "float8", "text", "text")
_STAGING = """
CREATE TEMP TABLE IF NOT EXISTS suspect_staging (
    nth int, device int, name text, unit text, measured_us bigint, received_us bigint, value double precision,
    text_value text, sent_value double precision, sent_unit text, mark text
) ON COMMIT DELETE ROWS
"""
_COLUMNS = "device, name, unit, measured_at, received_at, value, text_value, sent_value, sent_unit, mark"
_HAS_VALUE = " ".join(f"WHEN '{name}' THEN m.{name} IS NOT NULL" for name in VITAL_COLUMNS)
_NEW = f"""
WITH sent AS (
    SELECT nth, device, name, unit, timestamptz 'epoch' + measured_us * interval '1 microsecond' AS measured_at,
           timestamptz 'epoch' + received_us * interval '1 microsecond' AS received_at, value, text_value, sent_value,
           sent_unit, mark
      FROM suspect_staging
)
INSERT INTO suspect_readings ({_COLUMNS})
SELECT {_COLUMNS} FROM sent AS s
 WHERE NOT EXISTS (
    SELECT FROM moments AS m
     WHERE m.device = s.device AND m.time = s.measured_at
       AND m.time >= (SELECT min(measured_at) FROM sent) AND m.time <= (SELECT max(measured_at) FROM sent)
       AND CASE WHEN s.text_value <> '' THEN coalesce(m.texts -> s.name ? s.text_value, false)
           ELSE coalesce(m.extra ? s.name, false)
                OR CASE s.name {_HAS_VALUE} ELSE false END END)
 ORDER BY device, name, measured_at, text_value, nth
    ON CONFLICT DO NOTHING
"""  # noqa: S608


async def write(tx: Connection, readings: Sequence[Reading], numbers: Mapping[str, int]) -> int:
    """Keep what is new, return how many were."""
    if not readings:
        return 0
    await tx.execute(_STAGING)
    async with tx.cursor() as cursor, cursor.copy("COPY suspect_staging FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(_TYPES)
        for nth, r in enumerate(readings):
            when = (r.measured_us, r.received_us)
            sent = (r.sent_value, r.sent_unit, r.mark)
            await copy.write_row((nth, numbers[r.device_id], r.name, r.unit, *when, r.value, r.text or "", *sent))
    cursor = await tx.execute(_NEW.encode())
    await tx.execute("DELETE FROM suspect_staging")
    return cursor.rowcount


async def taken(tx: Connection, first: datetime, last: datetime) -> dict[tuple[str, int], list[tuple[str, str]]]:
    """What was heard of these times when nobody could believe them: (device, microseconds) → names and texts."""
    cursor = await tx.execute(
        "SELECT n.device_id, (extract(epoch FROM s.measured_at) * 1000000)::bigint AS us, s.name, s.text_value"
        " FROM suspect_readings AS s JOIN device_numbers AS n USING (device)"
        " WHERE s.measured_at BETWEEN %s AND %s",
        (first, last),
    )
    found: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for row in await cursor.fetchall():
        found.setdefault((row["device_id"], row["us"]), []).append((row["name"], row["text_value"]))
    return found
