"""Ten thousand devices that ring once each within a minute, in a process of its own: each over its own MQTT connection.

Prints one JSON line: when each SOS was pressed (time.perf_counter(), the same clock in every process), and how many
were told `accepted`.
"""

import argparse
import asyncio
import json
import random
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from backbone.priority import carry_alarms
from backbone.process import spare_the_collector
from device_sim.events import as_bytes, event
from device_sim.fleet import allow_sockets
from device_sim.link import Broker, Link, Login
from device_sim.orders import read_receipts
from device_sim.packets import Message

OTHERS = ("help_request", "inactivity", "geofence_exit", "vital_out_of_range", "fall", "smoke")
AT_ONCE = 50
"""Connections opened together."""
PATIENCE_S = 30.0


def plan(names: list[str], sos: int, seed: int = 1) -> list[tuple[str, str]]:
    """(device, kind) in the order in which they ring, SOS spread over all of it."""
    chance = random.Random(seed)
    pressed = set(chance.sample(range(len(names)), min(sos, len(names))))
    return [(name, "sos" if at in pressed else chance.choice(OTHERS)) for at, name in enumerate(names)]


async def run(asked: argparse.Namespace) -> dict[str, object]:
    secrets: dict[str, str] = json.loads(asked.devices_file.read_text())
    broker, links = Broker.at(asked.mqtt), dict[str, Link]()
    accepted: set[str] = set()
    all_heard = asyncio.Event()
    allow_sockets(len(secrets))

    def hear(message: Message) -> None:
        accepted.update(str(one["id"]) for one in read_receipts(message.payload) if one["status"] == "accepted")
        if len(accepted) >= len(secrets):
            all_heard.set()

    async def connect(name: str) -> None:
        links[name] = await Link.open(broker, Login(name, secrets[name], name, session_expiry_s=0), hear)
        await links[name].subscribe([f"yian/v1/{name}/down/receipt"])

    names = list(secrets)
    for at in range(0, len(names), AT_ONCE):
        await asyncio.gather(*(connect(name) for name in names[at : at + AT_ONCE]))
    spare_the_collector()
    asked.ready.touch()
    while not asked.go.exists():  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    pressed: dict[str, float] = {}
    loop, every = asyncio.get_running_loop(), asked.seconds / len(names)
    begun = loop.time()
    for number, (name, kind) in enumerate(plan(names, asked.sos)):
        await asyncio.sleep(max(0.0, begun + number * every - loop.time()))
        body = as_bytes(event(name, kind, datetime.now(UTC)))
        if kind == "sos":
            pressed[name] = time.perf_counter()
        links[name].publish(f"yian/v1/{name}/up/event", body)
    took = loop.time() - begun
    with suppress(TimeoutError):  # how many were accepted by then is what is told
        async with asyncio.timeout(PATIENCE_S):
            await all_heard.wait()
    return {"pressed": pressed, "sent": len(names), "accepted": len(accepted), "seconds": took}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.storm.devices", description=__doc__)
    parser.add_argument("mqtt")
    parser.add_argument("devices_file", type=Path)
    parser.add_argument("ready", type=Path, help="made when all are connected")
    parser.add_argument("go", type=Path, help="they ring once this is there")
    parser.add_argument("--sos", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    carry_alarms()  # each has a processor of its own, whatever this machine is doing
    print(json.dumps(uvloop.run(run(parser.parse_args()))))


if __name__ == "__main__":
    main()
