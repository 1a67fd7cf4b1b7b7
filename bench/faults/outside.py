"""The world outside the platform, in a thread with a loop of its own: devices that press, consoles that watch.

What it knows it has from the wire and from the feed; it never looks into the database.
"""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from bench.console import Case, Console
from bench.faults.proxy import Proxy
from device_sim.firmware import Firmware
from device_sim.identities import Identity
from device_sim.link import Broker
from device_sim.orders import Receipt
from device_sim.store import EventStore

KINDS = ("sos", "fall", "smoke", "help_request")
_T = TypeVar("_T")


@dataclass
class Press:
    device_id: str
    kind: str
    pressed_at: float
    """time.monotonic()"""
    accepted_at: float | None = None
    rejected: bool = False


class Outside:
    """Everything it starts lives in its thread; every public method may be called from another."""

    def __init__(self, mqtt: str, secrets: dict[str, str], state: Path, chance: random.Random) -> None:
        self.presses: dict[str, Press] = {}
        self.floods = Counter[tuple[str, str]]()
        """(device, kind) → what was answered of a device that flooded. Each counts like a press; a console is told
        of the first ones singly, so how many there are is asked of HTTP alone."""
        self.consoles: list[Console] = []
        self._mqtt, self._secrets, self._state, self._chance = mqtt, secrets, state, chance
        self._devices: list[Firmware] = []
        self._pressing: asyncio.Task[None] | None = None
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def start(self) -> None:
        self.do(self._start())

    def stop(self) -> None:
        self.do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def do(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def call(self, work: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(work)

    def proxy(self, port: int, target_port: int) -> Proxy:
        async def make() -> Proxy:
            made = Proxy(port, target_port)
            await made.start()
            return made

        return self.do(make())

    def open_console(self, address: str, username: str, password: str) -> Console:
        async def make() -> Console:
            console = Console(address, username, password)
            await console.start()
            return console

        console = self.do(make())
        self.consoles.append(console)
        return console

    def press_at(self, rate: float) -> None:
        """So many presses a second from now on, of devices and kinds by chance; 0: none."""
        self.do(self._press_at(rate))

    def press_now(self, count: int) -> list[str]:
        """Event ids."""

        async def press() -> list[str]:
            return [self._press() for _ in range(count)]

        return self.do(press())

    def unaccepted(self) -> list[Press]:
        return [press for press in list(self.presses.values()) if press.accepted_at is None]

    def expected(self) -> Counter[tuple[str, str]]:
        """(device, kind) → distinct presses: one case each, with this press_count."""
        pressed = Counter((press.device_id, press.kind) for press in list(self.presses.values()))
        return pressed + self.floods

    def is_flood(self, device_id: str, kind: str) -> bool:
        """Whether it is the case that the platform itself opens of a device that flooded."""
        return kind == "flood" and device_id in {flooder for flooder, _ in self.floods}

    def shown_by(self, console: Console) -> dict[tuple[str, str], list[Case]]:
        shown: dict[tuple[str, str], list[Case]] = {}
        for case in list(console.cases.values()):
            shown.setdefault((case["device_id"], case["kind"]), []).append(case)
        return shown

    def wrong_on(self, console: Console) -> list[str]:
        """What a console shows that differs from what was pressed, in words."""
        shown, wrong = self.shown_by(console), []
        for (device_id, kind), count in self.expected().items():
            cases = shown.get((device_id, kind), [])
            told = [case["press_count"] for case in cases]
            if told != [count] and not (len(told) == 1 and (device_id, kind) in self.floods):
                wrong.append(f"{device_id} {kind}: {count} presses, cases with press counts {told}")
        unasked = {of for of in set(shown) - set(self.expected()) if not self.is_flood(*of)}
        untold = {device_id for device_id, _ in self.floods if (device_id, "flood") not in shown}
        wrong += [f"{device_id}: its flood is no case" for device_id in untold]
        return wrong + [f"{device_id} {kind}: a case nobody pressed for" for device_id, kind in unasked]

    def wait_settled(self, seconds: float) -> float | None:
        """Until every press is accepted and every console shows every case; seconds, or None where it never came."""
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            if not self.unaccepted() and not any(self.wrong_on(console) for console in self.consoles):
                return time.monotonic() - started
            time.sleep(0.1)
        return None

    async def _start(self) -> None:
        broker = Broker.at(self._mqtt)
        store = EventStore(self._state / "outside.sqlite3")
        for device_id, secret in self._secrets.items():
            device = Firmware(Identity(device_id, secret), broker, store, on_receipt=self._receipt)
            device.start()
            self._devices.append(device)
        for device in self._devices:
            await device.online.wait()

    async def _stop(self) -> None:
        await self._press_at(0)
        for console in self.consoles:
            await console.stop()
        await asyncio.gather(*(device.stop() for device in self._devices))

    async def _press_at(self, rate: float) -> None:
        if self._pressing is not None:
            self._pressing.cancel()
            self._pressing = None
        if rate:
            self._pressing = asyncio.get_running_loop().create_task(self._keep_pressing(rate))

    async def _keep_pressing(self, rate: float) -> None:
        while True:
            self._press()
            await asyncio.sleep(self._chance.expovariate(rate))

    def _press(self) -> str:
        device = self._chance.choice(self._devices)
        kind = self._chance.choice(KINDS)
        event_id = device.raise_event(kind)
        self.presses[event_id] = Press(device.identity.device_id, kind, time.monotonic())
        return event_id

    def _receipt(self, receipt: Receipt) -> None:
        press = self.presses.get(str(receipt.get("id")))
        if press is None:
            return
        if receipt["status"] == "accepted" and press.accepted_at is None:
            press.accepted_at = time.monotonic()
        press.rejected |= receipt["status"] == "rejected"
