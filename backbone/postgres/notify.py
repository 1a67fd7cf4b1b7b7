"""Hands over PostgreSQL's notifications the moment they arrive. psycopg's own generator needs a lock, a task and a
timer for each, and a console waits for all of them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, sql


@asynccontextmanager
async def listening(
    connection: AsyncConnection[Any], hears: Mapping[str, Callable[[bytes], None]]
) -> AsyncIterator[asyncio.Future[None]]:
    """Within the block what is told on each channel is called with its payload, in the order of the commits, whatever
    the channel; nobody else may use the connection meanwhile.

    Yields a future that is never done but fails when the connection breaks, or with what is raised there: await it.
    """
    connection.add_notify_handler(lambda told: hears[told.channel](told.payload.encode()))  # with LISTEN's own answer
    for channel in hears:
        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
    loop, pgconn, socket = asyncio.get_running_loop(), connection.pgconn, connection.fileno()
    broken: asyncio.Future[None] = loop.create_future()
    broken.add_done_callback(lambda done: done.cancelled() or done.exception())  # told, whether awaited or not
    listens = True

    def take() -> None:
        try:
            pgconn.consume_input()
            while (told := pgconn.notifies()) is not None:
                hears[told.relname.decode()](told.extra)
        except Exception as error:
            stop()
            if not broken.done():  # whoever awaited it may just have been cancelled
                broken.set_exception(error)

    def stop() -> None:
        """Removes the reader only once: libpq has closed the socket of a broken connection, and its number may belong
        to another by now."""
        nonlocal listens
        if listens:
            loop.remove_reader(socket)
        listens = False

    loop.add_reader(socket, take)
    try:
        yield broken
    finally:
        stop()
        broken.cancel()
