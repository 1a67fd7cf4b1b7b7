"""The world of two counties, for every module that does not make its own."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from tests.integration.two_counties import World, a_world


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(postgres_dsn: str) -> AsyncIterator[World]:
    async with a_world(postgres_dsn) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="module")
async def supervisor(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.signed_in("supervisor") as client:
        yield client
