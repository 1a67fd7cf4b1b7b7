"""One press, and the receipts it leads to, told as they come."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from device_sim.events import Fix
from device_sim.firmware import Firmware, Traits
from device_sim.identities import Identity
from device_sim.link import Broker
from device_sim.orders import Receipt
from device_sim.store import EventStore
from device_sim.whereabouts import fix_of

STAGES = ("accepted", "answered", "closed")


class Pressing:
    """Tells every receipt of the device; ends at the stage `until` of its own press, or at `rejected`."""

    def __init__(self, until: str, say: Callable[[str], None]) -> None:
        self._enough = {*STAGES[STAGES.index(until) :], "rejected"}
        self._say = say
        self._event_id = ""
        self._reached = asyncio.Event()

    async def run(
        self,
        identity: Identity,
        broker: Broker,
        store: EventStore,
        kind: str,
        *,
        also: Sequence[str] = (),
        at: Fix | None = None,
        seconds: float | None = None,
    ) -> bool:
        """False where the time is over before the stage came."""
        traits = Traits(client_suffix="-press", announces=False, fix=at or fix_of(identity))
        device = Firmware(identity, broker, store, traits=traits, on_receipt=self._told)
        device.start()
        self._event_id = device.raise_event(kind, also=also)
        self._say(f"{_now()}  pressed   {self._event_id}  device.{kind} by {identity.device_id}")
        try:
            async with asyncio.timeout(seconds):
                await self._connected(device)
                await self._reached.wait()
        except TimeoutError:
            return False
        finally:
            await device.stop()
        return True

    def _told(self, receipt: Receipt) -> None:
        detail = "  ".join(str(receipt[key]) for key in ("case_id", "code", "detail") if receipt.get(key))
        self._say(f"{_now()}  {receipt['status']:9} {receipt.get('id')}  {detail}".rstrip())
        if receipt.get("id") == self._event_id and receipt["status"] in self._enough:
            self._reached.set()

    async def _connected(self, device: Firmware) -> None:
        """Says why, while the broker cannot be reached; the device goes on trying."""
        told: str | None = None
        while True:
            try:
                async with asyncio.timeout(0.2):
                    await device.online.wait()
                return
            except TimeoutError:
                if device.trouble is not None and str(device.trouble) != told:
                    told = str(device.trouble)
                    self._say(f"{_now()}  not connected: {told}; trying again")


def _now() -> str:
    return datetime.now(UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]
