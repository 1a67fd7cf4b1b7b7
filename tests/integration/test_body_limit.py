"""What a request may bring: nobody needs to be signed in to send one."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.app.body import MOST_BYTES
from tests.integration.alarm_desk import Desk
from tests.integration.console_app import an_app

pytestmark = pytest.mark.real
JSON = {"content-type": "application/json"}


async def some(count: int) -> AsyncIterator[bytes]:
    """In chunks, without saying beforehand how many."""
    yield b'{"username": "'
    for _ in range(count // 1024):
        yield b"x" * 1024
    yield b'"}'


async def test_a_body_beyond_the_limit_is_refused_whether_it_says_its_length_or_not(
    postgres_dsn: str, desk: Desk
) -> None:
    async with an_app(postgres_dsn, desk) as app, httpx.AsyncClient(base_url=f"{app.url}/api/v1") as client:
        said = await client.post("/session", content=b"x" * (MOST_BYTES + 1), headers=JSON)
        unsaid = await client.post("/session", content=some(2 * MOST_BYTES), headers=JSON)
        small = await client.post("/session", content=some(4096), headers=JSON)
    for answer in (said, unsaid):
        assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")
    assert small.status_code == 422
