"""The world of two counties and the desk of alarms, for every module that does not make its own."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.integration.alarm_desk import Desk, a_desk
from tests.integration.two_counties import World, a_world


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(postgres_dsn: str) -> AsyncIterator[World]:
    async with a_world(postgres_dsn) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="module")
async def supervisor(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.signed_in("supervisor") as client:
        yield client


@pytest.fixture
async def desk(postgres_dsn: str) -> AsyncIterator[Desk]:
    async with a_desk(postgres_dsn) as desk:
        yield desk
