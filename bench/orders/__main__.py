"""Orders on the real processes, at a city's pace: from the family's tap to who comes, and what else waits meanwhile.

A city of six counties is founded, of which one provider has tomorrow full (`--full` workers, five visits each).
Families with their pages open order over HTTP, workers accept and set out, and devices press SOS: by turns without
orders and beside them, so that the two are compared on the same machine in the same minutes. What is asked of the full
day is also asked of a small one. Who gets no worker counts as one who waits without end.

Other work on this machine is measured too: look at its load, which is printed.
"""

import argparse
import asyncio
import base64
import json
import os
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import psycopg

from bench.chain.generator import Generator, Row
from bench.chain.watch import Usage, Watch
from bench.orders import verdict
from bench.orders.town import CONNECTIONS, Size, Town
from bench.orders.verdict import judged, of_all, ratio, spread
from bench.program import run
from bench.stack import OPERATOR, PROCESSES, Stack
from bench.tables import show
from services.db.pool import Database
from services.elders.vault import Vault

WATCHED = (*PROCESSES, "dispatcher")
PRESS_EVERY_S = 0.12
WARM_ORDERS, WARM_RATE, WARM_PRESSES = 150, 15.0, 300
SETTLE_S = 3.0
LOOK_S = 0.02
COUNTIES, PLANNED = 6, "SELECT count(*) FROM planning_areas WHERE base_url IS NOT NULL"


class Runner:
    def __init__(self, stack: Stack, size: Size, asked: argparse.Namespace) -> None:
        self._stack, self._size, self._asked = stack, size, asked
        self._ordered = self._tapped = self._pressed = 0
        self._town_file = stack.directory / "town.json"

    @property
    def _app(self) -> str:
        return f"http://127.0.0.1:{self._stack.children['app'].setting('YIAN_HTTP_PORT')}"

    def found(self) -> None:
        """The city, and then its processes."""
        self._stack.migrate()
        begun = time.monotonic()
        town = asyncio.run(self._fill())
        self._town_file.write_text(json.dumps(town))
        self._stack.say(f"the city is founded after {time.monotonic() - begun:.0f} s")
        self._stack.add("dispatcher").start()
        self._stack.start_all()
        self._stack.children["dispatcher"].wait_ready()
        with psycopg.connect(self._stack.postgres.dsn, autocommit=True) as database:
            while (database.execute(PLANNED).fetchone() or (0,))[0] < COUNTIES:
                time.sleep(LOOK_S)

    async def _fill(self) -> dict[str, Any]:
        environment = self._stack.environment()
        db = Database(environment["YIAN_DATABASE"], connections=CONNECTIONS, name="bench town", wait_seconds=600)
        await db.open()
        try:
            vault = Vault(base64.b64decode(environment["YIAN_SECRET_KEY"]))
            return await Town(db, vault, self._size, self._asked.seed).fill()
        finally:
            await db.close()

    def slots(self, count: int) -> Row:
        words = ["-m", "bench.orders.slots", self._app, str(self._town_file), "--count", str(count)]
        return Generator(words).answer()

    def press(self, seconds: float) -> Generator:
        count = int(seconds / PRESS_EVERY_S)
        names = [f"P-{self._pressed + number:06}" for number in range(count)]
        self._pressed += count
        file = self._stack.directory / f"presses-{self._pressed}.json"
        file.write_text(json.dumps(self._stack.allow(names)))
        words = ["-m", "bench.chain.presses", self._stack.mosquitto.address, self._app, str(file)]
        words += ["--count", str(count), "--every", str(PRESS_EVERY_S), "--username", OPERATOR]
        return Generator(words, BENCH_PASSWORD=self._stack.operator_password)

    def order(self, count: int, rate: float, *, pressing_s: float = 0.0) -> tuple[Row, Row | None, dict[str, Usage]]:
        """(what the families saw, the presses beside them, what each process used)."""
        sessions, folder = self._stack.directory / "sessions.json", self._stack.directory
        ready, go = (folder / f"{name}-{self._ordered}" for name in ("ready", "go"))
        words = ["-m", "bench.orders.families", self._app, *map(str, (self._town_file, sessions, ready, go))]
        words += ["--count", str(count), "--rate", str(rate), "--seed", str(self._asked.seed)]
        words += ["--before", str(self._ordered), "--taps-before", str(self._tapped)]
        families = Generator(words, BENCH_BUS=self._stack.bus_address)
        _wait_for(ready, families)
        presses = self.press(pressing_s) if pressing_s else None
        busy_s = _busy_s()
        with Watch(self._stack.parts(list(WATCHED))) as watch:
            time.sleep(SETTLE_S if presses else 0.0)  # their devices connect meanwhile
            go.touch()
            seen = families.answer()
        ours_s = sum(one.cpu_s for one in watch.usage.values()) + seen["cpu_s"]
        seen["others, cores"] = (_busy_s() - busy_s - ours_s) / watch.seconds
        self._ordered += count
        self._tapped += seen["tapped"]
        return seen, presses.answer() if presses else None, watch.usage


