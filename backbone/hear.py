"""What everybody hears: of topics whose records are not shared out among a group."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from backbone.bus import Bus, BusUnavailable, Delivered
from contracts.topics import Topic

AGAIN_SECONDS = 0.3


async def hear_from_now_on(bus: Bus, topics: Sequence[Topic], hear: Callable[[Delivered], None]) -> None:
    """Until cancelled. What is said while the bus is away is missed."""
    while True:
        with suppress(BusUnavailable):
            subscription = await bus.subscribe(topics, group=None)
            try:
                while True:
                    for record in await subscription.fetch():
                        hear(record)
            finally:
                await subscription.close()
        await asyncio.sleep(AGAIN_SECONDS)
