"""The built pages and the headers around them."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from services.app.head import HeadAsGet
from services.app.headers import SecurityHeaders
from services.app.pages import pages


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>颐安</title>" + " " * 2000)
    (tmp_path / "assets" / "app-1a2b3c.js").write_text("console.log(1)")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    for area in ("family", "order"):
        (tmp_path / f"{area}.html").write_text(f"<title>颐安</title> {area}")
    (tmp_path / "documents.json").write_text('{"/family": "family.html", "/family/elders": "order.html"}')
    built = pages(tmp_path)
    assert built is not None
    app = HeadAsGet(SecurityHeaders(Starlette(routes=[Mount("/", built)]), https=True))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://yian")


@pytest.mark.parametrize("path", ["/", "/index.html", "/console", "/login", "/elders/1234"])
async def test_every_address_of_the_page_is_answered_with_the_page_and_asked_for_again(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert "颐安" in answer.text
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("/family", "family"),
        ("/family/grants", "family"),
        ("/family/elders/1/services", "order"),
        ("/familyname", ""),
        ("/console", ""),
    ],
)
async def test_each_area_has_a_document_of_its_own(client: httpx.AsyncClient, path: str, area: str) -> None:
    answer = await client.get(path)
    assert answer.text.strip() == f"<title>颐安</title> {area}".strip()
    assert answer.headers["cache-control"] == "no-cache"


async def test_hashed_files_are_kept_for_a_year(client: httpx.AsyncClient) -> None:
    answer = await client.get("/assets/app-1a2b3c.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await client.get("/favicon.svg")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/assets/gone.js", "/assets/gone", "/api/v1/none", "/missing.png", "/../secret.txt", "/%2e%2e/x.py"]
)
async def test_what_is_no_page_is_not_answered_with_one(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_every_answer_says_what_a_browser_may_do(client: httpx.AsyncClient) -> None:
    for path in ("/", "/assets/gone.js"):
        headers = (await client.get(path)).headers
        assert "script-src 'self';" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize("path", ["/", "/console", "/assets/app-1a2b3c.js", "/favicon.svg", "/missing.png"])
async def test_head_is_answered_as_get_is_without_the_body(client: httpx.AsyncClient, path: str) -> None:
    got, asked = await client.get(path), await client.head(path)
    assert (asked.status_code, dict(asked.headers), asked.content) == (got.status_code, dict(got.headers), b"")


async def test_large_pages_are_compressed(client: httpx.AsyncClient) -> None:
    assert (await client.get("/")).headers["content-encoding"] == "gzip"


def test_without_built_pages_nothing_is_mounted(tmp_path: Path) -> None:
    assert pages(tmp_path) is None
