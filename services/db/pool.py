"""The database: a pool of connections and the one way to open a transaction."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, OperationalError
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from backbone.postgres.log import SETTLE
from backbone.postgres.priority import as_its_client
from backbone.postgres.session import PEER_WATCHED, PLANS_ONCE
from services.db.pool_figures import FIGURES
from services.errors import Unreachable

_PLAN_ONCE = "SET LOCAL plan_cache_mode TO force_generic_plan"


class Connection(AsyncConnection[DictRow]):
    """Rows come as dicts; a store asks for another row factory per cursor."""

    unsettled = False
    """Its transaction commits before the disk has it (`services.db.ringing`)."""


class DatabaseUnreachable(Unreachable):
    code = "db.unavailable"
    title = "The database does not answer; nothing was changed, try again"


async def _refuse_useless(connection: Connection) -> None:
    """After a fail-over a connection may lead to a standby, or to nobody any more: the pool then closes it. What the
    server has reported by itself says so; asking it would cost every transaction a round trip."""
    link = connection.pgconn
    link.consume_input()  # what the server has said last
    link.consume_input()  # that it has gone: raises OperationalError
    link.is_busy()  # takes in what was read
    if b"on" in (link.parameter_status(name) for name in (b"in_hot_standby", b"default_transaction_read_only")):
        raise OperationalError("the server is read-only")


class Database:
    def __init__(
        self,
        dsn: str,
        *,
        connections: int = 10,
        name: str = "yian",
        wait_seconds: float = 5.0,
        nice: int = 0,
        by_key: bool = False,
    ) -> None:
        """:param dsn: libpq DSN; several hosts allowed, with `target_session_attrs=read-write`
        :param nice: of its server processes, if more than of this process (`backbone.postgres.priority`)
        :param by_key: all is asked by keys, so a plan made once is as good as one for these values, and is kept
        """
        self._dsn = dsn
        self._connect_arguments: dict[str, Any] = {
            "row_factory": dict_row,
            "application_name": name,
            **PEER_WATCHED,
            # Whatever the server's default: times come out the same everywhere.
            "options": f"-c TimeZone=UTC {PLANS_ONCE}" if by_key else "-c TimeZone=UTC",
        }
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            dsn,
            connection_class=Connection,
            min_size=min(2, connections),
            max_size=connections,
            timeout=wait_seconds,
            reconnect_timeout=10.0,
            check=_refuse_useless,
            configure=partial(as_its_client, nice=nice),
            kwargs={**self._connect_arguments, "autocommit": True},  # `transaction` begins each one itself
            open=False,
            name=name,
        )

    async def open(self) -> None:
        """Does not wait for the server: a process starts without it and says so in `/readyz`."""
        await self._pool.open(wait=False)
        FIGURES.add(self._pool)

    async def close(self) -> None:
        FIGURES.remove(self._pool)
        await self._pool.close(timeout=2.0)

    @asynccontextmanager
    async def transaction(self, *, actor: UUID | None = None, pipelined: bool = False) -> AsyncIterator[Connection]:
        """Commits when the block ends, rolls back when it raises. Returns once the disk has it.

        `actor`: who the audit names for what is written.

        `pipelined`: statements travel together, up to the next one whose rows are read, BEGIN and COMMIT with them;
        what one of them refuses is then raised by a later read, or by the end of the block. They ask by keys, so their
        plans are made once, as with `by_key`.

        :raises DatabaseUnreachable: when no connection is to be had, or it breaks on the way.
        """
        try:
            async with AsyncExitStack() as stack:
                connection = await stack.enter_async_context(self._pool.connection())
                if pipelined:
                    await stack.enter_async_context(connection.pipeline())
                connection.unsettled = False
                async with connection.transaction():
                    if pipelined:
                        await connection.execute(_PLAN_ONCE)
                    if actor is not None:
                        await connection.execute("SELECT set_config('yian.actor', %s, true)", (str(actor),))
                    yield connection
                if connection.unsettled:
                    await connection.execute(SETTLE)
        except (PoolTimeout, OperationalError) as error:
            raise DatabaseUnreachable(type(error).__name__) from error

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Each statement by itself, without a transaction around: for what is only read, and need not agree.

        :raises DatabaseUnreachable: as `transaction`
        """
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, OperationalError) as error:
            raise DatabaseUnreachable(type(error).__name__) from error

    async def connect_alone(self) -> Connection:
        """A connection of its own outside the pool, in autocommit: for LISTEN and for locks held as long as it lives.

        :raises DatabaseUnreachable:
        """
        try:
            return await Connection.connect(self._dsn, autocommit=True, **self._connect_arguments)
        except OperationalError as error:
            raise DatabaseUnreachable(type(error).__name__) from error

    async def ping(self) -> None:
        """:raises DatabaseUnreachable:"""
        async with self.transaction() as connection:
            await connection.execute("SELECT 1")
