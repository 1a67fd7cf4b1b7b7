"""A hall of consoles in a process of its own: each holds the feed over a connection of its own and keeps every case's
newest version; one more is stalled and reads nothing. They come back by themselves when the app is gone.

Runs until the file `end` is there, and prints one JSON line: when each SOS was first shown on each console
(time.perf_counter()), what each holds at the end, and for each return how long after the app was back they all knew
everything again.
"""

import argparse
import asyncio
import gzip
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from backbone.process import spare_the_collector

AGAIN_S = 0.25


class Case(msgspec.Struct):
    id: UUID
    version: int
    kind: str
    state: str
    device_id: str


class Told(msgspec.Struct):
    op: str
    epoch: str = ""
    offset: int = 0
    packed: bool = False
    cases: list[Case] = []
    case: Case | None = None


_one = msgspec.json.Decoder(Told)
_many = msgspec.json.Decoder(list[Told])
_cases = msgspec.json.Decoder(list[Case])


class Seat:
    """One console."""

    def __init__(self, address: str, cookies: str, csrf: str) -> None:
        self._address, self._cookies, self._csrf = address, cookies, csrf
        self._epoch: str | None = None
        self._offset: int | None = None
        self.versions: dict[UUID, int] = {}
        self.shown: dict[str, float] = {}
        """Device of each SOS → when it was first shown here."""
        self.snapshot_bytes = 0
        self.known_at: list[float] = []
        """When the queue was known, after each connection."""
        self.ready = asyncio.Event()

    async def stay(self) -> None:
        while True:
            with suppress(OSError, WebSocketException, TimeoutError):
                await self._hold()
            await asyncio.sleep(AGAIN_S)

    async def opened(self) -> ClientConnection:
        feed = self._address.replace("http", "ws", 1) + "/api/v1/console/feed"
        headers = {"Cookie": self._cookies, "Origin": self._address}
        link = await connect(feed, additional_headers=headers, compression=None, max_size=None, open_timeout=20)
        hello = {"op": "hello", "epoch": self._epoch, "offset": self._offset, "csrf": self._csrf}
        await link.send(msgspec.json.encode(hello).decode())
        return link

    async def _hold(self) -> None:
        async with await self.opened() as link:
            head: Told | None = None
            async for frame in link:
                at = time.perf_counter()
                if isinstance(frame, bytes):
                    assert head is not None
                    self.snapshot_bytes = len(frame)
                    head.cases = _cases.decode(gzip.decompress(frame))
                    self._hear(head, at)
                elif frame.startswith("["):
                    for told in _many.decode(frame):
                        self._hear(told, at)
                else:
                    told = _one.decode(frame)
                    if told.packed:
                        head = told
                    else:
                        self._hear(told, at)

    def _hear(self, told: Told, at: float) -> None:
        if told.case is not None:
            self._epoch, self._offset = told.epoch, told.offset
            self._note(told.case, at)
        elif told.op in {"snapshot", "resumed"}:
            self._epoch, self._offset = told.epoch, told.offset
            if told.op == "snapshot":
                self.versions.clear()
            for case in told.cases:
                self._note(case, at)
            self.known_at.append(time.perf_counter())
            self.ready.set()

    def _note(self, case: Case, at: float) -> None:
        if self.versions.get(case.id, 0) < case.version:
            self.versions[case.id] = case.version
            if case.kind == "sos" and case.device_id not in self.shown:
                self.shown[case.device_id] = at


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
    seats = [Seat(asked.app, *logins[number % len(logins)]) for number in range(asked.consoles)]
    staying = [asyncio.create_task(seat.stay()) for seat in seats]
    await asyncio.gather(*(seat.ready.wait() for seat in seats))
    stalled = await Seat(asked.app, *logins[0]).opened()
    stalled.transport.pause_reading()
    spare_the_collector()
    asked.ready.touch()
    while not asked.end.exists():  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    for task in staying:
        task.cancel()
    stalled.transport.abort()
    first = seats[0].versions
    return {
        "shown": [seat.shown for seat in seats],
        "cases": [len(seat.versions) for seat in seats],
        "alike": sum(seat.versions == first for seat in seats),
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
    print(json.dumps(uvloop.run(run(parser.parse_args()))))


if __name__ == "__main__":
    main()
