"""The life of a process: its loop, signals, logs and health port. It ends cleanly, or says why it cannot continue."""

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
import uvloop

from backbone import log as logs
from backbone.health import HealthServer, Readiness
from backbone.log import describe

Body = Callable[["Process"], Awaitable[None]]
END_SECONDS = 10.0
"""How long a process may take to end after it was asked to."""

GC_THRESHOLDS = (50_000, 20, 50)
"""The collector's defaults, (700, 10, 10), stop a busy loop for milliseconds and find next to no cycles."""

log = structlog.get_logger("process")


class Process:
    """What the body of a process is given."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.readiness = Readiness()


def run(
    name: str,
    body: Body,
    *,
    metrics_port: int | None,
    metrics_host: str = "127.0.0.1",
    log_level: str = "info",
) -> int:
    """Runs the body until it returns, fails, or SIGTERM or SIGINT comes: then it is cancelled. The exit code.

    :param metrics_port: 0 takes a free one and logs it; None opens none.
    """
    logs.configure(name, log_level)
    spare_the_collector()
    process = Process(name)
    health = None if metrics_port is None else HealthServer(process.readiness, port=metrics_port, host=metrics_host)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_live(process, body, health))


def spare_the_collector() -> None:
    """Objects that exist now stay, so no collection need look at them: a collection of a web application stops it for
    100 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


async def _live(process: Process, body: Body, health: HealthServer | None) -> int:
    asked = asyncio.Event()
    _listen_for_signals(asked)
    try:
        if health is not None:
            await health.start()
        log.info("started", pid=os.getpid(), metrics_port=health.port if health else None)
        return await _until_asked(body(process), asked)
    except OSError as error:
        log.error("cannot_start", error=f"the port for metrics cannot be opened: {describe(error)}")
        return 1
    finally:
        if health is not None:
            await health.close()


def _listen_for_signals(asked: asyncio.Event) -> None:
    def heard(number: int) -> None:
        if asked.is_set():
            os._exit(128 + number)  # asked twice: somebody is in a hurry
        asked.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, heard, number)


async def _until_asked(body: Awaitable[None], asked: asyncio.Event) -> int:
    work = asyncio.ensure_future(body)
    waiting = asyncio.ensure_future(asked.wait())
    await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not work.done():
        log.info("ending")
        work.cancel()
        _, late = await asyncio.wait({work}, timeout=END_SECONDS)
        if late:
            log.error("ended_by_force", seconds=END_SECONDS)
            return 1
    with suppress(asyncio.CancelledError):
        try:
            work.result()
        except Exception:
            log.exception("failed")
            return 1
    log.info("ended")
    return 0
