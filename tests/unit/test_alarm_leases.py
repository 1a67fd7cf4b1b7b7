"""After the database was away, nobody loses a claim for not having been able to renew it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from services.alarms.timers import LeaseTimer
from services.db.pool import DatabaseUnreachable


class AwayDatabase:
    """Answers nobody, and counts who asked."""

    def __init__(self) -> None:
        self.asked = 0

    @asynccontextmanager
    async def transaction(self, **_: Any) -> AsyncIterator[None]:
        self.asked += 1
        raise DatabaseUnreachable("away")
        yield


async def test_the_timer_waits_a_while_after_the_database_was_away() -> None:
    away = AwayDatabase()
    timer = asyncio.create_task(LeaseTimer(away, every_seconds=0.001).run())  # type: ignore[arg-type]
    await asyncio.sleep(0.1)
    timer.cancel()
    with suppress(asyncio.CancelledError):
        await timer
    assert away.asked == 1
