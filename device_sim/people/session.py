"""One person's browser: cookies, the CSRF token, and patience while the app is away."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import websockets

from device_sim.people.town import Login

PATIENCE_S = 60.0
"""On the clock on the wall: an app that was killed is back by then."""
AGAIN_S = 0.4
SIGNED_OUT, TOO_SOON = 401, 429
API = "/api/v1"


class Refused(Exception):
    """The platform said no, in a sentence."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body.get('code')}: {body.get('detail') or body.get('title')}")
        self.status, self.body, self.code = status, body, str(body.get("code", ""))


class Lines:
    """The connections that all people share, as they would a city's network; what they saw of the app."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        limits = httpx.Limits(max_connections=40, max_keepalive_connections=40)
        self.http = httpx.AsyncClient(base_url=base_url, limits=limits, timeout=20.0, trust_env=False)
        self.saw: Counter[str] = Counter()

    async def close(self) -> None:
        await self.http.aclose()


class Session:
    """Signs in when it must, and again when the session has ended. Asks again while the app is away: everything that
    creates carries a key, so asking twice is one."""

    def __init__(self, lines: Lines, login: Login, address: str) -> None:
        """:param address: where they sit: tries to sign in are counted for each"""
        self._lines, self._login = lines, login
        self._headers = {"X-Forwarded-For": address}
        self._cookies: dict[str, str] = {}
        self._signing = asyncio.Lock()

    async def get(self, path: str, **params: Any) -> Any:
        return await self._ask("GET", path, params={k: v for k, v in params.items() if v is not None})

    async def post(self, path: str, body: dict[str, Any], **headers: str) -> Any:
        return await self._ask("POST", path, json=body, headers=headers)

    async def put(self, path: str, body: dict[str, Any], **headers: str) -> Any:
        return await self._ask("PUT", path, json=body, headers=headers)

    async def _ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **what: Any) -> Any:
        """:raises Refused:"""
        if not self._cookies:
            await self._sign_in()
        had = self._cookies
        answer = await self._patiently(method, path, headers or {}, what)
        if answer.status_code == SIGNED_OUT:
            await self._sign_in(instead_of=had)
            answer = await self._patiently(method, path, headers or {}, what)
        return _read(answer)

    async def _sign_in(self, instead_of: dict[str, str] | None = None) -> None:
        """Once, however many requests of this browser have found that the session is over."""
        async with self._signing:
            if self._cookies is instead_of:
                self._cookies = {}
            while not self._cookies:
                body = {"username": self._login.username, "password": self._login.password}
                answer = await self._patiently("POST", "/session", {}, {"json": body})
                if answer.status_code == TOO_SOON:
                    await asyncio.sleep(AGAIN_S)
                    continue
                _read(answer)
                self._cookies = {cookie.name: cookie.value or "" for cookie in answer.cookies.jar}

    async def _patiently(self, method: str, path: str, more: dict[str, str], what: dict[str, Any]) -> httpx.Response:
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_S
        while True:
            try:
                answer = await self._lines.http.request(method, API + path, headers=self._with(more), **what)
                if answer.status_code < 500:
                    self._lines.saw["answers"] += 1
                    return answer
                self._lines.saw[f"answers {answer.status_code}"] += 1
            except httpx.TransportError:
                self._lines.saw["lost connections"] += 1
                if loop.time() > until:
                    raise
            if loop.time() > until:
                return answer
            await asyncio.sleep(AGAIN_S)

    def _with(self, more: dict[str, str]) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        token = {"X-CSRF-Token": self._cookies["yian_csrf"]} if "yian_csrf" in self._cookies else {}
        return {**self._headers, **token, **({"Cookie": cookies} if cookies else {}), **more}

    @asynccontextmanager
    async def feed(self, path: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """What the platform says at once. :raises OSError: :raises websockets.WebSocketException: it is away"""
        if not self._cookies:
            await self._sign_in()
        url = self._lines.base_url.replace("http", "ws", 1) + API + path
        headers = self._with({})
        async with websockets.connect(url, additional_headers=headers, proxy=None, compression=None) as socket:
            yield _frames(socket)


async def _frames(socket: "websockets.ClientConnection") -> AsyncIterator[dict[str, Any]]:
    async for frame in socket:
        yield json.loads(frame)


def _read(answer: httpx.Response) -> Any:
    body = answer.json() if answer.content else {}
    if answer.is_success:
        return body
    raise Refused(answer.status_code, body if isinstance(body, dict) else {})


def new_key() -> str:
    return str(uuid4())
