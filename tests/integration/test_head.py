"""HEAD is answered as GET is, without the body, by the server that is used."""

import httpx
import pytest

from tests.integration.alarm_desk import Desk
from tests.integration.console_app import an_app

pytestmark = pytest.mark.real


async def test_every_route_that_can_be_read_answers_head_with_the_headers_of_its_answer(
    postgres_dsn: str, desk: Desk
) -> None:
    async with an_app(postgres_dsn, desk) as app, httpx.AsyncClient(base_url=app.url) as client:
        document = (await client.get("/api/v1/openapi.json")).json()["paths"]
        read = [path for path, methods in document.items() if "get" in methods and "{" not in path]
        assert len(read) > 5
        for path in ("/healthz", "/console", "/nowhere.png", "/api/v1/alarms/cases/x/claim", *read):
            got, asked = await client.get(path), await client.head(path)
            assert (asked.status_code, asked.content) == (got.status_code, b"")
            for header in ("content-type", "content-length"):
                assert asked.headers.get(header) == got.headers.get(header), path
