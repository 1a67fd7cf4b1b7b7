"""The process behind `yian dispatcher`: proposes who comes for which order. Several share the areas.

No alarm waits for it. Without it orders are taken and wait.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import structlog
import uvicorn

from backbone import process
from backbone.http import BoundedHttp
from backbone.priority import let_alarms_go_first
from backbone.process import Process
from services.assignment.search import SearchMissing, have_search
from services.settings import DispatcherSettings
from services.wiring.clock import WALL, Clock
from services.wiring.dispatcher import DispatcherParts, dispatcher_parts, open_socket
from services.wiring.keep import keep

NICE = 5
"""A third of an equal share where the processor is short: families wait for what it answers. Telemetry has a tenth."""
SEARCH_SECONDS = 5.0
"""How often it is looked whether the search has been compiled meanwhile."""

log = structlog.get_logger("dispatcher")


def run(settings: DispatcherSettings, clock: Clock = WALL) -> int:
    """Until SIGTERM or SIGINT; the exit code."""
    let_alarms_go_first(nice=NICE)
    return process.run(
        "dispatcher",
        lambda life: work(life, settings, clock),
        metrics_port=settings.metrics_port,
        metrics_host=settings.metrics_host,
        log_level=settings.log_level,
    )


def prepare() -> None:
    """Of what takes longest to load; where it is missing, that is said when the process runs."""
    with suppress(SearchMissing):
        have_search()


def main() -> None:
    sys.exit(run(DispatcherSettings()))  # from the environment


async def work(life: Process, settings: DispatcherSettings, clock: Clock = WALL) -> None:
    await _search_at_hand(life)
    listening = open_socket(settings)
    parts = dispatcher_parts(settings, port=listening.getsockname()[1], clock=clock)
    for name, is_ready in parts.ready.items():
        life.readiness.add(name, _trouble(name, is_ready))
    server = _Server(
        uvicorn.Config(parts.http, http=BoundedHttp, log_config=None, access_log=False, lifespan="off", loop="none")
    )
    async with _opened(parts), asyncio.TaskGroup() as group:
        group.create_task(server.serve(sockets=[listening]), name="http")
        for name, job in parts.jobs.items():
            group.create_task(keep(name, job), name=name)


async def _search_at_hand(life: Process) -> None:
    """Compiling it takes minutes and is `make kernel`'s; `yian up` does it in the background."""
    missing: list[str] = []
    life.readiness.add("search", lambda: missing[0] if missing else None)
    while True:
        try:
            await asyncio.to_thread(have_search)
        except SearchMissing as error:
            if not missing:
                log.warning("search_is_missing", error=str(error))
            missing[:] = [str(error)]
            await asyncio.sleep(SEARCH_SECONDS)
        else:
            missing.clear()
            process.spare_the_collector()
            return


@asynccontextmanager
async def _opened(parts: DispatcherParts) -> AsyncIterator[None]:
    await parts.db.open()
    try:
        yield
    finally:
        await parts.areas.close()
        parts.planner.turns.close()
        await parts.bus.close()
        await parts.db.close()


class _Server(uvicorn.Server):
    """Signals are the process's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _trouble(name: str, is_ready: Callable[[], bool]) -> Callable[[], str | None]:
    return lambda: None if is_ready() else f"{name}: what it stands on does not answer"
