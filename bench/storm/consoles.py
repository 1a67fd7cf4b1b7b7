"""A hall of consoles in a process of its own, each with the feed over a connection of its own; one more is stalled and
reads nothing. They come back by themselves when the app is gone.

Two hundred consoles are two hundred machines, so that one process can stand for them it does little for each message:
it looks for SOS, counts moves, and sees that no offset is left out. Ten of them keep every case, as a page does.

Runs until the file `end` is there, and prints one JSON line: when each SOS was first told to each console
(time.perf_counter()), what those ten hold at the end, and when each knew the queue after each connection.
"""

import argparse
import asyncio
import base64
import gzip
import json
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import msgspec
import uvloop

from backbone.priority import carry_alarms
from backbone.process import spare_the_collector

AGAIN_S = 0.25
KEEPERS = 10
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
OFFSET = re.compile(rb'\{"op":"case","epoch":"[0-9a-f]+","offset":(\d+)')


class Case(msgspec.Struct):
    id: UUID
    version: int
    kind: str
    device_id: str


class Told(msgspec.Struct):
    op: str
    epoch: str = ""
    offset: int = 0
    packed: bool = False
    cases: list[Case] = []
    case: Case | None = None


_one = msgspec.json.Decoder(Told).decode
_many = msgspec.json.Decoder(list[Told]).decode
_cases = msgspec.json.Decoder(list[Case]).decode


class Line(asyncio.Protocol):
    """A WebSocket as a client reads it: whole messages, as they come. RFC 6455."""

    def __init__(self, request: bytes, hello: bytes, hear: Callable[[int, bytes], None]) -> None:
        self._request, self._hello, self._hear = request, hello, hear
        self._held = b""
        self._open = False
        self._parts: list[bytes] = []
        self._kind = TEXT
        self.lost = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self._request)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(error)

    def data_received(self, data: bytes) -> None:
        data = self._held + data if self._held else data
        if not self._open:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._held = head
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self.transport.abort()
                return
            self._open = True
            self._say(TEXT, self._hello)
        at = 0
        while len(data) - at >= 2:
            length, begins = data[at + 1] & 127, at + 2
            if length == 126:
                length, begins = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                length, begins = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            if len(data) < begins + length:
                break
            self._frame(data[at], data[begins : begins + length])
            at = begins + length
        self._held = data[at:]

    def _frame(self, first: int, payload: bytes) -> None:
        kind = first & 15
        if kind == PING:
            self._say(PONG, payload)
        elif kind == CLOSE:
            self.transport.close()
        elif kind != PONG:
            if kind:
                self._kind = kind
            if first & 128 and not self._parts:
                self._hear(self._kind, payload)
                return
            self._parts.append(payload)
            if first & 128:
                whole, self._parts = b"".join(self._parts), []
                self._hear(self._kind, whole)

    def _say(self, kind: int, payload: bytes) -> None:
        """The mask is of zeros, and so it changes nothing."""
        size = len(payload)
        length = bytes([128 | size]) if size < 126 else bytes([128 | 126]) + size.to_bytes(2, "big")
        self.transport.write(bytes([128 | kind]) + length + b"\0\0\0\0" + payload)


