"""The process behind `yian worker`: what follows from an alarm or an order and nobody asks for. Outbox, notices, what
dispatch proposes, timers, supervision of devices.

Several may run side by side: the consumers share the partitions, one relay works, and timers skip each other's rows.
"""

import asyncio
import sys
from collections.abc import Callable

from backbone import process
from backbone.priority import let_alarms_go_first
from backbone.process import Process
from services.settings import WorkerSettings
from services.wiring.clock import WALL, Clock
from services.wiring.keep import keep
from services.wiring.worker import worker_parts

NICE = 5
"""As the dispatcher: families wait for it, but an alarm goes first."""


def run(settings: WorkerSettings, clock: Clock = WALL) -> int:
    """Until SIGTERM or SIGINT; the exit code."""
    let_alarms_go_first(nice=NICE)
    return process.run(
        "worker",
        lambda life: work(life, settings, clock),
        metrics_port=settings.metrics_port,
        metrics_host=settings.metrics_host,
        log_level=settings.log_level,
    )


def main() -> None:
    sys.exit(run(WorkerSettings()))  # from the environment


async def work(life: Process, settings: WorkerSettings, clock: Clock = WALL) -> None:
    parts = worker_parts(settings, clock)
    for name, is_ready in parts.ready.items():
        life.readiness.add(name, _trouble(name, is_ready))
    pools = (parts.db, parts.planning, parts.orders, parts.response)
    for pool in pools:
        await pool.open()
    try:
        async with asyncio.TaskGroup() as group:
            for name, job in parts.jobs.items():
                group.create_task(keep(name, job), name=name)
    finally:
        await parts.bus.close()
        for pool in reversed(pools):
            await pool.close()


def _trouble(name: str, is_ready: Callable[[], bool]) -> Callable[[], str | None]:
    return lambda: None if is_ready() else f"{name}: what it stands on does not answer"
