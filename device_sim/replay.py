"""Plays recorded homes through MQTT: the recorded times, at `speed` times their pace."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from device_sim.firmware import Firmware, Traits
from device_sim.fleet import allow_sockets
from device_sim.identities import Identity
from device_sim.link import Broker
from device_sim.store import EventStore
from device_sim.tihm import Sample

TICK_S = 1.0
WAITING_LIMIT = 2000
"""Packs under way at most, so that `--speed 0` runs as fast as they are acknowledged."""


@dataclass(frozen=True, slots=True)
class Played:
    readings: int
    packs: int
    acknowledged: int
    refused: int


class Replay:
    """Every sample once, each pack again until the broker has acknowledged it."""

    def __init__(self, samples: list[Sample], identities: dict[str, Identity], broker: Broker) -> None:
        self._samples = samples
        self._position = 0
        needed = sorted({sample.device_id for sample in samples})
        store = EventStore(":memory:")
        self._devices = {
            device_id: Firmware(identities[device_id], broker, store, traits=Traits(client_suffix="-replay", fix=None))
            for device_id in needed
        }

    async def run(self, speed: float, say: Callable[[str], None], every_s: float = 5.0) -> Played:
        """`speed` in recorded seconds a second; 0 as fast as it goes."""
        allow_sockets(len(self._devices))
        for device in self._devices.values():
            device.start()
        telling = asyncio.get_running_loop().create_task(self._tell(say, every_s))
        try:
            await self._play(speed)
            await asyncio.gather(*(device.telemetry.drained() for device in self._devices.values()))
        finally:
            telling.cancel()
            await asyncio.gather(*(device.stop() for device in self._devices.values()))
        return self._played()

    async def _play(self, speed: float) -> None:
        started = time.monotonic()
        first = self._samples[0].at if self._samples else 0.0
        while self._position < len(self._samples):
            at = self._samples[self._position].at
            reached = first + (time.monotonic() - started) * speed if speed else at + 3600
            until = self._position
            while until < len(self._samples) and self._samples[until].at <= reached:
                until += 1
            self._report(self._samples[self._position : until])
            self._position = until
            await (asyncio.sleep(TICK_S) if speed else self._room())

    async def _tell(self, say: Callable[[str], None], every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            played = self._played()
            say(
                f"{played.readings}/{len(self._samples)} readings,"
                f" {played.acknowledged}/{played.packs} packs acknowledged"
            )
            trouble = next((device.trouble for device in self._devices.values() if device.trouble), None)
            if trouble is not None:
                say(f"some devices cannot connect: {trouble}")

    def _report(self, due: list[Sample]) -> None:
        by_device: dict[str, list[Sample]] = defaultdict(list)
        for sample in due:
            by_device[sample.device_id].append(sample)
        for device_id, samples in by_device.items():
            self._devices[device_id].report([sample.reading() for sample in samples])

    async def _room(self) -> None:
        """Waits for the fullest devices while too much is under way."""
        await asyncio.sleep(0)
        buffers = [device.telemetry for device in self._devices.values()]
        if sum(map(len, buffers)) > WAITING_LIMIT:
            await max(buffers, key=len).drained()

    def _played(self) -> Played:
        buffers = [device.telemetry for device in self._devices.values()]
        acknowledged = sum(buffer.acknowledged for buffer in buffers)
        refused = sum(buffer.refused for buffer in buffers)
        waiting = sum(len(buffer) for buffer in buffers)
        return Played(self._position, acknowledged + refused + waiting, acknowledged, refused)
