"""Listening to PostgreSQL: what is notified arrives, a connection that breaks is told, and nobody else's is touched."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import closing

import psycopg
import pytest

from backbone.postgres.notify import listening

CHANNEL = "a_channel"
SECONDS = 5.0


@pytest.fixture
async def ears(postgres_dsn: str) -> AsyncIterator[psycopg.AsyncConnection]:
    connection = await psycopg.AsyncConnection.connect(postgres_dsn, autocommit=True)
    yield connection
    await connection.close()


@pytest.fixture
async def mouth(postgres_dsn: str) -> AsyncIterator[psycopg.AsyncConnection]:
    connection = await psycopg.AsyncConnection.connect(postgres_dsn, autocommit=True)
    yield connection
    await connection.close()


async def test_what_is_notified_arrives_in_its_order(
    ears: psycopg.AsyncConnection, mouth: psycopg.AsyncConnection
) -> None:
    heard = asyncio.Queue[bytes]()
    async with listening(ears, {CHANNEL: heard.put_nowait}):
        for word in ("one", "two", "三"):
            await mouth.execute("SELECT pg_notify(%s, %s)", (CHANNEL, word))
        told = [await asyncio.wait_for(heard.get(), SECONDS) for _ in range(3)]
    assert [word.decode() for word in told] == ["one", "two", "三"]


async def test_a_connection_that_breaks_is_told(ears: psycopg.AsyncConnection, mouth: psycopg.AsyncConnection) -> None:
    async with listening(ears, {CHANNEL: lambda _: None}) as broken:
        await mouth.execute("SELECT pg_terminate_backend(%s)", (ears.info.backend_pid,))
        with pytest.raises(psycopg.OperationalError):
            await asyncio.wait_for(broken, SECONDS)


async def test_what_hearing_raises_is_told(ears: psycopg.AsyncConnection, mouth: psycopg.AsyncConnection) -> None:
    def deaf(word: bytes) -> None:
        raise ValueError(word.decode())

    async with listening(ears, {CHANNEL: deaf}) as broken:
        await mouth.execute("SELECT pg_notify(%s, 'a word')", (CHANNEL,))
        with pytest.raises(ValueError, match="a word"):
            await asyncio.wait_for(broken, SECONDS)


async def test_who_has_got_the_number_of_a_broken_connections_socket_meanwhile_still_hears(
    ears: psycopg.AsyncConnection, mouth: psycopg.AsyncConnection
) -> None:
    """libpq closes it; a worker's connection for alarms once got the number, and was never told of an answer again."""
    loop, number, heard = asyncio.get_running_loop(), ears.fileno(), asyncio.Event()
    here, there = socket.socketpair()
    with closing(here), closing(there):
        async with listening(ears, {CHANNEL: lambda _: None}) as broken:
            await mouth.execute("SELECT pg_terminate_backend(%s)", (ears.info.backend_pid,))
            await asyncio.wait([broken], timeout=SECONDS)
            with pytest.raises(OSError, match="Bad file descriptor"):
                os.fstat(number)
            os.dup2(here.fileno(), number)
            loop.add_reader(number, heard.set)
        there.send(b"an answer")
        await asyncio.wait_for(heard.wait(), SECONDS)
        loop.remove_reader(number)
        os.close(number)
