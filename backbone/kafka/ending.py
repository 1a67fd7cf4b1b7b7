"""Closing what aiokafka opened, in bounded time."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger("kafka")


async def end_within(seconds: float, ending: Coroutine[Any, Any, None]) -> None:
    """Waits at most so long, then lets the task end on its own.

    Its errors no longer matter. `asyncio.timeout` is not enough: some of aiokafka's tasks swallow the cancellation and
    go on waiting (0.14).
    """
    task = asyncio.create_task(ending)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        log.warning("ending_left_behind", seconds=seconds)
        task.cancel()
    elif not task.cancelled():
        task.exception()  # it has been looked at
