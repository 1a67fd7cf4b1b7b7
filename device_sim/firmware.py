"""Well-behaved firmware of one device: everything the wire requires, and no knowledge of the platform."""

import asyncio
import contextlib
import json
import random
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from device_sim import senml
from device_sim.events import Fix, as_bytes, event
from device_sim.identities import Identity
from device_sim.link import Broker, Link, LinkLost, Login, Refused
from device_sim.orders import Command, Receipt, read_command, read_receipts
from device_sim.packets import Message, Will
from device_sim.repeats import GIVE_UP_AFTER_S, Repeats
from device_sim.senml import Reading
from device_sim.store import EventStore
from device_sim.uplink import TelemetryBuffer

SETTLED = {"accepted", "rejected"}
RECONNECT_S = (0.5, 1.0, 2.0, 4.0, 8.0)
STEADY_S = 30.0
"""A link that breaks sooner is one attempt more: where two use one name, each throws the other off."""
REMEMBERED_COMMANDS = 64


@dataclass(frozen=True, slots=True)
class Traits:
    """What differs between the devices of a fleet."""

    client_suffix: str = ""
    announces: bool = True
    """Publishes its status and leaves a last will; a second process under the same identity does not."""
    keepalive_s: int = 60
    fix: Fix | None = field(default_factory=lambda: Fix(30.2012, 115.0387))


