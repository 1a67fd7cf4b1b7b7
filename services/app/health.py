"""`/healthz`: the process is alive. `/readyz`: it can do its work. `/metrics`: for Prometheus, not through a proxy."""

import asyncio

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from backbone.bus import BusUnavailable
from services.errors import NotFound, Unreachable
from services.wiring.app import AppParts

_PATIENCE_SECONDS = 2.0


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

    @router.get("/metrics", dependencies=[parts.guard.public()])
    async def metrics(request: Request) -> Response:
        if "x-forwarded-for" in request.headers:
            raise NotFound  # somebody outside, through the proxy: how busy a city is, and with what, is not theirs
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

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
