"""A running app process with its feed, and consoles that connect to it, for tests."""

import asyncio
import base64
import gzip
import json
import os
import socket
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import Any

import httpx
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from backbone.bus import Bus
from services.accounts.handlers import create_account
from services.accounts.permissions import Role
from services.app.factory import create_app
from services.app.main import serving
from services.db.relay import Relay
from services.settings import AppSettings
from services.wiring.app import AppParts, app_parts
from tests.integration.alarm_desk import Desk
from tests.quick_passwords import quick_passwords


class App:
    def __init__(self, parts: AppParts, port: int, desk: Desk, secret: str) -> None:
        self.parts = parts
        self.secret = secret
        self.port = port
        self.desk = desk
        self.url = f"http://127.0.0.1:{port}"

    async def an_operator(
        self, username: str, *, region: str = "4202", role: Role = Role.OPERATOR
    ) -> httpx.AsyncClient:
        """Signed in, with the CSRF header set."""
        password = "correct-horse-battery"
        async with self.desk.db.transaction() as tx:
            await create_account(
                tx,
                self.parts.passwords,
                username=username,
                name=username,
                role=role,
                region_codes=[region],
                password=password,
            )
        client = httpx.AsyncClient(base_url=f"{self.url}/api/v1", timeout=10)
        answer = await client.post("/session", json={"username": username, "password": password})
        answer.raise_for_status()
        client.headers["X-CSRF-Token"] = client.cookies["yian_csrf"]
        return client

    def console(self, client: httpx.AsyncClient, **hello: Any) -> "Console":
        return Console(self, client, hello)


class Console:
    """Behaves as the page does: keeps the highest version of each case it is told, drops closed ones."""

    def __init__(self, app: App, client: httpx.AsyncClient, hello: dict[str, Any]) -> None:
        self._app = app
        self._client = client
        self._hello = {"op": "hello", "csrf": client.cookies["yian_csrf"], **hello}
        self.cases: dict[str, dict[str, Any]] = {}
        self.versions: dict[str, int] = {}
        self.frames: list[dict[str, Any]] = []
        self.epoch = ""
        self.offset = 0
        self.socket: ClientConnection
        self.packed = 0
        """How long the list was that came packed."""
        self.waiting: deque[dict[str, Any]] = deque()
        """Told in one message with one that was taken."""

    async def __aenter__(self) -> "Console":
        cookie = "; ".join(f"{name}={value}" for name, value in self._client.cookies.items())
        url = f"ws://127.0.0.1:{self._app.port}/api/v1/console/feed"
        self.socket = await connect(url, additional_headers={"Cookie": cookie}, compression=None)
        await self.socket.send(json.dumps(self._hello))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def next(self, *, beats: bool = False, within: float = 5.0) -> dict[str, Any]:
        async with asyncio.timeout(within):
            while True:
                frame = await self._frame()
                self._apply(frame)
                if beats or frame["op"] != "beat":
                    return frame

    async def _frame(self) -> dict[str, Any]:
        """Many are told in one message; the list of a long snapshot comes packed, in the message after it."""
        while not self.waiting:
            told = json.loads(await self.socket.recv())
            if isinstance(told, dict) and told.pop("packed", False):
                packed = await self.socket.recv()
                assert isinstance(packed, bytes)
                self.packed = len(packed)
                told["cases"] = json.loads(gzip.decompress(packed))
            self.waiting.extend(told if isinstance(told, list) else [told])
        return self.waiting.popleft()

    async def until(self, offset: int) -> None:
        while self.offset < offset:
            await self.next()

    def _apply(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        self.epoch = frame.get("epoch", self.epoch)
        if frame["op"] == "snapshot":
            self.cases = {case["id"]: case for case in frame["cases"]}
            self.offset = frame["offset"]
        elif frame["op"] == "case":
            assert frame["offset"] > self.offset, "an offset came twice"
            self.offset = frame["offset"]
            case = frame["case"]
            if case["version"] <= self.versions.get(case["id"], self.cases.get(case["id"], {}).get("version", 0)):
                return
            self.versions[case["id"]] = case["version"]
            self.cases[case["id"]] = case
            if case["state"] == "closed":
                del self.cases[case["id"]]


@asynccontextmanager
async def an_app(
    dsn: str, desk: Desk, *, bus: str | None = None, secret: str | None = None, trusted_proxies: str = ""
) -> AsyncIterator[App]:
    """:param bus: None: the one in the database; :param secret: of another app, to stand beside it"""
    key = secret or base64.b64encode(os.urandom(32)).decode()
    settings = AppSettings.model_validate(
        {"database": dsn, "bus": bus or dsn, "secret_key": key, "trusted_proxies": trusted_proxies}
    )
    parts = app_parts(settings, passwords=quick_passwords())
    listening = socket.create_server(("127.0.0.1", 0))
    config = serving(settings, create_app(parts))
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[method-assign]
    running = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    try:
        yield App(parts, listening.getsockname()[1], desk, key)
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def relaying(desk: Desk, bus: Bus) -> AsyncIterator[Relay]:
    relay = Relay(desk.db, bus)
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
