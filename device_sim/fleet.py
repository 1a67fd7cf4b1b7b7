"""Thousands of well-behaved devices in one process, reporting at a given rate."""

import asyncio
import contextlib
import random
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass

from device_sim.firmware import Firmware, Traits
from device_sim.identities import Identity
from device_sim.link import Broker
from device_sim.makes import make_of
from device_sim.orders import Receipt
from device_sim.store import EventStore
from device_sim.whereabouts import fix_of

TICK_S = 0.05
FILES_BESIDE_SOCKETS = 256


@dataclass(frozen=True, slots=True)
class Plan:
    rate: float
    """Telemetry messages a second, of all devices together."""
    alarms_per_hour: float = 0.0
    connects_per_s: float = 200.0


@dataclass(frozen=True, slots=True)
class Count:
    """Totals since the start."""

    devices: int
    online: int
    reported: int
    acknowledged: int
    waiting: int
    alarms: int
    accepted: int
    unsettled: int

    def line(self, seconds: float) -> str:
        return (
            f"{seconds:6.0f} s  online {self.online}/{self.devices}  telemetry {self.acknowledged}/{self.reported}"
            f" acknowledged, {self.waiting} waiting  alarms {self.accepted}/{self.alarms} accepted,"
            f" {self.unsettled} repeating"
        )


class Fleet:
    def __init__(self, identities: list[Identity], broker: Broker, store: EventStore, plan: Plan) -> None:
        self._plan = plan
        self._alarms = 0
        self._accepted: set[str] = set()
        self._reported = 0
        self._ours: set[str] = set()
        self.devices = [
            Firmware(identity, broker, store, traits=Traits(fix=fix_of(identity)), on_receipt=self._noted)
            for identity in identities
        ]
        self._makes = [make_of(identity.device_id) for identity in identities]

    async def run(self, seconds: float | None, say: Callable[[str], None], every_s: float = 5.0) -> Count:
        """Until `seconds` are over or the task is cancelled; says one line every `every_s`."""
        allow_sockets(len(self.devices))
        started = time.monotonic()
        try:
            async with asyncio.TaskGroup() as tasks:
                work = [tasks.create_task(self._connect_all()), tasks.create_task(self._report(started))]
                said = tasks.create_task(self._say(say, started, every_s))
                if seconds is not None:
                    await asyncio.sleep(seconds)
                    for task in (*work, said):
                        task.cancel()
        finally:
            await self._settle_down()
        return self.count()

    def count(self) -> Count:
        return Count(
            devices=len(self.devices),
            online=sum(device.online.is_set() for device in self.devices),
            reported=self._reported,
            acknowledged=sum(device.telemetry.acknowledged for device in self.devices),
            waiting=sum(len(device.telemetry) for device in self.devices),
            alarms=self._alarms,
            accepted=len(self._accepted),
            unsettled=sum(device.unsettled for device in self.devices),
        )

    async def _connect_all(self) -> None:
        """Not all at once: a storm of connections is for `yian sim manners`."""
        for number, device in enumerate(self.devices, 1):
            device.start()
            if number % 10 == 0:
                await asyncio.sleep(10 / self._plan.connects_per_s)

    async def _report(self, started: float) -> None:
        """Round the devices, as many messages a tick as the rate asks for."""
        alarm_chance = self._plan.alarms_per_hour / 3600 * TICK_S
        owed, last, turn = 0.0, started, 0
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            owed, last = owed + (now - last) * self._plan.rate, now
            at = round(time.time(), 3)
            while owed >= 1:
                owed -= 1
                self.devices[turn].report(self._makes[turn].reporter.minute(at))
                self._reported += 1
                turn = (turn + 1) % len(self.devices)
            if random.random() < alarm_chance:
                chosen = random.randrange(len(self.devices))
                self.press(self.devices[chosen], random.choice(self._makes[chosen].alarms))

    def press(self, device: Firmware, kind: str) -> str:
        self._alarms += 1
        event_id = device.raise_event(kind)
        self._ours.add(event_id)
        return event_id

    def _noted(self, receipt: Receipt) -> None:
        event_id = receipt.get("id")
        if receipt["status"] == "accepted" and event_id in self._ours:
            self._accepted.add(event_id)

    async def _say(self, say: Callable[[str], None], started: float, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            count = self.count()
            say(count.line(time.monotonic() - started))
            trouble = next((device.trouble for device in self.devices if device.trouble), None)
            if trouble is not None and count.online < count.devices:
                say(f"         some cannot connect: {trouble}")

    async def _settle_down(self) -> None:
        """A short while for what is under way, then goodbye."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await asyncio.gather(*(one.telemetry.drained() for one in self.devices if one.online.is_set()))
        for start in range(0, len(self.devices), 200):
            await asyncio.gather(*(device.stop() for device in self.devices[start : start + 200]))


def allow_sockets(count: int) -> None:
    """Raises the soft limit of open files as far as the hard one lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + FILES_BESIDE_SOCKETS
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    if wanted > hard:
        raise OSError(f"{count} devices need {wanted} open files, the limit is {hard}: raise it with ulimit -n")
