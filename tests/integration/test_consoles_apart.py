"""`yian app` as it runs: the pages in one process and the consoles in another, behind one address."""

import asyncio
import base64
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio
from websockets.exceptions import ConnectionClosed

from services.settings import AppSettings
from services.wiring.app import app_parts
from tests.integration.alarm_desk import Desk, a_desk, an_event, eventually
from tests.integration.console_app import App
from tests.quick_passwords import quick_passwords
from yian.servers import free_port

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

PATIENCE_S = 60.0
"""On a busy machine."""
SECRET = base64.b64encode(os.urandom(32)).decode()


@contextmanager
def a_pair(dsn: str, port: int, log: Path) -> Iterator[psutil.Popen]:
    variables = {"YIAN_DATABASE": dsn, "YIAN_BUS": dsn, "YIAN_SECRET_KEY": SECRET, "YIAN_HTTP_PORT": str(port)}
    with log.open("ab") as out:
        command = [sys.executable, "-m", "yian", "app"]
        pages = psutil.Popen(command, env={**os.environ, **variables}, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield pages
    finally:
        for one in [*pages.children(), pages] if pages.is_running() else []:
            one.kill()
        pages.wait(10)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_dsn: str) -> AsyncIterator[Desk]:
    async with a_desk(postgres_dsn) as desk:
        yield desk


@pytest_asyncio.fixture(loop_scope="module")
async def pair(postgres_dsn: str, desk: Desk, tmp_path: Path) -> AsyncIterator[tuple[App, psutil.Popen]]:
    port = free_port()
    settings = AppSettings.model_validate({"database": postgres_dsn, "bus": postgres_dsn, "secret_key": SECRET})
    with a_pair(postgres_dsn, port, tmp_path / "app.log") as pages:
        app = App(app_parts(settings, passwords=quick_passwords()), port, desk, SECRET)
        await eventually(lambda: _alive(app), within=60)
        yield app, pages


async def _alive(app: App) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"{app.url}/healthz")).status_code == 200
        except httpx.TransportError:
            return False


def _serves(process: psutil.Process, port: int) -> bool:
    return any(
        one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port for one in process.net_connections("tcp4")
    )


async def test_a_console_is_served_by_the_process_of_consoles_and_a_page_by_the_other(
    pair: tuple[App, psutil.Popen], desk: Desk
) -> None:
    app, pages = pair
    (consoles,) = pages.children()
    client = await app.an_operator("apart")
    assert _serves(pages, app.port), "the page's connection, kept alive"
    async with app.console(client) as console:
        assert (await console.next())["op"] == "snapshot"
        assert _serves(consoles, app.port)
        await client.aclose()
        await desk.raise_(an_event("W-000123", event_id="apart"))
        assert (await console.next())["case"]["device_id"] == "W-000123"
        assert not _serves(pages, app.port)


async def test_who_is_not_signed_in_is_refused_there_too(pair: tuple[App, psutil.Popen]) -> None:
    app, _ = pair
    client = await app.an_operator("stranger")
    await client.delete("/session")
    client.cookies["yian_csrf"] = "none"
    with pytest.raises(ConnectionClosed) as closed:
        async with app.console(client) as console:
            await console.next()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


async def test_asked_to_end_both_end_and_the_console_is_told(pair: tuple[App, psutil.Popen]) -> None:
    app, pages = pair
    (consoles,) = pages.children()
    async with app.console(await app.an_operator("ending")) as console:
        await console.next()
        pages.terminate()
        with pytest.raises(ConnectionClosed) as closed:
            await console.until(99)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    await asyncio.to_thread(psutil.wait_procs, [pages, consoles], PATIENCE_S)
    assert not consoles.is_running()


async def test_when_one_of_them_is_killed_the_other_ends_so_that_both_are_started_again(
    pair: tuple[App, psutil.Popen], postgres_dsn: str, tmp_path: Path
) -> None:
    app, pages = pair
    (consoles,) = pages.children()
    consoles.kill()
    assert await asyncio.to_thread(pages.wait, PATIENCE_S) != 0
    with a_pair(postgres_dsn, app.port, tmp_path / "again.log") as pages_again:
        await eventually(lambda: _alive(app), within=60)
        (consoles,) = pages_again.children()
        pages_again.kill()
        _, alive = await asyncio.to_thread(psutil.wait_procs, [consoles], PATIENCE_S)
        assert not alive
