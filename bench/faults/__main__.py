"""Nothing lost, nothing doubled: presses while parts of the platform are killed, paused and restarted.

1,000 presses of 200 devices on Mosquitto, Kafka and PostgreSQL; each fault by itself, then faults at random
(the seed is printed). Some faults are a flood: one more device that sends without pause. Judged from outside: every
press got `accepted`; for each device and kind of alarm there is exactly one case, which counts exactly its presses,
those of a flood too; a flood is a case by itself; every console that was open shows all of it, also where it had to
reconnect; nobody got a receipt without a case; after each fault all is well within a minute.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx

from bench.faults.actions import FAULTS, PRESSES_PER_S, World, console_address, kafka_frozen, opened
from bench.faults.side_door import KafkaWithSideDoor
from bench.program import run
from bench.stack import OPERATOR, Stack
from bench.tables import show

RECOVERY_S = 60.0
PATIENCE_S = 150.0
Row = dict[str, Any]


def one_by_one(world: World, names: list[str], total: int, say: Callable[[str], None]) -> list[Row]:
    """Presses go on through each fault; the next waits until all is well again."""
    lines = []
    for number, name in enumerate(names, 1):
        until = total * number // len(names)
        say(name)
        world.outside.press_at(PRESSES_PER_S)
        time.sleep(1.0)
        started = time.monotonic()
        FAULTS[name](world)
        lifted = time.monotonic()
        while len(world.outside.presses) < until:
            time.sleep(0.05)
        world.outside.press_at(0)
        lines.append(_judged(world, name, started, lifted))
        say(f"  {lines[-1]}")
    return lines


def at_random(world: World, faults: int, total: int, seconds: float, say: Callable[[str], None]) -> list[Row]:
    """Faults by chance, without waiting for the last one to heal; no new one after `seconds`."""
    started = time.monotonic()
    world.outside.press_at(PRESSES_PER_S)
    told = []
    for _ in range(faults):
        if seconds and time.monotonic() - started > seconds:
            break
        name = world.chance.choice(list(FAULTS))
        say(f"at random: {name}")
        told.append(name)
        if name == "Kafka frozen for 30 s":
            kafka_frozen(world, world.chance.uniform(2, 30))
        else:
            try:
                FAULTS[name](world)
            except TimeoutError:
                say("  its moment did not come (an earlier fault still heals)")
                world.outside.call(world.mqtt_proxy.release)
                world.outside.call(world.bus_proxy.release)
        time.sleep(world.chance.uniform(0, 4))
    lifted = time.monotonic()
    while len(world.outside.presses) < total:
        time.sleep(0.05)
    world.outside.press_at(0)
    return [_judged(world, f"{len(told)} at random", started, lifted)]


def _judged(world: World, name: str, started: float, lifted: float) -> Row:
    """Waits until all is well; a fault that does not heal is reported with what is wrong."""
    healed = world.outside.wait_settled(PATIENCE_S)
    since = [press for press in world.outside.presses.values() if press.pressed_at >= started - 1.0]
    waits = [press.accepted_at - press.pressed_at for press in since if press.accepted_at]
    accepted_last = max((press.accepted_at for press in since if press.accepted_at), default=lifted)
    wrong = [wrong for console in world.outside.consoles for wrong in world.outside.wrong_on(console)]
    return {
        "fault": name,
        "presses": len(since),
        "not accepted": sum(press.accepted_at is None for press in since),
        "wrong on a console": len(wrong) if healed is None else 0,
        "away s": lifted - started,
        "last accepted after s": max(0.0, accepted_last - lifted),
        "all well after s": None if healed is None else max(0.0, time.monotonic() - lifted),
        "longest press to accepted s": max(waits, default=0.0),
    }


def judge_by_http(world: World, address: str) -> list[str]:
    """The same question asked of the HTTP interface: every case there is, whatever its state."""
    with httpx.Client(base_url=address, timeout=20) as client:
        client.post(
            "/api/v1/session",
            json={"username": OPERATOR, "password": world.stack.operator_password},
            headers={"Origin": address},
        ).raise_for_status()
        counts: dict[tuple[str, str], list[int]] = {}
        cursor: str | None = None
        while True:
            query: dict[str, str] = {"state": "all", "limit": "200", **({"cursor": cursor} if cursor else {})}
            page = client.get("/api/v1/alarms/cases", params=query).raise_for_status().json()
            for case in page["items"]:
                counts.setdefault((case["device_id"], case["kind"]), []).append(case["press_count"])
            cursor = page["next_cursor"]
            if cursor is None:
                break
    expected = {key: [count] for key, count in world.outside.expected().items()}
    return [
        f"{key}: pressed {expected.get(key)}, cases {counts.get(key)}"
        for key in expected.keys() | counts.keys()
        if expected.get(key) != counts.get(key) and not world.outside.is_flood(*key)
    ]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--presses", type=int, default=1000, help="in all, half one by one and half at random")
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument(
        "--seconds", type=float, default=0, help="no new random fault after so long; 0: as many as asked"
    )
    parser.add_argument("--random", type=int, default=12, help="faults in the random part")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}", file=sys.stderr, flush=True)
    kafka = KafkaWithSideDoor()
    with Stack(kafka=kafka) as stack:
        world = opened(stack, kafka, asked.devices, random.Random(seed))
        lines = one_by_one(world, list(FAULTS), asked.presses // 2, stack.say)
        lines += at_random(world, asked.random, asked.presses, asked.seconds, stack.say)
        wrong = judge_by_http(world, console_address(world.child("app")))
        world.outside.stop()
    show(f"Faults (seed {seed}): {len(world.outside.presses)} presses", lines, as_json=asked.json)
    for one in wrong:
        print(one)
    bad = [row for row in lines if row["all well after s"] is None or row["last accepted after s"] > RECOVERY_S]
    print("nothing lost, nothing doubled" if not wrong and not bad else "FAILED", file=sys.stderr)
    raise SystemExit(bool(wrong or bad))


if __name__ == "__main__":
    run(main)
