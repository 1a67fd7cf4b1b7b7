"""A console as a program: signs in, holds the feed, comes back when it is lost, remembers every case shown."""

import asyncio
import gzip
import time
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

Case = dict[str, Any]


class Console:
    """`on_case(case, at)` is called for every case of a snapshot and of every move; `at` is time.perf_counter()."""

    def __init__(
        self, address: str, username: str, password: str, on_case: Callable[[Case, float], None] = lambda case, at: None
    ) -> None:
        """`address`: http://host:port"""
        self.cases: dict[str, Case] = {}
        self.connections = 0
        self.connected = asyncio.Event()
        self.connected_at = 0.0
        self._address, self._username, self._password, self._on_case = address, username, password, on_case
        self._cookies = httpx.Cookies()
        self._epoch: str | None = None
        self._offset: int | None = None
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._running = asyncio.get_running_loop().create_task(self._stay())
        await self.connected.wait()

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    async def _stay(self) -> None:
        while True:
            try:
                await self._hold()
            except (OSError, httpx.HTTPError, WebSocketException):
                self.connected.clear()
            await asyncio.sleep(0.3)

    async def _hold(self) -> None:
        if not self._cookies:
            await self._sign_in()
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        feed = self._address.replace("http", "ws", 1) + "/api/v1/console/feed"
        async with connect(
            feed,
            additional_headers={"Cookie": cookie, "Origin": self._address},
            compression=None,
            max_size=None,
            open_timeout=10,
        ) as link:
            await link.send(
                msgspec.json.encode(
                    {
                        "op": "hello",
                        "epoch": self._epoch,
                        "offset": self._offset,
                        "csrf": self._cookies.get("yian_csrf") or "",
                    }
                ).decode()
            )
            await self._listen(link)

    async def _listen(self, link: ClientConnection) -> None:
        head: dict[str, Any] = {}
        async for frame in link:
            at = time.perf_counter()
            if isinstance(frame, bytes):  # of a snapshot that is long
                self._hear({**head, "cases": msgspec.json.decode(gzip.decompress(frame))}, at)
                continue
            told: Any = msgspec.json.decode(frame)
            if isinstance(told, dict) and told.pop("packed", False):
                head = told
                continue
            for one in told if isinstance(told, list) else [told]:
                self._hear(one, at)

    def _hear(self, told: dict[str, Any], at: float) -> None:
        op = told["op"]
        if op == "case":
            self._epoch, self._offset = told["epoch"], told["offset"]
            self._note(told["case"], at)
        elif op in {"snapshot", "resumed"}:
            self._epoch, self._offset = told["epoch"], told["offset"]
            for case in told.get("cases", ()):
                self._note(case, at)
            self.connections += 1
            self.connected_at = time.monotonic()
            self.connected.set()

    def _note(self, case: Case, at: float) -> None:
        known = self.cases.get(case["id"])
        if known is None or known["version"] < case["version"]:
            self.cases[case["id"]] = case
            self._on_case(case, at)

    async def _sign_in(self) -> None:
        async with httpx.AsyncClient(base_url=self._address, timeout=10) as client:
            answer = await client.post(
                "/api/v1/session",
                json={"username": self._username, "password": self._password},
                headers={"Origin": self._address},
            )
            answer.raise_for_status()
            self._cookies = client.cookies
