"""PostgreSQL: reachable, writable, the right version and schema, its clock, time series."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from services.db.migrate import MigrationRefused, pending
from yian.doctor.finding import Findings, note, well, wrong
from yian.surroundings import Surroundings

_OLDEST = 160000
_CLOCKS_MAY_DIFFER = timedelta(seconds=2)
_FACTS = """
SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version,
       current_setting('transaction_read_only') AS read_only, current_setting('synchronous_commit') AS durable,
       current_setting('fsync') AS fsync, clock_timestamp() AS now,
       (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS timescale,
       to_regclass('readings_of_before') IS NOT NULL AS has_readings_of_before,
       (SELECT default_version FROM pg_available_extensions WHERE name = 'timescaledb') AS timescale_available
"""


async def examine(around: Surroundings) -> Findings:
    found = Findings("Database")
    address = around.get("YIAN_DATABASE")
    if address is None:
        found.add(wrong("YIAN_DATABASE is not set", "set it to postgresql://…, or start a city here: make up"))
        return found
    mend = "is it running, and is YIAN_DATABASE right? A city here: make up"
    with found.must("not reachable", mend, psycopg.Error):
        facts, asked, answered = await _facts(address)
        _server(found, facts)
        _clock(found, facts["now"], asked, answered)
        _time_series(found, facts)
        await _schema(found, address)
    return found


async def _facts(address: str) -> tuple[dict[str, Any], datetime, datetime]:
    async with await psycopg.AsyncConnection.connect(address, connect_timeout=5, row_factory=dict_row) as connection:
        asked = datetime.now(UTC)
        facts = await (await connection.execute(_FACTS)).fetchone()
        answered = datetime.now(UTC)
    if facts is None:
        raise psycopg.OperationalError("it answered nothing")
    return facts, asked, answered


def _server(found: Findings, facts: dict[str, Any]) -> None:
    if facts["number"] < _OLDEST:
        found.add(wrong(f"PostgreSQL {facts['version']} is too old", "16 or newer is needed"))
    else:
        found.add(well(f"PostgreSQL {facts['version']}"))
    if facts["read_only"] == "on":
        found.add(
            wrong("this server takes no writes", "it is a standby: add target_session_attrs=read-write to the DSN")
        )
    for setting in ("fsync", "durable"):
        name = "synchronous_commit" if setting == "durable" else setting
        if facts[setting] == "off":
            found.add(wrong(f"{name} is off: an accepted alarm could be lost", f"set {name} = on in postgresql.conf"))


def _clock(found: Findings, theirs: datetime, asked: datetime, answered: datetime) -> None:
    apart = max(asked - theirs, theirs - answered, timedelta())
    if apart > _CLOCKS_MAY_DIFFER:
        found.add(
            wrong(
                f"its clock and this machine's are {apart.total_seconds():.1f} s apart",
                "keep both right with NTP (chrony, systemd-timesyncd): deadlines and ages are counted with them",
            )
        )
    else:
        found.add(well("its clock agrees with this machine's"))


def _time_series(found: Findings, facts: dict[str, Any]) -> None:
    if facts["timescale"]:
        found.add(well(f"TimescaleDB {facts['timescale']}"))
    elif facts["timescale_available"]:
        found.add(note("TimescaleDB is on the server but not in this database", "it was migrated without; see README"))
    else:
        found.add(note("no TimescaleDB: telemetry is in plain tables, right for trying out and for a small town"))
    if facts["has_readings_of_before"]:
        found.add(note("readings of an older release are still to be moved", "yian move-readings"))


async def _schema(found: Findings, address: str) -> None:
    with found.must("schema", "use the release this database was migrated with, or a newer one", MigrationRefused):
        due = await pending(address)
        if due:
            found.add(wrong(f"schema: {len(due)} migrations are pending, the first is {due[0]}", "yian migrate"))
        else:
            found.add(well("schema: that of this release"))
