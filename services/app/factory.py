"""The HTTP and WebSocket application: routes of every slice, health, the pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from services.accounts.guard import refuse_undeclared
from services.app import health
from services.app.body import BodyLimit
from services.app.head import HeadAsGet
from services.app.headers import SecurityHeaders
from services.app.measure import Measured
from services.app.own_paths import only_its_own
from services.app.pages import pages
from services.app.problems import DOCUMENTED, Problem, answer_problems
from services.wiring.app import AppParts, console_jobs, console_routers, jobs, routers, running
from services.wiring.keep import Job

API = "/api/v1"
VERSION = "0.1.0"


def create_app(parts: AppParts, *, of_consoles: bool = True) -> FastAPI:
    """:param of_consoles: False where a process of their own serves them (`create_console_app`)"""
    app = _app(parts, jobs(parts) | (console_jobs(parts) if of_consoles else {}))
    app.include_router(health.routes(parts))
    for router in [*routers(parts), *console_routers(parts)]:  # one around them all would be built once more
        app.include_router(only_its_own(router, API), prefix=API, responses=DOCUMENTED)
    built = pages(parts.settings.web_dist)
    if built is not None:
        app.mount("/", built, name="pages")
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders, https=parts.settings.cookie_secure)
    app.add_middleware(Measured)
    app.add_middleware(HeadAsGet)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def create_console_app(parts: AppParts) -> FastAPI:
    app = _app(parts, console_jobs(parts))
    for router in console_routers(parts):
        app.include_router(router, prefix=API)
    return app


def _app(parts: AppParts, work: dict[str, Job]) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with health.metrics(parts), running(parts, work):
            yield

    app = FastAPI(
        title="颐安 Yian",
        version=VERSION,
        lifespan=lifespan,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(refuse_undeclared)],
        generate_unique_id_function=_operation_id,
    )
    answer_problems(app)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def _openapi(app: FastAPI) -> dict[str, Any]:
    """With the schema of a problem, which no route names as its own answer."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
        schema["components"].setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        for unused in ("HTTPValidationError", "ValidationError"):
            schema["components"]["schemas"].pop(unused, None)
        app.openapi_schema = schema
    return app.openapi_schema
