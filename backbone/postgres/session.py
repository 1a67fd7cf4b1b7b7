"""One connection to PostgreSQL that makes itself anew after it was lost."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from backbone.bus import BusUnavailable, UnknownTopic
from backbone.log import describe
from backbone.postgres.priority import as_its_client

Connection = AsyncConnection[TupleRow]
T = TypeVar("T")

PEER_WATCHED: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""libpq's options that detect a vanished server within 20 s instead of hours."""
PLANS_ONCE = "-c plan_cache_mode=force_generic_plan"
"""A server's option: a prepared statement is planned once and not for each values. For statements that find rows by
their keys; planning them took more of the server than answering them (docs/decisions/0035)."""


async def connect(dsn: str, *, name: str) -> Connection:
    connection = await AsyncConnection.connect(
        dsn, autocommit=True, application_name=f"yian bus {name}"[:63], options=PLANS_ONCE, **PEER_WATCHED
    )
    await as_its_client(connection)
    return connection


class PostgresSession:
    """Work runs one at a time; any failure closes the connection, and the next work opens a new one."""

    def __init__(
        self,
        dsn: str,
        *,
        name: str,
        timeout_seconds: float = 10.0,
        on_open: Callable[[Connection], Awaitable[None]] | None = None,
    ) -> None:
        self._dsn = dsn
        self._name = name
        self._timeout = timeout_seconds
        self._on_open = on_open
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    async def run(self, work: Callable[[Connection], Awaitable[T]], *, within: float | None = None) -> T:
        """:param within: seconds, if not the session's own. :raises BusUnavailable: whatever the database's reason."""
        async with self._turn:
            try:
                async with asyncio.timeout(within or self._timeout):
                    return await work(await self._open())
            except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
                await self._drop()
                raise UnknownTopic("the bus has no tables yet: run `yian migrate`") from error
            except (psycopg.Error, TimeoutError, OSError) as error:
                await self._drop()
                raise BusUnavailable(f"PostgreSQL: {describe(error)}") from error
            except BaseException:
                # Cancelled in the middle: the state of the connection is unknown.
                await self._drop()
                raise

    async def _open(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = connection = await connect(self._dsn, name=self._name)
            if self._on_open is not None:
                await self._on_open(connection)
        return self._connection

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                await connection.close()

    async def close(self) -> None:
        async with self._turn:
            await self._drop()
