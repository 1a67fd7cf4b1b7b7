"""Only a router that has the path is asked for it, and nothing is answered otherwise than if all were asked."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.routing import Match
from starlette.types import Scope

from services.app.own_paths import only_its_own


def elders() -> APIRouter:
    router = APIRouter(prefix="/elders")

    @router.get("/{elder_id}/slots")
    def slots(elder_id: int) -> str:
        return f"slots of {elder_id}"

    inner = APIRouter(prefix="/{elder_id}/devices")

    @inner.get("/{device_id}")
    def device(device_id: str) -> str:
        return f"device {device_id}"

    router.include_router(inner)

    @router.post("/{elder_id}")
    def change(elder_id: str) -> str:
        return f"changed {elder_id}"

    return router


def files() -> APIRouter:
    router = APIRouter()

    @router.get("/files/{path:path}")
    def file(path: str) -> str:
        return path

    @router.get("/elders")
    def all_of_them() -> str:
        return "all"

    return router


def of(*routers: APIRouter) -> httpx.AsyncClient:
    app = FastAPI()
    for router in routers:
        app.include_router(only_its_own(router, "/api/v1"), prefix="/api/v1")
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://test/api/v1", follow_redirects=True)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/elders", "all"),
        ("/elders/7/slots", "slots of 7"),
        ("/elders/7/devices/d1", "device d1"),  # of a router in the router
        ("/files/a/b.txt", "a/b.txt"),
        ("/elders/", "all"),  # sent on to the path without the stroke
    ],
)
async def test_each_path_is_found_in_its_router(path: str, said: str) -> None:
    async with of(elders(), files()) as client:
        assert (await client.get(path)).json() == said


@pytest.mark.parametrize(("path", "status"), [("/elders/7", 405), ("/elders/x/slots", 422), ("/elders/7/slots/9", 404)])
async def test_what_a_router_refuses_it_goes_on_refusing(path: str, status: int) -> None:
    async with of(elders(), files()) as client:
        assert (await client.get(path)).status_code == status


async def test_no_router_is_asked_for_the_paths_of_others() -> None:
    asked, router = list[str](), elders()
    matches = router.matches

    def noting(scope: Scope) -> tuple[Match, Scope]:
        asked.append(scope["path"])
        return matches(scope)

    router.matches = noting  # type: ignore[method-assign]
    async with of(router) as client:
        await client.get("/orders")
        assert asked == []
        await client.get("/elders/7/slots")
    assert asked == ["/api/v1/elders/7/slots"]
