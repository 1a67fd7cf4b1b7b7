"""One connection for one job that is always at work: a transaction with one round trip for each answer it waits for.

A press waits for every round trip between two processes. psycopg sends each statement by itself, and each wakes the
server. Here statements are collected in libpq's pipeline and sent when an answer is awaited, or with the commit. Each
takes texts and answers with one JSON value, so that almost nothing is converted. See docs/decisions/0013.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg import OperationalError
from psycopg.errors import ProgramLimitExceeded, ReadOnlySqlTransaction, error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from services.db.pool import Connection, Database, DatabaseUnreachable

_GOOD = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


@dataclass(frozen=True, slots=True)
class Statement:
    """Prepared once on each connection. Its parameters `$1`, `$2`, … are texts; it answers with one JSON value."""

    name: str
    sql: str


_JSON = (dict, list)


def as_text(value: Any) -> bytes | None:
    """What PostgreSQL reads back as the same: the value of a column of its type.

    :raises ValueError: for a NUL, where libpq would silently end the text
    """
    if value is None:
        return None
    if isinstance(value, str):
        text = value
    elif isinstance(value, datetime):
        return value.isoformat().encode()
    elif isinstance(value, _JSON):
        return msgspec.json.encode(value)
    else:
        text = str(value)
    if "\0" in text:
        raise ValueError("PostgreSQL keeps no NUL in a text")
    return text.encode()


def as_array(values: Iterable[object]) -> bytes | None:
    """Of texts, or of what is written as one. :raises ValueError: for a NUL"""
    quoted = ['"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]
    return as_text("{" + ",".join(quoted) + "}")


class Turns:
    """A transaction under way."""

    def __init__(self, connection: Connection) -> None:
        """:param connection: used by nobody else from now on"""
        self._connection = connection
        self._pgconn = connection.pgconn
        self._loop = asyncio.get_running_loop()
        self._socket = self._pgconn.socket
        self._prepared: set[str] = set()
        self._unanswered = 0
        self._waiter: asyncio.Future[None] | None = None
        self._listens = False
        self._pgconn.enter_pipeline_mode()

    def tell(self, statement: Statement, *values: bytes | None) -> None:
        """Is sent with the next awaited answer, or with the commit; its error is raised then."""
        name = statement.name.encode()
        if statement.name not in self._prepared:
            self._pgconn.send_prepare(name, statement.sql.encode())
            self._prepared.add(statement.name)
            self._unanswered += 1
        self._pgconn.send_query_prepared(name, values)
        self._unanswered += 1

    async def ask(self, statement: Statement, *values: bytes | None) -> bytes | None:
        """The JSON that a statement answers with, None where it has none (NULL, or no row).

        :raises psycopg.Error: of this statement, or of one that was told before
        """
        self.tell(statement, *values)
        self._pgconn.send_flush_request()
        answer = await self._answers()
        return answer.get_value(0, 0) if answer is not None and answer.ntuples else None

    async def commit(self) -> None:
        """:raises psycopg.Error: of a statement that was told; then nothing of the transaction was done"""
        self._pgconn.pipeline_sync()
        await self._answers()
        await self._result()

    async def _answers(self) -> PGresult | None:
        """All that are due, the last of them returned."""
        while self._pgconn.flush():
            self._loop.add_writer(self._socket, self._on_ready)
            try:
                await self._ready()
            finally:
                self._loop.remove_writer(self._socket)
        answer = None
        while self._unanswered:
            answer = await self._result()
            if answer is None or answer.status not in _GOOD:
                raise OperationalError("no answer") if answer is None else error_from_result(answer)
            await self._result()  # None: the end of one statement's
            self._unanswered -= 1
        return answer

    async def _result(self) -> PGresult | None:
        while self._pgconn.is_busy():
            await self._ready()
        return self._pgconn.get_result()

    async def _ready(self) -> None:
        """Waits until something has come, or can be sent."""
        if not self._listens:
            self._loop.add_reader(self._socket, self._on_ready)
            self._listens = True
        self._waiter = self._loop.create_future()
        await self._waiter
        self._pgconn.consume_input()

    def _on_ready(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        else:  # nobody waits: the server has gone, or says what nobody asked for
            self._stop_listening()

    def _stop_listening(self) -> None:
        if self._listens:
            self._loop.remove_reader(self._socket)
            self._listens = False

    async def close(self) -> None:
        self._stop_listening()
        await self._connection.close()


class Pipeline:
    """One transaction at a time. A connection that broke, or that a fail-over has left on a standby, is opened anew."""

    def __init__(self, db: Database, *, flushes: bool = True) -> None:
        """:param flushes: False: a commit is seen, and notified, before the disk has it; see `services.db.flush`."""
        self._db = db
        self._flushes = flushes
        self._turns: Turns | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Turns]:
        """Commits when the block ends; where it raises nothing was changed, for the connection is closed.

        :raises DatabaseUnreachable: nothing was changed, or the connection broke before the commit was confirmed
        """
        try:
            if self._turns is None:
                self._turns = await self._open()
            yield self._turns
            await self._turns.commit()
        except BaseException as error:
            await self.close()
            if isinstance(error, ProgramLimitExceeded):  # psycopg counts it among the next, yet it is the data's fault
                raise
            if isinstance(error, OperationalError | ReadOnlySqlTransaction):
                raise DatabaseUnreachable(type(error).__name__) from error
            raise

    async def _open(self) -> Turns:
        connection = await self._db.connect_alone()
        # Otherwise some are planned anew every time; and a plan made while a table was empty is kept when it has grown.
        await connection.execute("SET plan_cache_mode TO force_generic_plan")
        await connection.execute("SET enable_seqscan TO off")
        if not self._flushes:
            await connection.execute("SET synchronous_commit TO off")
        return Turns(connection)

    async def close(self) -> None:
        turns, self._turns = self._turns, None
        if turns is not None:
            await turns.close()
