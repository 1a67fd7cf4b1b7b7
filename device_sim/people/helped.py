"""Calls for help amid the day: the button of an elder's device, and beside it a worker's own phone."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from device_sim.firmware import Firmware, Traits
from device_sim.identities import Identity
from device_sim.link import Broker
from device_sim.orders import Receipt
from device_sim.people.session import Session
from device_sim.people.town import Clock, Login
from device_sim.store import EventStore

PATIENCE_S = 60.0
REPEATS_S = 0.2


@dataclass(frozen=True, slots=True)
class When:
    at: datetime
    clock: Clock

    async def comes(self) -> None:
        await asyncio.sleep(self.clock.seconds_until(self.at))


async def press(device: Login, mqtt: str, when: When, folder: Path, saw: Counter[str]) -> None:
    """Until the platform has accepted it, an operator has answered, and the case is closed."""
    heard: dict[str, asyncio.Event] = {stage: asyncio.Event() for stage in ("accepted", "answered", "closed")}

    def told(receipt: Receipt) -> None:
        if (stage := heard.get(str(receipt["status"]))) is not None:
            stage.set()

    store = EventStore(folder / f"{device.username}.sqlite3")
    traits = Traits(client_suffix="-press", announces=False)
    identity = Identity(device.username, device.password)
    firmware = Firmware(identity, Broker.at(mqtt), store, traits=traits, on_receipt=told, clock=when.clock.now)
    await when.comes()
    firmware.start()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await firmware.online.wait()
            began = asyncio.get_running_loop().time()
            firmware.raise_event("sos")
            saw["device buttons pressed"] += 1
            await heard["accepted"].wait()
            saw["device presses accepted"] += 1
            saw["device presses: ms until accepted, in all"] += round(
                (asyncio.get_running_loop().time() - began) * 1000
            )
            await heard["answered"].wait()
            saw["device presses answered"] += 1
    except TimeoutError:
        saw["calls for help without an answer"] += 1
    finally:
        await firmware.stop()
        store.close()


async def call_for_help(session: Session, worker_id: str, when: When, saw: Counter[str]) -> None:
    """As the phone does: said again until somebody has taken it."""
    await when.comes()
    body = {"event_id": uuid4().hex, "pressed_at": when.clock.now().isoformat()}
    saw["workers who called for help"] += 1
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE_S
    while loop.time() < until:
        state = (await session.post(f"/workers/{worker_id}/sos", body))["state"]
        if state in ("answered", "closed"):
            saw["workers' calls answered"] += 1
            return
        await asyncio.sleep(REPEATS_S)
    saw["calls for help without an answer"] += 1