class Seat:
    """One console. :param keeps: every case, as a page does"""

    def __init__(self, address: str, cookies: str, csrf: str, *, keeps: bool) -> None:
        place = urlsplit(address)
        self._host, self._port = place.hostname or "127.0.0.1", place.port or 80
        self._address, self._cookies, self._csrf, self._keeps = address, cookies, csrf, keeps
        self._epoch: str | None = None
        self._offset: int | None = None
        self.versions: dict[UUID, int] = {}
        self.moves = self.gaps = self.snapshot_bytes = 0
        self.shown: dict[str, float] = {}
        """Device of each SOS → when it was first told here."""
        self.known_at: list[float] = []
        """When the queue was known, after each connection."""
        self.ready = asyncio.Event()
        self._packed = False

    async def stay(self) -> None:
        while True:
            with suppress(OSError):
                await (await self.opened()).lost
            await asyncio.sleep(AGAIN_S)

    async def opened(self) -> Line:
        key = base64.b64encode(os.urandom(16)).decode()
        request = (
            f"GET /api/v1/console/feed HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Origin: {self._address}\r\nCookie: {self._cookies}\r\n\r\n"
        )
        hello = {"op": "hello", "epoch": self._epoch, "offset": self._offset, "csrf": self._csrf}
        loop = asyncio.get_running_loop()
        made = Line(request.encode(), msgspec.json.encode(hello), self._hear)
        await loop.create_connection(lambda: made, self._host, self._port)
        return made

    def _hear(self, kind: int, frame: bytes) -> None:
        at = time.perf_counter()
        if kind == BINARY:
            self.snapshot_bytes = len(frame)
            self._knows(at, _cases(gzip.decompress(frame)) if self._keeps else [])
        elif b'"op":"case"' in frame:
            self._moved(frame, at)
        elif frame.startswith((b'{"op":"snapshot"', b'{"op":"resumed"')):
            told = _one(frame)
            self._epoch, self._offset = told.epoch, told.offset
            if told.op == "snapshot":
                self.versions.clear()
            if not told.packed:
                self._knows(at, told.cases)

    def _moved(self, frame: bytes, at: float) -> None:
        offsets = [int(one) for one in OFFSET.findall(frame)]
        for offset in offsets:
            self.gaps += self._offset is not None and offset > self._offset + 1
            self._offset = max(offset, self._offset or 0)
        self.moves += len(offsets)
        if self._keeps or b'"kind":"sos"' in frame:
            for told in _many(frame) if frame.startswith(b"[") else [_one(frame)]:
                if told.case is not None:
                    self._note(told.case, at)

    def _knows(self, at: float, cases: list[Case]) -> None:
        for case in cases:
            self._note(case, at)
        self.known_at.append(at)
        self.ready.set()

    def _note(self, case: Case, at: float) -> None:
        if self._keeps:
            self.versions[case.id] = max(case.version, self.versions.get(case.id, 0))
        if case.kind == "sos":
            self.shown.setdefault(case.device_id, at)


async def signed_in(address: str, accounts: dict[str, str]) -> list[tuple[str, str]]:
    """(cookies, csrf) of each account."""
    found = []
    async with httpx.AsyncClient(base_url=address, timeout=60, headers={"Origin": address}) as client:
        for username, password in accounts.items():
            client.cookies.clear()
            body = {"username": username, "password": password}
            (await client.post("/api/v1/session", json=body)).raise_for_status()
            cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
            found.append((cookies, client.cookies["yian_csrf"]))
    return found


async def run(asked: argparse.Namespace) -> dict[str, Any]:
    logins = await signed_in(asked.app, json.loads(asked.accounts_file.read_text()))
    seats = [Seat(asked.app, *logins[number % len(logins)], keeps=number < KEEPERS) for number in range(asked.consoles)]
    staying = [asyncio.create_task(seat.stay()) for seat in seats]
    await asyncio.gather(*(seat.ready.wait() for seat in seats))
    stalled = await Seat(asked.app, *logins[0], keeps=False).opened()
    stalled.transport.pause_reading()
    spare_the_collector()
    asked.ready.touch()
    while not asked.end.exists():  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    for task in staying:
        task.cancel()
    stalled.transport.abort()
    return {
        "shown": [seat.shown for seat in seats],
        "cases": [len(seat.versions) for seat in seats[:KEEPERS]],
        "gaps": sum(seat.gaps for seat in seats),
        "known_at": [seat.known_at for seat in seats],
        "snapshot_bytes": max(seat.snapshot_bytes for seat in seats),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.storm.consoles", description=__doc__)
    parser.add_argument("app", help="http://host:port")
    parser.add_argument("accounts_file", type=Path, help="{user name: password}")
    parser.add_argument("ready", type=Path, help="made when all know the queue")
    parser.add_argument("end", type=Path, help="they end once this is there")
    parser.add_argument("--consoles", type=int, default=200)
    carry_alarms()  # each has a processor of its own, whatever this machine is doing
    print(json.dumps(uvloop.run(run(parser.parse_args()))))


if __name__ == "__main__":
    main()
