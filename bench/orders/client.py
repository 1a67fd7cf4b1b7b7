"""A page or a phone as a program: signs in, asks over HTTP, and follows orders."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
from websockets.asyncio.client import connect

CSRF = "yian_csrf"
PATIENCE_S = 30.0
KEPT_S = 2.0
"""An idle connection; the app closes it after five, perhaps while the next request is on its way."""


@dataclass(frozen=True, slots=True)
class Client:
    """One account. All share the connections of `http`, whose `base_url` is the app."""

    http: httpx.AsyncClient
    headers: Mapping[str, str]

    @classmethod
    async def signed_in(cls, http: httpx.AsyncClient, address: str, account: Mapping[str, Any]) -> "Client":
        """:raises httpx.HTTPStatusError:"""
        who = {"username": account["username"], "password": account["password"]}
        answer = await http.post("/api/v1/session", json=who, headers={"Origin": address})
        answer.raise_for_status()
        cookies = dict(answer.cookies)
        http.cookies.clear()
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return cls(http, {"Cookie": cookie, "Origin": address, "X-CSRF-Token": cookies[CSRF]})

    async def post(self, path: str, body: Mapping[str, Any], **headers: str) -> httpx.Response:
        return await self.http.post(f"/api/v1{path}", json=body, headers={**self.headers, **headers})

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.http.get(f"/api/v1{path}", params=params, headers=self.headers)

    async def follow(self, opened: Callable[[], None], on_frame: Callable[[dict[str, Any]], None]) -> None:
        """Until cancelled: `opened` with the snapshot, then every frame of `/orders/feed`."""
        feed = self.headers["Origin"].replace("http", "ws", 1) + "/api/v1/orders/feed"
        headers = {name: self.headers[name] for name in ("Cookie", "Origin")}
        async with connect(feed, additional_headers=headers, compression=None, max_size=None) as link:
            async for frame in link:
                said = msgspec.json.decode(frame)
                if said["op"] == "snapshot":
                    opened()
                on_frame(said)


def opened_http(address: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=KEPT_S)
    return httpx.AsyncClient(base_url=address, timeout=PATIENCE_S, limits=limits)
