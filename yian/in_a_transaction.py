"""What a command does in one transaction of the city's database."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from services.db.pool import Connection, Database
from yian.surroundings import Surroundings

T = TypeVar("T")


def in_a_transaction(data: Path, name: str, work: Callable[[Connection], Awaitable[T]]) -> T:
    """:param name: of the connection, as the server shows it"""

    async def run() -> T:
        db = Database(Surroundings.at(data).database, connections=1, name=name)
        await db.open()
        try:
            async with db.transaction() as tx:
                return await work(tx)
        finally:
            await db.close()

    return asyncio.run(run())