def _busy_s() -> float:
    """Processor time of all that runs on this machine, since it was started."""
    spent = psutil.cpu_times()
    return float(sum(spent) - spent.idle - getattr(spent, "iowait", 0.0))


def _wait_for(file: Path, whom: Generator) -> None:
    """:raises RuntimeError: they have ended without it"""
    while not file.exists():
        if not whom.running:
            whom.answer()
            raise RuntimeError(f"{file.name} was never made")
        time.sleep(LOOK_S)


def measure(stack: Stack, size: Size, asked: argparse.Namespace) -> dict[str, Any]:
    runner = Runner(stack, size, asked)
    runner.found()
    stack.say("times that can be served: the first question, then many")
    first = runner.slots(1)
    slots = runner.slots(asked.slots)
    stack.say("warming up")
    warm = runner.press(WARM_PRESSES * PRESS_EVERY_S)
    runner.order(WARM_ORDERS, WARM_RATE)
    warm.answer()
    os.sync()
    found: dict[str, Any] = {"first": first, "slots": slots, "seen": [], "quiet": [], "beside": [], "used": []}
    for turn in range(asked.turns):
        stack.say(f"turn {turn + 1} of {asked.turns}: presses without orders; load {_load()}")
        time.sleep(SETTLE_S)
        found["quiet"].append(runner.press(asked.seconds).answer())
        stack.say(f"turn {turn + 1} of {asked.turns}: presses beside {asked.rate:g} orders a second; load {_load()}")
        seen, presses, used = runner.order(int(asked.rate * asked.seconds), asked.rate, pressing_s=asked.seconds)
        found["seen"].append(seen)
        found["beside"].append(presses)
        found["used"].append(used)
    return found


def told(found: dict[str, Any]) -> tuple[list[Row], list[Row], list[Row]]:
    """(how long each took, what each process used, the verdict)."""
    seen, first, slots = found["seen"], found["first"], found["slots"]
    placed = sum(one["placed"] for one in seen)
    tried = placed + sum(sum(one["refused"].values()) for one in seen)

    def all_of(name: str) -> list[float]:
        return [ms for one in seen for ms in one[name]]

    quiet, beside = ([ms for one in found[name] for ms in one["shown_ms"]] for name in ("quiet", "beside"))
    pressed = {name: sum(one["presses"] for one in found[name]) for name in ("quiet", "beside")}
    taps = sum(one["taps"] for one in seen)
    spreads = [
        spread("an order placed", all_of("placed_ms"), tried),
        spread("tap → dispatch has proposed who comes", all_of("proposed_ms"), placed),
        spread("tap → the family's page says so", all_of("assigned_ms"), placed),
        spread("a worker's move → the family's page", all_of("live_ms"), taps),
        *(spread(f"the first question of a {name} day", ms, first["asked"]) for name, ms in first["spent_ms"].items()),
        *(spread(f"times on a {name} day", ms, slots["asked"]) for name, ms in slots["spent_ms"].items()),
        spread("SOS → screen, without orders", quiet, pressed["quiet"]),
        spread("SOS → screen, beside orders", beside, pressed["beside"]),
    ]
    verdicts = [
        judged(verdict.PLACE, of_all(all_of("placed_ms"), tried, 0.99)),
        judged(verdict.PROPOSED, of_all(all_of("proposed_ms"), placed, 0.99)),
        judged(verdict.SLOTS, of_all(slots["spent_ms"]["full"], slots["asked"], 0.99)),
        judged(verdict.LIVE, of_all(all_of("live_ms"), taps, 0.99)),
        judged(verdict.SOS, ratio(beside, quiet, 0.99)),
    ]
    return spreads, _used(found, placed), verdicts


