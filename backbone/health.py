"""`/healthz`, `/readyz` and `/metrics` of a process that serves no other HTTP."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

Check = Callable[[], str | None]
"""What is wrong, in one sentence, or None. It is called often, so it must only look at known state and ask nobody."""

READY = Gauge("yian_ready", "1 while the process can do its work")
TROUBLE = Gauge("yian_trouble", "1 while this part keeps the process from its work", ["part"])
REQUEST_SECONDS = 5.0
REQUEST_BYTES = 8 * 1024


class Readiness:
    """Why this process cannot work now; empty if it can."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        READY.set_function(lambda: 0.0 if self.troubles() else 1.0)

    def add(self, name: str, check: Check) -> None:
        self._checks[name] = check
        TROUBLE.labels(name).set_function(lambda: 0.0 if check() is None else 1.0)

    def troubles(self) -> dict[str, str]:
        found = {name: check() for name, check in self._checks.items()}
        return {name: trouble for name, trouble in found.items() if trouble is not None}


class HealthServer:
    def __init__(self, readiness: Readiness, *, port: int, host: str = "127.0.0.1") -> None:
        """:param port: 0 takes a free one; `port` says which."""
        self._readiness = readiness
        self._host = host
        self.port = port
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """:raises OSError: when the port is taken."""
        self._server = await asyncio.start_server(self._serve, self._host, self.port, limit=REQUEST_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                # Of the pages' process the metrics take 50 ms to write down: nobody else waits for that.
                apart = head.startswith(b"GET /metrics")
                writer.write(await asyncio.to_thread(self.answer, head) if apart else self.answer(head))
                await writer.drain()
        writer.close()

    def answer(self, head: bytes) -> bytes:
        """The response to a request's head; every response ends the connection."""
        words = head.partition(b"\r\n")[0].split(b" ")
        method, path = (words[0], words[1].partition(b"?")[0]) if len(words) == 3 else (b"", b"")
        if method not in (b"GET", b"HEAD"):
            return _response("405 Method Not Allowed", "application/json", b"{}")
        if path == b"/healthz":
            return _response("200 OK", "application/json", b'{"alive":true}')
        if path == b"/readyz":
            troubles = self._readiness.troubles()
            body = json.dumps({"ready": not troubles, "troubles": troubles}, ensure_ascii=False).encode()
            return _response("503 Service Unavailable" if troubles else "200 OK", "application/json", body)
        if path == b"/metrics":
            return _response("200 OK", CONTENT_TYPE_LATEST, generate_latest())
        return _response("404 Not Found", "application/json", b"{}")

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()


def _response(status: str, content_type: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