class Firmware:
    """Runs on the current loop: `start()`, then `raise_event` and `report`, then `stop()`."""

    def __init__(
        self,
        identity: Identity,
        broker: Broker,
        store: EventStore,
        *,
        traits: Traits | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        on_receipt: Callable[[Receipt], None] = lambda receipt: None,
    ) -> None:
        self.identity = identity
        self.traits = traits or Traits()
        self.battery_pct = random.randint(15, 100)
        self.telemetry = TelemetryBuffer(identity.topic("up/telemetry"))
        self.online = asyncio.Event()
        self.trouble: Exception | None = None
        """Why the last attempt to connect failed."""
        self._broker = broker
        self._store = store
        self._clock = clock
        self._on_receipt = on_receipt
        self._repeats = Repeats()
        self._bodies: dict[str, bytes] = {}
        self._link: Link | None = None
        self._running: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._obeyed: deque[str] = deque(maxlen=REMEMBERED_COMMANDS)

    @property
    def unsettled(self) -> int:
        """Events the platform has neither accepted nor rejected."""
        return len(self._repeats)

    def start(self) -> None:
        """Loads what an earlier run left on disk, and keeps a connection open until `stop`."""
        self._store.forget_before(time.time() - GIVE_UP_AFTER_S)
        for event_id, body in self._store.unsettled(self.identity.device_id).items():
            self._bodies[event_id] = body
            self._repeats.add(event_id, time.monotonic())
        self._running = asyncio.get_running_loop().create_task(self._stay_connected())

    async def stop(self) -> None:
        """Ends with an `online: false` status; events without a receipt stay on disk."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        if self._link is not None and self.traits.announces:
            with contextlib.suppress(LinkLost, TimeoutError):
                async with asyncio.timeout(2):
                    await self._link.publish(self.identity.topic("up/status"), self._status(online=False), retain=True)
        self._hang_up()

    def raise_event(self, kind: str, *, also: Iterable[str] = (), extra: dict[str, Any] | None = None) -> str:
        """Writes the event to disk before sending it. Returns its id."""
        made = event(
            self.identity.device_id,
            kind,
            self._clock(),
            fix=self.traits.fix,
            battery_pct=self.battery_pct,
            also=tuple(also),
            extra=extra,
        )
        event_id = str(made["id"])
        self.keep(event_id, as_bytes(made))
        return event_id

    def keep(self, event_id: str, body: bytes) -> None:
        """Keeps and sends an event already written."""
        self._store.keep(self.identity.device_id, event_id, body, time.time())
        self._bodies[event_id] = body
        self._repeats.add(event_id, time.monotonic())
        self._send_due()

    def report(self, readings: list[Reading]) -> None:
        for pack in senml.packs(self.identity.device_id, readings):
            self.telemetry.put(pack)

    def drop(self) -> None:
        """Loses the network without a goodbye."""
        if self._link is not None:
            self._link.drop()

    def configuration(self) -> dict[str, Any]:
        kept = self._store.configuration(self.identity.device_id)
        return dict(json.loads(kept)) if kept else {}

    async def _stay_connected(self) -> None:
        attempt = 0
        while True:
            began = time.monotonic()
            try:
                await self._be_connected()
            except (OSError, Refused, LinkLost, TimeoutError) as trouble:
                self.trouble = trouble
            if time.monotonic() - began > STEADY_S:
                attempt = 0
            wait_s = RECONNECT_S[min(attempt, len(RECONNECT_S) - 1)]
            attempt += 1
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))

    async def _be_connected(self) -> None:
        """As long as the link holds. Raises where there was none."""
        link = await self._connect()
        self.trouble = None
        self._repeats.hurry(time.monotonic())
        self._send_due()
        self.telemetry.attach(link)
        self.online.set()
        await asyncio.shield(link.lost)
        self.online.clear()
        self._link = None
        self.telemetry.attach(None)

    async def _connect(self) -> Link:
        me = self.identity
        will = Will(me.topic("up/status"), self._status(online=False)) if self.traits.announces else None
        login = Login(me.device_id, me.secret, me.device_id + self.traits.client_suffix, will, self.traits.keepalive_s)
        link = await Link.open(self._broker, login, self._take)
        try:
            await link.subscribe([me.topic("down/receipt"), me.topic("down/command")])
        except BaseException:
            link.drop()
            raise
        if self.traits.announces:
            link.publish(me.topic("up/status"), self._status(online=True), retain=True)
        self._link = link
        return link

    def _status(self, *, online: bool) -> bytes:
        at = self._clock().isoformat(timespec="milliseconds")
        return as_bytes({"online": online, "at": at, "firmware": self.identity.firmware, "model": self.identity.model})

    def _send_due(self) -> None:
        """Sends what is due and sets the clock for the next repeat; without a link it waits for one."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._link is None or self._link.lost.done():
            return
        now = time.monotonic()
        for event_id in self._repeats.due(now):
            self._link.publish(self.identity.topic("up/event"), self._bodies[event_id])
        next_at = self._repeats.next_at()
        if next_at is not None:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, next_at - now), self._send_due)

    def _hang_up(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._link is not None:
            self._link.close()
            self._link = None
        self.telemetry.attach(None)

    def _take(self, message: Message) -> None:
        if message.topic.endswith("/down/receipt"):
            for receipt in read_receipts(message.payload):
                self._settle(receipt)
                self._on_receipt(receipt)
        elif message.topic.endswith("/down/command"):
            command = read_command(message.payload)
            if command is not None:
                self._obey(command)

    def _settle(self, receipt: Receipt) -> None:
        event_id = receipt.get("id")
        if receipt["status"] in SETTLED and isinstance(event_id, str) and self._repeats.settle(event_id):
            self._bodies.pop(event_id, None)
            self._store.settle(self.identity.device_id, event_id)

    def _obey(self, command: Command) -> None:
        """Once each, and never after it has expired: the broker may deliver twice and late."""
        if command.id in self._obeyed or command.expired(self._clock()):
            return
        self._obeyed.append(command.id)
        known = True
        if command.kind == "config":
            self._store.configure(self.identity.device_id, as_bytes({**self.configuration(), **command.data}))
        elif command.kind == "test":
            self.raise_event("test")
        else:
            known = command.kind in {"locate", "ring"}
        result = {"command_id": command.id, "command": command.kind, "ok": known}
        self.raise_event("command_result", extra=result if known else {**result, "detail": "unknown command"})
