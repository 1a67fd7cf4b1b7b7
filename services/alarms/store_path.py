"""The SQL of the probes that travel the path of alarms."""

from dataclasses import dataclass
from datetime import datetime

from contracts.alarm_path import PathProbe
from services.db.pipeline import Statement, Turns, as_text
from services.db.pool import Connection

_KEEP = Statement(
    "keep_probe",
    "INSERT INTO alarm_path_arrivals (gateway_id, partition, probe_id, sent_at, worker_at) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (gateway_id, partition) DO UPDATE SET probe_id = EXCLUDED.probe_id, sent_at = EXCLUDED.sent_at,"
    " worker_at = EXCLUDED.worker_at, kept_at = clock_timestamp()",
)


def keep_probe(turns: Turns, probe: PathProbe, *, partition: int, worker_at: datetime) -> None:
    """
    :param partition: of the bus, by which it came
    :param worker_at: the worker's clock
    """
    values = (probe.gateway_id, partition, probe.probe_id, probe.sent_at, worker_at)
    turns.tell(_KEEP, *map(as_text, values))


@dataclass(frozen=True, slots=True)
class KeptProbe:
    gateway_id: str
    partition: int
    probe_id: str
    worker_ahead_seconds: float
    """Seconds by which the worker's clock is ahead of the database's."""


@dataclass(frozen=True, slots=True)
class Look:
    at: datetime
    """The database's clock."""
    probes: list[KeptProbe]


class PathStore:
    def __init__(self, connection: Connection) -> None:
        """:param connection: in autocommit"""
        self._connection = connection

    async def write_and_look(self) -> Look:
        """Writes a row, and returns once it is on disk. Emptying the table first begins a new file: so this fails on a
        full disk, where an update could still find space in the old file.

        :raises psycopg.Error: when it could not be written
        """
        async with self._connection.transaction():
            await self._connection.execute("TRUNCATE alarm_path_writes")
            cursor = await self._connection.execute("INSERT INTO alarm_path_writes VALUES (DEFAULT) RETURNING at")
            row = await cursor.fetchone()
        assert row is not None
        cursor = await self._connection.execute(
            "SELECT gateway_id, partition, probe_id,"
            " extract(epoch FROM worker_at - kept_at)::float8 AS worker_ahead_seconds FROM alarm_path_arrivals"
        )
        return Look(row["at"], [KeptProbe(**kept) for kept in await cursor.fetchall()])
