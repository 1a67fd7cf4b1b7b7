"""`/healthz`: the process is alive. `/readyz`: it can do its work. `/metrics`, as of every process, has a port of its
own: how busy a city is, and with what, is not for whoever reaches the pages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from backbone.bus import BusUnavailable
from backbone.health import HealthServer, Readiness
from backbone.log import describe
from services.errors import Unreachable
from services.wiring.app import AppParts

_PATIENCE_SECONDS = 2.0
AGAIN_SECONDS = 1.0
"""A process that was killed may leave another one behind, which takes a moment to end and holds the port until then."""

log = structlog.get_logger("app")


@asynccontextmanager
async def metrics(parts: AppParts) -> AsyncIterator[HealthServer]:
    """If the port is taken it is tried again: pages and consoles do not wait for it."""
    readiness = Readiness()
    readiness.add("alarms", lambda: stopped.part if (stopped := parts.path.stopped) else None)
    server = HealthServer(readiness, port=parts.settings.metrics_port, host=parts.settings.metrics_host)
    waiting: asyncio.Task[None] | None = None
    try:
        await server.start()
    except OSError as error:
        log.warning("metrics_wait", port=server.port, error=describe(error))
        waiting = asyncio.create_task(_start_at_last(server), name="metrics")
    log.info("metrics", port=server.port)
    try:
        yield server
    finally:
        if waiting is not None:
            waiting.cancel()
        await server.close()


async def _start_at_last(server: HealthServer) -> None:
    while True:
        await asyncio.sleep(AGAIN_SECONDS)
        with suppress(OSError):
            await server.start()
            return


def routes(parts: AppParts) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz", dependencies=[parts.guard.public()])
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", dependencies=[parts.guard.public()])
    async def readyz() -> JSONResponse:
        database, bus = await asyncio.gather(_database(parts), _bus(parts))
        stopped = parts.path.stopped
        told = {"part": stopped.part, "since": stopped.since.isoformat()} if stopped else "ok"
        # the pages work without the bus, a gateway or a worker; but it is reported here if alarms do not get through
        ready = database == "ok" and stopped is None
        return JSONResponse({"database": database, "bus": bus, "alarms": told}, status_code=200 if ready else 503)

    return router


async def _database(parts: AppParts) -> str:
    try:
        await asyncio.wait_for(parts.db.ping(), _PATIENCE_SECONDS)
    except (Unreachable, TimeoutError):
        return "unreachable"
    return "ok"


async def _bus(parts: AppParts) -> str:
    try:
        await asyncio.wait_for(parts.bus.ping(), _PATIENCE_SECONDS)
    except (BusUnavailable, TimeoutError):
        return "unreachable"
    return "ok"
