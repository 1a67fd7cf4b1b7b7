"""Parts of a process, kept running."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from prometheus_client import Counter

Job = Callable[[], Awaitable[None]]
"""Runs until it is cancelled."""

AGAIN_SECONDS = 1.0

FAULTS = Counter("yian_part_faults", "times a part of a process failed in a way nobody foresaw", ["part"])

log = structlog.get_logger("parts")


async def keep(name: str, job: Job) -> None:
    """The fault of one part must not stop the others: it is logged and the part started again."""
    faults = FAULTS.labels(name)  # from 0 on, else its first is not seen as an increase
    while True:
        try:
            await job()
        except Exception:
            faults.inc()
            log.exception("part_failed", part=name)
        await asyncio.sleep(AGAIN_SECONDS)
