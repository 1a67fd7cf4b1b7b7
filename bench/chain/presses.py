"""Presses at a given pace, in a process of its own: when `accepted` came back, and when a console was shown the case.

Each press comes from the next device, over that device's own MQTT connection. Prints one JSON line, with
the milliseconds of each.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from websockets.asyncio.client import connect

from backbone.priority import carry_alarms
from backbone.process import spare_the_collector
from bench.console import Case, Console
from device_sim.events import as_bytes, event
from device_sim.fleet import allow_sockets
from device_sim.link import Broker, Link, Login
from device_sim.orders import read_receipts
from device_sim.packets import Message

PATIENCE_S = 30.0


@dataclass
class Seen:
    """Moments of one press, time.perf_counter()."""

    pressed_at: float
    accepted_at: float | None = None
    shown_at: float | None = None


@dataclass
class Presses:
    broker: Broker
    secrets: dict[str, str]
    by_event: dict[str, Seen] = field(default_factory=dict)
    by_device: dict[str, Seen] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    expected: int = 0
    done: int = 0
    """Two moments a press: accepted and shown."""
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    async def connect(self) -> None:
        allow_sockets(len(self.secrets))
        for device_id, secret in self.secrets.items():
            link = await Link.open(self.broker, Login(device_id, secret, device_id, session_expiry_s=0), self._take)
            await link.subscribe([f"yian/v1/{device_id}/down/receipt"])
            self.links.append(link)

    async def press(self, count: int, every_s: float) -> None:
        """The devices in turn, a new happening each; every device must have its case shown before its next turn.

        Nobody presses in step with the second: the time between two presses is `every_s` on average, half to one and
        a half of it, drawn with a fixed seed.
        """
        loop = asyncio.get_running_loop()
        due, chance = loop.time(), random.Random(1)
        names = list(self.secrets)
        for number in range(count):
            await asyncio.sleep(max(0.0, due - loop.time()))
            due += every_s * chance.uniform(0.5, 1.5)
            device_id = names[number % len(names)]
            made = event(device_id, "sos", datetime.now(UTC), battery_pct=50)
            body = as_bytes(made)
            seen = Seen(time.perf_counter())
            self.by_event[str(made["id"])] = self.by_device[device_id] = seen
            self.links[number % len(names)].publish(f"yian/v1/{device_id}/up/event", body)
        self.expected = count
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                self._check()
                await self.complete.wait()

    def _check(self) -> None:
        if self.expected and self.done >= 2 * self.expected:
            self.complete.set()

    def shown(self, device_id: str, at: float) -> None:
        seen = self.by_device.get(device_id)
        if seen is not None and seen.shown_at is None:
            seen.shown_at = at
            self.done += 1
            self._check()

    def on_case(self, case: Case, at: float) -> None:
        self.shown(case["device_id"], at)

    def figures(self) -> dict[str, Any]:
        accepted = [(s.accepted_at - s.pressed_at) * 1000 for s in self.by_event.values() if s.accepted_at]
        shown = [(s.shown_at - s.pressed_at) * 1000 for s in self.by_event.values() if s.shown_at]
        return {"presses": len(self.by_event), "accepted_ms": accepted, "shown_ms": shown}

    def _take(self, message: Message) -> None:
        at = time.perf_counter()
        for receipt in read_receipts(message.payload):
            seen = self.by_event.get(str(receipt.get("id")))
            if seen is not None and receipt["status"] == "accepted" and seen.accepted_at is None:
                seen.accepted_at = at
                self.done += 1
                self._check()


async def watch_bare(address: str, presses: Presses, then: Callable[[], Awaitable[None]]) -> None:
    """The bare feed sends the event itself."""
    async with connect(address.replace("http", "ws", 1), compression=None, max_size=None) as feed:

        async def listen() -> None:
            async for frame in feed:
                at = time.perf_counter()
                presses.shown(msgspec.json.decode(frame)["source"].rpartition("/")[2], at)

        listening = asyncio.create_task(listen())
        await then()
        listening.cancel()


async def run(asked: argparse.Namespace) -> dict[str, Any]:
    secrets = json.loads(asked.devices_file.read_text())
    presses = Presses(Broker.at(asked.mqtt), dict(list(secrets.items())[: asked.count]))
    await presses.connect()
    spare_the_collector()  # a collection here would be taken for the chain's

    async def press() -> None:
        await presses.press(asked.count, asked.every)

    if asked.bare:
        await watch_bare(asked.console, presses, press)
    else:
        console = Console(asked.console, asked.username, os.environ["BENCH_PASSWORD"], presses.on_case)
        await console.start()
        await press()
        await console.stop()
    for link in presses.links:
        link.close()
    return presses.figures()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.chain.presses", description=__doc__)
    parser.add_argument("mqtt", help="mqtt://host:port")
    parser.add_argument("console", help="http://host:port of the app, or of the bare feed")
    parser.add_argument("devices_file", type=Path, help="{device id: secret}, at least as many as presses")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--every", type=float, default=0.1, help="seconds between two presses")
    parser.add_argument("--username", default="", help="the password is in BENCH_PASSWORD")
    parser.add_argument("--bare", action="store_true")
    carry_alarms()  # devices and screens have processors of their own, whatever this machine is doing
    print(json.dumps(uvloop.run(run(parser.parse_args()))))


if __name__ == "__main__":
    main()
