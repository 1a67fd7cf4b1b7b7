"""Carries out the plans of `manners` over a real link and tells which receipts came back."""

import asyncio
import contextlib
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from device_sim.identities import Identity
from device_sim.link import Broker, Link, LinkLost, Login
from device_sim.manners import Drop, Manner, Say, Wait
from device_sim.orders import Receipt, read_receipts
from device_sim.packets import Message

ANSWER_WAIT_S = 5.0
QUIET_S = 1.0
TRIES = 20


@dataclass
class Outcome:
    said: int = 0
    acknowledged: int = 0
    receipts: list[Receipt] = field(default_factory=list)

    def line(self, device_id: str) -> str:
        words = Counter(
            f"{receipt['status']} {receipt['code']}" if receipt.get("code") else receipt["status"]
            for receipt in self.receipts
        )
        told = ", ".join(f"{count} × {word}" for word, count in words.items()) or "no receipt"
        return f"{device_id}: {self.said} messages, {self.acknowledged} acknowledged; {told}"


class Misbehaving:
    """One device with one kind of misbehaviour. The bytes are sent once each: no correct repeat repairs anything."""

    def __init__(self, identity: Identity, broker: Broker) -> None:
        self._identity = identity
        self._broker = broker
        self._link: Link | None = None
        self._outcome = Outcome()
        self._heard = asyncio.Event()

    async def perform(self, manner: Manner, seed: str) -> Outcome:
        chance = random.Random(f"{seed}/{self._identity.device_id}")
        sent: list[asyncio.Future[int]] = []
        await self._connect()
        for step in manner(self._identity.device_id, datetime.now(UTC), chance):
            match step:
                case Wait(seconds):
                    await asyncio.sleep(seconds)
                case Drop():
                    await self._reconnect()
                case Say(rest, payload):
                    assert self._link is not None
                    sent.append(self._link.publish(self._identity.topic(rest), payload))
                    self._outcome.said += 1
        await self._hear_out(sent)
        return self._outcome

    async def _hear_out(self, sent: list[asyncio.Future[int]]) -> None:
        """Until every message is acknowledged and no receipt has come for a second."""
        if sent:
            await asyncio.wait(sent, timeout=ANSWER_WAIT_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_WAIT_S):
                await self._quiet()
        self._outcome.acknowledged = sum(
            answer.done() and answer.exception() is None and answer.result() < 0x80 for answer in sent
        )
        if self._link is not None:
            self._link.close()

    async def _quiet(self) -> None:
        while True:
            self._heard.clear()
            try:
                async with asyncio.timeout(QUIET_S):
                    await self._heard.wait()
            except TimeoutError:
                return

    async def _reconnect(self) -> None:
        if self._link is not None:
            self._link.drop()
            await self._link.lost
        for attempt in range(TRIES):
            with contextlib.suppress(OSError, LinkLost, TimeoutError):
                await self._connect()
                return
            await asyncio.sleep(min(2.0, 0.1 * 2**attempt))
        raise LinkLost(f"{self._identity.device_id} could not come back")

    async def _connect(self) -> None:
        me = self._identity
        login = Login(me.device_id, me.secret, f"{me.device_id}-manners")
        self._link = await Link.open(self._broker, login, self._take)
        await self._link.subscribe([me.topic("down/receipt")])

    def _take(self, message: Message) -> None:
        self._heard.set()
        self._outcome.receipts.extend(read_receipts(message.payload))
