"""One person's browser: cookies, the CSRF token, and patience while the app is away."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import websockets

from device_sim.people.town import Login

PATIENCE_S = 60.0
"""On the clock on the wall: an app that was killed is back by then."""
AGAIN_S = 0.4
TIMEOUT_S = 20.0
SIGNED_OUT, TOO_SOON = 401, 429
API = "/api/v1"


class Refused(Exception):
    """The platform said no, in a sentence."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body.get('code')}: {body.get('detail') or body.get('title')}")
        self.status, self.body, self.code = status, body, str(body.get("code", ""))


@dataclass(slots=True)
class Network:
    """What all people share: where the app is, and what they saw of it."""

    base_url: str
    saw: Counter[str] = field(default_factory=Counter)


class Session:
    """Signs in when it must, and again when the session has ended. Asks again while the app is away: everything that
    creates carries a key, so asking twice is one."""

    def __init__(self, network: Network, login: Login, address: str) -> None:
        """:param address: where they sit: tries to sign in are counted for each"""
        self._network, self._login = network, login
        self._http = httpx.AsyncClient(
            base_url=network.base_url + API,
            headers={"X-Forwarded-For": address},
            timeout=TIMEOUT_S,
            trust_env=False,
            verify=False,  # noqa: S501  never over TLS; without it a thousand browsers each read all certificates
        )
        self._signing = asyncio.Lock()

    async def close(self) -> None:
        await self._http.aclose()

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
        if answer.status_code == SIGNED_OUT:
            await self._sign_in(instead_of=had)
            answer = await self._patiently(method, path, headers or {}, what)
        return _read(answer)

    @property
    def _token(self) -> str | None:
        return self._http.cookies.get("yian_csrf")

    async def _sign_in(self, instead_of: str | None) -> str:
        """Once, however many requests of this browser have found that the session is over. Returns the CSRF token."""
        async with self._signing:
            while (token := self._token) is None or token == instead_of:
                body = {"username": self._login.username, "password": self._login.password}
                answer = await self._patiently("POST", "/session", {}, {"json": body})
                if answer.status_code != TOO_SOON:
                    _read(answer)
                else:
                    await asyncio.sleep(AGAIN_S)
            return token

    async def _patiently(self, method: str, path: str, more: dict[str, str], what: dict[str, Any]) -> httpx.Response:
        loop, saw = asyncio.get_running_loop(), self._network.saw
        until = loop.time() + PATIENCE_S
        while True:
            try:
                token = {"X-CSRF-Token": self._token} if self._token else {}
                answer = await self._http.request(method, path, headers={**token, **more}, **what)
                if answer.status_code < 500:
                    saw["answers"] += 1
                    return answer
                saw[f"answers {answer.status_code}"] += 1
            except httpx.TransportError:
                saw["lost connections"] += 1
                if loop.time() > until:
                    raise
            if loop.time() > until:
                return answer
            await asyncio.sleep(AGAIN_S)

    @asynccontextmanager
    async def feed(self, path: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """What the platform says at once. :raises OSError: :raises websockets.WebSocketException: it is away"""
        if self._token is None:
            await self._sign_in(instead_of=None)
        url = self._network.base_url.replace("http", "ws", 1) + API + path
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._http.cookies.jar)
        async with websockets.connect(
            url, additional_headers={"Cookie": cookies}, proxy=None, compression=None
        ) as socket:
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