def _used(found: dict[str, Any], placed: int) -> list[Row]:
    usages: list[dict[str, Usage]] = found["used"]
    spent = {name: sum(one[name].cpu_s for one in usages) for name in usages[0]}
    memory = {name: max(one[name].rss_mb for one in usages) for name in usages[0]}
    spent |= {"all of these": sum(spent.values()), "the bench": sum(one["cpu_s"] for one in found["seen"])}
    return [
        {"process": name, "CPU ms an order": cpu_s / placed * 1000, "memory MB": memory.get(name)}
        for name, cpu_s in spent.items()
    ]


def aside(found: dict[str, Any]) -> list[Row]:
    """What is to be known beside the figures."""
    seen = found["seen"]
    placed = sum(one["placed"] for one in seen)
    unassigned = sum((Counter(one["unassigned"]) for one in seen), Counter[str]())
    refused = sum((Counter(one["refused"]) for one in seen), Counter[str]())
    full = sum(len(one["proposed_ms"]) for one in seen)
    return [
        {"what": "orders placed", "value": placed},
        {"what": "orders a second", "value": placed / sum(one["seconds"] for one in seen)},
        {"what": "of them assigned, %", "value": 100 * full / placed},
        *({"what": f"not assigned: {why}", "value": count} for why, count in unassigned.items()),
        *({"what": f"refused: {why}", "value": count} for why, count in refused.items()),
        {"what": "questions without a free time", "value": found["slots"]["without a time"]},
        {"what": "an order sent later than its moment, at most ms", "value": max(one["late_ms"] for one in seen)},
        {"what": "cores used by others (and by who presses)", "value": max(one["others, cores"] for one in seen)},
        {"what": "load of the machine at the end (1, 5, 15 min)", "value": _load()},
    ]


def _load() -> str:
    return " ".join(f"{one:.1f}" for one in os.getloadavg())


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.orders", description=__doc__)
    parser.add_argument(
        "--real", action="store_true", help="Kafka; otherwise the bus in PostgreSQL, as `yian up` has it"
    )
    parser.add_argument("--rate", type=float, default=50.0, help="orders a second (default %(default)g)")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each turn (default %(default)g)")
    parser.add_argument("--turns", type=int, default=2, help="without orders and beside them (default %(default)s)")
    parser.add_argument("--slots", type=int, default=200, help="questions of each day (default %(default)s)")
    parser.add_argument("--full", type=int, default=1000, help="workers of the full day (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(words)
    if asked.rate <= 0 or asked.seconds < 1 or min(asked.turns, asked.slots, asked.full) < 1:
        parser.error("--rate must be above 0, --seconds, --turns, --slots and --full at least 1")
    return asked


def main() -> int:
    asked = arguments()
    with Stack(embedded_bus=not asked.real) as stack:
        found = measure(stack, Size(full=asked.full), asked)
    spreads, used, verdicts = told(found)
    bus = "Kafka" if asked.real else "the bus in PostgreSQL"
    titles = (f"Orders on {bus}", "What each process used", "Aside", "Verdict")
    tables = dict(zip(titles, (spreads, used, aside(found), verdicts), strict=True))
    if asked.json:
        print(json.dumps(tables, ensure_ascii=False, default=str))
    else:
        for title, rows in tables.items():
            show(title, rows, as_json=False)
    return int(any(row["verdict"] != "held" for row in verdicts))


if __name__ == "__main__":
    run(main)
