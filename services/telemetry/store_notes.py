"""The SQL of what is noted of devices beside their readings: when they spoke, and what was odd."""

from collections.abc import Mapping
from datetime import datetime

from services.db.pool import Connection


async def note_seen(tx: Connection, seen: Mapping[str, tuple[datetime, float | None]]) -> None:
    """Device → when last heard, and its battery if it told. An older report changes nothing."""
    await tx.execute(
        "INSERT INTO device_states AS s (device_id, last_seen_at, battery_pct)"
        " SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::real[]) AS t (device_id, at, pct) ORDER BY 1"
        " ON CONFLICT (device_id) DO UPDATE SET last_seen_at = excluded.last_seen_at,"
        " battery_pct = coalesce(excluded.battery_pct, s.battery_pct)"
        " WHERE s.last_seen_at IS NULL OR s.last_seen_at < excluded.last_seen_at",
        (list(seen), [at for at, _ in seen.values()], [pct for _, pct in seen.values()]),
    )


async def note_remarks(tx: Connection, remarks: Mapping[tuple[str, str, str], datetime]) -> None:
    """(device, name, remark) → when received."""
    keys = sorted(remarks)
    await tx.execute(
        "INSERT INTO reading_remarks AS r (device_id, name, remark, first_at, last_at)"
        " SELECT device_id, name, remark, at, at FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[])"
        " AS t (device_id, name, remark, at)"
        " ON CONFLICT (device_id, name, remark) DO UPDATE SET last_at = greatest(r.last_at, excluded.last_at)",
        (*(list(column) for column in zip(*keys, strict=True)), [remarks[key] for key in keys]),
    )
