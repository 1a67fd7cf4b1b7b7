"""One person's browser: cookies, the CSRF token, and patience while the app is away."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
import websockets

from device_sim.people.town import Login

PATIENCE_S = 60.0
"""On the clock on the wall: an app that was killed is back by then."""
AGAIN_S = 0.4
TIMEOUT_S = 20.0
KEPT_S = 4.0
"""An unused connection: less than the app keeps it, so that nothing is sent into one that has just been closed."""
SIGNED_OUT, TOO_SOON = 401, 429
API = "/api/v1"


class Refused(Exception):
    """The platform said no, in a sentence."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body.get('code')}: {body.get('detail') or body.get('title')}")
        self.status, self.body, self.code = status, body, str(body.get("code", ""))


class Network:
    """What all people share: where the app is, what they saw of it, and the connections to it, as behind the reverse
    proxy of a city. Made where a loop runs."""

    def __init__(self, base_url: str) -> None:
        self.base_url, self.saw = base_url, Counter[str]()
        self.http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class Session:
    """Signs in when it must, and again when the session has ended. Asks again while the app is away: everything that
    creates carries a key, so asking twice is one."""

    def __init__(self, network: Network, login: Login, address: str) -> None:
        """:param address: where they sit: tries to sign in are counted for each"""
        self._network, self._login, self._address = network, login, address
        self._cookies: dict[str, str] = {}
        self._signing = asyncio.Lock()

    async def open(self) -> None:
        """Signs in, where nobody has yet."""
        if self._token is None:
            await self._sign_in(instead_of=None)

    async def get(self, path: str, **params: Any) -> Any:
        return await self._ask("GET", path, params={k: v for k, v in params.items() if v is not None})

    async def post(self, path: str, body: dict[str, Any], **headers: str) -> Any:
        return await self._ask("POST", path, json=body, headers=headers)

    async def put(self, path: str, body: dict[str, Any], **headers: str) -> Any:
        return await self._ask("PUT", path, json=body, headers=headers)

    async def _ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **what: Any) -> Any:
        """:raises Refused:"""
        had = self._token or await self._sign_in(instead_of=None)
        answer = await self._patiently(method, path, headers or {}, what)
        if answer.status == SIGNED_OUT:
            await self._sign_in(instead_of=had)
            answer = await self._patiently(method, path, headers or {}, what)
        return _read(answer)

    @property
    def _token(self) -> str | None:
        return self._cookies.get("yian_csrf")

    async def _sign_in(self, instead_of: str | None) -> str:
        """Once, however many requests of this browser have found that the session is over. Returns the CSRF token."""
        async with self._signing:
            while (token := self._token) is None or token == instead_of:
                body = {"username": self._login.username, "password": self._login.password}
                answer = await self._patiently("POST", "/session", {}, {"json": body})
                if answer.status != TOO_SOON:
                    _read(answer)
                else:
                    await asyncio.sleep(AGAIN_S)
            return token

    async def _patiently(self, method: str, path: str, more: dict[str, str], what: dict[str, Any]) -> Answer:
        loop, saw = asyncio.get_running_loop(), self._network.saw
        until = loop.time() + PATIENCE_S
        while True:
            try:
                answer = await self._request(method, path, more, what)
                if answer.status < 500:
                    saw["answers"] += 1
                    return answer
                saw[f"answers {answer.status}"] += 1
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError):
                saw["lost connections"] += 1
                if loop.time() > until:
                    raise
            if loop.time() > until:
                return answer
            await asyncio.sleep(AGAIN_S)

    async def _request(self, method: str, path: str, more: dict[str, str], what: dict[str, Any]) -> Answer:
        headers = {"X-Forwarded-For": self._address, "Cookie": self._cookie, **more}
        if self._token:
            headers["X-CSRF-Token"] = self._token
        url = self._network.base_url + API + path
        async with self._network.http.request(method, url, headers=headers, **what) as answer:
            self._cookies |= {name: one.value for name, one in answer.cookies.items()}
            return Answer(answer.status, await answer.read())

    @property
    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    @asynccontextmanager
    async def feed(self, path: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """What the platform says at once. :raises OSError: :raises websockets.WebSocketException: it is away"""
        await self.open()
        url = self._network.base_url.replace("http", "ws", 1) + API + path
        async with websockets.connect(
            url, additional_headers={"Cookie": self._cookie}, proxy=None, compression=None
        ) as socket:
            yield _frames(socket)


async def _frames(socket: "websockets.ClientConnection") -> AsyncIterator[dict[str, Any]]:
    async for frame in socket:
        yield json.loads(frame)


def _read(answer: Answer) -> Any:
    body = json.loads(answer.body) if answer.body else {}
    if 200 <= answer.status < 300:
        return body
    raise Refused(answer.status, body if isinstance(body, dict) else {})


def new_key() -> str:
    return str(uuid4())
